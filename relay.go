package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"taskql/config"
	"taskql/events"
	"taskql/store"
)

// newBus connects the processes that work on one database.
func newBus(ctx context.Context, c config.Config, db *store.Store, log *slog.Logger) (*events.Bus, func(), error) {
	id, err := db.ID(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", config.DatabaseURL, err)
	}
	relay, stop, err := newRelay(c, db, id)
	if err != nil {
		return nil, nil, err
	}
	return events.NewBus(relay, db.Numbers, log), stop, nil
}

// newRelay is how processes on the database of that id hear of one another: by NATS where it is configured, else by
// Postgres. For an SQLite file it is nil: that is looked at now and then, as long as anyone listens.
func newRelay(c config.Config, db *store.Store, id string) (relay *events.Relay, stop func(), err error) {
	if c.NATSURL != "" {
		relay, stop, err := events.NATS(c.NATSURL, "taskql."+id)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", config.NATSURL, err)
		}
		return relay, stop, nil
	}
	if channel := "taskql_" + id; db.CanNotify() {
		relay = &events.Relay{
			Name: db.Kind(),
			Send: func(ctx context.Context, message string) error { return db.Notify(ctx, channel, message) },
			Receive: func(ctx context.Context, ready func(), heard func(string)) error {
				return db.Listen(ctx, channel, ready, heard)
			},
		}
	}
	return relay, func() {}, nil
}

// relayPatience is how long checkRelay waits for the relay.
const relayPatience = 5 * time.Second

// checkRelay listens as a server with subscribers does.
func checkRelay(ctx context.Context, r *report, c config.Config, db *store.Store) {
	const part = "live updates"
	relay, stop, err := newRelay(c, db, "check")
	if err != nil {
		r.part(part, "", err)
		return
	}
	defer stop()
	if relay == nil {
		r.part(part, "at once in one process; others look every 3 seconds", nil)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, relayPatience)
	defer cancel()
	address := config.DatabaseURL
	if c.DatabaseDirectURL != "" {
		address = config.DatabaseDirectURL
	}
	works := false
	err = relay.Receive(ctx, func() { works = true; cancel() }, func(string) {})
	switch {
	case works:
		r.part(part, "processes hear of one another by "+relay.Name, nil)
	case c.NATSURL != "" && errors.Is(err, context.DeadlineExceeded):
		r.part(part, "", fmt.Errorf("%s: no NATS server answers there", config.NATSURL))
	case c.NATSURL != "":
		r.part(part, "", fmt.Errorf("%s: %w", config.NATSURL, err))
	case errors.Is(err, store.ErrNotHeard):
		r.part(part, "processes look every 3 seconds, because notifications do not arrive", nil)
		r.detail(address + " seems to be a pooler: " + config.DatabaseDirectURL + " takes an address without one")
	default:
		r.part(part, "", fmt.Errorf("%s: LISTEN does not work: %w", address, err))
	}
}
