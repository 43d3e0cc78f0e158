package connect

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

const (
	// cancelDelay is how long a statement goes on after its context has ended. Most statements are done by then, so that the
	// connection can be used again. A cancel request needs a connection of its own, and PostgreSQL a process for it.
	cancelDelay = 300 * time.Millisecond
	// deadlineDelay is when the connection is given up after the context of its statement has ended.
	deadlineDelay = 900 * time.Millisecond
	// delivery is how long a cancel request may still be under way after the server has accepted it.
	delivery = 100 * time.Millisecond
)

// canceler has the server cancel a statement whose context has ended. pgx's own handler does the same, but closes the connection of the cancel
// request as soon as the statement has ended, and PgBouncer 1.18 ends itself when that happens while it passes the request on
// (github.com/pgbouncer/pgbouncer/pull/846). This one leaves it open until the server closes it, as libpq does.
type canceler struct {
	conn        *pgconn.PgConn
	ended, done chan struct{}
}

// HandleCancel is called when the context ends while the statement is under way.
func (c *canceler) HandleCancel(context.Context) {
	c.ended, c.done = make(chan struct{}), make(chan struct{})
	deadline := time.Now().Add(deadlineDelay)
	_ = c.conn.Conn().SetDeadline(deadline) // fails on a closed connection, which needs none
	go c.cancel(deadline, c.ended, c.done)
}

func (c *canceler) cancel(deadline time.Time, ended <-chan struct{}, done chan<- struct{}) {
	defer close(done)
	delay := time.NewTimer(cancelDelay)
	defer delay.Stop()
	select {
	case <-ended:
		return
	case <-delay.C:
	}
	ctx, stop := context.WithDeadline(context.Background(), deadline)
	defer stop()
	// Where it fails, the deadline gives the connection up.
	_ = c.conn.CancelRequest(ctx)
	// Otherwise the request might reach the connection's next statement.
	time.Sleep(delivery)
}

// HandleUnwatchAfterCancel is called when the statement has ended after HandleCancel. The connection can be used again when it returns.
func (c *canceler) HandleUnwatchAfterCancel() {
	close(c.ended)
	<-c.done
	_ = c.conn.Conn().SetDeadline(time.Time{})
}
