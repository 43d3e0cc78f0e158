package tasks

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"

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
		k := store.Key{
			Field: key.Field, Desc: key.Direction == models.OrderDirectionDesc, NullsFirst: key.Nulls == models.NullsOrderFirst,
		}
		o.keys = append(o.keys, k)
		o.scope += fmt.Sprintf("%s %t %t,", k.Field, k.Desc, k.NullsFirst)
	}
	return o, nil
}

// A cursor is the base64url form of: a checksum of what follows and of the order's scope, so that
// a cursor of another user or order is refused; the value of each key; the task's id.
const checksum = 8

func (o order) cursor(t *models.Task) string {
	place := store.Place{ID: t.ID}
	for _, key := range o.keys {
		place.Values = append(place.Values, store.SortValue(t, key.Field))
	}
	b := make([]byte, checksum, 64)
	b = appendPlace(b, place)
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
	b, err := base64.RawURLEncoding.Strict().DecodeString(*cursor)
	if err == nil && !strings.ContainsAny(*cursor, "\r\n") && len(b) >= checksum && string(o.sum(b[checksum:])) == string(b[:checksum]) {
		if place, ok := o.readPlace(b[checksum:]); ok {
			return place, nil
		}
	}
	return nil, &models.Error{
		Code: models.CodeBadCursor, Message: argument + " is not a cursor of this list: it must come from the same user and orderBy.",
	}
}
