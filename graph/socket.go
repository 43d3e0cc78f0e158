package graph

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/coder/websocket"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"taskql/auth"
	"taskql/budget"
	"taskql/models"
	"taskql/reqlog"
	"taskql/share"
)

// subprotocols are the subprotocols of gqlgen's transport, the preferred one first.
var subprotocols = []string{"graphql-transport-ws", "graphql-ws"}

const (
	// socketInit is the time limit for a client to send its access token.
	socketInit = 10 * time.Second
	// socketPing is the interval of keep-alive messages on sockets and streams of events.
	socketPing = 25 * time.Second
)

// IsSocket reports whether a request asks for a WebSocket (RFC 6455, section 4.2.1).
func IsSocket(r *http.Request) bool {
	return r.Method == http.MethodGet && r.Header.Get("Sec-WebSocket-Version") == "13" &&
		strings.EqualFold(r.Header.Get("Upgrade"), "websocket") && strings.Contains(strings.ToLower(r.Header.Get("Connection")), "upgrade")
}

// overSocket serves GraphQL over WebSockets, in the subprotocols graphql-transport-ws and graphql-ws. The payload of
// connection_init contains the access token, because browsers cannot set headers on a WebSocket. The socket closes when
// the token expires or is revoked. gqlgen's transport implements the subprotocols, and conn the rules that it leaves out.
type overSocket struct {
	verifier *auth.Verifier
	// timeout limits each query and mutation.
	timeout time.Duration
	streams *streams
	turns   *share.Turns
	// reading are turns to read large messages. They are short, unlike those of the operations, so that sockets never wait for these.
	reading *share.Turns
	budget  *budget.Budgets

	mu sync.Mutex
	// conns are the open sockets. They include sockets that have not sent a token yet.
	conns map[*conn]bool
	// gone is signalled when a socket is removed from conns.
	gone *sync.Cond
	// stopping is set by shutdown.
	stopping bool
}

func newSockets(verifier *auth.Verifier, timeout time.Duration, streams *streams, turns *share.Turns, budget *budget.Budgets) *overSocket {
	s := &overSocket{verifier: verifier, timeout: timeout, streams: streams, turns: turns, budget: budget, conns: map[*conn]bool{}}
	s.reading = share.NewTurns(auth.ID, max(1, runtime.GOMAXPROCS(0)/2), timeout)
	s.gone = sync.NewCond(&s.mu)
	return s
}

// Supports returns false for an upgrade to another protocol. A server may ignore such an upgrade, so overHTTP serves it.
func (s *overSocket) Supports(r *http.Request) bool { return IsSocket(r) }

type connKey struct{}

func (s *overSocket) Do(w http.ResponseWriter, r *http.Request, executor graphql.GraphExecutor) {
	if refused := s.budget.ChargeAddress(r); refused != nil { // the token comes later
		reply{w, r, typeJSON, nil}.refuse(refused)
		return
	}
	ctx, err := withZone(r.Context(), r.Header)
	if err != nil {
		public, _ := models.Public(err)
		reply{w, r, typeJSON, nil}.fail(http.StatusBadRequest, printed(public))
		return
	}
	if !s.streams.begin() {
		s.streams.refuse(reply{w, r, typeJSON, nil})
		return
	}
	defer s.streams.end()
	// Every origin is allowed. A page of another site can open a socket, but has no token to send, and the server uses
	// no cookies.
	ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: subprotocols, InsecureSkipVerify: true})
	if err != nil {
		reqlog.Add(r.Context(), slog.String("refused", err.Error()))
		return // Accept has sent the response
	}
	if ws.Subprotocol() == "" { // gqlgen's transport would assume graphql-ws
		_ = ws.Close(closeBadProtocol, "Subprotocol not acceptable")
		return
	}
	c := newConn(ws, s.budget.Network(r), s.budget, s.reading)
	s.add(c)
	defer s.remove(c)
	defer c.end()
	transport.Websocket{
		Implementation:        accepted{c},
		InitFunc:              s.init,
		InitTimeout:           socketInit,
		KeepAlivePingInterval: socketPing,
		PingPongInterval:      socketPing,
		MissingPongOk:         true,
	}.Do(w, r.WithContext(context.WithValue(ctx, connKey{}, c)), executor)
}

// init signs the user in by the payload of connection_init.
func (s *overSocket) init(ctx context.Context, payload transport.InitPayload) (context.Context, *transport.InitPayload, error) {
	c := ctx.Value(connKey{}).(*conn)
	user, err := s.verifier.Socket(ctx, payload)
	if err != nil {
		reqlog.Add(ctx, slog.String("refused", err.Error()))
		public, _ := models.Public(err)
		code, reason := closeUnauthorized, string(public.Code)
		if public.Code == models.CodeAuthUnavailable {
			code = closeTryAgain
		} else if public.Reason != "" {
			reason = public.Reason
		}
		ctx = transport.WithWebsocketCloseCode(ctx, code)
		return transport.AppendCloseReason(ctx, reason), nil, errors.New(public.Message)
	}
	if !time.Now().Before(user.Expires) { // the verifier has a tolerance for requests, but a socket must close at the expiry
		ctx = transport.WithWebsocketCloseCode(ctx, closeUnauthorized)
		return transport.AppendCloseReason(ctx, models.ReasonTokenExpired), nil, &models.Error{Code: models.CodeUnauthenticated, Message: "The access token has expired.", Reason: models.ReasonTokenExpired}
	}
	reqlog.Add(ctx, slog.String("user", user.ID))
	if err := s.streams.beginFor(user.ID); err != nil {
		ctx = transport.WithWebsocketCloseCode(ctx, closeTryAgain)
		return transport.AppendCloseReason(ctx, string(models.CodeRateLimited)), nil, err
	}
	ctx, cancel := user.Session(auth.NewContext(ctx, user))
	context.AfterFunc(ctx, cancel) // not deferred: the context must outlive init; it ends with the socket
	s.streams.known(c)
	c.start(ctx, user)
	return ctx, nil, nil
}

func (s *overSocket) add(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns[c] = true
	s.streams.admit(c)
	if s.stopping { // the socket was accepted during the shutdown
		go c.drain(context.Background()) // it has no operations yet, so it closes at once
	}
}

func (s *overSocket) remove(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
	s.streams.known(c)
	if c.user != nil {
		s.streams.endFor(c.user.ID)
	}
	s.gone.Broadcast()
}

// limited limits the duration of queries and mutations over sockets and server-sent events. Over HTTP, the request's
// context has the limit. Subscriptions have no limit. If the context ends before the response, limited returns one with
// CodeTimeout or CodeCanceled, because gqlgen returns none.
func (s *overSocket) limited(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	c, bySocket := ctx.Value(connKey{}).(*conn)
	if graphql.GetOperationContext(ctx).Operation.Operation == ast.Subscription {
		if bySocket {
			c.lasts(ctx)
			c.settle(ctx)
		}
		return followed(ctx, next)
	}
	cancel := func() {}
	if bySocket || ctx.Value(streamKey{}) != nil {
		ctx, cancel = context.WithTimeout(ctx, s.timeout)
	}
	responses, sent := next(ctx), false
	return func(ctx context.Context) *graphql.Response {
		defer cancel()
		if sent {
			return nil
		}
		sent = true
		if bySocket { // the other transports have taken one
			done, err := s.turns.Take(ctx)
			if err != nil {
				public, _ := models.Public(err)
				return &graphql.Response{Errors: gqlerror.List{printed(public)}}
			}
			defer done()
		}
		response := responses(ctx)
		if response == nil && ctx.Err() != nil {
			public, _ := models.Public(ctx.Err())
			response = &graphql.Response{Errors: gqlerror.List{printed(public)}}
		}
		return response
	}
}

// shutdown closes every socket with 1001 when its running operations are done, or when ctx ends. It returns when all
// are closed or ctx has ended.
func (s *overSocket) shutdown(ctx context.Context) {
	defer context.AfterFunc(ctx, s.gone.Broadcast)()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopping = true
	for c := range s.conns {
		go c.drain(ctx)
	}
	for len(s.conns) > 0 && ctx.Err() == nil {
		s.gone.Wait()
	}
}

// accepted gives gqlgen's transport a connection that was accepted before.
type accepted struct{ conn *conn }

func (a accepted) Accept(http.ResponseWriter, *http.Request, transport.WebsocketAcceptOptions) (transport.WebsocketConn, error) {
	return a.conn, nil
}
