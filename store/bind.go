package store

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"
)

// Bun writes the values of a statement into its text, so that each call has a text of its own, which the database must parse and
// plan anew. Statements that run often are therefore bound: their text has a placeholder for each value, and is the same for each
// call, so that the database can keep it prepared. See connect.Pool for when PostgreSQL does.

// binding is a dialect for which bun writes a placeholder where it would write a text or a time. Booleans and numbers stay in the
// text, because partial indexes and limits are planned by them; see number.
type binding struct {
	schema.Dialect
	postgres    bool
	placeholder string
	values      []any
}

func (b *binding) bind(text []byte, value any) []byte {
	b.values = append(b.values, value)
	return strconv.AppendInt(append(text, b.placeholder...), int64(len(b.values)), 10)
}

// AppendString implements schema.Dialect.
func (b *binding) AppendString(text []byte, s string) []byte {
	if strings.IndexByte(s, 0) >= 0 {
		return b.Dialect.AppendString(text, s) // bun's error
	}
	return b.bind(text, s)
}

// AppendTime implements schema.Dialect. On SQLite the value is the text that bun writes, with which times are stored. PostgreSQL gets the
// time itself: neither side then writes or reads a text.
func (b *binding) AppendTime(text []byte, t time.Time) []byte {
	if b.postgres {
		return b.bind(text, t)
	}
	literal := b.Dialect.AppendTime(nil, t)
	return b.bind(text, string(literal[1:len(literal)-1]))
}

// AppendJSON implements schema.Dialect.
func (b *binding) AppendJSON(text, value []byte) []byte { return b.bind(text, string(value)) }

// number is an integer that differs from call to call, such as an id. Bound, it is a value like the others.
type number int64

// AppendQuery implements schema.QueryAppender.
func (n number) AppendQuery(gen schema.QueryGen, text []byte) ([]byte, error) {
	b, bound := gen.Dialect().(*binding)
	if !bound {
		return strconv.AppendInt(text, int64(n), 10), nil
	}
	// The type is that of the value, because it may exceed the range of the column that it is compared with.
	return append(b.bind(append(text, "CAST("...), int64(n)), " AS bigint)"...), nil
}

// bind returns the text of a statement and its values.
func (s *Store) bind(query schema.QueryAppender) (text string, values []any, err error) {
	b := &binding{Dialect: s.reader.Dialect(), postgres: s.postgres, placeholder: "?", values: make([]any, 0, 20)}
	if s.postgres {
		b.placeholder = "$"
	}
	gen := schema.NewQueryGen(b).WithNamedArg("task", bun.Ident(s.table))
	rendered, err := query.AppendQuery(gen, nil)
	if s.onBound != nil {
		s.onBound(string(rendered), b.values)
	}
	return string(rendered), b.values, err
}

// rows are the rows of a bound query.
type rows interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
	Close() error
}

// rows runs a bound query on db.
func (s *Store) rows(ctx context.Context, db bun.IDB, query schema.QueryAppender) (rows, error) {
	if s.pool != nil && (db == s.reader || db == s.writer) {
		text, values, err := s.bind(query)
		if err != nil {
			return nil, err
		}
		return s.pool.Query(ctx, db == s.reader, text, values...)
	}
	return s.sqlRows(ctx, db, query)
}

// sqlRows runs a bound query on db by database/sql, for rows that bun scans.
func (s *Store) sqlRows(ctx context.Context, db bun.IDB, query schema.QueryAppender) (*sql.Rows, error) {
	text, values, err := s.bind(query)
	if err != nil {
		return nil, err
	}
	// Bun would take the placeholders for its own.
	if tx, ok := db.(bun.Tx); ok {
		return tx.Tx.QueryContext(ctx, text, values...)
	}
	return db.(*bun.DB).DB.QueryContext(ctx, text, values...)
}

// scan runs a bound query on db and scans its rows into dest, as bun does. A query without rows is not an error.
func (s *Store) scan(ctx context.Context, db bun.IDB, query schema.QueryAppender, dest ...any) error {
	rows, err := s.sqlRows(ctx, db, query)
	if err != nil {
		return err
	}
	return s.reader.ScanRows(ctx, rows, dest...)
}

// first scans the first row of a bound query into dest. It reports false if there is no row.
func (s *Store) first(ctx context.Context, db bun.IDB, query schema.QueryAppender, dest ...any) (bool, error) {
	rows, err := s.rows(ctx, db, query)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	if !rows.Next() {
		return false, rows.Err()
	}
	if err := rows.Scan(dest...); err != nil {
		return false, err
	}
	return true, rows.Close()
}
