// Package reqlog assigns an id to every HTTP request and logs one line for it when it ends.
package reqlog

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"slices"
	"sync"

	"github.com/felixge/httpsnoop"
)

// HeaderID is the response header that carries the request's id.
const HeaderID = "X-Request-Id"

// entry is a request's id and the attributes that Add has collected for its line.
type entry struct {
	id string

	mu    sync.Mutex
	attrs []slog.Attr
}

type contextKey struct{}

// Handler calls next and logs one line for each request: id, method, path, status, duration_ms, the response's bytes and
// the attributes from Add. The level is error for a status of 500 or more, else info. The line never contains a header, a
// query string or a body, because they may hold tokens and the users' texts. The response carries the id in HeaderID.
func Handler(log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e := &entry{id: rand.Text()}
		w.Header().Set(HeaderID, e.id)
		ctx := context.WithValue(r.Context(), contextKey{}, e)
		metrics := httpsnoop.Metrics{Code: http.StatusOK}
		// Deferred, so that a request that panics is logged, too.
		defer func() { e.write(ctx, log, r, metrics) }()
		metrics.CaptureMetrics(w, func(w http.ResponseWriter) { next.ServeHTTP(withSwitching(w, &metrics), r.WithContext(ctx)) })
	})
}

// withSwitching records the status of a connection that becomes a WebSocket. httpsnoop does not record informational
// statuses, of which this one is the last.
func withSwitching(w http.ResponseWriter, metrics *httpsnoop.Metrics) http.ResponseWriter {
	return httpsnoop.Wrap(w, httpsnoop.Hooks{WriteHeader: func(next httpsnoop.WriteHeaderFunc) httpsnoop.WriteHeaderFunc {
		return func(code int) {
			if code == http.StatusSwitchingProtocols {
				metrics.Code = code
			}
			next(code)
		}
	}})
}

func (e *entry) write(ctx context.Context, log *slog.Logger, r *http.Request, metrics httpsnoop.Metrics) {
	e.mu.Lock()
	attrs := slices.Clone(e.attrs)
	e.mu.Unlock()
	level := slog.LevelInfo
	if metrics.Code >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	log.LogAttrs(ctx, level, "request", append([]slog.Attr{
		slog.String("id", e.id),
		slog.String("method", r.Method),
		slog.String("path", r.URL.Path),
		slog.Int("status", metrics.Code),
		slog.Float64("duration_ms", float64(metrics.Duration.Microseconds())/1000),
		slog.Int64("bytes", metrics.Written),
	}, attrs...)...)
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

// ID returns the id of the request that ctx belongs to, or "" outside of a request.
func ID(ctx context.Context) string {
	if e, ok := ctx.Value(contextKey{}).(*entry); ok {
		return e.id
	}
	return ""
}
