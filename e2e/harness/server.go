// Package harness runs taskql for the tests of the whole program, and speaks to it as clients do.
package harness

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"taskql/auth"
	"taskql/cli"
	"taskql/store/storetest"
)

const Secret = "a secret for tests, of more than 32 bytes"

// Server is taskql, run as a user runs it: by its arguments and environment.
type Server struct {
	T   testing.TB
	URL string
	Out *Output
	// HTTP is what requests are sent with; nil is the default.
	HTTP *http.Client
	// Stop sends the signal to stop and returns what run returned.
	Stop func() error
}

// Start runs taskql with an environment in an empty working directory, and waits until it listens.
func Start(t testing.TB, env map[string]string) *Server {
	t.Helper()
	environ := []string{"PORT=0"}
	for name, value := range env {
		environ = append(environ, name+"="+value)
	}
	ctx, cancel := context.WithCancel(context.Background())
	out := NewOutput()
	done := make(chan error, 1)
	go func() {
		done <- cli.Run(ctx, []string{"taskql"}, environ, strings.NewReader(""), out, out)
		out.close()
	}()
	s := &Server{T: t, Out: out}
	s.Stop = sync.OnceValue(func() error {
		cancel()
		return <-done
	})
	t.Cleanup(func() { _ = s.Stop() })
	line, ok := out.Wait(`"msg":"listening"`)
	if !ok {
		t.Fatalf("the server did not start: %v\n%s", s.Stop(), out)
	}
	var entry struct{ Address string }
	if err := json.Unmarshal([]byte(line), &entry); err != nil {
		t.Fatal(err)
	}
	s.URL = "http://" + entry.Address
	return s
}

// StartServer runs taskql in an empty working directory and returns its address.
func StartServer(t *testing.T, env map[string]string) string {
	t.Helper()
	t.Chdir(t.TempDir())
	return Start(t, env).URL
}

// EachServer runs a test on a server of each kind of database, with sign-in configured.
func EachServer(t *testing.T, test func(t *testing.T, s *Server)) {
	storetest.Each(t, func(t *testing.T, databaseURL string) {
		test(t, Start(t, Env(databaseURL)))
	})
}

func Env(databaseURL string) map[string]string {
	return map[string]string{"DATABASE_URL": databaseURL, "BETTER_AUTH_SECRET": Secret, "HOST": "127.0.0.1"}
}

func Token(t testing.TB, user string) string {
	t.Helper()
	token, err := auth.Sign(auth.Config{Secret: Secret, Algorithm: "HS256"}, user, time.Now(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// At is a server that runs already.
func At(t testing.TB, url string) *Server { return &Server{T: t, URL: url} }

// With is a client that sends a token, as the user to whom it belongs; token "" is none.
func (s *Server) With(user, token string) *Client { return &Client{s, user, token} }

// Anonymous is a client without a token.
func (s *Server) Anonymous() *Client { return &Client{Server: s} }
