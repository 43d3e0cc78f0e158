package store

import (
	"testing"
	"time"

	"taskql/models"
	"taskql/store/storetest"
)

// TestChangesWhileForgetting has another process forget a removal before each statement of Changes in turn. The client learns of the removal, or
// that it has missed some.
func TestChangesWhileForgetting(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s, another := mustMigrated(t, url), mustMigrated(t, url)
		now := models.Timestamp(time.Now())
		for at, ran := 1, 1; ran >= at; at++ {
			task := mustStore(t, another, "u", "milk", "")
			if _, _, err := another.Apply(t.Context(), Delete, "u", task.ID, nil, now); err != nil {
				t.Fatal(err)
			}
			after, err := another.Number(t.Context(), "u")
			if err != nil {
				t.Fatal(err)
			}
			purge := func(s *Store) error {
				_, _, err := s.Purge(t.Context(), "u", WithIDs([]int64{task.ID}), 1, now)
				return err
			}
			if err := another.Transaction(t.Context(), "u", purge); err != nil {
				t.Fatal(err)
			}
			ran = 0
			s.onBound = func(string, []any) {
				if ran++; ran == at {
					forget := func(s *Store) error { return s.PurgeExpired(t.Context(), "u", now.Add(2*tombstonesFor)) }
					if err := another.Transaction(t.Context(), "u", forget); err != nil {
						t.Error(err)
					}
				}
			}
			feed, changes, err := s.Changes(t.Context(), "u", after, 0, 10)
			if err != nil {
				t.Fatal(err)
			}
			if feed.Forgotten <= after && (len(changes) != 1 || changes[0].TaskID != task.ID) {
				t.Errorf("before statement %d: the changes after %d are %v, and those up to %d are forgotten", at, after, changes, feed.Forgotten)
			}
			if at == 1 && feed.Forgotten <= after {
				t.Error("nothing was forgotten")
			}
		}
	})
}
