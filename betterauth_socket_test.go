package main

import (
	"context"
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
)

// signedOut is the close code of a WebSocket without a good token, or no more.
const signedOut websocket.StatusCode = 4401

// message is one of the graphql-transport-ws protocol.
type message struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

var viewerQuery = message{ID: "1", Type: "subscribe", Payload: json.RawMessage(`{"query":"{ viewer { id } }"}`)}

// dial opens a WebSocket and sends connection_init with a payload; nil is none.
func (s *server) dial(payload any) *websocket.Conn {
	s.t.Helper()
	init := message{Type: "connection_init"}
	if payload != nil {
		text, err := json.Marshal(payload)
		if err != nil {
			s.t.Fatal(err)
		}
		init.Payload = text
	}
	socket := s.open()
	s.say(socket, init)
	return socket
}

func (s *server) open() *websocket.Conn {
	s.t.Helper()
	address := strings.Replace(s.url, "http", "ws", 1) + "/graphql"
	socket, _, err := websocket.Dial(s.t.Context(), address, &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = socket.CloseNow() })
	if got := socket.Subprotocol(); got != "graphql-transport-ws" {
		s.t.Fatalf("subprotocol = %q", got)
	}
	return socket
}

func (s *server) say(socket *websocket.Conn, m message) {
	s.t.Helper()
	if err := wsjson.Write(s.t.Context(), socket, m); err != nil {
		s.t.Fatal(err)
	}
}

func (s *server) wantViewerOver(socket *websocket.Conn, id string) {
	s.t.Helper()
	s.say(socket, viewerQuery)
	if got := s.receive(socket, "next").Payload; !strings.Contains(string(got), id) {
		s.t.Errorf("viewer over a WebSocket = %s, want %s", got, id)
	}
	s.receive(socket, "complete")
}

// receive reads the next message of a type; pings are passed over.
func (s *server) receive(socket *websocket.Conn, kind string) message {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	for {
		var m message
		if err := wsjson.Read(ctx, socket, &m); err != nil {
			s.t.Fatalf("waiting for %s: %v", kind, err)
		}
		switch m.Type {
		case kind:
			return m
		case "ping", "ka":
		default:
			s.t.Fatalf("message = %s %s, want %s", m.Type, m.Payload, kind)
		}
	}
}

// closed waits until the server closes a socket, and returns its close code.
func (s *server) closed(socket *websocket.Conn) websocket.StatusCode {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	for {
		var m message
		if err := wsjson.Read(ctx, socket, &m); err != nil {
			if code := websocket.CloseStatus(err); code != -1 {
				return code
			}
			s.t.Fatalf("the socket broke off: %v", err)
		}
		if m.Type == "connection_ack" || m.Type == "next" {
			s.t.Errorf("message = %s %s, want the socket closed", m.Type, m.Payload)
		}
	}
}

func testSockets(t *testing.T, servers *authServers) {
	ada := servers.start(t, nil).signUp("Ada")
	s := startTrusting(t, ada.authServer, "BETTER_AUTH_SECRET", testSecret)
	token := ada.token()
	for _, payload := range []map[string]any{
		{"Authorization": "Bearer " + token},
		{"authorization": "bearer " + token},
		{"token": token},
		{"Authorization": "Bearer " + resigned(t, map[string]any{"sub": ada.id})},
	} {
		socket := s.dial(payload)
		s.receive(socket, "connection_ack")
		s.wantViewerOver(socket, ada.id)
	}
	for name, payload := range map[string]any{
		"no payload":           nil,
		"an empty payload":     map[string]any{},
		"a token of no string": map[string]any{"Authorization": 5},
		"another scheme":       map[string]any{"Authorization": "Basic " + token},
		"a changed token":      map[string]any{"Authorization": "Bearer " + token + "A"},
		"an expired token":     map[string]any{"token": ada.signed(map[string]any{"sub": ada.id, "exp": time.Now().Add(-time.Minute).Unix()})},
		"the session token":    map[string]any{"token": ada.session},
	} {
		if got := s.closed(s.dial(payload)); got != signedOut {
			t.Errorf("%s: close code %d, want %d", name, got, signedOut)
		}
	}
	// Without connection_init nothing is run.
	socket := s.open()
	s.say(socket, viewerQuery)
	s.closed(socket)
	if strings.Contains(s.out.String(), token) {
		t.Error("the token is in the log")
	}
}

// A socket outlives no token.
func testSocketsEnd(t *testing.T, servers *authServers) {
	ada := servers.start(t, nil).signUp("Ada")
	s := startTrusting(t, ada.authServer)
	expires := time.Now().Add(5 * time.Second).Truncate(time.Second)
	socket := s.dial(map[string]any{"token": ada.signed(map[string]any{"sub": ada.id, "exp": expires.Unix()})})
	s.receive(socket, "connection_ack")
	s.wantViewerOver(socket, ada.id)
	if got := s.closed(socket); got != signedOut {
		t.Errorf("close code %d when the token expires, want %d", got, signedOut)
	}
	if early := time.Until(expires); early > 0 {
		t.Errorf("the socket was closed %v before its token expired", early)
	}
}

// 4401 tells a front end that its user is signed out, which nobody knows here.
func testSocketsWithoutKeys(t *testing.T, servers *authServers) {
	ada := servers.start(t, nil).signUp("Ada")
	token := ada.token()
	ada.do("close", nil)
	s := start(t, trusting(ada.authServer, "sqlite:"+filepath.Join(t.TempDir(), "taskql.db")))
	if got := s.closed(s.dial(map[string]any{"token": token})); got == signedOut {
		t.Errorf("close code %d while the keys are unknown, want another", got)
	}
	// The upgrade itself needs no token, but everything else on this path does.
	if got := (&client{server: s}).graphql(`{ __typename }`).status; got != http.StatusUnauthorized {
		t.Errorf("a query without a token = %d, want 401", got)
	}
}
