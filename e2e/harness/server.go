// Package harness runs taskql for the tests of the whole program, and calls it as clients do.
package harness

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"taskql/auth"
	"taskql/cli"
	"taskql/store/storetest"
)

// Secret is the secret of BETTER_AUTH_SECRET in Env.
const Secret = "a secret for tests, of more than 32 bytes"

// Server is a running taskql.
type Server struct {
	T   testing.TB
	URL string
	// Out is what the program has printed. It is nil for the result of At.
	Out *Output
	// HTTP sends the requests; nil is http.DefaultClient.
	HTTP *http.Client
	// Stop sends the signal to stop, waits for the end, and returns the program's error.
	Stop func() error
}

// Start runs taskql in the test's process and waits until it listens. It stops when the test ends. The working
// directory is that of the test.
func Start(t testing.TB, env map[string]string) *Server {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	out := NewOutput()
	done := make(chan error, 1)
	go func() {
		done <- cli.Run(ctx, []string{"taskql"}, environ(env), strings.NewReader(""), out, out)
		out.close()
	}()
	stop := sync.OnceValue(func() error {
		cancel()
		return <-done
	})
	t.Cleanup(func() { _ = stop() })
	return &Server{T: t, URL: "http://" + address(t, out), Out: out, Stop: stop}
}

// environ returns the environment of a server, which listens at a free port.
func environ(env map[string]string) []string {
	all := []string{"PORT=0"}
	for _, name := range slices.Sorted(maps.Keys(env)) {
		all = append(all, name+"="+env[name])
	}
	return all
}

// address waits until the program listens and returns where.
func address(t testing.TB, out *Output) string {
	t.Helper()
	line, ok := out.Wait(`"msg":"listening"`)
	if !ok {
		t.Fatalf("the server did not start:\n%s", out)
	}
	var entry struct{ Address string }
	if err := json.Unmarshal([]byte(line), &entry); err != nil {
		t.Fatal(err)
	}
	return entry.Address
}

// At returns the Server at an address where one runs already.
func At(t testing.TB, url string) *Server { return &Server{T: t, URL: url} }

// Within returns the server for a subtest, which then gets its failures.
func (s *Server) Within(t *testing.T) *Server {
	copied := *s
	copied.T = t
	return &copied
}

// Env returns an environment that accepts the tokens of Token.
func Env(databaseURL string) map[string]string {
	return map[string]string{"DATABASE_URL": databaseURL, "BETTER_AUTH_SECRET": Secret, "HOST": "127.0.0.1"}
}

// EachServer runs a test on a server of each kind of database, both at the same time.
func EachServer(t *testing.T, test func(t *testing.T, s *Server)) {
	storetest.Each(t, func(t *testing.T, databaseURL string) {
		t.Parallel()
		test(t, Start(t, Env(databaseURL)))
	})
}

// EachDialect runs a test on a server of each REST dialect and each kind of database, all at the same time.
func EachDialect(t *testing.T, test func(t *testing.T, s *Server, web bool)) {
	for _, dialect := range []string{"seed", "web"} {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, databaseURL string) {
				t.Parallel()
				env := Env(databaseURL)
				env["REST_DIALECT"] = dialect
				test(t, Start(t, env), dialect == "web")
			})
		})
	}
}

// Token returns a token of a user that is valid for an hour.
func Token(t testing.TB, user string) string {
	t.Helper()
	token, _ := ShortToken(t, user, time.Hour)
	return token
}

// ShortToken returns a token of a user and the moment at which it expires.
func ShortToken(t testing.TB, user string, lifetime time.Duration) (token string, expires time.Time) {
	t.Helper()
	now := time.Now()
	token, err := auth.Sign(auth.Config{Secrets: []string{Secret}, Algorithm: "HS256"}, user, now, lifetime)
	if err != nil {
		t.Fatal(err)
	}
	return token, now.Add(lifetime).Truncate(time.Second)
}
