package graph

import (
	"bytes"
	"context"
	stdjson "encoding/json"
	"io"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/coder/websocket"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"taskql/models"
)

// Close codes of the graphql-transport-ws protocol and of RFC 6455.
const (
	closeBadMessage   = 4400
	closeUnauthorized = 4401
	closeBadProtocol  = 4406
	closeInitTimeout  = 4408
	closeSameID       = 4409
	closeInitTwice    = 4429
	closeGoingAway    = 1001
	closeTryAgain     = 1013
)

// The limits of one socket.
const (
	maxRunning   = 32               // operations at once
	writeTimeout = 10 * time.Second // for a client that does not read
	afterExpiry  = time.Second      // for the close handshake after the token's expiry
	maxReason    = 120              // bytes of a close reason; RFC 6455 allows 123
)

// gqlgenInitTimedOut is the reason with which gqlgen closes a socket without connection_init.
const gqlgenInitTimedOut = "connection initialisation timeout"

// conn is a WebSocket connection for gqlgen's transport. It checks messages as strictly as HTTP bodies,
// keeps the protocol's order, bounds how much runs and waits, and always closes.
type conn struct {
	ws *websocket.Conn

	mu sync.Mutex
	// changed is signalled when running or closing change.
	changed *sync.Cond
	// asked is true once connection_init has arrived.
	asked bool
	// expires is the expiry of the token, or zero before sign-in.
	expires time.Time
	// running contains the ids of running operations. The value is false if the client has completed the operation.
	running map[string]bool
	// lasting is the number of running subscriptions, which only the client or the end of the socket ends.
	lasting int
	// draining is true once the server stops; new operations are refused.
	draining bool
	// closed is nil until the close handshake begins. The channel is closed when it is done.
	closed chan struct{}
	last   *time.Timer
}

func newConn(ws *websocket.Conn) *conn {
	c := &conn{ws: ws, running: map[string]bool{}}
	c.changed = sync.NewCond(&c.mu)
	return c
}

// start records the expiry of a valid token. The socket is cut shortly after it, even during a write to a client that
// does not read.
func (c *conn) start(expires time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.expires = expires
	c.last = time.AfterFunc(time.Until(expires)+afterExpiry, func() { _ = c.ws.CloseNow() })
}

// end closes the socket if it is still open, and waits for the close handshake.
func (c *conn) end() {
	c.mu.Lock()
	code, reason := websocket.StatusNormalClosure, ""
	if c.expires.IsZero() { // there was no connection_init that could be read
		code, reason = closeUnauthorized, string(models.CodeUnauthenticated)
	}
	last := c.last
	c.mu.Unlock()
	_ = c.WriteClose(int(code), reason)
	<-c.closed
	if last != nil {
		last.Stop()
	}
}

// lasts counts a subscription until ctx ends.
func (c *conn) lasts(ctx context.Context) {
	c.count(1)
	context.AfterFunc(ctx, func() { c.count(-1) })
}

func (c *conn) count(more int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lasting += more
	c.changed.Broadcast()
}

// drain closes the socket once no queries and mutations run, or when ctx ends. Subscriptions get no complete message, so
// that their clients reconnect and continue.
func (c *conn) drain(ctx context.Context) {
	defer context.AfterFunc(ctx, c.changed.Broadcast)()
	c.mu.Lock()
	c.draining = true
	for len(c.running) > c.lasting && c.closed == nil && ctx.Err() == nil {
		c.changed.Wait()
	}
	c.mu.Unlock()
	_ = c.WriteClose(closeGoingAway, "The server stops.")
}

// Subprotocol returns the negotiated subprotocol.
func (c *conn) Subprotocol() string { return c.ws.Subprotocol() }

// SetReadLimit bounds the size of a message.
func (c *conn) SetReadLimit(limit int64) { c.ws.SetReadLimit(limit) }

// Close does nothing: end does, when gqlgen is done.
func (c *conn) Close() error { return nil }

// NextReader returns the next valid message. An invalid one closes the socket.
func (c *conn) NextReader() (int, io.Reader, error) {
	kind, text, err := c.ws.Read(context.Background())
	if err != nil {
		return int(kind), nil, transport.ErrWebsocketClosed
	}
	if code, reason := c.admit(text); code != 0 {
		_ = c.WriteClose(code, reason)
		return int(kind), nil, transport.ErrWebsocketClosed
	}
	return int(kind), bytes.NewReader(text), nil
}

// admit checks a message from the client. It returns the code and reason to close the socket with, or 0.
func (c *conn) admit(text []byte) (code int, reason string) {
	var message struct {
		Type    string         `json:"type"`
		ID      string         `json:"id"`
		Payload jsontext.Value `json:"payload"`
	}
	if err := json.Unmarshal(text, &message); err != nil {
		return closeBadMessage, "Invalid message"
	}
	isObject := message.Payload.Kind() == '{'
	c.mu.Lock()
	defer c.mu.Unlock()
	switch message.Type {
	case "connection_init":
		if c.asked {
			return closeInitTwice, "Too many initialisation requests"
		}
		c.asked = true
		if message.Payload != nil && !isObject && message.Payload.Kind() != 'n' {
			return closeUnauthorized, string(models.CodeUnauthenticated)
		}
	case "subscribe", "start":
		switch {
		case c.expires.IsZero():
			return closeUnauthorized, "Unauthorized"
		case message.ID == "" || !isObject:
			return closeBadMessage, "Invalid message"
		case c.running[message.ID]:
			return closeSameID, "Subscriber for this id already exists"
		}
		for (len(c.running) >= maxRunning || c.ends(message.ID)) && c.closed == nil && !c.draining {
			c.changed.Wait()
		}
		if c.draining {
			return closeGoingAway, "The server stops."
		}
		c.running[message.ID] = true
	case "complete", "stop":
		if c.running[message.ID] {
			c.running[message.ID] = false
		}
	case "ping", "pong", "connection_terminate":
	default:
		return closeBadMessage, "Invalid message"
	}
	return 0, ""
}

// ends reports whether the client has completed an operation that still runs, so that its id is still in use.
func (c *conn) ends(id string) bool {
	runs, known := c.running[id]
	return known && !runs
}

// WriteJSON sends a message of gqlgen. It closes the connection if the client does not read it within writeTimeout.
func (c *conn) WriteJSON(v any) error {
	text, err := stdjson.Marshal(v)
	if err != nil {
		return err
	}
	var message struct{ Type, ID string }
	if err := stdjson.Unmarshal(text, &message); err != nil {
		return err
	}
	if last := message.Type == "complete" || message.Type == "error"; last && message.ID != "" {
		c.mu.Lock()
		runs := c.running[message.ID]
		delete(c.running, message.ID)
		// A subscription that ends with its token is not complete: the close says why it ended.
		over := !time.Now().Before(c.expires) || c.closed != nil
		c.changed.Broadcast()
		c.mu.Unlock()
		if !runs || over {
			return nil // or the client or an error has ended the operation already
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), writeTimeout)
	defer cancel()
	return c.ws.Write(ctx, websocket.MessageText, text) // which closes the connection when ctx ends
}

// WriteClose begins to close the socket; the first call decides the code. gqlgen's own codes are put
// into those of the protocol: it closes a socket whose token has expired as if the client had asked for it.
func (c *conn) WriteClose(code int, reason string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed != nil {
		return nil
	}
	switch {
	case code == transport.WebsocketCloseNormalClosure && !c.expires.IsZero() && !time.Now().Before(c.expires):
		code, reason = closeUnauthorized, models.ReasonTokenExpired
	case code == transport.WebsocketCloseProtocolError && reason == gqlgenInitTimedOut:
		code = closeInitTimeout
	case code == transport.WebsocketCloseProtocolError:
		code = closeBadMessage
	}
	c.closed = make(chan struct{})
	c.changed.Broadcast()
	// It waits for the client to do the same, for some seconds at most.
	go func(closed chan struct{}) {
		defer close(closed)
		_ = c.ws.Close(websocket.StatusCode(code), reason[:min(len(reason), maxReason)])
	}(c.closed)
	return nil
}
