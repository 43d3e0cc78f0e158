package tasks

import (
	"bytes"
	"encoding/binary"
	"time"
	"unicode/utf8"

	"taskql/models"
	"taskql/store"
)

// A place in bytes: each value as the letter of its kind and what it takes to say it, then the id.
const (
	nothing byte = 'n'
	instant byte = 't' // microseconds since 1970
	text    byte = 's' // length and bytes
	number  byte = 'i'
	yes     byte = 'y'
	no      byte = 'f'
)

func appendPlace(b []byte, place store.Keyset) []byte {
	for _, value := range place.Values {
		switch value := value.(type) {
		case nil:
			b = append(b, nothing)
		case time.Time:
			b = binary.AppendVarint(append(b, instant), value.UnixMicro())
		case string:
			b = append(binary.AppendUvarint(append(b, text), uint64(len(value))), value...)
		case int:
			b = binary.AppendVarint(append(b, number), int64(value))
		case bool:
			kind := no
			if value {
				kind = yes
			}
			b = append(b, kind)
		}
	}
	return binary.AppendVarint(b, place.ID)
}

// readPlace reads what appendPlace has written, and refuses what no task of such a list has. A
// cursor's checksum is no secret, so that anyone can make one.
func (o order) readPlace(b []byte) (*store.Keyset, bool) {
	r := reader{rest: b, ok: true}
	place := &store.Keyset{Values: make([]any, len(o.keys))}
	for i, key := range o.keys {
		place.Values[i] = r.value(key.Field)
	}
	place.ID = r.varint()
	return place, r.ok && bytes.Equal(appendPlace(nil, *place), b)
}

// reader reads from the left. Once something is wrong, ok stays false.
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

// value reads the value of a field.
func (r *reader) value(field models.TaskOrderField) any {
	if len(r.rest) == 0 {
		r.ok = false
		return nil
	}
	kind := r.rest[0]
	r.skip(1)
	var value any
	switch kind {
	case instant:
		at := time.UnixMicro(r.varint()).UTC()
		if at.Year() < 1 || at.Year() > 9999 {
			r.ok = false
		}
		value = at
	case text:
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
	case number:
		value = int(r.varint())
	case yes, no:
		value = kind == yes
	}
	r.ok = r.ok && fits(field, value)
	return value
}

// fits reports whether a field has values of that kind.
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
