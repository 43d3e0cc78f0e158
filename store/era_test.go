package store

import (
	"context"
	"errors"
	"testing"

	"taskql/models"
	"taskql/store/storetest"
)

// TestWriteThatWaitsWhileAnEraBegins has a write of a process wait for a counter, which another process meanwhile takes into an era that the
// first does not know.
func TestWriteThatWaitsWhileAnEraBegins(t *testing.T) {
	url := storetest.Postgres(t)
	s, other := mustMigrated(t, url), mustMigrated(t, url)
	mustStore(t, s, "u", "first", "")
	mustStore(t, other, "u", "second", "")
	known := s.era.Load()
	ctx, done := t.Context(), make(chan error, 1)
	var waited *models.Task
	var inside ChangeID
	err := other.Transaction(ctx, "u", func(other *Store) (err error) {
		go func() {
			waited = &models.Task{UserID: "u", Title: "waits", Priority: models.PriorityLow}
			_, err := s.Create(ctx, waited, 1000)
			done <- err
		}()
		mustWaitForLock(t, s, "task_counter", done)
		if err := other.BeginEra(ctx); err != nil {
			return err
		}
		inside, err = other.Create(ctx, &models.Task{UserID: "u", Title: "inside", Priority: models.PriorityLow}, 1000)
		return err
	})
	if err := errors.Join(err, <-done); err != nil {
		t.Fatal(err)
	}
	if inside.Era == known || s.era.Load() != inside.Era || waited.Version != inside.Number+1 {
		t.Errorf("the write that waited has the number %d and its process the era %d, after %+v", waited.Version, s.era.Load(), inside)
	}
	if feed, err := s.Feed(ctx, "u"); err != nil || len(feed.eras) != 2 {
		t.Errorf("the counter lists %v, %v, want two eras", feed.eras, err)
	}
}

// TestFirstWriteOfNothing has the first write of a user who has no task leave the evidence of the process's last write.
func TestFirstWriteOfNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s := mustMigrated(t, url)
		task := mustStore(t, s, "u", "x", "")
		for _, user := range []string{"new", "newer"} {
			if written, _, err := s.Apply(t.Context(), Toggle, user, task.ID, nil, task.CreatedAt); written != nil || err != nil {
				t.Fatal(written, err)
			}
			if last := s.committed.Load(); last == nil || last.id.Number != task.Version {
				t.Errorf("after the first write of %s, the last write is %+v", user, last)
			}
		}
	})
}

// TestManyNumbersInANewEra has a transaction take several numbers with its first statement in an era.
func TestManyNumbersInANewEra(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s, ctx := mustMigrated(t, url), context.Background()
		first := mustStore(t, s, "u", "x", "")
		if err := s.BeginEra(ctx); err != nil {
			t.Fatal(err)
		}
		tasks := []*models.Task{{UserID: "u", Title: "a"}, {UserID: "u", Title: "b"}, {UserID: "u", Title: "c"}}
		err := s.Transaction(ctx, "u", func(s *Store) error {
			for _, task := range tasks {
				task.Priority = models.PriorityLow
			}
			return s.CreateAll(ctx, "u", tasks)
		})
		if err != nil {
			t.Fatal(err)
		}
		feed, err := s.Feed(ctx, "u")
		if err != nil {
			t.Fatal(err)
		}
		for i, task := range tasks {
			if task.Version < first.Version+minJump || i > 0 && task.Version != tasks[i-1].Version+1 || !feed.Has(ChangeID{task.Version, s.era.Load()}) {
				t.Errorf("after %d, task %d has the number %d in the history %+v", first.Version, i, task.Version, feed)
			}
		}
		if feed.Number != tasks[2].Version {
			t.Errorf("the history %+v does not end with %d", feed, tasks[2].Version)
		}
	})
}

// TestFilePutBackUnderAServer puts an SQLite file back to a copy that is younger than the server's era, but older than the user's first write
// in it. Nothing but the counter's era tells of that.
func TestFilePutBackUnderAServer(t *testing.T) {
	s, ctx := mustMigrated(t, storetest.SQLite(t)), t.Context()
	mustStore(t, s, "u", "x", "")
	if err := s.BeginEra(ctx); err != nil {
		t.Fatal(err)
	}
	mustStore(t, s, "v", "x", "") // the server knows the era now
	for _, statement := range []string{"CREATE TABLE counters AS SELECT * FROM task_counter", "CREATE TABLE tasks AS SELECT id FROM task"} {
		if _, err := s.write.NewRaw(statement).Exec(ctx); err != nil {
			t.Fatal(err)
		}
	}
	mustStore(t, s, "u", "lost", "")
	lost := s.committed.Load().id
	for _, statement := range []string{
		"DELETE FROM task_counter", "INSERT INTO task_counter SELECT * FROM counters", "DELETE FROM task WHERE id NOT IN (SELECT id FROM tasks)",
	} {
		if _, err := s.write.NewRaw(statement).Exec(ctx); err != nil {
			t.Fatal(err)
		}
	}
	again := mustStore(t, s, "u", "again", "")
	if feed, err := s.Feed(ctx, "u"); err != nil || feed.Has(lost) || again.Version == lost.Number {
		t.Errorf("after %+v was lost, the history %+v, %v, goes on with %d", lost, feed, err, again.Version)
	}
}
