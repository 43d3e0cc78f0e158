package harness

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// Client sends requests to a server with one user's token.
type Client struct {
	*Server
	User, Token string
}

// As returns a client with a valid token of a user.
func (s *Server) As(user string) *Client { return s.With(user, Token(s.T, user)) }

// With returns a client that sends a given token; "" is none. The user is the one in the paths of Tasks.
func (s *Server) With(user, token string) *Client { return &Client{s, user, token} }

// Anonymous returns a client without a token.
func (s *Server) Anonymous() *Client { return s.With("", "") }

// Send sends a request and returns the response; body "" is none. Headers are name, value, name, value …
func (c *Client) Send(method, path, body string, headers ...string) Answer {
	c.T.Helper()
	a, err := c.Try(method, path, body, headers...)
	if err != nil {
		c.T.Fatal(err)
	}
	return a
}

// Try is Send for a test that expects the connection to fail, or that runs in a goroutine.
func (c *Client) Try(method, path, body string, headers ...string) (Answer, error) {
	r, err := c.NewRequest(method, path, body, headers...)
	if err != nil {
		return Answer{}, err
	}
	response, err := c.Do(r)
	if err != nil {
		return Answer{}, err
	}
	return ReadAnswer(response)
}

// NewRequest returns the request that Send sends.
func (c *Client) NewRequest(method, path, body string, headers ...string) (*http.Request, error) {
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r, err := http.NewRequest(method, c.URL+path, reader)
	if err != nil {
		return nil, err
	}
	if c.Token != "" {
		r.Header.Set("Authorization", "Bearer "+c.Token)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r, nil
}

// Do sends a request of the test's own making.
func (s *Server) Do(r *http.Request) (*http.Response, error) {
	if s.HTTP == nil {
		return http.DefaultClient.Do(r)
	}
	return s.HTTP.Do(r)
}

// GraphQL sends a GraphQL request by POST. Variables are name, value, name, value …
func (c *Client) GraphQL(query string, variables ...any) Answer {
	c.T.Helper()
	return c.Send("POST", "/graphql", GraphQLBody(query, variables...))
}

// Events requests a stream of events for a GraphQL request, and returns the response when its head is there. The stream ends with the test. Headers are
// as in Send.
func (c *Client) Events(t testing.TB, query string, headers ...string) *http.Response {
	t.Helper()
	r, err := c.NewRequest("POST", "/graphql", GraphQLBody(query), append(headers, "Accept", "text/event-stream")...)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	late := time.AfterFunc(Patience, cancel) // the server sends the headers at once
	defer late.Stop()
	response, err := c.Do(r.WithContext(ctx))
	if err != nil && ctx.Err() != nil {
		t.Fatalf("no headers within %v: %v", Patience, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	return response
}

// GraphQLBody returns the body of a GraphQL request.
func GraphQLBody(query string, variables ...any) string {
	named := map[string]any{}
	for i := 0; i < len(variables); i += 2 {
		named[variables[i].(string)] = variables[i+1]
	}
	body, err := json.Marshal(map[string]any{"query": query, "variables": named})
	if err != nil {
		panic(err)
	}
	return string(body)
}

// Tasks returns the path of the user's tasks in REST, followed by more segments.
func (c *Client) Tasks(more ...any) string {
	user := url.PathEscape(c.User)
	if user == "." || user == ".." {
		user = strings.ReplaceAll(user, ".", "%2E")
	}
	path := "/api/" + user + "/tasks"
	for _, m := range more {
		path += "/" + fmt.Sprint(m)
	}
	return path
}

// Add makes a task through REST and returns its id.
func (c *Client) Add(title string) (id string) {
	c.T.Helper()
	var task struct{ ID int64 }
	c.Send("POST", c.Tasks(), fmt.Sprintf(`{"title":%q}`, title)).JSON(c.T, &task)
	return fmt.Sprint(task.ID)
}

// MustCreate makes a task through GraphQL and returns its id.
func (c *Client) MustCreate(input map[string]any) (id string) {
	c.T.Helper()
	var data struct {
		CreateTask struct {
			Task       *struct{ ID string }
			UserErrors []struct{ Code string }
		}
	}
	c.GraphQL(`mutation($input: CreateTaskInput!) { createTask(input: $input) { task { id } userErrors { code } } }`, "input", input).Data(c.T, &data)
	if data.CreateTask.Task == nil {
		c.T.Fatalf("createTask of %v: %v", input, data.CreateTask.UserErrors)
	}
	return data.CreateTask.Task.ID
}
