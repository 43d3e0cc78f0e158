package tasks

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"taskql/models"
	"taskql/store"
	"taskql/words"
)

// order is the sort order of one user's list or search, and the scope of its cursors.
type order struct {
	keys []store.Key
	// search is nil if the list has no search.
	search *words.Search
	// scope identifies the user, the search and the keys. A cursor is valid in its own scope only.
	scope string
}

// newOrder returns the order for the sort keys and the search. Without keys, the best match comes first, then the newest
// task. It fails with models.CodeBadUserInput for too many keys, for RELEVANCE without a search, or for a search that is
// too long.
func newOrder(user string, by []*models.TaskOrder, search *string) (order, error) {
	if len(by) > maxKeys {
		return order{}, &models.Error{
			Code: models.CodeBadUserInput, Message: fmt.Sprintf("orderBy takes at most %d keys, not %d.", maxKeys, len(by)),
		}
	}
	o := order{scope: user + "\x00"}
	if search != nil {
		if err := checkText(*search, "search"); err != nil {
			return order{}, err
		}
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
		o.scope += string(k.Field) + " " + strconv.FormatBool(k.Desc) + " " + strconv.FormatBool(k.NullsFirst) + ","
	}
	return o, nil
}

// checksumSize is the length of the checksum of a cursor or sync token, in bytes.
//
// A cursor is the base64url encoding of a checksum and an encoded store.Keyset. The checksum covers the keyset and the
// scope of the order, so that a cursor of another user, order or search is rejected. It is not secret: a client can
// compute it and make up cursors.
const checksumSize = 8

// cursor returns the cursor of a task in the list. relevance is used only if RELEVANCE is a key.
func (o order) cursor(t *models.Task, relevance int) string {
	keyset := store.Keyset{ID: t.ID}
	for _, key := range o.keys {
		if key.Field == models.TaskOrderFieldRelevance {
			keyset.Values = append(keyset.Values, relevance)
		} else {
			keyset.Values = append(keyset.Values, store.SortValue(t, key.Field))
		}
	}
	b := make([]byte, checksumSize, 64)
	b = appendKeyset(b, keyset)
	copy(b, o.sum(b[checksumSize:]))
	return base64.RawURLEncoding.EncodeToString(b)
}

// sum returns the checksum of an encoded keyset.
func (o order) sum(values []byte) []byte {
	sum := sha256.Sum256(append([]byte(o.scope), values...))
	return sum[:checksumSize]
}

// parseCursor decodes a cursor; nil is decoded as nil. It fails with models.CodeBadCursor, and the message contains the name
// of the argument.
func (o order) parseCursor(cursor *string, argument string) (*store.Keyset, error) {
	if cursor == nil {
		return nil, nil
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(*cursor)
	if err == nil && !strings.ContainsAny(*cursor, "\r\n") && len(b) >= checksumSize && string(o.sum(b[checksumSize:])) == string(b[:checksumSize]) {
		if keyset, ok := o.decodeKeyset(b[checksumSize:]); ok {
			return keyset, nil
		}
	}
	return nil, &models.Error{
		Code: models.CodeBadCursor, Message: argument + " is not a cursor of this list: it must come from the same user, orderBy and search.",
	}
}
