package graph

import (
	"bufio"
	"context"
	"net"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/coder/websocket"

	"taskql/auth"
)

// TestRequestThatHasEnded checks the response to a request whose context has ended before its operation runs.
func TestRequestThatHasEnded(t *testing.T) {
	e := executor.New(NewExecutableSchema(Config{Schema: schema(), Resolvers: &Resolver{}}))
	e.AroundOperations(newSockets(nil, time.Minute, newStreams(1, 1), nil, nil).limited)
	expired, stop := context.WithDeadline(context.Background(), time.Unix(0, 0))
	defer stop()
	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	for _, tt := range []struct {
		name       string
		ctx        context.Context
		accept     string
		status     int
		code, none string
	}{
		{"timeout", expired, "application/json", 504, `"code":"TIMEOUT"`, "INTERNAL"},
		{"timeout of events", expired, "text/event-stream", 200, `"code":"TIMEOUT"`, "INTERNAL"},
		{"canceled", canceled, "application/json", 200, "", "{"},
	} {
		r := httptest.NewRequest("POST", "/graphql", strings.NewReader(`{"query": "{ __typename }"}`)).WithContext(graphql.StartOperationTrace(tt.ctx))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", tt.accept)
		w := httptest.NewRecorder()
		if IsStream(r) {
			overEvents{stopping: context.Background(), turns: nil}.Do(w, r, e)
		} else {
			overHTTP{nil, nil}.Do(w, r, e)
		}
		if body := w.Body.String(); w.Code != tt.status || !strings.Contains(body, tt.code) || strings.Contains(body, tt.none) {
			t.Errorf("%s: %d %s, want %d with %q and without %q", tt.name, w.Code, body, tt.status, tt.code, tt.none)
		}
	}
}

// TestWriteAtExpiry writes to a client that reads nothing. The write ends with the token, before its own timeout.
func TestWriteAtExpiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := net.Pipe()
		defer client.Close()
		r := httptest.NewRequest("GET", "/graphql", nil)
		for name, value := range map[string]string{"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg=="} {
			r.Header.Set(name, value)
		}
		ws, err := websocket.Accept(taken{httptest.NewRecorder(), server}, r, nil)
		if err != nil {
			t.Fatal(err)
		}
		c := newConn(ws, netip.Prefix{}, nil, nil)
		begin, lifetime := time.Now(), 3*time.Second
		session, end := context.WithDeadline(t.Context(), begin.Add(lifetime))
		defer end()
		c.start(session, &auth.User{ID: "u"})
		err = c.write(&message{Type: "ping"})
		if took := time.Since(begin); err == nil || took != lifetime+afterExpiry {
			t.Errorf("the write ends after %v with %v, want the token's %v and %v", took, err, lifetime, afterExpiry)
		}
	})
}

// taken is a response whose connection the handler takes over.
type taken struct {
	*httptest.ResponseRecorder
	conn net.Conn
}

func (w taken) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return w.conn, bufio.NewReadWriter(bufio.NewReader(w.conn), bufio.NewWriter(w.conn)), nil
}
