package tasks

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"taskql/models"
	"taskql/store"
)

// order is the order of one user's list, with what its cursors are bound to.
type order struct {
	keys []store.Key
	// scope names the user and the keys.
	scope string
}

// newOrder reads the sort keys; newest first when there are none.
func newOrder(user string, by []*models.TaskOrder) (order, error) {
	if len(by) > maxKeys {
		return order{}, &models.Error{
			Code: models.CodeBadUserInput, Message: fmt.Sprintf("orderBy takes at most %d keys, not %d.", maxKeys, len(by)),
		}
	}
	if len(by) == 0 {
		by = []*models.TaskOrder{{Field: models.TaskOrderFieldCreatedAt, Direction: models.OrderDirectionDesc}}
	}
	o := order{scope: user + "\x00"}
	for _, key := range by {
		desc := key.Direction == models.OrderDirectionDesc
		o.keys = append(o.keys, store.Key{Field: key.Field, Desc: desc})
		// Where nulls go makes no difference to these keys, which always have a value.
		o.scope += fmt.Sprintf("%s %t,", key.Field, desc)
	}
	return o, nil
}

// A cursor is the base64url form of: a checksum of what follows and of the order's scope, so that
// a cursor of another user or order is refused; the value of each key; the task's id.
const checksum = 8

func (o order) cursor(t *models.Task) string {
	b := make([]byte, checksum, checksum+(len(o.keys)+1)*binary.MaxVarintLen64)
	for _, key := range o.keys {
		b = binary.AppendVarint(b, sortTime(t, key.Field).UnixMicro())
	}
	b = binary.AppendVarint(b, t.ID)
	copy(b, o.sum(b[checksum:]))
	return base64.RawURLEncoding.EncodeToString(b)
}

func (o order) sum(values []byte) []byte {
	sum := sha256.Sum256(append([]byte(o.scope), values...))
	return sum[:checksum]
}

// place reads a cursor, nil when there is none; argument is its name for the error.
func (o order) place(cursor *string, argument string) (*store.Place, error) {
	if cursor == nil {
		return nil, nil
	}
	bad := &models.Error{
		Code: models.CodeBadCursor, Message: argument + " is not a cursor of this list: it must come from the same user and orderBy.",
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(*cursor)
	if err != nil || strings.ContainsAny(*cursor, "\r\n") || len(b) < checksum || string(o.sum(b[checksum:])) != string(b[:checksum]) {
		return nil, bad
	}
	b = b[checksum:]
	next := func() int64 {
		v, n := binary.Varint(b)
		if n <= 0 {
			n, err = 0, bad
		}
		b = b[n:]
		return v
	}
	place := &store.Place{Values: make([]time.Time, len(o.keys))}
	for i := range o.keys {
		place.Values[i] = time.UnixMicro(next()).UTC()
	}
	place.ID = next()
	for _, at := range place.Values {
		if at.Year() < 1 || at.Year() > 9999 { // which no task has, and no database takes
			err = bad
		}
	}
	if err != nil || len(b) > 0 {
		return nil, bad
	}
	return place, nil
}

// sortTime is the value a task is sorted by.
func sortTime(t *models.Task, field models.TaskOrderField) time.Time {
	if field == models.TaskOrderFieldUpdatedAt {
		return t.UpdatedAt
	}
	return t.CreatedAt
}
