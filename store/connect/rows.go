package connect

import (
	"context"
	"database/sql/driver"
	"encoding/binary"
	"io"
	"math"
	"time"

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

// rows are the rows of a statement. Pgx's own adapter to database/sql makes a plan and a closure for each column of each statement. rows
// decodes the types of the columns of tasks itself, and leaves the others to pgx.
type rows struct {
	rows    pgx.Rows
	results pgx.BatchResults // of which the rows are a part, or nil
	fields  []pgconn.FieldDescription
	types   *pgtype.Map
	ctx     context.Context
	more    bool // there is a row that Next has not returned
}

// newRows returns the rows of a statement. It reads the first one ahead, because most errors come in its place.
func newRows(ctx context.Context, found pgx.Rows, results pgx.BatchResults, types *pgtype.Map) (driver.Rows, error) {
	r := &rows{rows: found, results: results, types: types, ctx: ctx}
	if r.more = found.Next(); !r.more && found.Err() != nil {
		found.Close()
		if results != nil {
			_ = results.Close() // the same error
		}
		return nil, found.Err()
	}
	r.fields = found.FieldDescriptions()
	return r, nil
}

func (r *rows) Columns() []string {
	names := make([]string, len(r.fields))
	for i, field := range r.fields {
		names[i] = field.Name
	}
	return names
}

func (r *rows) Close() error {
	r.rows.Close()
	if r.results != nil {
		return explained(r.ctx, r.results.Close())
	}
	return r.rows.Err()
}

func (r *rows) Next(dest []driver.Value) error {
	if !r.more {
		if err := r.rows.Err(); err != nil {
			return explained(r.ctx, err)
		}
		return io.EOF
	}
	for i, raw := range r.rows.RawValues() {
		var err error
		if dest[i], err = r.value(&r.fields[i], raw); err != nil {
			return err
		}
	}
	r.more = r.rows.Next()
	return nil
}

// epoch is PostgreSQL's, in seconds since 1970.
const epoch = 946_684_800

// value decodes a value of a column.
func (r *rows) value(field *pgconn.FieldDescription, raw []byte) (driver.Value, error) {
	binaryForm := field.Format == pgx.BinaryFormatCode
	switch oid := field.DataTypeOID; {
	case raw == nil:
		return nil, nil
	case !binaryForm && (oid == pgtype.TextOID || oid == pgtype.VarcharOID):
		return string(raw), nil
	case binaryForm && oid == pgtype.BoolOID && len(raw) == 1:
		return raw[0] != 0, nil
	case binaryForm && oid == pgtype.Int8OID && len(raw) == 8:
		return int64(binary.BigEndian.Uint64(raw)), nil
	case binaryForm && oid == pgtype.Int4OID && len(raw) == 4:
		return int64(int32(binary.BigEndian.Uint32(raw))), nil
	case binaryForm && oid == pgtype.TimestamptzOID && len(raw) == 8:
		if micros := int64(binary.BigEndian.Uint64(raw)); micros != math.MinInt64 && micros != math.MaxInt64 { // infinity
			return time.Unix(epoch+micros/1e6, micros%1e6*1000), nil
		}
	}
	known, ok := r.types.TypeForOID(field.DataTypeOID)
	if !ok {
		return string(raw), nil
	}
	return known.Codec.DecodeDatabaseSQLValue(r.types, field.DataTypeOID, field.Format, raw)
}
