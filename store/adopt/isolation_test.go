package adopt_test

import (
	"database/sql"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver pgx

	"taskql/store/storetest"
	"taskql/store/storetest/opened"
)

// TestAdoptBesideWriter takes over a table while the old backend commits a task, in a database whose default isolation would hide that
// task from the transaction that takes the table over.
func TestAdoptBesideWriter(t *testing.T) {
	url := storetest.Postgres(t)
	makeMany(t, url, 10)
	old, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	writing, err := old.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = writing.Rollback() }() // usually committed
	const late = `INSERT INTO task (user_id, title, description, priority, tags, completed, created_at, updated_at)
		SELECT 'late', 'late', description, priority, tags, completed, created_at, updated_at FROM task WHERE id = 1`
	if _, err := writing.ExecContext(t.Context(), late); err != nil {
		t.Fatal(err)
	}
	s := opened.Store(t, url+"&default_transaction_isolation=repeatable%20read")
	done := make(chan error, 1)
	go func() {
		_, err := s.Migrate(t.Context())
		done <- err
	}()
	const waits = `SELECT count(*) FROM pg_locks WHERE relation = CAST('task' AS regclass) AND NOT granted`
	for deadline := time.Now().Add(20 * time.Second); storetest.Query(t, url, waits)[0] == "0"; {
		if time.Now().After(deadline) {
			t.Fatal("the migration does not wait for the old backend")
		}
	}
	if err := writing.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	rows := storetest.Query(t, url, "SELECT count(*), count(DISTINCT (user_id, version)), count(DISTINCT (user_id, position)), (SELECT n FROM task_counter WHERE user_id = 'late') FROM task")
	if rows[0] != "11|11|11|1" {
		t.Errorf("tasks, versions, positions and the counter of the late user: %s, want 11|11|11|1", rows[0])
	}
	if next := opened.Task(t, s, "late", "next"); next.Version != 2 {
		t.Errorf("the next task of the late user has version %d, want 2", next.Version)
	}
}
