package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"taskql/app"
	"taskql/config"
	"taskql/store"
)

// relayPatience is how long checkRelay waits for the relay.
const relayPatience = 5 * time.Second

// checkRelay listens as a server with subscribers does.
func checkRelay(ctx context.Context, r *report, c config.Config, db *store.Store) {
	const part = "live updates"
	relay, stop, err := app.NewRelay(c, db, "check")
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
