package live

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

const tooMany = "1013 RATE_LIMITED"

// streamsOf starts a server with few streams.
func streamsOf(t *testing.T, all, perUser int) *harness.Server {
	env := harness.Env(storetest.SQLite(t))
	env["MAX_STREAMS"], env["MAX_STREAMS_PER_USER"] = fmt.Sprint(all), fmt.Sprint(perUser)
	return harness.Start(t, env)
}

const subscription = `subscription { taskChanged { token } }`

// refusedEvents fails if a stream of events is not refused.
func refusedEvents(t *testing.T, u *harness.Client, status int) {
	t.Helper()
	a, err := harness.ReadAnswer(u.Events(t, subscription))
	if err != nil || a.Status != status || !strings.Contains(a.Body, `"code":"RATE_LIMITED"`) {
		t.Errorf("events = %v, %d %s, want %d RATE_LIMITED", err, a.Status, a.Body, status)
	}
}

// TestStreamsOfAUser opens as many sockets and event streams as one user may have.
func TestStreamsOfAUser(t *testing.T) {
	t.Parallel()
	s := streamsOf(t, 100, 3)
	u := s.As("u")
	first := s.Socket(t, harness.TransportWS)
	first.SignIn(u.Token)
	s.Socket(t, harness.LegacyWS).SignIn(u.Token)
	stream := u.Events(t, subscription)
	for _, protocol := range []string{harness.TransportWS, harness.LegacyWS} {
		socket := s.Socket(t, protocol)
		socket.Send(harness.InitMessage(u.Token))
		if got := socket.Closed(); got != tooMany {
			t.Errorf("the fourth of three closed with %q, want %q", got, tooMany)
		}
	}
	refusedEvents(t, u, 429)
	s.Socket(t, harness.TransportWS).SignIn(s.As("another").Token)
	_ = first.Conn.CloseNow()
	_ = stream.Body.Close()
	harness.Eventually(t, "both places are free again", func() bool {
		r := u.Events(t, subscription)
		defer r.Body.Close()
		if r.StatusCode != 200 {
			return false
		}
		socket := s.Socket(t, harness.TransportWS)
		defer socket.Conn.CloseNow()
		socket.Send(harness.InitMessage(u.Token))
		return strings.Contains(socket.Receive("connection_ack"), "connection_ack")
	})
}

// TestStreamsOfAServer opens as many sockets as a server allows.
func TestStreamsOfAServer(t *testing.T) {
	t.Parallel()
	s := streamsOf(t, 3, 100)
	u := s.As("u")
	for range 2 {
		s.Socket(t, harness.TransportWS).SignIn(u.Token)
	}
	last := u.Events(t, subscription)
	refusedEvents(t, u, 503)
	dial := func() (*websocket.Conn, *http.Response, error) {
		return websocket.Dial(t.Context(), s.URL+"/graphql", &websocket.DialOptions{Subprotocols: []string{harness.TransportWS}})
	}
	if _, r, err := dial(); err == nil || r == nil || r.StatusCode != 503 || r.Header.Get("Retry-After") == "" {
		t.Errorf("the fourth of three = %v, %v, want 503 with Retry-After", r, err)
	}
	if a := u.GraphQL(`{ viewer { id } }`); a.Status != 200 {
		t.Errorf("a query = %d %s", a.Status, a.Body)
	}
	_ = last.Body.Close()
	harness.Eventually(t, "the place is free again", func() bool {
		ws, _, err := dial()
		if err == nil {
			_ = ws.CloseNow()
		}
		return err == nil
	})
}

// TestSocketsWithoutToken opens sockets that send nothing: they must not keep those that sign in from the server.
func TestSocketsWithoutToken(t *testing.T) {
	t.Parallel()
	s := streamsOf(t, 30, 100) // of which 3 may be without a token
	token := harness.Token(t, "u")
	signedIn := s.Socket(t, harness.TransportWS)
	signedIn.SignIn(token)
	var silent []*harness.Socket
	for range 3 + 3 {
		silent = append(silent, s.Socket(t, harness.TransportWS))
	}
	for i, socket := range silent[:3] {
		if got := socket.Receive(); got != tooMany {
			t.Errorf("silent socket %d closed with %q, want %q", i, got, tooMany)
		}
	}
	for _, socket := range silent[3:] {
		socket.SignIn(token)
	}
	signedIn.Operate("1", `{ viewer { id } }`)
	signedIn.Receive("next")
}

// TestLargeMessageBeforeToken sends what only a user may send.
func TestLargeMessageBeforeToken(t *testing.T) {
	t.Parallel()
	s := harness.Start(t, harness.Env(storetest.SQLite(t)))
	token := harness.Token(t, "u")
	padding := strings.Repeat(" ", 32<<10)
	stranger := s.Socket(t, harness.TransportWS)
	stranger.Send(padding + harness.InitMessage(token))
	if got := stranger.Closed(); !strings.HasPrefix(got, "1009 ") {
		t.Errorf("32 KiB before the token: closed with %q, want 1009", got)
	}
	user := s.Socket(t, harness.TransportWS)
	user.Send(harness.InitMessage(token + strings.Repeat("A", 15<<10))) // whose length is no reason to refuse it
	if got := user.Closed(); got != "4401 UNAUTHENTICATED" {
		t.Errorf("a token of 15 KiB: closed with %q, want 4401", got)
	}
	user = s.Socket(t, harness.TransportWS)
	user.SignIn(token)
	user.Operate("1", `query($x: ID!) { task(id: $x) { id } }`, "x", strings.Repeat("1", 1<<20-1<<10))
	if got := user.Receive("next", "error"); !strings.Contains(got, `"id":"1"`) {
		t.Errorf("1 MiB from a user: %s", got)
	}
}
