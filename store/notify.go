package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// CanNotify reports whether Notify and Listen work: they need Postgres.
func (s *Store) CanNotify() bool { return s.postgres }

// Notify sends a message to every process that listens to the channel.
func (s *Store) Notify(ctx context.Context, channel, message string) error {
	if _, err := s.writer.NewRaw("SELECT pg_notify(?, ?)", channel, message).Exec(ctx); err != nil {
		return fmt.Errorf("store: notify: %w", err)
	}
	return nil
}

// ErrNotDelivered is returned by Listen if its own message does not arrive, usually because the address is a pooler's.
var ErrNotDelivered = errors.New("store: listen: notifications do not arrive; is the address a pooler's? set DATABASE_DIRECT_URL to an unpooled address")

const (
	// probe begins the message that Listen sends to itself. No other message begins with it.
	probe        = "probe "
	probeTimeout = 3 * time.Second
)

// Listen calls receive with each message on the channel until ctx ends or the connection is lost. It calls ready once it has
// received a message of its own, which proves that delivery works. It uses a separate connection to the direct address.
func (s *Store) Listen(ctx context.Context, channel string, ready func(), receive func(message string)) error {
	conn, err := s.direct.Conn(ctx)
	if err != nil {
		return fmt.Errorf("store: listen: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return s.listen(ctx, conn, channel, ready, receive)
}

func (s *Store) listen(ctx context.Context, conn *pgx.Conn, channel string, ready func(), receive func(message string)) error {
	if _, err := conn.Exec(ctx, "LISTEN "+pgx.Identifier{channel}.Sanitize()); err != nil {
		return fmt.Errorf("store: listen: %w", err)
	}
	own := probe + fmt.Sprint(time.Now().UnixNano())
	if err := s.Notify(ctx, channel, own); err != nil {
		return err
	}
	first, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	wait, probed := first, false
	for {
		notification, err := conn.WaitForNotification(wait)
		switch {
		case err != nil && !probed && ctx.Err() == nil && first.Err() != nil:
			return ErrNotDelivered
		case err != nil:
			return fmt.Errorf("store: listen: %w", err)
		case notification.Payload == own:
			probed, wait = true, ctx
			ready()
		case len(notification.Payload) >= len(probe) && notification.Payload[:len(probe)] == probe:
		default:
			receive(notification.Payload)
		}
	}
}
