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

// relayTimeout is how long checkRelay waits until the relay receives.
const relayTimeout = 5 * time.Second

// checkRelay receives notifications of other processes as a server with subscribers does.
func checkRelay(ctx context.Context, r *report, c config.Config, db *store.Store) {
	const part = "live updates"
	relay, stop, err := app.NewRelay(c, db, "check")
	if err != nil {
		r.part(part, "", err)
		return
	}
	defer stop()
	if relay == nil {
		r.part(part, "immediate in one process; other processes poll every 3 seconds", nil)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, relayTimeout)
	defer cancel()
	address := config.DatabaseURL
	if c.DatabaseDirectURL != "" {
		address = config.DatabaseDirectURL
	}
	works := false
	err = relay.Receive(ctx, func() { works = true; cancel() }, func(string) {})
	switch {
	case works:
		r.part(part, "processes notify one another through "+relay.Name, nil)
	case c.NATSURL != "" && errors.Is(err, context.DeadlineExceeded):
		r.part(part, "", fmt.Errorf("%s: no NATS server answers there", config.NATSURL))
	case c.NATSURL != "":
		r.part(part, "", fmt.Errorf("%s: %w", config.NATSURL, err))
	case errors.Is(err, store.ErrNotDelivered):
		r.part(part, "processes poll every 3 seconds, because notifications do not arrive", nil)
		r.detail(address + " seems to be the address of a pooler: set " + config.DatabaseDirectURL + " to a direct address")
	default:
		r.part(part, "", fmt.Errorf("%s: LISTEN does not work: %w", address, err))
	}
}
