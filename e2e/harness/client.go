package harness

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"taskql/store/storetest"
)

// Problem reads the first error of a GraphQL answer.
func (a Answer) Problem(t testing.TB) (code, message, path string) {
	t.Helper()
	var response struct {
		Errors []struct {
			Message    string
			Path       []any
			Extensions struct{ Code string }
		}
	}
	a.JSON(t, &response)
	if len(response.Errors) == 0 {
		return "", "", ""
	}
	var steps []string
	for _, step := range response.Errors[0].Path {
		steps = append(steps, fmt.Sprint(step))
	}
	return response.Errors[0].Extensions.Code, response.Errors[0].Message, strings.Join(steps, ".")
}

// Within is the server as a subtest sees it.
func (s *Server) Within(t *testing.T) *Server {
	copied := *s
	copied.T = t
	return &copied
}

// EachDialect runs a test on a server of each dialect and each kind of database.
func EachDialect(t *testing.T, test func(t *testing.T, s *Server, web bool)) {
	for _, dialect := range []string{"seed", "web"} {
		t.Run(dialect, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, databaseURL string) {
				env := Env(databaseURL)
				env["REST_DIALECT"] = dialect
				test(t, Start(t, env), dialect == "web")
			})
		})
	}
}

// Answer is a response, read whole.
type Answer struct {
	Status int
	Header http.Header
	Body   string
}

// Client sends requests as one user.
type Client struct {
	*Server
	User, Token string
}

func (s *Server) httpClient() *http.Client {
	if s.HTTP == nil {
		return http.DefaultClient
	}
	return s.HTTP
}

func (s *Server) As(user string) *Client { return &Client{s, user, Token(s.T, user)} }

// Send sends a request; body "" is none. Headers come in pairs.
func (c *Client) Send(method, path, body string, headers ...string) Answer {
	c.T.Helper()
	a, err := c.Try(method, path, body, headers...)
	if err != nil {
		c.T.Fatal(err)
	}
	return a
}

func (c *Client) Try(method, path, body string, headers ...string) (Answer, error) {
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r, err := http.NewRequest(method, c.URL+path, reader)
	if err != nil {
		return Answer{}, err
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
	response, err := c.httpClient().Do(r)
	if err != nil {
		return Answer{}, err
	}
	return ReadAnswer(response)
}

func ReadAnswer(response *http.Response) (Answer, error) {
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return Answer{response.StatusCode, response.Header, string(text)}, err
}

// GraphQL sends a GraphQL request. Variables come in pairs.
func (c *Client) GraphQL(query string, variables ...any) Answer {
	c.T.Helper()
	return c.Send("POST", "/graphql", GraphQLBody(query, variables...))
}

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

// Tasks is the path of the user's tasks, with more behind it.
func (c *Client) Tasks(more ...any) string {
	path := "/api/" + url.PathEscape(c.User) + "/tasks"
	for _, m := range more {
		path += "/" + fmt.Sprint(m)
	}
	return path
}

// Data reads the data of a GraphQL answer without errors into dest.
func (a Answer) Data(t testing.TB, dest any) {
	t.Helper()
	var response struct {
		Data   json.RawMessage
		Errors json.RawMessage
	}
	if err := json.Unmarshal([]byte(a.Body), &response); err != nil || response.Errors != nil {
		t.Fatalf("answer = %d %s, want data", a.Status, a.Body)
	}
	if err := json.Unmarshal(response.Data, dest); err != nil {
		t.Fatal(err)
	}
}

// JSON reads the body into dest.
func (a Answer) JSON(t testing.TB, dest any) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.Body), dest); err != nil {
		t.Fatalf("answer = %d %s: %v", a.Status, a.Body, err)
	}
}

// MustCreate makes a task over GraphQL and returns its id.
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
