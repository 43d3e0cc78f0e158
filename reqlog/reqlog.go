// Package reqlog assigns an id to every HTTP request and logs one line for it when it ends.
package reqlog

import (
	"cmp"
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// HeaderID is the response header that carries the request's id.
const HeaderID = "X-Request-Id"

// entry is a request's response, its id, and the attributes for its line.
type entry struct {
	http.ResponseWriter
	id string
	// status is 0 until it is written. bytes counts those of the body.
	status int
	bytes  int64

	mu          sync.Mutex
	route, code string
	// attrs begins with room for the attributes of every line; Add appends the others.
	attrs []slog.Attr
}

// ownAttrs is how many attributes every line has, and moreAttrs how many Add usually appends.
const ownAttrs, moreAttrs = 6, 4

type contextKey struct{}

// Ended is a request that has ended.
type Ended struct {
	Method string
	// Route and Code are those of SetRoute and SetCode, or "".
	Route, Code string
	// Status is 101 for a connection that became a WebSocket.
	Status int
	Took   time.Duration
}

// Handler calls next and logs one line for each request: id, method, path, status, duration_ms, the response's bytes and
// the attributes from Add. The level is error for a status of 500 or more, else info. The line never contains a header, a
// query string or a body, because they may hold tokens and the users' texts. The response carries the id in HeaderID. ended, which may be
// nil, is called with each request as well.
func Handler(log *slog.Logger, next http.Handler, ended func(Ended)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		e := &entry{ResponseWriter: w, id: rand.Text(), attrs: make([]slog.Attr, ownAttrs, ownAttrs+moreAttrs)}
		w.Header().Set(HeaderID, e.id)
		ctx := context.WithValue(r.Context(), contextKey{}, e)
		// Deferred, so that a request that panics is logged, too.
		defer func() {
			took := time.Since(start)
			e.log(ctx, log, r, took)
			if ended != nil {
				e.mu.Lock()
				route, code := e.route, e.code
				e.mu.Unlock()
				ended(Ended{r.Method, route, code, cmp.Or(e.status, http.StatusOK), took})
			}
		}()
		next.ServeHTTP(e, r.WithContext(ctx))
	})
}

// WriteHeader notes the status. An informational one is followed by another, except that of a connection that becomes a WebSocket.
func (e *entry) WriteHeader(code int) {
	if e.status == 0 && (code >= http.StatusOK || code == http.StatusSwitchingProtocols) {
		e.status = code
	}
	e.ResponseWriter.WriteHeader(code)
}

// Write counts the bytes.
func (e *entry) Write(b []byte) (int, error) {
	if e.status == 0 {
		e.status = http.StatusOK
	}
	n, err := e.ResponseWriter.Write(b)
	e.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController and WebSockets find the connection.
func (e *entry) Unwrap() http.ResponseWriter { return e.ResponseWriter }

func (e *entry) log(ctx context.Context, log *slog.Logger, r *http.Request, took time.Duration) {
	status := cmp.Or(e.status, http.StatusOK)
	level := slog.LevelInfo
	if status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	e.mu.Lock()
	attrs := e.attrs
	e.attrs = nil // what comes later is lost
	e.mu.Unlock()
	copy(attrs, []slog.Attr{
		slog.String("id", e.id),
		slog.String("method", r.Method),
		slog.String("path", r.URL.Path),
		slog.Int("status", status),
		slog.Float64("duration_ms", float64(took.Microseconds())/1000),
		slog.Int64("bytes", e.bytes),
	})
	log.LogAttrs(ctx, level, "request", attrs...)
}

// Add appends attributes to the log line of the request that ctx belongs to. It does nothing outside of a request and
// after the line is written. It may be called from several goroutines.
func Add(ctx context.Context, attrs ...slog.Attr) {
	if e, ok := ctx.Value(contextKey{}).(*entry); ok {
		e.mu.Lock()
		e.attrs = append(e.attrs, attrs...)
		e.mu.Unlock()
	}
}

// SetRoute notes the pattern of the request's path, for the log line, for Route and for Ended. It does nothing outside of a request.
func SetRoute(ctx context.Context, pattern string) {
	if e, ok := ctx.Value(contextKey{}).(*entry); ok {
		e.mu.Lock()
		e.route = pattern
		e.mu.Unlock()
		Add(ctx, slog.String("route", pattern))
	}
}

// SetCode notes the error code of the response, for the log line and for Ended. It does nothing outside of a request.
func SetCode(ctx context.Context, code string) {
	if e, ok := ctx.Value(contextKey{}).(*entry); ok {
		e.mu.Lock()
		e.code = code
		e.mu.Unlock()
		Add(ctx, slog.String("code", code))
	}
}

// Route returns the pattern of the path of the request that ctx belongs to, or "" if none was set.
func Route(ctx context.Context) string {
	if e, ok := ctx.Value(contextKey{}).(*entry); ok {
		e.mu.Lock()
		defer e.mu.Unlock()
		return e.route
	}
	return ""
}

// ID returns the id of the request that ctx belongs to, or "" outside of a request.
func ID(ctx context.Context) string {
	if e, ok := ctx.Value(contextKey{}).(*entry); ok {
		return e.id
	}
	return ""
}
