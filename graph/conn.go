package graph

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/coder/websocket"

	"taskql/auth"
	"taskql/budget"
	"taskql/models"
	"taskql/share"
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
	afterExpiry  = time.Second      // for the close handshake after the end of the session
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
	budget  *budget.Budgets
	// reading are the turns to read large messages, and read ends that of the last message, if it had one. Only gqlgen's reader, and end
	// after it, use read.
	reading *share.Turns
	read    func()

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
}

func newConn(ws *websocket.Conn, network netip.Prefix, budget *budget.Budgets, reading *share.Turns) *conn {
	c := &conn{ws: ws, network: network, budget: budget, reading: reading, read: func() {}, running: map[string]string{}, numbers: map[string]string{}}
	c.changed = sync.NewCond(&c.mu)
	ws.SetReadLimit(maxInit)
	return c
}

// start records the user of a valid token and admits larger messages. ctx is the user's session. The socket is cut shortly after its end,
// even during a write to a client that does not read.
func (c *conn) start(ctx context.Context, user *auth.User) {
	c.ws.SetReadLimit(maxBody)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.user = user
	context.AfterFunc(ctx, func() {
		if user.Revoked() || errors.Is(ctx.Err(), context.DeadlineExceeded) {
			time.AfterFunc(afterExpiry, func() { _ = c.ws.CloseNow() })
		}
	})
}

// end closes the socket if it is still open, and waits for the close handshake.
func (c *conn) end() {
	c.read()
	c.mu.Lock()
	code, reason := websocket.StatusNormalClosure, ""
	if c.user == nil { // there was no connection_init that could be read
		code, reason = closeUnauthorized, string(models.CodeUnauthenticated)
	}
	c.mu.Unlock()
	_ = c.WriteClose(int(code), reason)
	<-c.closed
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

// expired reports whether the token has expired or is revoked. The caller holds c.mu.
func (c *conn) expired() bool {
	return c.user != nil && (c.user.Revoked() || !time.Now().Before(c.user.Expires))
}

// evict closes a socket without a token. It waits less long for the client than end.
func (c *conn) evict() {
	_ = c.WriteClose(closeTryAgain, string(models.CodeRateLimited))
	time.AfterFunc(evictionTime, func() { _ = c.ws.CloseNow() })
}

// WriteClose begins to close the socket; the first call decides the code. gqlgen's own codes are put
// into those of the protocol: it closes a socket whose token is no longer valid as if the client had asked for it.
func (c *conn) WriteClose(code int, reason string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed != nil {
		return nil
	}
	switch {
	case code == transport.WebsocketCloseNormalClosure && c.user != nil && c.user.Revoked():
		code, reason = closeUnauthorized, string(models.CodeUnauthenticated)
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
