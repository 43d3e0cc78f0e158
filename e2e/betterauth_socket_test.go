package e2e

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// signedOut begins the close of a WebSocket without a good token, or no more.
const signedOut = "4401 "

const viewerQuery = `{ viewer { id } }`

// open opens a WebSocket and sends connection_init with a payload; nil is none.
func (s *server) open(payload any) *socketClient {
	s.t.Helper()
	socket := s.socket(s.t, transportWS)
	socket.sendMessage("connection_init", "", payload)
	return socket
}

func (c *socketClient) wantViewer(id string) {
	c.t.Helper()
	c.operate("1", viewerQuery)
	if got := c.receive("next", "error"); !strings.Contains(got, `"viewer":{"id":"`+id+`"}`) {
		c.t.Errorf("viewer over a WebSocket = %s, want %s", got, id)
	}
	c.receive("complete")
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
		socket := s.open(payload)
		socket.receive("connection_ack")
		socket.wantViewer(ada.id)
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
		if got := s.open(payload).closed(); !strings.HasPrefix(got, signedOut) {
			t.Errorf("%s: closed with %s, want %s", name, got, signedOut)
		}
	}
	// Without connection_init nothing is run.
	socket := s.socket(t, transportWS)
	socket.operate("1", viewerQuery)
	socket.closed()
	if strings.Contains(s.out.String(), token) {
		t.Error("the token is in the log")
	}
}

// A socket outlives no token.
func testSocketsEnd(t *testing.T, servers *authServers) {
	ada := servers.start(t, nil).signUp("Ada")
	s := startTrusting(t, ada.authServer)
	expires := time.Now().Add(5 * time.Second).Truncate(time.Second)
	socket := s.open(map[string]any{"token": ada.signed(map[string]any{"sub": ada.id, "exp": expires.Unix()})})
	socket.receive("connection_ack")
	socket.wantViewer(ada.id)
	if got := socket.closed(); !strings.HasPrefix(got, signedOut) {
		t.Errorf("closed with %s when the token expires, want %s", got, signedOut)
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
	if got := s.open(map[string]any{"token": token}).closed(); strings.HasPrefix(got, signedOut) {
		t.Errorf("closed with %s while the keys are unknown, want another code", got)
	}
	// The upgrade itself needs no token, but everything else on this path does.
	if got := (&client{server: s}).graphql(`{ __typename }`).status; got != http.StatusUnauthorized {
		t.Errorf("a query without a token = %d, want 401", got)
	}
}
