package store_test

import (
	"testing"
	"time"

	"taskql/models"
	"taskql/store"
	"taskql/store/storetest"
	"taskql/store/storetest/opened"
)

// TestClockAhead writes with a server whose clock is a month ahead of PostgreSQL's. Nothing may expire by that clock alone: neither
// the trash, which would be lost for good, nor idempotency keys.
func TestClockAhead(t *testing.T) {
	s := opened.Store(t, storetest.Postgres(t))
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.TrashFor = 30 * 24 * time.Hour
	now := models.Timestamp(time.Now())
	month := now.Add(31 * 24 * time.Hour)
	trashed, task := opened.Task(t, s, "u", "trashed"), opened.Task(t, s, "u", "x")
	if _, _, err := s.Apply(t.Context(), store.Delete, "u", trashed.ID, nil, now); err != nil {
		t.Fatal(err)
	}
	once := func(now time.Time) (first *store.Use) {
		t.Helper()
		first, err := s.Once(t.Context(), "u", "key", now, func(inside *store.Store) (*store.Use, error) {
			return &store.Use{Request: "r"}, inside.PurgeExpired(t.Context(), "u", now)
		})
		if err != nil {
			t.Fatal(err)
		}
		return first
	}
	once(now)
	write := func() (kept bool) {
		t.Helper()
		if _, _, err := s.Apply(t.Context(), store.Toggle, "u", task.ID, nil, month); err != nil {
			t.Fatal(err)
		}
		found, err := s.Task(t.Context(), "u", trashed.ID)
		if err != nil {
			t.Fatal(err)
		}
		return found != nil
	}
	s.SetClock(func() time.Time { return month })
	if !write() {
		t.Error("a server with a wrong clock has emptied the trash")
	}
	if once(month) == nil {
		t.Error("a server with a wrong clock has forgotten an idempotency key")
	}
	s.SetClock(time.Now) // the clocks agree, and a month passes
	if once(month) != nil {
		t.Error("an idempotency key is kept for a month")
	}
	if write() {
		t.Error("the trash is not emptied after a month")
	}
}
