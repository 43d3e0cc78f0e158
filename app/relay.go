package app

import (
	"context"
	"fmt"
	"log/slog"

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
	relay, stop, err := NewRelay(c, db, id)
	if err != nil {
		return nil, nil, err
	}
	return events.NewBus(relay, db.Numbers, log), stop, nil
}

// NewRelay is how processes on the database of that id hear of one another: by NATS where it is configured, else by
// Postgres. For an SQLite file it is nil: that is looked at now and then, as long as anyone listens.
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
			Receive: func(ctx context.Context, ready func(), heard func(string)) error {
				return db.Listen(ctx, channel, ready, heard)
			},
		}
	}
	return relay, func() {}, nil
}
