package connect

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// resultFormats are the types that PostgreSQL sends in binary form to a prepared statement. All others come as text, which is what
// database/sql can scan.
var resultFormats = pgx.QueryResultFormatsByOID{
	pgtype.BoolOID: pgx.BinaryFormatCode, pgtype.ByteaOID: pgx.BinaryFormatCode, pgtype.DateOID: pgx.BinaryFormatCode,
	pgtype.Float4OID: pgx.BinaryFormatCode, pgtype.Float8OID: pgx.BinaryFormatCode,
	pgtype.Int2OID: pgx.BinaryFormatCode, pgtype.Int4OID: pgx.BinaryFormatCode, pgtype.Int8OID: pgx.BinaryFormatCode,
	pgtype.TimestampOID: pgx.BinaryFormatCode, pgtype.TimestamptzOID: pgx.BinaryFormatCode,
}

// Rows are the rows of a statement. Those of Pool.Query keep their connection until they have been read or closed.
type Rows struct {
	found   pgx.Rows
	results pgx.BatchResults // of which the rows are a part, or nil
	fields  []pgconn.FieldDescription
	types   *pgtype.Map
	ctx     context.Context
	ahead   bool // the first row has been read, but Next has not returned it
	value   Value
	err     error
	closed  bool
	end     func(error) // of Observe
	conn    *conn       // to be given back, or nil
}

// newRows returns the rows of a statement. It reads the first one ahead, because most errors come in its place.
func newRows(ctx context.Context, found pgx.Rows, results pgx.BatchResults, types *pgtype.Map) (*Rows, error) {
	r := &Rows{found: found, results: results, types: types, ctx: ctx}
	if r.ahead = found.Next(); !r.ahead && found.Err() != nil {
		found.Close()
		if results != nil {
			_ = results.Close() // the same error
		}
		return nil, found.Err()
	}
	r.fields = found.FieldDescriptions()
	return r, nil
}

// Next goes to the next row. Without one it closes the rows and returns false.
func (r *Rows) Next() bool {
	if r.ahead {
		r.ahead = false
		return true
	}
	if !r.closed && r.found.Next() {
		return true
	}
	_ = r.Close() // see Err
	return false
}

// Scan stores the columns of the row in dest. A destination with the method ScanValue(*Value) gets the value itself; pgx converts it
// for all others.
func (r *Rows) Scan(dest ...any) error {
	for i, raw := range r.found.RawValues() {
		scanner, ok := dest[i].(valueScanner)
		if !ok {
			if err := r.types.Scan(r.fields[i].DataTypeOID, r.fields[i].Format, raw, dest[i]); err != nil {
				return err
			}
			continue
		}
		if err := r.value.decode(r.types, &r.fields[i], raw); err != nil {
			return err
		}
		if err := scanner.ScanValue(&r.value); err != nil {
			return err
		}
	}
	return nil
}

// Err returns the error that has ended the rows, or nil.
func (r *Rows) Err() error { return r.err }

// Close skips the rows that are left, and returns Err. It may be called twice.
func (r *Rows) Close() error {
	if r.closed {
		return r.err
	}
	r.closed, r.ahead = true, false
	r.found.Close()
	r.err = r.found.Err()
	if r.results != nil {
		r.err = errors.Join(r.err, r.results.Close())
	}
	r.err = explained(r.ctx, r.err)
	r.end(r.err)
	if r.conn != nil {
		_ = r.conn.Close() // it does not fail
	}
	return r.err
}

// driverRows are rows for database/sql. Pgx's own adapter makes a plan and a closure for each column of each statement.
type driverRows struct{ *Rows }

// Columns implements driver.Rows.
func (r driverRows) Columns() []string {
	names := make([]string, len(r.fields))
	for i, field := range r.fields {
		names[i] = field.Name
	}
	return names
}

// Next implements driver.Rows.
func (r driverRows) Next(dest []driver.Value) error {
	if !r.Rows.Next() {
		if r.err != nil {
			return r.err
		}
		return io.EOF
	}
	for i, raw := range r.found.RawValues() {
		if err := r.value.decode(r.types, &r.fields[i], raw); err != nil {
			return err
		}
		dest[i] = r.value.any()
	}
	return nil
}
