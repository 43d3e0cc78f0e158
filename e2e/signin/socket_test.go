package signin

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"taskql/e2e/harness"
)

// signedOut is the beginning of the close reason for an invalid or expired token.
const signedOut = "4401 "

const viewerQuery = `{ viewer { id } }`

// open opens a WebSocket and sends connection_init with a payload; nil is none.
func open(s *harness.Server, payload any) *harness.Socket {
	s.T.Helper()
	socket := s.Socket(s.T, harness.TransportWS)
	socket.SendMessage("connection_init", "", payload)
	return socket
}

func wantViewer(c *harness.Socket, id string) {
	c.T.Helper()
	c.Operate("1", viewerQuery)
	if got := c.Receive("next", "error"); !strings.Contains(got, `"viewer":{"id":"`+id+`"}`) {
		c.T.Errorf("viewer over a WebSocket = %s, want %s", got, id)
	}
	c.Receive("complete")
}

func testSockets(t *testing.T, servers *authServers) {
	ada := servers.start(t, nil).signUp("Ada")
	s := startTrusting(t, ada.authServer, "BETTER_AUTH_SECRET", harness.Secret)
	token := ada.token()
	for _, payload := range []map[string]any{
		{"Authorization": "Bearer " + token},
		{"authorization": "bearer " + token},
		{"token": token},
		{"Authorization": "Bearer " + resigned(t, map[string]any{"sub": ada.id})},
	} {
		socket := open(s, payload)
		socket.Receive("connection_ack")
		wantViewer(socket, ada.id)
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
		if got := open(s, payload).Closed(); !strings.HasPrefix(got, signedOut) {
			t.Errorf("%s: closed with %s, want %s", name, got, signedOut)
		}
	}
	// Without connection_init nothing is run.
	socket := s.Socket(t, harness.TransportWS)
	socket.Operate("1", viewerQuery)
	socket.Closed()
	if strings.Contains(s.Out.String(), token) {
		t.Error("the token is in the log")
	}
}

// A socket ends with its token.
func testSocketsEnd(t *testing.T, servers *authServers) {
	ada := servers.start(t, nil).signUp("Ada")
	s := startTrusting(t, ada.authServer)
	expires := time.Now().Add(5 * time.Second).Truncate(time.Second)
	socket := open(s, map[string]any{"token": ada.signed(map[string]any{"sub": ada.id, "exp": expires.Unix()})})
	socket.Receive("connection_ack")
	wantViewer(socket, ada.id)
	if got := socket.Closed(); !strings.HasPrefix(got, signedOut) {
		t.Errorf("closed with %s when the token expires, want %s", got, signedOut)
	}
	if early := time.Until(expires); early > 0 {
		t.Errorf("the socket was closed %v before its token expired", early)
	}
}

// The close code 4401 would tell a front end that its user is signed out, which is unknown without the keys.
func testSocketsWithoutKeys(t *testing.T, servers *authServers) {
	ada := servers.start(t, nil).signUp("Ada")
	token := ada.token()
	ada.do("close", nil)
	s := harness.Start(t, trusting(ada.authServer, "sqlite:"+filepath.Join(t.TempDir(), "taskql.db")))
	if got := open(s, map[string]any{"token": token}).Closed(); strings.HasPrefix(got, signedOut) {
		t.Errorf("closed with %s while the keys are unknown, want another code", got)
	}
	// The upgrade itself needs no token, but everything else on this path does.
	if got := s.Anonymous().GraphQL(`{ __typename }`).Status; got != http.StatusUnauthorized {
		t.Errorf("a query without a token = %d, want 401", got)
	}
}
