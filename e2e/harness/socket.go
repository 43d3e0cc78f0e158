package harness

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

// The subprotocols of GraphQL over WebSocket.
const (
	// TransportWS is that of the library graphql-ws.
	TransportWS = "graphql-transport-ws"
	// LegacyWS is that of the older library subscriptions-transport-ws.
	LegacyWS = "graphql-ws"
)

// Socket is a WebSocket to /graphql.
type Socket struct {
	T    testing.TB
	Conn *websocket.Conn
}

// Socket opens a WebSocket to /graphql, which is closed when the test ends.
func (s *Server) Socket(t testing.TB, protocol string) *Socket {
	t.Helper()
	ws, _, err := websocket.Dial(t.Context(), s.URL+"/graphql", &websocket.DialOptions{HTTPClient: s.HTTP, Subprotocols: []string{protocol}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ws.CloseNow() })
	ws.SetReadLimit(-1)
	return NewSocket(t, ws)
}

// Send sends a text as it is.
func (c *Socket) Send(text string) {
	c.T.Helper()
	if err := c.Conn.Write(c.T.Context(), websocket.MessageText, []byte(text)); err != nil {
		c.T.Fatal(err)
	}
}

// SendMessage sends a message; id "" and a nil payload are left out.
func (c *Socket) SendMessage(kind, id string, payload any) {
	c.T.Helper()
	message := map[string]any{"type": kind}
	if id != "" {
		message["id"] = id
	}
	if payload != nil {
		message["payload"] = payload
	}
	text, err := json.Marshal(message)
	if err != nil {
		c.T.Fatal(err)
	}
	c.Send(string(text))
}

// SignIn sends connection_init with a token and waits until it is accepted.
func (c *Socket) SignIn(token string) {
	c.T.Helper()
	c.Send(InitMessage(token))
	if got := c.Receive("connection_ack"); !strings.Contains(got, "connection_ack") {
		c.T.Fatalf("the socket closed with %q, want connection_ack", got)
	}
	if c.Conn.Subprotocol() == LegacyWS {
		c.Receive("ka") // comes at once
	}
}

// Operate sends an operation with the message type of the subprotocol.
func (c *Socket) Operate(id, query string, variables ...any) {
	c.T.Helper()
	kind := "subscribe"
	if c.Conn.Subprotocol() == LegacyWS {
		kind = "start"
	}
	c.SendMessage(kind, id, json.RawMessage(GraphQLBody(query, variables...)))
}

// Receive returns the next message of one of these types and skips others. If the socket is closed first, it returns the
// code and the reason of the close.
func (c *Socket) Receive(types ...string) string {
	c.T.Helper()
	ctx, cancel := context.WithTimeout(c.T.Context(), Patience)
	defer cancel()
	for {
		_, text, err := c.Conn.Read(ctx)
		var closed websocket.CloseError
		if errors.As(err, &closed) {
			return fmt.Sprintf("%d %s", closed.Code, closed.Reason)
		} else if err != nil {
			c.T.Fatal(err)
		}
		for _, typ := range types {
			if strings.Contains(string(text), `"type":"`+typ+`"`) {
				return string(text)
			}
		}
	}
}

// Closed waits until the server closes the socket and returns the code and the reason. The test fails if the server
// accepts the token or answers an operation before.
func (c *Socket) Closed() string {
	c.T.Helper()
	got := c.Receive("connection_ack", "next", "data")
	if strings.HasPrefix(got, "{") {
		c.T.Errorf("message = %s, want the socket closed", got)
	}
	return got
}

// InitMessage returns the connection_init message with a token.
func InitMessage(token string) string {
	return `{"type":"connection_init","payload":{"Authorization":"Bearer ` + token + `"}}`
}

// NewSocket returns a Socket for a connection that the test has opened itself.
func NewSocket(t testing.TB, conn *websocket.Conn) *Socket { return &Socket{t, conn} }
