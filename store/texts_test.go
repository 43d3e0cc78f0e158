package store

import (
	"strings"
	"testing"
	"time"

	"taskql/store/storetest"
)

// TestTextsAreCountedAgain has another process store a long description. This one learns of it within an hour.
func TestTextsAreCountedAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s, another := mustMigrated(t, url), mustMigrated(t, url)
		fit := func(name string, more int64, want bool) {
			t.Helper()
			if got, err := s.TextsFit(t.Context(), "u", 10, more, 100, time.Now()); got != want || err != nil {
				t.Errorf("%s: %d more bytes fit: %v, want %v (%v)", name, more, got, want, err)
			}
		}
		fit("nothing stored", 60, true)
		mustStore(t, another, "u", "milk", strings.Repeat("x", 60))
		fit("before the next count", 60, true)
		fit("more than all", 101, false)
		fit("after a count that this has caused", 60, false)
		s.GrowTexts("u", 40)
		fit("after adding as many as fit, which were not stored", 40, true)

		mustStore(t, another, "u", "milk", strings.Repeat("x", 41))
		fit("what the other process has stored is not known", 40, true)
		s.SetClock(func() time.Time { return time.Now().Add(recountAfter + time.Minute) })
		fit("an hour later", 1, false)
	})
}
