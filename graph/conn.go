package graph

import (
	"bytes"
	"context"
	stdjson "encoding/json"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/coder/websocket"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"taskql/auth"
	"taskql/jsonlimit"
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
	maxRunning   = 100              // operations at once
	writeTimeout = 10 * time.Second // for a client that does not read
	afterExpiry  = time.Second      // for the close handshake after the token's expiry
	maxReason    = 120              // bytes of a close reason; RFC 6455 allows 123
	// maxInit is the size of a message in bytes before the token is verified; afterwards it is maxBody.
	maxInit = auth.MaxToken + 4<<10
)

// gqlgenInitTimedOut is the reason with which gqlgen closes a socket without connection_init.
const gqlgenInitTimedOut = "connection initialisation timeout"

// conn is a WebSocket connection for gqlgen's transport. It checks messages as strictly as HTTP bodies,
// keeps the protocol's order, bounds how much runs, and always closes. It never waits before it reads the next message, so
// that a ping is answered and an operation can be ended whatever runs.
type conn struct {
	ws *websocket.Conn
	// network is where the client is; see streams.admit.
	network netip.Prefix

	mu sync.Mutex
	// changed is signalled when running, ending, lasting or closed change.
	changed *sync.Cond
	// asked is true once connection_init has arrived.
	asked bool
	// user is nil before sign-in.
	user *auth.User
	// running are the operations that run. gqlgen knows each by a number, the key here, and the client by an id, the value:
	// once the client has completed an operation it may use the id again, but the operation may still run. The value is
	// empty then.
	running map[string]string
	// numbers are the keys of running by the ids of the client.
	numbers map[string]string
	// started is the number of the last operation.
	started int
	// ending is how many operations run that the client has completed.
	ending int
	// lasting is the number of running subscriptions, which only the client or the end of the socket ends.
	lasting int
	// draining is true once the server stops; new operations are refused.
	draining bool
	// closed is nil until the close handshake begins. The channel is closed when it is done.
	closed chan struct{}
	last   *time.Timer
}

func newConn(ws *websocket.Conn, network netip.Prefix) *conn {
	c := &conn{ws: ws, network: network, running: map[string]string{}, numbers: map[string]string{}}
	c.changed = sync.NewCond(&c.mu)
	ws.SetReadLimit(maxInit)
	return c
}

// start records the user of a valid token and admits larger messages. The socket is cut shortly after the token's expiry,
// even during a write to a client that does not read.
func (c *conn) start(user *auth.User) {
	c.ws.SetReadLimit(maxBody)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.user = user
	c.last = time.AfterFunc(time.Until(user.Expires)+afterExpiry, func() { _ = c.ws.CloseNow() })
}

// end closes the socket if it is still open, and waits for the close handshake.
func (c *conn) end() {
	c.mu.Lock()
	code, reason := websocket.StatusNormalClosure, ""
	if c.user == nil { // there was no connection_init that could be read
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

// settle waits until the operations that the client has completed have ended, or until ctx ends. A client may complete a
// subscription and begin another at once, although it has as many as it may have.
func (c *conn) settle(ctx context.Context) {
	defer context.AfterFunc(ctx, func() { c.count(0) })()
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.ending > 0 && c.closed == nil && ctx.Err() == nil {
		c.changed.Wait()
	}
}

// drain closes the socket once no queries and mutations run, or when ctx ends. Subscriptions get no complete message, so
// that their clients reconnect and continue.
func (c *conn) drain(ctx context.Context) {
	defer context.AfterFunc(ctx, func() { c.count(0) })()
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

// Close does nothing: end does, when gqlgen is done.
func (c *conn) Close() error { return nil }

// NextReader returns the next valid message. An invalid one closes the socket.
func (c *conn) NextReader() (int, io.Reader, error) {
	for {
		kind, text, err := c.ws.Read(context.Background())
		if err != nil {
			return int(kind), nil, transport.ErrWebsocketClosed
		}
		m, code, reason := c.admit(text)
		switch {
		case code != 0:
			_ = c.WriteClose(code, reason)
			return int(kind), nil, transport.ErrWebsocketClosed
		case m == nil: // there is nothing to do
		case m.refused != nil:
			if err := c.refuse(m); err != nil {
				return int(kind), nil, transport.ErrWebsocketClosed
			}
		default:
			return int(kind), bytes.NewReader(m.text()), nil
		}
	}
}

// message is a message of the protocol.
type message struct {
	Type    string         `json:"type"`
	ID      string         `json:"id"`
	Payload jsontext.Value `json:"payload"`
	// refused is set if the operation may not run.
	refused *models.Error
}

// text returns the message as JSON. It copies the payload, which is valid already.
func (m *message) text() []byte {
	text, _ := jsontext.AppendQuote([]byte(`{"type":`), m.Type)
	if m.ID != "" {
		text, _ = jsontext.AppendQuote(append(text, `,"id":`...), m.ID)
	}
	if m.Payload != nil {
		text = append(append(text, `,"payload":`...), m.Payload...)
	}
	return append(text, '}')
}

// admit checks a message from the client and returns it as gqlgen gets it, or nil if gqlgen does not get it. code and reason
// are those to close the socket with, or 0.
func (c *conn) admit(text []byte) (m *message, code int, reason string) {
	m = new(message)
	if err := json.Unmarshal(text, m); err != nil {
		return nil, closeBadMessage, "Invalid message"
	}
	excess := jsonlimit.Check(m.Payload)
	isObject := m.Payload.Kind() == '{'
	c.mu.Lock()
	defer c.mu.Unlock()
	switch m.Type {
	case "connection_init":
		if c.asked {
			return nil, closeInitTwice, "Too many initialisation requests"
		}
		c.asked = true
		if excess != nil || m.Payload != nil && !isObject && m.Payload.Kind() != 'n' {
			return nil, closeUnauthorized, string(models.CodeUnauthenticated)
		}
	case "subscribe", "start":
		switch {
		case c.user == nil:
			return nil, closeUnauthorized, "Unauthorized"
		case m.ID == "" || !isObject:
			return nil, closeBadMessage, "Invalid message"
		case c.numbers[m.ID] != "":
			return nil, closeSameID, "Subscriber for this id already exists"
		case c.draining:
			return nil, closeGoingAway, "The server stops."
		case excess != nil:
			m.refused = &beyondLimit("The payload", excess, excess.Path).Error
			return m, 0, ""
		case len(c.running) >= maxRunning:
			m.refused = &models.Error{
				Code: models.CodeRateLimited, Message: fmt.Sprintf("%d operations run on this WebSocket, which is as many as it allows.", maxRunning),
			}
			return m, 0, ""
		}
		c.started++
		number := strconv.Itoa(c.started)
		c.running[number], c.numbers[m.ID] = m.ID, number
		m.ID = number
	case "complete", "stop":
		number := c.numbers[m.ID]
		if number == "" { // it has ended already
			return nil, 0, ""
		}
		delete(c.numbers, m.ID)
		c.running[number] = ""
		c.ending++
		m.ID = number
	case "ping", "pong", "connection_terminate":
	default:
		return nil, closeBadMessage, "Invalid message"
	}
	return m, 0, ""
}

// refuse answers an operation that may not run.
func (c *conn) refuse(m *message) error {
	shown := printed(m.refused)
	shown.Path = argumentPath(nil, m.refused.Path)
	payload, err := stdjson.Marshal(gqlerror.List{shown})
	if err != nil {
		return err
	}
	return c.write(&message{Type: "error", ID: m.ID, Payload: payload})
}

// WriteJSON sends a message of gqlgen, if it is about an operation that the client has not completed. It closes the
// connection if the client does not read the message within writeTimeout.
func (c *conn) WriteJSON(v any) error {
	text, err := stdjson.Marshal(v)
	if err != nil {
		return err
	}
	var sent struct {
		Type, ID string
		Payload  stdjson.RawMessage
	}
	if err := stdjson.Unmarshal(text, &sent); err != nil {
		return err
	}
	m := &message{Type: sent.Type, Payload: jsontext.Value(sent.Payload)}
	if sent.ID != "" {
		if m.ID = c.clientID(sent.ID, sent.Type == "complete" || sent.Type == "error"); m.ID == "" {
			return nil
		}
	}
	return c.write(m)
}

// clientID returns the client's id of an operation that gqlgen knows by number. It is empty if the client gets no message
// about the operation. last ends the operation.
func (c *conn) clientID(number string, last bool) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	id, runs := c.running[number] // empty if the client or an error has ended the operation already
	if !last {
		return id
	}
	if runs && id == "" {
		c.ending--
	}
	delete(c.running, number)
	delete(c.numbers, id)
	c.changed.Broadcast()
	// A subscription that ends with its token is not complete: the close says why it ended.
	if c.expired() || c.closed != nil {
		return ""
	}
	return id
}

// expired reports whether the token has expired. The caller holds c.mu.
func (c *conn) expired() bool { return c.user != nil && !time.Now().Before(c.user.Expires) }

func (c *conn) write(m *message) error {
	ctx, cancel := context.WithTimeout(context.Background(), writeTimeout)
	defer cancel()
	return c.ws.Write(ctx, websocket.MessageText, m.text()) // which closes the connection when ctx ends
}

// evict closes a socket without a token. It waits less long for the client than end.
func (c *conn) evict() {
	_ = c.WriteClose(closeTryAgain, string(models.CodeRateLimited))
	time.AfterFunc(evictionTime, func() { _ = c.ws.CloseNow() })
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
	case code == transport.WebsocketCloseNormalClosure && c.expired():
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
