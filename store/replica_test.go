package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"taskql/models"
	"taskql/store"
	"taskql/store/storetest"
	"taskql/store/storetest/opened"
)

// newReplica returns a store and the address of its replica: another database with the same state. Nothing is copied to it, so that each test chooses
// what it has.
func newReplica(t *testing.T) (s *store.Store, url, replica string) {
	t.Helper()
	return newReplicaWithin(t, store.Limits{})
}

// newReplicaWithin is newReplica with limits.
func newReplicaWithin(t *testing.T, limits store.Limits) (s *store.Store, url, replica string) {
	t.Helper()
	url, replica = storetest.Postgres(t), storetest.Postgres(t)
	opened.Migrated(t, url)
	opened.Migrated(t, replica)
	id := storetest.Query(t, url, "SELECT value FROM task_setting WHERE name = 'database_id'")[0]
	storetest.Exec(t, replica, "UPDATE task_setting SET value = '"+id+"' WHERE name = 'database_id'")
	s, err := store.Open(t.Context(), store.Options{URL: url, ReplicaURL: replica, Limits: limits})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, url, replica
}

// setCounter makes the counter of a user the same as that of the store.
func setCounter(t *testing.T, url, replica, user string) {
	t.Helper()
	row := strings.Split(storetest.Query(t, url, "SELECT n, era FROM task_counter WHERE user_id = '"+user+"'")[0], "|")
	storetest.Exec(t, replica, fmt.Sprintf(`INSERT INTO task_counter (user_id, n, era) VALUES ('%s', %s, %s)
		ON CONFLICT (user_id) DO UPDATE SET n = excluded.n, era = excluded.era`, user, row[0], row[1]))
}

// from reports how many tasks of the user a read finds.
func found(t *testing.T, s *store.Store, user string) (n int) {
	t.Helper()
	err := s.Read(t.Context(), user, func(ctx context.Context, db *store.Store) (err error) {
		n, err = db.Count(ctx, user, models.TrashScopeExclude, 100)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// mustUse waits until the replica is used or not.
func mustUse(t *testing.T, s *store.Store, want bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		found(t, s, "nobody")
		if r, configured := s.Replica(); configured && r.Up == want {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the replica is not as it should be: used %v", want)
		}
	}
}

// TestReadFromReplica has a replica that is empty: a read that finds a task was answered by the database.
func TestReadFromReplica(t *testing.T) {
	t.Parallel()
	s, url, replica := newReplica(t)
	if err := s.BeginEra(t.Context()); err != nil {
		t.Fatal(err)
	}
	task := opened.Task(t, s, "u", "x")
	mustUse(t, s, true)
	if n := found(t, s, "u"); n != 1 {
		t.Errorf("the replica has not the user's counter yet, and a read finds %d tasks", n)
	}
	setCounter(t, url, replica, "u")
	for deadline := time.Now().Add(time.Minute); found(t, s, "u") != 0; {
		if time.Now().After(deadline) {
			t.Fatal("the replica has the same state and is not used")
		}
	}
	if r, _ := s.Replica(); r.Served == 0 || r.Behind == 0 {
		t.Errorf("Replica = %+v", r)
	}
	// The same number of another history, and a higher number of the same one, which the database has lost.
	for _, other := range []string{"era = era + 1", "n = n + 1"} {
		storetest.Exec(t, replica, "UPDATE task_counter SET "+other)
		if n := found(t, s, "u"); n != 1 {
			t.Errorf("a replica with %s is used", other)
		}
		setCounter(t, url, replica, "u")
	}
	err := s.Transaction(t.Context(), "u", func(inside *store.Store) error {
		if n := found(t, inside, "u"); n != 1 {
			t.Error("a transaction reads from the replica")
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	// Reads within one call are of one moment, as good as one statement.
	mustUse(t, s, true)
	err = s.Read(t.Context(), "u", func(ctx context.Context, db *store.Store) error {
		if db == s {
			t.Log("the machine is too busy for the replica")
			return nil
		}
		before, err := db.Count(ctx, "u", models.TrashScopeExclude, 100)
		storetest.Exec(t, replica, fmt.Sprintf(`INSERT INTO task (user_id, title, completed, created_at, updated_at, priority, tags, position, version)
			VALUES ('u', 'late', false, now(), now(), 'LOW', '[]', 'm', %d)`, task.Version))
		after, again := db.Count(ctx, "u", models.TrashScopeExclude, 100)
		if before != 0 || after != 0 {
			t.Errorf("the tasks were %d and then %d", before, after)
		}
		return errors.Join(err, again)
	})
	if err != nil {
		t.Error(err)
	}
}

// TestReplicaFails has reads fail on the replica, and the replica lack a migration.
func TestReplicaFails(t *testing.T) {
	t.Parallel()
	s, _, replica := newReplica(t)
	// onReplica has a read do something on the replica, which a busy machine may take too long for at first.
	onReplica := func(timeout time.Duration, do func(context.Context) error) error {
		for {
			mustUse(t, s, true)
			ctx, cancel := context.WithTimeout(t.Context(), timeout)
			done := false
			err := s.Read(ctx, "u", func(ctx context.Context, db *store.Store) error {
				if db == s {
					return ctx.Err()
				}
				done = true
				return do(ctx)
			})
			if cancel(); done {
				return err
			}
		}
	}
	for _, failure := range []error{models.ErrUnavailable, errors.New("another one")} {
		if err := onReplica(time.Minute, func(context.Context) error { return failure }); err != nil {
			t.Errorf("after %v on the replica, a read = %v", failure, err)
		}
	}
	silent := func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	}
	if err := onReplica(2*time.Second, silent); err != nil {
		t.Errorf("a read from a replica that no longer answers = %v", err)
	}
	canceled, cancel := context.WithCancel(t.Context())
	calls := 0
	err := s.Read(canceled, "u", func(ctx context.Context, _ *store.Store) error {
		calls++
		cancel()
		return ctx.Err()
	})
	if !errors.Is(err, context.Canceled) || calls != 1 {
		t.Errorf("a canceled read = %v, after %d calls", err, calls)
	}

	name := storetest.Query(t, replica, "DELETE FROM task_migration WHERE name = (SELECT max(name) FROM task_migration) RETURNING name")[0]
	if err := s.CheckReplica(t.Context()); err == nil || !strings.Contains(err.Error(), "migrations") {
		t.Errorf("CheckReplica of a replica without a migration = %v", err)
	}
	served, _ := s.Replica()
	found(t, s, "u")
	if now, _ := s.Replica(); now.Served != served.Served {
		t.Error("a replica without a migration is used")
	}
	storetest.Exec(t, replica, "INSERT INTO task_migration VALUES ('"+name+"', now())")
	if err := s.CheckReplica(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestReplicaShare has reads of a user take that user's share of the replica's connections, while another one waits for it. That one is answered by
// the database, and the replica stays in use.
func TestReplicaShare(t *testing.T) {
	t.Parallel()
	s, _, _ := newReplicaWithin(t, store.Limits{Conns: 8, User: func(context.Context) string { return "u" }})
	mustUse(t, s, true)
	fromReplica := false
	for !fromReplica { // a busy machine may take too long for the replica
		mustUse(t, s, true)
		err := s.Read(t.Context(), "u", func(ctx context.Context, db *store.Store) error {
			if fromReplica = db != s; !fromReplica {
				return nil
			}
			err := s.Read(t.Context(), "u", func(_ context.Context, db *store.Store) error {
				if db != s {
					t.Error("one user has more than its share")
				}
				return nil
			})
			if r, _ := s.Replica(); !r.Up {
				t.Error("the replica is no longer used")
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
