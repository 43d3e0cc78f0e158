package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"
)

// turn is one or more servers of a kind on a new copy of the database, warmed up.
type turn struct {
	servers []*server
	load    load // without a workload
	remove  func(context.Context) error
}

// warmUp is how long each of the workloads that have something to warm up runs before the measurement.
const warmUp = 300 * time.Millisecond

func (o options) newTurn(ctx context.Context, db database, kind kind, program string, processes int, requests *requests, more ...string) (_ *turn, err error) {
	url, remove, err := db.copy(ctx, kind)
	if err != nil {
		return nil, err
	}
	t := &turn{remove: remove, load: load{requests: requests, connections: o.connections, ramp: o.ramp, window: o.window, databasePID: db.pid()}}
	defer func() {
		if err != nil {
			err = errors.Join(err, t.end(ctx))
		}
	}()
	for range processes {
		dir, err := os.MkdirTemp(o.dir, "server-*")
		if err != nil {
			return nil, err
		}
		s, err := startServer(ctx, program, filepath.Clean(dir), url, requests, o.secret, more...)
		if err != nil {
			return nil, err
		}
		t.servers = append(t.servers, s)
	}
	if err := requests.fetchCursors(t.servers[0]); err != nil {
		return nil, err
	}
	warm := t.load
	warm.ramp, warm.window, warm.connections = 0, warmUp, min(o.connections, 32)
	for _, warm.workload = range []string{"W2", "W1", "W6"} {
		if _, err := warm.run(ctx, t.servers); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func (t *turn) run(ctx context.Context, workload string) (figures, error) {
	t.load.workload = workload
	return t.load.run(ctx, t.servers)
}

// end stops the servers and removes the copy.
func (t *turn) end(ctx context.Context) error {
	for _, s := range t.servers {
		s.stop()
	}
	return t.remove(context.WithoutCancel(ctx))
}
