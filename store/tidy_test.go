package store

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"taskql/models"
	"taskql/store/storetest"
)

// mustExec runs a statement.
func mustExec(tb testing.TB, s *Store, statement string) {
	tb.Helper()
	if _, err := s.writer.NewRaw(statement).Exec(tb.Context()); err != nil {
		tb.Fatal(err)
	}
}

// mustWaitForLock waits until a statement with a part waits for a lock. done has the result of its caller, who must not be done before.
func mustWaitForLock(tb testing.TB, s *Store, part string, done <-chan error) {
	tb.Helper()
	const waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE ?"
	deadline := time.After(time.Minute)
	for mustCount(tb, s, waiting, "%"+part+"%") == 0 {
		select {
		case err := <-done:
			tb.Fatalf("a statement with %q has not waited for a lock: %v", part, err)
		case <-deadline:
			tb.Fatalf("no statement with %q waits for a lock", part)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// refuseTerms has PostgreSQL refuse every row of task_search, which tidying after creates needs, and no create does.
const refuseTerms = `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no terms today''; END';
	CREATE TRIGGER refuse BEFORE INSERT ON task_search FOR EACH ROW EXECUTE FUNCTION refuse()`

// TestTidyFails has creates succeed whose tidying fails, tells about that once, and tidies later.
func TestTidyFails(t *testing.T) {
	var notices []string
	s := mustMigrated(t, storetest.Postgres(t))
	s.notice = func(message string) { notices = append(notices, message) }
	mustExec(t, s, refuseTerms)
	const recent = "SELECT count(*) FROM task_search_recent"
	for range 2 * mergeEvery {
		mustStore(t, s, "u", "milk", "")
	}
	if n := mustCount(t, s, recent); n != 2*mergeEvery {
		t.Errorf("%d tasks are recent, want all %d", n, 2*mergeEvery)
	}
	if len(notices) != 1 || !strings.Contains(notices[0], "no terms today") {
		t.Errorf("the notices are %q, want one with the reason", notices)
	}
	mustExec(t, s, "DROP TRIGGER refuse ON task_search")
	for range mergeEvery {
		mustStore(t, s, "u", "milk", "")
	}
	if n := mustCount(t, s, recent); n != 0 {
		t.Errorf("later, %d tasks are recent, want none", n)
	}
	if s.untidy.Load() {
		t.Error("a success is not noted")
	}
}

// TestTidyInTransaction has tidying within a transaction end with the context of the transaction.
func TestTidyInTransaction(t *testing.T) {
	s := mustMigrated(t, storetest.Postgres(t))
	for range mergeEvery - 1 {
		mustStore(t, s, "u", "milk", "")
	}
	blocker, err := s.writer.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer blocker.Rollback()
	if _, err := blocker.ExecContext(t.Context(), "LOCK TABLE task_search IN SHARE MODE"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- s.Transaction(ctx, "u", func(s *Store) error {
			now := models.Timestamp(time.Now())
			_, err := s.Create(ctx, &models.Task{UserID: "u", Title: "milk", Priority: models.PriorityLow, CreatedAt: now, UpdatedAt: now}, 100_000)
			return err
		})
	}()
	mustWaitForLock(t, s, "INSERT INTO task_search ", done)
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("the transaction ends with %v, want the end of its context", err)
	}
}
