package connect

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// Value is the value of a column. It is valid until the next one is read: database/sql needs an interface for each value, and memory for most of
// them.
type Value struct {
	kind   kind
	raw    []byte // a text as PostgreSQL sent it
	text   string // another text
	number int64  // an integer, or 1 for true
	time   time.Time
	other  any
}

// valueScanner is a destination of Rows.Scan that copies what it needs of a value.
type valueScanner interface {
	ScanValue(*Value) error
}

// kind is what a value is.
type kind int

const (
	kindNull kind = iota
	kindRaw
	kindText
	kindInteger
	kindBoolean
	kindTime
	kindOther
)

// Set sets the value to one of database/sql.
func (v *Value) Set(value any) {
	switch value := value.(type) {
	case nil:
		v.kind = kindNull
	case string:
		v.kind, v.text = kindText, value
	case int64:
		v.kind, v.number = kindInteger, value
	case bool:
		v.setBool(value)
	case time.Time:
		v.kind, v.time = kindTime, value
	default:
		v.kind, v.other = kindOther, value
	}
}

func (v *Value) setBool(value bool) {
	v.kind, v.number = kindBoolean, 0
	if value {
		v.number = 1
	}
}

// any returns the value for database/sql.
func (v *Value) any() any {
	switch v.kind {
	case kindNull:
		return nil
	case kindRaw:
		return string(v.raw)
	case kindText:
		return v.text
	case kindInteger:
		return v.number
	case kindBoolean:
		return v.number != 0
	case kindTime:
		return v.time
	default:
		return v.other
	}
}

// IsNull reports whether the value is NULL.
func (v *Value) IsNull() bool { return v.kind == kindNull }

// Is reports whether the value is this text, without a copy of it.
func (v *Value) Is(text string) bool {
	return v.kind == kindRaw && string(v.raw) == text || v.kind == kindText && v.text == text
}

// Text returns a text. It fails for other values.
func (v *Value) Text() (string, error) {
	switch v.kind {
	case kindRaw:
		return string(v.raw), nil
	case kindText:
		return v.text, nil
	}
	if bytes, ok := v.other.([]byte); ok && v.kind == kindOther {
		return string(bytes), nil
	}
	return "", v.isNo("text")
}

// Integer returns an integer. It fails for other values.
func (v *Value) Integer() (int64, error) {
	if v.kind != kindInteger {
		return 0, v.isNo("integer")
	}
	return v.number, nil
}

// Boolean returns a boolean, which is an integer on SQLite. It fails for other values.
func (v *Value) Boolean() (bool, error) {
	if v.kind != kindBoolean && v.kind != kindInteger {
		return false, v.isNo("boolean")
	}
	return v.number != 0, nil
}

// Time returns a time. It reports false for other values.
func (v *Value) Time() (time.Time, bool) { return v.time, v.kind == kindTime }

// isNo is the error of a value of another type. It is without the value, which may be a user's text.
func (v *Value) isNo(wanted string) error {
	return fmt.Errorf("connect: a column is %T, no %s", v.any(), wanted)
}

// epoch is PostgreSQL's, in seconds since 1970.
const epoch = 946_684_800

// decode sets the value to that of a column. It decodes the types of the columns of tasks itself, and leaves the others to pgx.
func (v *Value) decode(types *pgtype.Map, field *pgconn.FieldDescription, raw []byte) error {
	binaryForm := field.Format == pgx.BinaryFormatCode
	switch oid := field.DataTypeOID; {
	case raw == nil:
		v.kind = kindNull
		return nil
	case !binaryForm && (oid == pgtype.TextOID || oid == pgtype.VarcharOID):
		v.kind, v.raw = kindRaw, raw
		return nil
	case binaryForm && oid == pgtype.BoolOID && len(raw) == 1:
		v.setBool(raw[0] != 0)
		return nil
	case binaryForm && oid == pgtype.Int8OID && len(raw) == 8:
		v.kind, v.number = kindInteger, int64(binary.BigEndian.Uint64(raw))
		return nil
	case binaryForm && oid == pgtype.Int4OID && len(raw) == 4:
		v.kind, v.number = kindInteger, int64(int32(binary.BigEndian.Uint32(raw)))
		return nil
	case binaryForm && oid == pgtype.TimestamptzOID && len(raw) == 8:
		if micros := int64(binary.BigEndian.Uint64(raw)); micros != math.MinInt64 && micros != math.MaxInt64 { // infinity
			v.kind, v.time = kindTime, time.Unix(epoch+micros/1e6, micros%1e6*1000)
			return nil
		}
	}
	known, ok := types.TypeForOID(field.DataTypeOID)
	if !ok {
		v.kind, v.raw = kindRaw, raw
		return nil
	}
	value, err := known.Codec.DecodeDatabaseSQLValue(types, field.DataTypeOID, field.Format, raw)
	v.Set(value)
	return err
}
