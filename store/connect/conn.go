package connect

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// conn is a connection of a pool for as long as a statement or a transaction needs one.
type conn struct {
	*stdlib.Conn
	from  *connector
	since time.Time // when it was taken from the pool
	inTx  bool
	// readsOnly is set within a transaction that only reads.
	readsOnly bool
	release   func()
}

func (c *conn) Close() error {
	defer c.release()
	return c.Conn.Close()
}

func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	return c.from.pool.observe.query(ctx, query, func(ctx context.Context) (driver.Rows, error) { return c.queryAgain(ctx, query, args) })
}

// queryAgain runs a query as again does.
func (c *conn) queryAgain(ctx context.Context, query string, args []driver.NamedValue) (found driver.Rows, err error) {
	err = c.again(ctx, c.from.reads, func() error {
		if c.limits() {
			found, err = c.queryLimited(ctx, query, args)
			return err
		}
		found, err = c.query(ctx, query, args)
		return err
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

// query runs a statement, prepared if it has arguments and comes often. A transaction that writes prepares none: it could not go on if the
// server had forgotten it. A transaction that only reads fails then.
func (c *conn) query(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	prepared := c.from.pool.prepared
	if len(args) > 0 && (!c.inTx || c.readsOnly && !c.from.pool.pooler.Load()) && prepared.use(query) {
		found, err := c.run(ctx, query, args, resultFormats, pgx.QueryExecModeCacheStatement)
		if !prepared.forgot(err) || c.inTx {
			return found, err
		}
	}
	return c.run(ctx, query, args, resultFormats)
}

func (c *conn) run(ctx context.Context, query string, args []driver.NamedValue, options ...any) (driver.Rows, error) {
	for _, arg := range args {
		options = append(options, arg.Value)
	}
	inner := c.Conn.Conn()
	found, _ := inner.Query(ctx, query, options...) // newRows returns the error
	return newRows(ctx, found, nil, inner.TypeMap())
}

func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	return c.from.pool.observe.exec(ctx, query, func(ctx context.Context) (driver.Result, error) { return c.execAgain(ctx, query, args) })
}

// execAgain runs a statement as again does.
func (c *conn) execAgain(ctx context.Context, query string, args []driver.NamedValue) (result driver.Result, err error) {
	err = c.again(ctx, c.from.reads, func() (err error) {
		if c.limits() {
			result, err = c.execLimited(ctx, query, args)
		} else {
			result, err = c.Conn.ExecContext(ctx, query, args)
		}
		return err
	})
	return result, err
}

// maxAttempts is how often a statement is run at most.
const maxAttempts = 4

// again runs a statement, and runs it again where that is safe: on a fresh connection if its own is of no more use. The errors of
// a transaction's statements are returned: only its caller can begin it again.
func (c *conn) again(ctx context.Context, reads bool, run func() error) error {
	var queue queue
	for attempt := 1; ; attempt++ {
		err := run()
		f := classify(err)
		fresh := f == unsent || f == lost || f == stale && c.from.pool.renew(c.since)
		switch {
		case f == full && !c.inTx && queue.wait(ctx, c.from.pool.patience): // a pooler's connection, without one to the server
			attempt--
		case ctx.Err() != nil || !f.repeatable(reads) || !fresh && f != conflict || c.inTx || attempt == maxAttempts:
			return explained(ctx, err)
		case f == conflict: // not at the same time as the others again
			select {
			case <-time.After(rand.N(time.Duration(attempt) * 20 * time.Millisecond)):
			case <-ctx.Done():
			}
			continue
		}
		_ = c.Conn.Close()
		next, err := c.from.pool.acquire(ctx)
		if err != nil {
			return err
		}
		c.Conn, c.since = next, time.Now()
	}
}

// isolation is what the design needs, whatever the server's default: a statement sees what was committed before it. What a write
// reads after it has waited for the user's counter must be the state of that moment.
var isolation = map[sql.IsolationLevel]string{
	sql.LevelDefault:        "read committed",
	sql.LevelReadCommitted:  "read committed",
	sql.LevelRepeatableRead: "repeatable read",
}

func (c *conn) BeginTx(ctx context.Context, options driver.TxOptions) (driver.Tx, error) {
	level, known := isolation[sql.IsolationLevel(options.Isolation)]
	if !known {
		return nil, fmt.Errorf("connect: begin: isolation level %d is not supported", options.Isolation)
	}
	begin := "begin isolation level " + level
	if options.ReadOnly {
		begin += " read only"
	}
	var inner pgx.Tx
	err := c.again(ctx, true, func() (err error) {
		text := begin
		if c.limits() {
			text += c.from.pool.limits.setLocal()
		}
		inner, err = c.Conn.Conn().BeginTx(ctx, pgx.TxOptions{BeginQuery: text})
		return err
	})
	if err != nil {
		return nil, err
	}
	c.inTx, c.readsOnly = true, options.ReadOnly
	return &tx{inner, c, ctx}, nil
}

type tx struct {
	inner pgx.Tx
	conn  *conn
	ctx   context.Context
}

func (t *tx) Commit() error {
	t.conn.inTx = false
	return explained(t.ctx, t.inner.Commit(t.ctx))
}

// Rollback does not depend on the context of the transaction. Otherwise the end of that would close the connection.
func (t *tx) Rollback() error {
	t.conn.inTx = false
	ctx, cancel := context.WithTimeout(context.Background(), rollbackTimeout)
	defer cancel()
	return t.inner.Rollback(ctx)
}
