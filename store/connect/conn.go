package connect

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// conn is a connection of a pool for as long as a statement or a transaction needs one.
type conn struct {
	*stdlib.Conn
	from *connector
}

func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	found, err := c.Conn.QueryContext(ctx, query, args)
	if err != nil {
		return nil, ended(ctx, err)
	}
	return &rows{found.(*stdlib.Rows), ctx}, nil
}

func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	result, err := c.Conn.ExecContext(ctx, query, args)
	return result, ended(ctx, err)
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
	inner, err := c.Conn.Conn().BeginTx(ctx, pgx.TxOptions{BeginQuery: begin})
	if err != nil {
		return nil, ended(ctx, err)
	}
	return &tx{inner, ctx}, nil
}

type tx struct {
	inner pgx.Tx
	ctx   context.Context
}

func (t *tx) Commit() error { return ended(t.ctx, t.inner.Commit(t.ctx)) }

// Rollback does not depend on the context of the transaction. Otherwise the end of that would close the connection.
func (t *tx) Rollback() error {
	ctx, cancel := context.WithTimeout(context.Background(), rollbackTimeout)
	defer cancel()
	return t.inner.Rollback(ctx)
}

// rows are the rows of a statement.
type rows struct {
	*stdlib.Rows
	ctx context.Context
}

func (r *rows) Next(dest []driver.Value) error {
	err := r.Rows.Next(dest)
	if err == nil || err == io.EOF {
		return err
	}
	return ended(r.ctx, err)
}

// ended returns err with the reason why ctx has ended, if it has. PostgreSQL and the network report that in their own words.
func ended(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("%w: %w", ctx.Err(), err)
	}
	return err
}
