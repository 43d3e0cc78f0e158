package tasks

import (
	"encoding/base64"
	"errors"
	"math"
	"testing"
	"time"

	"taskql/models"
	"taskql/store"
	"taskql/store/storetest"
	"taskql/store/storetest/opened"
)

func mustOrder(t testing.TB, by ...*models.TaskOrder) order {
	t.Helper()
	o, err := newOrder("u", by, nil)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// forged returns the cursor with the given bytes as its keyset. The checksum is valid, because any client can compute it.
func (o order) forged(keyset []byte) string {
	return base64.RawURLEncoding.EncodeToString(append(o.sum(keyset), keyset...))
}

func TestMadeUpCursors(t *testing.T) {
	by := func(field models.TaskOrderField) order { return mustOrder(t, &models.TaskOrder{Field: field}) }
	at := func(micros int64) time.Time { return time.UnixMicro(micros) }
	cases := []struct {
		name  string
		order order
		value any
		good  bool
	}{
		{"a time", by(models.TaskOrderFieldCreatedAt), at(1), true},
		{"a time before year 1", by(models.TaskOrderFieldCreatedAt), at(math.MinInt64), false},
		{"a time after year 9999", by(models.TaskOrderFieldCreatedAt), at(math.MaxInt64), false},
		{"the first moment after year 9999", by(models.TaskOrderFieldUpdatedAt), time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), false},
		{"no time of creation", by(models.TaskOrderFieldCreatedAt), nil, false},
		{"no due date", by(models.TaskOrderFieldDue), nil, true},
		{"not done", by(models.TaskOrderFieldCompletedAt), nil, true},
		{"text for a due date", by(models.TaskOrderFieldDue), "infinity", false},
		{"a title", by(models.TaskOrderFieldTitle), "ä", true},
		{"a title with NUL", by(models.TaskOrderFieldTitle), "a\x00", false},
		{"a title that is no UTF-8", by(models.TaskOrderFieldTitle), "\xff", false},
		{"no title", by(models.TaskOrderFieldTitle), nil, false},
		{"a time for a title", by(models.TaskOrderFieldTitle), at(1), false},
		{"a position", by(models.TaskOrderFieldPosition), "h1", true},
		{"a number for a position", by(models.TaskOrderFieldPosition), 1, false},
		{"a priority", by(models.TaskOrderFieldPriority), 3, true},
		{"priority 0", by(models.TaskOrderFieldPriority), 0, false},
		{"priority 4", by(models.TaskOrderFieldPriority), 4, false},
		{"done", by(models.TaskOrderFieldCompleted), true, true},
		{"a number for done", by(models.TaskOrderFieldCompleted), 1, false},
	}
	for _, c := range cases {
		cursor := c.order.forged(appendKeyset(nil, store.Keyset{Values: []any{c.value}, ID: 1}))
		_, err := c.order.parseCursor(&cursor, "after")
		var coded *models.Error
		if c.good != (err == nil) || err != nil && (!errors.As(err, &coded) || coded.Code != models.CodeBadCursor) {
			t.Errorf("%s: place = %v, good = %v", c.name, err, c.good)
		}
	}
}

// FuzzCursor forges cursors of any order from any bytes. An accepted cursor must be one that appendKeyset encodes, and the
// database must accept its values.
func FuzzCursor(f *testing.F) {
	db := opened.Migrated(f, storetest.SQLite(f))
	fields := []models.TaskOrderField{
		models.TaskOrderFieldPosition, models.TaskOrderFieldDue, models.TaskOrderFieldPriority, models.TaskOrderFieldTitle,
		models.TaskOrderFieldCompleted, models.TaskOrderFieldCompletedAt, models.TaskOrderFieldCreatedAt, models.TaskOrderFieldUpdatedAt,
	}
	// orders decodes an order from a number. Each byte is a key: three bits for the field, one each for Desc and NullsFirst.
	orders := func(tb testing.TB, number uint32) order {
		var by []*models.TaskOrder
		for ; number > 0; number >>= 8 {
			key := &models.TaskOrder{Field: fields[number&7], Direction: models.OrderDirectionAsc, Nulls: models.NullsOrderLast}
			if number&8 != 0 {
				key.Direction = models.OrderDirectionDesc
			}
			if number&16 != 0 {
				key.Nulls = models.NullsOrderFirst
			}
			by = append(by, key)
		}
		return mustOrder(tb, by...)
	}
	now := time.Unix(1_000_000_000, 0)
	for _, task := range []*models.Task{
		{ID: 7, CreatedAt: now, Priority: models.PriorityLow, Title: "Ä\n'", Position: "h1"},
		{ID: math.MaxInt64, CompletedAt: &now, Due: &now, Completed: true, Title: "infinity"},
	} {
		for number := range uint32(32) {
			number |= 0x20 | number<<11 | number<<21
			cursor := orders(f, number).cursor(task, 0)
			place, err := base64.RawURLEncoding.DecodeString(cursor)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(number, cursor, place[checksumSize:])
		}
	}
	f.Add(uint32(0), "", []byte{})
	f.Add(uint32(0), "AAAAAAAAAAA", []byte{'n', 0})
	f.Fuzz(func(t *testing.T, number uint32, text string, bytes []byte) {
		o := orders(t, number)
		for _, cursor := range []string{text, o.forged(bytes)} {
			place, err := o.parseCursor(&cursor, "after")
			if err != nil {
				continue
			}
			if again := o.forged(appendKeyset(nil, *place)); again != cursor {
				t.Errorf("place(%q) is that of %q", cursor, again)
			}
			for _, q := range []store.Query{{After: place}, {Before: place, FromEnd: true}, {After: place, Before: place, Preceding: true, Following: true}} {
				q.User, q.Order, q.Trash, q.Limit = "u", o.keys, models.TrashScopeExclude, 1
				if _, err := db.List(t.Context(), q); err != nil {
					t.Errorf("a list after %+v: %v", place, err)
				}
			}
		}
	})
}
