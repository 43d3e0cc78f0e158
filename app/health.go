package app

import (
	"context"
	"time"

	"golang.org/x/sync/singleflight"

	"taskql/store"
)

const (
	// healthTimeout is how long the database may take to prove that it works.
	healthTimeout = 2 * time.Second
	// healthFor is how long a result is valid. It bounds what health checks cost, however many there are.
	healthFor = time.Second
)

// health checks the database for /health and /ready. All requests share one check, which has a context of its own: a
// client that disconnects must not cancel a query and so close a connection of the pool.
type health struct {
	store *store.Store

	checks singleflight.Group
	// The last result, written and read inside checks only.
	at  time.Time
	err error
}

// check fails if the database cannot store anything, or if ctx ends first.
func (h *health) check(ctx context.Context) error {
	result := h.checks.DoChan("", func() (any, error) {
		if h.at.IsZero() || time.Since(h.at) >= healthFor {
			h.err = h.ask()
			h.at = time.Now()
		}
		return nil, h.err
	})
	select {
	case r := <-result:
		return r.Err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *health) ask() error {
	ctx, cancel := context.WithTimeout(context.Background(), healthTimeout)
	defer cancel()
	err := h.store.Writable(ctx)
	if err != nil && ctx.Err() != nil && h.store.Kind() == "SQLite" {
		// SQLite has one writer at a time. A long write is no fault as long as reads work.
		ctx, cancel := context.WithTimeout(context.Background(), healthTimeout)
		defer cancel()
		return h.store.Ping(ctx)
	}
	return err
}
