package connect

import (
	"context"
	"database/sql/driver"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// SQLite parses and plans a statement each time that it arrives, which for short ones takes longer than running them. A connection to a
// file therefore keeps the statements that have arguments prepared, unless they are long. SQLite prepares them again by itself when the schema has changed.

// maxStatements is how many statements each connection keeps. One takes some kilobytes.
const maxStatements = 64

// preparing is a connection to an SQLite file with the statements that it keeps.
type preparing struct {
	sqliteConn
	statements *simplelru.LRU[string, *statement]
}

// statement is a prepared statement. At most one of its results is read at a time.
type statement struct {
	sqliteStmt
	running, evicted bool
}

// sqliteStmt is what the driver's statements can do.
type sqliteStmt interface {
	driver.Stmt
	driver.StmtQueryContext
}

func newPreparing(conn sqliteConn) *preparing {
	statements, err := simplelru.NewLRU(maxStatements, func(_ string, s *statement) { s.evict() })
	if err != nil {
		panic(err) // the size is positive
	}
	return &preparing{conn, statements}
}

// QueryContext runs a query, prepared if it has arguments.
func (c *preparing) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if len(args) == 0 || len(query) > maxText {
		return c.sqliteConn.QueryContext(ctx, query, args)
	}
	s, found := c.statements.Get(query)
	if !found {
		made, err := c.PrepareContext(ctx, query)
		if err != nil {
			return nil, err
		}
		s = &statement{sqliteStmt: made.(sqliteStmt)}
		c.statements.Add(query, s)
	}
	if s.running {
		return c.sqliteConn.QueryContext(ctx, query, args)
	}
	rows, err := s.QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	s.running = true
	return &statementRows{rows, s}, nil
}

// Close closes the statements and the connection.
func (c *preparing) Close() error {
	c.statements.Purge()
	return c.sqliteConn.Close()
}

// evict closes the statement, or has its rows close it.
func (s *statement) evict() {
	if s.evicted = true; !s.running {
		_ = s.Close() // it only frees memory
	}
}

// statementRows are the rows of a prepared statement.
type statementRows struct {
	driver.Rows
	statement *statement
}

// Close lets the statement run again.
func (r *statementRows) Close() error {
	err := r.Rows.Close()
	if r.statement.running {
		r.statement.running = false
		if r.statement.evicted {
			r.statement.evict()
		}
	}
	return err
}
