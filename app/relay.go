package app

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"taskql/config"
	"taskql/events"
	"taskql/store"
)

// StartBus runs the bus that notifies the subscribers of this process and of all others on the database. Call stop in the
// end: it sends the pending notifications.
func StartBus(ctx context.Context, c config.Config, db *store.Store, log *slog.Logger) (bus *events.Bus, stop func(), err error) {
	id, err := db.ID(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", config.DatabaseURL, err)
	}
	relay, closeRelay, err := NewRelay(c, db, id)
	if err != nil {
		return nil, nil, err
	}
	bus = events.NewBus(relay, db.Numbers, log)
	// The bus must outlive the signal to stop, because requests in progress write tasks.
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	running.Go(func() { bus.Run(ctx) })
	return bus, func() {
		cancel()
		running.Wait()
		closeRelay()
	}, nil
}

// NewRelay returns what carries notifications between the processes on the database with that id: NATS where it is
// configured, else PostgreSQL's LISTEN and NOTIFY. It is nil for SQLite, which the bus polls while it has subscribers.
// Call stop in the end.
func NewRelay(c config.Config, db *store.Store, id string) (relay *events.Relay, stop func(), err error) {
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
			Receive: func(ctx context.Context, ready func(), received func(string)) error {
				return db.Listen(ctx, channel, ready, received)
			},
		}
	}
	return relay, func() {}, nil
}
