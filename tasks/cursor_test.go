package tasks

import (
	"errors"
	"math"
	"testing"
	"time"

	"taskql/models"
)

func mustOrder(t testing.TB) order {
	t.Helper()
	o, err := newOrder("u", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// TestMadeUpCursors has cursors whose checksum is right, because anyone can work it out.
func TestMadeUpCursors(t *testing.T) {
	o := mustOrder(t)
	for _, at := range []int64{math.MinInt64, math.MaxInt64, time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()} {
		cursor := o.cursor(&models.Task{ID: 1, CreatedAt: time.UnixMicro(at)}, 0)
		var coded *models.Error
		if _, err := o.place(&cursor, "after"); !errors.As(err, &coded) || coded.Code != models.CodeBadCursor {
			t.Errorf("place of a cursor at %d = %v, want %s", at, err, models.CodeBadCursor)
		}
	}
}

func FuzzCursor(f *testing.F) {
	o := mustOrder(f)
	f.Add(o.cursor(&models.Task{ID: 7, CreatedAt: time.Unix(1, 0)}, 0))
	f.Add("")
	f.Add("AAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, text string) {
		place, err := o.place(&text, "after")
		if err != nil {
			return
		}
		// What is taken is what was given out.
		if again := o.cursor(&models.Task{ID: place.ID, CreatedAt: place.Values[0].(time.Time)}, 0); again != text {
			t.Errorf("place(%q) is that of %q", text, again)
		}
	})
}
