// Package reqlog gives every HTTP request an id and writes one line about it when it is done.
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

// entry is what a request's line will say beyond what the handler sees by itself.
type entry struct {
	id string

	mu    sync.Mutex
	attrs []slog.Attr
}

type contextKey struct{}

// Handler logs each request that next serves: id, method, path, status, duration, size and what Add
// was given; never a header, a query string or a body, which may hold tokens and the users' texts.
func Handler(log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e := &entry{id: rand.Text()}
		w.Header().Set(HeaderID, e.id)
		ctx := context.WithValue(r.Context(), contextKey{}, e)
		metrics := httpsnoop.Metrics{Code: http.StatusOK}
		// Deferred, so that a request that panics has its line as well.
		defer func() { e.write(ctx, log, r, metrics) }()
		metrics.CaptureMetrics(w, func(w http.ResponseWriter) { next.ServeHTTP(w, r.WithContext(ctx)) })
	})
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

// Add adds to the line of the request that ctx belongs to. It may be called from several goroutines.
func Add(ctx context.Context, attrs ...slog.Attr) {
	if e, ok := ctx.Value(contextKey{}).(*entry); ok {
		e.mu.Lock()
		e.attrs = append(e.attrs, attrs...)
		e.mu.Unlock()
	}
}

// ID returns the id of the request that ctx belongs to, or "" outside of one.
func ID(ctx context.Context) string {
	if e, ok := ctx.Value(contextKey{}).(*entry); ok {
		return e.id
	}
	return ""
}
