// Package opened gives tests open stores and tasks in them. It is no part of storetest, because the store's own tests
// import that.
package opened

import (
	"testing"
	"time"

	"taskql/models"
	"taskql/store"
)

// Store opens the database at an address, which is closed when the test ends.
func Store(tb testing.TB, url string) *store.Store {
	tb.Helper()
	s, err := store.Open(tb.Context(), store.Options{URL: url})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

// Migrated is Store after all migrations.
func Migrated(tb testing.TB, url string) *store.Store {
	tb.Helper()
	s := Store(tb, url)
	if _, err := s.Migrate(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	return s
}

// Task creates a task of a user, who may have a hundred.
func Task(tb testing.TB, s *store.Store, user, title string) *models.Task {
	tb.Helper()
	task, errs := models.CreateTaskInput{Title: title, Priority: models.PriorityMedium}.NewTask(user, models.Timestamp(time.Now()))
	if errs != nil {
		tb.Fatal(errs)
	}
	if _, err := s.Create(tb.Context(), task, 100); err != nil {
		tb.Fatal(err)
	}
	return task
}
