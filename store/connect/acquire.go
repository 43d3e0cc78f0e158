package connect

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/jackc/puddle/v2"

	"taskql/models"
	"taskql/share"
)

// connector lends the connections of a pool, each for one statement or one transaction.
type connector struct {
	pool  *Pool
	reads bool
}

// Connect implements driver.Connector.
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	taken, err := c.take(ctx)
	if err != nil {
		return nil, err
	}
	return taken, nil
}

func (c *connector) take(ctx context.Context) (*conn, error) {
	if err := ctx.Err(); err != nil { // it has not waited
		return nil, err
	}
	c.pool.waiting.Add(1)
	defer c.pool.waiting.Add(-1)
	release, err := c.pool.shares.Take(ctx)
	if err != nil {
		return nil, err
	}
	since := time.Now()
	lent, err := c.pool.acquire(ctx)
	if err != nil {
		release()
		return nil, err
	}
	return &conn{lent: lent, from: c, since: since, release: release}, nil
}

// Driver implements driver.Connector.
func (c *connector) Driver() driver.Driver { return stdlib.GetDefaultDriver() }

// Close is called by the Close of the sql.DB.
func (c *connector) Close() error {
	if !c.reads {
		c.pool.close()
	}
	return nil
}

// acquire takes a connection from the pool, and waits while the server accepts no more.
func (p *Pool) acquire(ctx context.Context) (*pgxpool.Conn, error) {
	var queue queue
	var cause error // of the last attempt that was not ended by ctx, if there is one
	for refused, failed := 0, 0; ; {
		lent, err := p.pool.Acquire(ctx)
		if cause == nil || !errors.Is(err, context.DeadlineExceeded) {
			cause = err
		}
		switch {
		case err == nil:
			return lent, nil
		case classify(err) == full && queue.wait(ctx, p.patience):
		case classify(err) == lost && !pgconn.Timeout(err) && failed < maxRefused && queue.wait(ctx, p.patience):
			failed++ // cut while it was made, or a server that restarts
		case ctx.Err() != nil:
			return nil, p.tooLate(ctx, cause)
		case errors.Is(err, puddle.ErrClosedPool):
			return nil, err
		case p.limits.refused(err) && refused < maxRefused:
			// Other connections may be under way with the limits.
			refused++
			p.pooler.Store(true)
		default:
			return nil, fmt.Errorf("%w: %w", models.ErrUnavailable, err)
		}
	}
}

// tooLate returns the error of a caller who has waited for a connection until its context ended. cause is why it had to wait.
func (p *Pool) tooLate(ctx context.Context, cause error) error {
	stat := p.pool.Stat()
	if errors.Is(ctx.Err(), context.DeadlineExceeded) && classify(cause) != full && stat.AcquiredConns() < stat.MaxConns() {
		// It was not the other callers who took the time, here or at the server. The cause is not wrapped: it may be the deadline's, which is TIMEOUT.
		return fmt.Errorf("%w: no connection was made in time: %v", models.ErrUnavailable, cause)
	}
	return share.Waited(explained(ctx, cause), noneFree)
}

// renew makes the pool replace its connections, because one that was taken since a time is of no use. It reports false if they
// have just been replaced, so that another attempt is of no use either.
func (p *Pool) renew(since time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if since.Before(p.renewed) {
		return true
	}
	if time.Since(p.renewed) < renewPause {
		return false
	}
	p.renewed = time.Now()
	p.pool.Reset()
	return true
}
