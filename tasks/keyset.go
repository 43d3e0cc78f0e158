package tasks

import (
	"bytes"
	"encoding/binary"
	"time"
	"unicode/utf8"

	"taskql/models"
	"taskql/store"
)

// A keyset is encoded as its values and then the id as a varint. Each value is a byte for its kind, and its content.
const (
	kindNull  byte = 'n'
	kindTime  byte = 't' // microseconds since 1970, a varint
	kindText  byte = 's' // length, an unsigned varint, and bytes
	kindInt   byte = 'i' // varint
	kindTrue  byte = 'y'
	kindFalse byte = 'f'
)

// appendKeyset appends the encoded keyset to b.
func appendKeyset(b []byte, keyset store.Keyset) []byte {
	for _, value := range keyset.Values {
		switch value := value.(type) {
		case nil:
			b = append(b, kindNull)
		case time.Time:
			b = binary.AppendVarint(append(b, kindTime), value.UnixMicro())
		case string:
			b = append(binary.AppendUvarint(append(b, kindText), uint64(len(value))), value...)
		case int:
			b = binary.AppendVarint(append(b, kindInt), int64(value))
		case bool:
			kind := kindFalse
			if value {
				kind = kindTrue
			}
			b = append(b, kind)
		}
	}
	return binary.AppendVarint(b, keyset.ID)
}

// decodeKeyset decodes the result of appendKeyset. It reports false for anything else, and for values that no task of
// such a list has: a client can make up cursors, because their checksum is not secret.
func (o order) decodeKeyset(b []byte) (*store.Keyset, bool) {
	r := reader{rest: b, ok: true}
	keyset := &store.Keyset{Values: make([]any, len(o.keys))}
	for i, key := range o.keys {
		keyset.Values[i] = r.value(key.Field)
	}
	keyset.ID = r.varint()
	return keyset, r.ok && bytes.Equal(appendKeyset(nil, *keyset), b)
}

// reader decodes from the left. After the first error, ok stays false.
type reader struct {
	rest []byte
	ok   bool
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.rest)
	r.skip(n)
	return v
}

func (r *reader) skip(n int) {
	if n <= 0 || n > len(r.rest) {
		r.ok, r.rest = false, nil
		return
	}
	r.rest = r.rest[n:]
}

// value decodes a value of the field.
func (r *reader) value(field models.TaskOrderField) any {
	if len(r.rest) == 0 {
		r.ok = false
		return nil
	}
	kind := r.rest[0]
	r.skip(1)
	var value any
	switch kind {
	case kindTime:
		at := time.UnixMicro(r.varint()).UTC()
		if at.Year() < 1 || at.Year() > 9999 {
			r.ok = false
		}
		value = at
	case kindText:
		length, n := binary.Uvarint(r.rest)
		r.skip(n)
		if length > uint64(len(r.rest)) {
			r.ok = false
			return nil
		}
		s := string(r.rest[:length])
		r.rest = r.rest[length:]
		for _, c := range s {
			r.ok = r.ok && c != 0
		}
		r.ok = r.ok && utf8.ValidString(s)
		value = s
	case kindInt:
		value = int(r.varint())
	case kindTrue, kindFalse:
		value = kind == kindTrue
	}
	r.ok = r.ok && fits(field, value)
	return value
}

// fits reports whether value is possible for the field.
func fits(field models.TaskOrderField, value any) bool {
	switch value := value.(type) {
	case nil:
		return field == models.TaskOrderFieldDue || field == models.TaskOrderFieldCompletedAt
	case string:
		return field == models.TaskOrderFieldPosition || field == models.TaskOrderFieldTitle
	case int:
		return field == models.TaskOrderFieldPriority && value >= 1 && value <= 3 || field == models.TaskOrderFieldRelevance && value >= 1
	case bool:
		return field == models.TaskOrderFieldCompleted
	default:
		switch field {
		case models.TaskOrderFieldDue, models.TaskOrderFieldCompletedAt, models.TaskOrderFieldCreatedAt, models.TaskOrderFieldUpdatedAt:
			return true
		}
		return false
	}
}
