package graph

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/coder/websocket"

	"taskql/auth"
	"taskql/models"
	"taskql/reqlog"
)

const (
	// closeUnauthorized is the close code of the graphql-transport-ws protocol for sockets without a
	// good token, also when it expires.
	closeUnauthorized = 4401
	// closeTryAgain is for tokens that cannot be checked at the moment (RFC 6455's registry: Try Again Later).
	closeTryAgain = 1013
	// socketInit is how long a client may take to send its token.
	socketInit = 10 * time.Second
	socketPing = 25 * time.Second
)

// IsSocket reports whether a request asks for a WebSocket.
func IsSocket(r *http.Request) bool {
	return r.Method == http.MethodGet && strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}

// overSocket serves GraphQL over WebSockets. A browser cannot set headers on one, so the token comes
// in the payload of connection_init. The socket ends when the token expires.
func overSocket(verifier *auth.Verifier) transport.Websocket {
	limit := int64(maxBody)
	return transport.Websocket{
		Implementation:        acceptor{},
		InitTimeout:           socketInit,
		KeepAlivePingInterval: socketPing,
		PingPongInterval:      socketPing,
		PayloadReadLimit:      &limit,
		InitFunc: func(ctx context.Context, payload transport.InitPayload) (context.Context, *transport.InitPayload, error) {
			user, err := verifier.Socket(ctx, payload)
			if err != nil {
				reqlog.Add(ctx, slog.String("refused", err.Error()))
				public, _ := models.Public(err)
				ctx = transport.WithWebsocketCloseCode(ctx, closeCode(public))
				return transport.AppendCloseReason(ctx, reason(public)), nil, errors.New(public.Message)
			}
			reqlog.Add(ctx, slog.String("user", user.ID))
			if end, ok := ctx.Value(endKey{}).(*end); ok {
				end.at.Store(&user.Expires)
			}
			ctx, cancel := context.WithDeadline(auth.NewContext(ctx, user), user.Expires)
			context.AfterFunc(ctx, cancel) // the request's own context ends with the socket
			return ctx, nil, nil
		},
	}
}

// closeCode tells a client whether another token or another time may help.
func closeCode(err *models.Error) int {
	if err.Code == models.CodeAuthUnavailable {
		return closeTryAgain
	}
	return closeUnauthorized
}

func reason(err *models.Error) string {
	if err.Reason != "" {
		return err.Reason
	}
	return string(err.Code)
}

// end is when a socket's token expires, once that is known. The transport closes a socket whose
// context has ended as if the client had asked for it; this tells it that the token has expired.
type end struct{ at atomic.Pointer[time.Time] }

type endKey struct{}

func withEnd(r *http.Request) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), endKey{}, &end{}))
}

// acceptor takes sockets from any origin: another site's page may open one, but it has no token to
// send, and there are no cookies.
type acceptor struct{}

func (acceptor) Accept(w http.ResponseWriter, r *http.Request, options transport.WebsocketAcceptOptions) (transport.WebsocketConn, error) {
	accept := transport.CoderWebsocketImplementation{AcceptOptions: websocket.AcceptOptions{InsecureSkipVerify: true}}
	accepted, err := accept.Accept(w, r, options)
	if err != nil {
		return nil, err
	}
	end, _ := r.Context().Value(endKey{}).(*end)
	return &conn{accepted.(limitedConn), end}, nil
}

// limitedConn is what gqlgen's connections can do.
type limitedConn interface {
	transport.WebsocketConn
	transport.WebsocketReadLimiter
	transport.WebsocketReadDeadliner
}

type conn struct {
	limitedConn
	end *end
}

// WriteClose closes the socket, with closeUnauthorized where its token has expired.
func (c *conn) WriteClose(code int, message string) error {
	if code == transport.WebsocketCloseNormalClosure && c.end != nil {
		if at := c.end.at.Load(); at != nil && !time.Now().Before(*at) {
			code, message = closeUnauthorized, models.ReasonTokenExpired
		}
	}
	return c.limitedConn.WriteClose(code, message)
}
