package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// The subprotocols: the one of graphql-ws, and the older one of subscriptions-transport-ws.
const (
	transportWS = "graphql-transport-ws"
	legacyWS    = "graphql-ws"
)

// socketClient is a WebSocket to /graphql.
type socketClient struct {
	t  testing.TB
	ws *websocket.Conn
}

func (s *server) socket(t testing.TB, protocol string) *socketClient {
	t.Helper()
	ws, _, err := websocket.Dial(t.Context(), s.url+"/graphql", &websocket.DialOptions{HTTPClient: s.http, Subprotocols: []string{protocol}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ws.CloseNow() })
	ws.SetReadLimit(-1)
	return &socketClient{t, ws}
}

func (c *socketClient) send(text string) {
	c.t.Helper()
	if err := c.ws.Write(c.t.Context(), websocket.MessageText, []byte(text)); err != nil {
		c.t.Fatal(err)
	}
}

// sendMessage sends a message; id "" and a nil payload are left out.
func (c *socketClient) sendMessage(kind, id string, payload any) {
	c.t.Helper()
	message := map[string]any{"type": kind}
	if id != "" {
		message["id"] = id
	}
	if payload != nil {
		message["payload"] = payload
	}
	text, err := json.Marshal(message)
	if err != nil {
		c.t.Fatal(err)
	}
	c.send(string(text))
}

// signIn sends the token and waits until it is accepted.
func (c *socketClient) signIn(token string) {
	c.t.Helper()
	c.send(initMessage(token))
	if got := c.receive("connection_ack"); !strings.Contains(got, "connection_ack") {
		c.t.Fatalf("the socket closed with %q, want connection_ack", got)
	}
	if c.ws.Subprotocol() == legacyWS {
		c.receive("ka") // comes at once
	}
}

// operate sends an operation of any kind, in the words of the subprotocol.
func (c *socketClient) operate(id, query string, variables ...any) {
	c.t.Helper()
	kind := "subscribe"
	if c.ws.Subprotocol() == legacyWS {
		kind = "start"
	}
	c.sendMessage(kind, id, json.RawMessage(graphqlBody(query, variables...)))
}

// receive returns the next message of one of the types, or the code and reason of the close.
func (c *socketClient) receive(types ...string) string {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 20*time.Second)
	defer cancel()
	for {
		_, text, err := c.ws.Read(ctx)
		var closed websocket.CloseError
		if errors.As(err, &closed) {
			return fmt.Sprintf("%d %s", closed.Code, closed.Reason)
		} else if err != nil {
			c.t.Fatal(err)
		}
		for _, typ := range types {
			if strings.Contains(string(text), `"type":"`+typ+`"`) {
				return string(text)
			}
		}
	}
}

// closed wants the socket closed before anything was accepted or answered, and returns the code and reason.
func (c *socketClient) closed() string {
	c.t.Helper()
	got := c.receive("connection_ack", "next", "data")
	if strings.HasPrefix(got, "{") {
		c.t.Errorf("message = %s, want the socket closed", got)
	}
	return got
}

func initMessage(token string) string {
	return `{"type":"connection_init","payload":{"Authorization":"Bearer ` + token + `"}}`
}
