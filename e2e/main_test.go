package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"taskql/auth"
	"taskql/cli"
	"taskql/store/storetest"
)

const testSecret = "a secret for tests, of more than 32 bytes"

// server is taskql, run as a user runs it: by its arguments and environment.
type server struct {
	t   testing.TB
	url string
	out *output
	// http is what requests are sent with; nil is the default.
	http *http.Client
	// stop sends the signal to stop and returns what run returned.
	stop func() error
}

// start runs taskql with an environment in an empty working directory, and waits until it listens.
func start(t testing.TB, env map[string]string) *server {
	t.Helper()
	environ := []string{"PORT=0"}
	for name, value := range env {
		environ = append(environ, name+"="+value)
	}
	ctx, cancel := context.WithCancel(context.Background())
	out := newOutput()
	done := make(chan error, 1)
	go func() {
		done <- cli.Run(ctx, []string{"taskql"}, environ, strings.NewReader(""), out, out)
		out.close()
	}()
	s := &server{t: t, out: out}
	s.stop = sync.OnceValue(func() error {
		cancel()
		return <-done
	})
	t.Cleanup(func() { _ = s.stop() })
	line, ok := out.wait(`"msg":"listening"`)
	if !ok {
		t.Fatalf("the server did not start: %v\n%s", s.stop(), out)
	}
	var entry struct{ Address string }
	if err := json.Unmarshal([]byte(line), &entry); err != nil {
		t.Fatal(err)
	}
	s.url = "http://" + entry.Address
	return s
}

// startServer runs taskql in an empty working directory and returns its address.
func startServer(t *testing.T, env map[string]string) string {
	t.Helper()
	t.Chdir(t.TempDir())
	return start(t, env).url
}

// eachServer runs a test on a server of each kind of database, with sign-in configured.
func eachServer(t *testing.T, test func(t *testing.T, s *server)) {
	storetest.Each(t, func(t *testing.T, databaseURL string) {
		test(t, start(t, signedIn(databaseURL)))
	})
}

func signedIn(databaseURL string) map[string]string {
	return map[string]string{"DATABASE_URL": databaseURL, "BETTER_AUTH_SECRET": testSecret, "HOST": "127.0.0.1"}
}

func token(t testing.TB, user string) string {
	t.Helper()
	token, err := auth.Sign(auth.Config{Secret: testSecret, Algorithm: "HS256"}, user, time.Now(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// answer is a response, read whole.
type answer struct {
	status int
	header http.Header
	body   string
}

// client sends requests as one user.
type client struct {
	*server
	user, token string
}

func (s *server) client() *http.Client {
	if s.http == nil {
		return http.DefaultClient
	}
	return s.http
}

func (s *server) as(user string) *client { return &client{s, user, token(s.t, user)} }

// send sends a request; body "" is none. Headers come in pairs.
func (c *client) send(method, path, body string, headers ...string) answer {
	c.t.Helper()
	a, err := c.try(method, path, body, headers...)
	if err != nil {
		c.t.Fatal(err)
	}
	return a
}

func (c *client) try(method, path, body string, headers ...string) (answer, error) {
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r, err := http.NewRequest(method, c.url+path, reader)
	if err != nil {
		return answer{}, err
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := c.client().Do(r)
	if err != nil {
		return answer{}, err
	}
	return readAnswer(response)
}

func readAnswer(response *http.Response) (answer, error) {
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, string(text)}, err
}

// graphql sends a GraphQL request. Variables come in pairs.
func (c *client) graphql(query string, variables ...any) answer {
	c.t.Helper()
	return c.send("POST", "/graphql", graphqlBody(query, variables...))
}

func graphqlBody(query string, variables ...any) string {
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

// tasks is the path of the user's tasks, with more behind it.
func (c *client) tasks(more ...any) string {
	path := "/api/" + url.PathEscape(c.user) + "/tasks"
	for _, m := range more {
		path += "/" + fmt.Sprint(m)
	}
	return path
}

// data reads the data of a GraphQL answer without errors into dest.
func (a answer) data(t testing.TB, dest any) {
	t.Helper()
	var response struct {
		Data   json.RawMessage
		Errors json.RawMessage
	}
	if err := json.Unmarshal([]byte(a.body), &response); err != nil || response.Errors != nil {
		t.Fatalf("answer = %d %s, want data", a.status, a.body)
	}
	if err := json.Unmarshal(response.Data, dest); err != nil {
		t.Fatal(err)
	}
}

// json reads the body into dest.
func (a answer) json(t testing.TB, dest any) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), dest); err != nil {
		t.Fatalf("answer = %d %s: %v", a.status, a.body, err)
	}
}

// output collects what a program prints, and lets a test wait for a line.
type output struct {
	mu     sync.Mutex
	more   *sync.Cond
	text   bytes.Buffer
	closed bool
}

func newOutput() *output {
	o := &output{}
	o.more = sync.NewCond(&o.mu)
	return o
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.more.Broadcast()
	return o.text.Write(p)
}

func (o *output) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	o.more.Broadcast()
}

// wait returns the first line that contains part; false when the program ended without one.
func (o *output) wait(part string) (string, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for {
		for line := range strings.Lines(o.text.String()) {
			if strings.Contains(line, part) && strings.HasSuffix(line, "\n") {
				return line, true
			}
		}
		if o.closed {
			return "", false
		}
		o.more.Wait()
	}
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}
