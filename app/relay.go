package app

import (
	"context"
	"fmt"
	"log/slog"

	"taskql/config"
	"taskql/events"
	"taskql/store"
)

// newBus returns the bus that notifies this process's subscribers, connected to the other processes on the database.
func newBus(ctx context.Context, c config.Config, db *store.Store, log *slog.Logger) (*events.Bus, func(), error) {
	id, err := db.ID(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", config.DatabaseURL, err)
	}
	relay, stop, err := NewRelay(c, db, id)
	if err != nil {
		return nil, nil, err
	}
	return events.NewBus(relay, db.Numbers, log), stop, nil
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
