package connect

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// conn is a connection of a pool for as long as a statement or a transaction needs one. Query uses it directly, database/sql as a driver's.
type conn struct {
	lent  *pgxpool.Conn
	from  *connector
	since time.Time // when it was taken from the pool
	inTx  bool
	// readsOnly is set within a transaction that only reads.
	readsOnly bool
	release   func()
}

// Close gives the connection back.
func (c *conn) Close() error {
	c.lent.Release()
	c.release()
	return nil
}

// Prepare implements driver.Conn. Statements are prepared by their text; see prepared.
func (c *conn) Prepare(string) (driver.Stmt, error) {
	return nil, errors.New("connect: database/sql prepares no statements on this connection")
}

// Begin implements driver.Conn.
func (c *conn) Begin() (driver.Tx, error) { return c.BeginTx(context.Background(), driver.TxOptions{}) }

// CheckNamedValue implements driver.NamedValueChecker: pgx encodes all values.
func (c *conn) CheckNamedValue(*driver.NamedValue) error { return nil }

// QueryContext implements driver.QueryerContext.
func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	rows, err := c.query(ctx, query, valuesOf(args))
	if err != nil {
		return nil, err
	}
	return driverRows{rows}, nil
}

func valuesOf(args []driver.NamedValue) []any {
	values := make([]any, len(args))
	for i, arg := range args {
		values[i] = arg.Value
	}
	return values
}

// query runs a query, and runs it again where that is safe.
func (c *conn) query(ctx context.Context, query string, values []any) (found *Rows, err error) {
	ctx, end := c.from.pool.observe.begin(ctx, query)
	err = c.again(ctx, c.from.reads, func() error {
		if c.limits() {
			found, err = c.queryLimited(ctx, query, values)
		} else {
			found, err = c.queryOnce(ctx, query, values)
		}
		return err
	})
	if err != nil {
		end(err)
		return nil, err
	}
	found.end = end
	return found, nil
}

// queryOnce runs a query, prepared if it has values and comes often. A transaction that writes prepares none: it could not go on if the
// server had forgotten it. A transaction that only reads fails then.
func (c *conn) queryOnce(ctx context.Context, query string, values []any) (*Rows, error) {
	prepared := c.from.pool.prepared
	if len(values) > 0 && (!c.inTx || c.readsOnly && !c.from.pool.pooler.Load()) && prepared.use(query) {
		found, err := c.send(ctx, query, values, pgx.QueryExecModeCacheStatement)
		if !prepared.forgot(err) || c.inTx {
			return found, err
		}
	}
	return c.send(ctx, query, values, postgresExecMode)
}

func (c *conn) send(ctx context.Context, query string, values []any, mode pgx.QueryExecMode) (*Rows, error) {
	inner := c.lent.Conn()
	found, _ := inner.Query(ctx, query, append([]any{resultFormats, mode}, values...)...) // newRows returns the error
	return newRows(ctx, found, nil, inner.TypeMap())
}

// ExecContext implements driver.ExecerContext.
func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	ctx, end := c.from.pool.observe.begin(ctx, query)
	var tag pgconn.CommandTag
	err := c.again(ctx, c.from.reads, func() (err error) {
		if c.limits() {
			tag, err = c.execLimited(ctx, query, valuesOf(args))
		} else {
			tag, err = c.lent.Exec(ctx, query, valuesOf(args)...)
		}
		return err
	})
	end(err)
	return driver.RowsAffected(tag.RowsAffected()), err
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
		c.lent.Release()
		next, err := c.from.pool.acquire(ctx)
		if err != nil {
			return err
		}
		c.lent, c.since = next, time.Now()
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
		inner, err = c.lent.BeginTx(ctx, pgx.TxOptions{BeginQuery: text})
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
