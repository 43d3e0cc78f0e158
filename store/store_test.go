package store_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"taskql/models"
	"taskql/store"
	"taskql/store/storetest"
	"taskql/store/storetest/opened"
)

// eachDB runs a test on a migrated store of each kind.
func eachDB(t *testing.T, test func(t *testing.T, s *store.Store)) {
	storetest.Each(t, func(t *testing.T, url string) {
		test(t, opened.Migrated(t, url))
	})
}

func TestTaskIsKeptAsGiven(t *testing.T) {
	eachDB(t, func(t *testing.T, s *store.Store) {
		now := time.Date(2026, 2, 28, 23, 59, 59, 123456000, time.UTC)
		notes := "line\nline ' \" \\ ? ?0 ?title <b>&amp; é e\u0301 שלום 👩\u200d👩\u200d👧 $1 :x %_"
		day := models.NewDate(2026, 3, 1)
		want, errs := models.CreateTaskInput{
			Title: "  ünï ' ?  ", Description: &notes, Priority: models.PriorityHigh,
			Tags: []string{"a,b", `q"uote`, "<x>&", "Ä"}, Due: &models.DueInput{Date: &day}, Completed: true,
		}.NewTask("user ' ? \\ é", now)
		if errs != nil {
			t.Fatal(errs)
		}
		if _, err := s.Create(t.Context(), want, 100); err != nil {
			t.Fatal(err)
		}
		got, err := s.Task(t.Context(), want.UserID, want.ID)
		if err != nil || got == nil {
			t.Fatalf("Task = %v, %v", got, err)
		}
		if !got.Same(want) || got.Title != "ünï ' ?" || *got.Description != notes || got.UserID != want.UserID ||
			!got.CreatedAt.Equal(now) || !got.UpdatedAt.Equal(now) || !got.CompletedAt.Equal(now) || got.Version != 1 ||
			got.Position != "h999999999999998" || got.DeletedAt != nil {
			t.Errorf("Task = %+v\nwant %+v", got, want)
		}
	})
}

func TestMigrateAtOnceUpAndDown(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		const servers = 4
		var wg sync.WaitGroup
		for range servers {
			wg.Go(func() {
				s, err := store.Open(context.Background(), store.Options{URL: url})
				if err != nil {
					t.Error(err)
					return
				}
				defer s.Close()
				if _, err := s.Migrate(context.Background()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		s := opened.Store(t, url)
		steps, err := s.Migrations(t.Context())
		if err != nil || len(steps) == 0 || steps[0].AppliedAt == nil {
			t.Fatalf("Migrations = %v, %v", steps, err)
		}
		if done, err := s.Migrate(t.Context()); err != nil || len(done) != 0 {
			t.Errorf("Migrate again = %v, %v, want nothing done", done, err)
		}
		opened.Task(t, s, "u", "x")
		for range steps {
			if name, err := s.MigrateDown(t.Context()); err != nil || name == "" {
				t.Fatalf("MigrateDown = %q, %v", name, err)
			}
		}
		if name, err := s.MigrateDown(t.Context()); err != nil || name != "" {
			t.Errorf("MigrateDown on an empty database = %q, %v", name, err)
		}
		if done, err := s.Migrate(t.Context()); err != nil || len(done) != len(steps) {
			t.Errorf("Migrate after MigrateDown = %v, %v", done, err)
		}
	})
}

func TestApply(t *testing.T) {
	eachDB(t, func(t *testing.T, s *store.Store) {
		now := models.Timestamp(time.Now())
		task := opened.Task(t, s, "u", "x")
		other := opened.Task(t, s, "other", "y")
		steps := []struct {
			change    store.Transition
			happens   bool
			completed bool
			trashed   bool
		}{
			{store.Reopen, false, false, false},
			{store.Restore, false, false, false},
			{store.Complete, true, true, false},
			{store.Complete, false, true, false},
			{store.Toggle, true, false, false},
			{store.Toggle, true, true, false},
			{store.Reopen, true, false, false},
			{store.Delete, true, false, true},
			{store.Delete, false, false, true},
			{store.Complete, false, false, true},
			{store.Toggle, false, false, true},
			{store.Restore, true, false, false},
		}
		version := task.Version
		for i, step := range steps {
			at := now.Add(time.Duration(i) * time.Second)
			got, _, err := s.Apply(t.Context(), step.change, "u", task.ID, nil, at)
			if err != nil {
				t.Fatalf("step %d: %v", i, err)
			}
			if (got != nil) != step.happens {
				t.Fatalf("step %d: Apply = %v, want a task: %v", i, got, step.happens)
			}
			if !step.happens {
				continue
			}
			version++
			if got.Version != version || got.Completed != step.completed || (got.CompletedAt != nil) != step.completed ||
				got.Trashed() != step.trashed || !got.UpdatedAt.Equal(at) || got.Position != task.Position {
				t.Errorf("step %d: Apply = %+v, want version %d, %+v", i, got, version, step)
			}
		}
		if got, _, err := s.Apply(t.Context(), store.Delete, "u", other.ID, nil, now); err != nil || got != nil {
			t.Errorf("Apply to another user's task = %v, %v", got, err)
		}
		old := int(version - 1)
		if got, _, err := s.Apply(t.Context(), store.Toggle, "u", task.ID, &old, now); err != nil || got != nil {
			t.Errorf("Apply with an old version = %v, %v", got, err)
		}
		last := int(version)
		if got, _, err := s.Apply(t.Context(), store.Toggle, "u", task.ID, &last, now); err != nil || got == nil || got.Version != version+1 {
			t.Errorf("Apply with the current version = %v, %v, want version %d: what did not happen took no number", got, err, version+1)
		}
	})
}

func TestUpdate(t *testing.T) {
	eachDB(t, func(t *testing.T, s *store.Store) {
		task := opened.Task(t, s, "u", "before")
		changed := func(change func(*models.Task)) *models.Task {
			next := *task
			next.Title = "after"
			change(&next)
			return &next
		}
		mustNot := func(name string, next *models.Task) {
			t.Helper()
			if id, err := s.Update(t.Context(), task, next); id != (store.ChangeID{}) || err != nil {
				t.Errorf("Update of %s = %v, %v, want none", name, id, err)
			}
			if got, err := s.Task(t.Context(), "u", task.ID); err != nil || got.Title != "before" {
				t.Errorf("after an update of %s: %+v, %v", name, got, err)
			}
		}
		mustNot("another version", changed(func(n *models.Task) { n.Version++ }))
		mustNot("another user's task", changed(func(n *models.Task) { n.UserID = "other" }))
		mustNot("a task that is not there", changed(func(n *models.Task) { n.ID += 100 }))
		trashed, _, err := s.Apply(t.Context(), store.Delete, "u", task.ID, nil, time.Now())
		if err != nil || trashed == nil {
			t.Fatal(trashed, err)
		}
		mustNot("a trashed task", changed(func(n *models.Task) { n.Version = trashed.Version }))
		restored, _, err := s.Apply(t.Context(), store.Restore, "u", task.ID, nil, time.Now())
		if err != nil || restored == nil {
			t.Fatal(restored, err)
		}
		next := changed(func(n *models.Task) { n.Version = restored.Version })
		if id, err := s.Update(t.Context(), task, next); id == (store.ChangeID{}) || err != nil || next.Version != restored.Version+1 || next.Title != "after" {
			t.Errorf("Update = %v, %v, %+v, want version %d", id, err, next, restored.Version+1)
		}
	})
}
