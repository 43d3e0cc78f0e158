package store

import (
	"testing"
	"time"
)

// MaxRemoved is maxRemoved.
const MaxRemoved = maxRemoved

// IdempotencyKeys are the keys that are kept of a user's.
func (s *Store) IdempotencyKeys(tb testing.TB, user string) (keys []string) {
	tb.Helper()
	if err := s.read.NewRaw("SELECT key FROM task_idempotency WHERE user_id = ? ORDER BY key", user).Scan(tb.Context(), &keys); err != nil {
		tb.Fatal(err)
	}
	return keys
}

// Waiting is how many wait for another's transaction on connections of a name to end; on SQLite for the one connection.
func (s *Store) Waiting(tb testing.TB, name string) int {
	tb.Helper()
	if !s.postgres {
		return s.writer.Stats().OpenConnections - 1 // which counts those who wait
	}
	var n int
	err := s.read.NewRaw("SELECT count(*) FROM pg_stat_activity WHERE application_name = ? AND wait_event_type = 'Lock'", name).Scan(tb.Context(), &n)
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

// ReservedNames is reservedNames.
var ReservedNames = reservedNames

// SetClock sets the clock of the process.
func (s *Store) SetClock(clock func() time.Time) { s.clock = clock }
