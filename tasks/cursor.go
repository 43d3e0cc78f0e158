package tasks

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"

	"taskql/models"
	"taskql/store"
	"taskql/words"
)

// order is the order of one user's list or search, with what its cursors are bound to.
type order struct {
	keys []store.Key
	// search is nil without one.
	search *words.Search
	// scope names the user, the search and the keys.
	scope string
}

// newOrder reads the sort keys and the search; without keys, the best match comes first, then the newest.
func newOrder(user string, by []*models.TaskOrder, search *string) (order, error) {
	if len(by) > maxKeys {
		return order{}, &models.Error{
			Code: models.CodeBadUserInput, Message: fmt.Sprintf("orderBy takes at most %d keys, not %d.", maxKeys, len(by)),
		}
	}
	o := order{scope: user + "\x00"}
	if search != nil {
		if o.search = words.Parse(*search); o.search != nil {
			o.scope += fmt.Sprintf("%q ", *search)
		}
	}
	if len(by) == 0 {
		by = []*models.TaskOrder{{Field: models.TaskOrderFieldCreatedAt, Direction: models.OrderDirectionDesc}}
		if o.search != nil {
			by = append([]*models.TaskOrder{{Field: models.TaskOrderFieldRelevance, Direction: models.OrderDirectionDesc}}, by...)
		}
	}
	for _, key := range by {
		if key.Field == models.TaskOrderFieldRelevance && o.search == nil {
			return order{}, &models.Error{Code: models.CodeBadUserInput, Message: "orderBy takes RELEVANCE only with a search."}
		}
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

// cursor is the bookmark of a task in the list. Its relevance matters in a search only.
func (o order) cursor(t *models.Task, relevance int) string {
	place := store.Keyset{ID: t.ID}
	for _, key := range o.keys {
		if key.Field == models.TaskOrderFieldRelevance {
			place.Values = append(place.Values, relevance)
		} else {
			place.Values = append(place.Values, store.SortValue(t, key.Field))
		}
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
func (o order) place(cursor *string, argument string) (*store.Keyset, error) {
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
		Code: models.CodeBadCursor, Message: argument + " is not a cursor of this list: it must come from the same user, orderBy and search.",
	}
}
