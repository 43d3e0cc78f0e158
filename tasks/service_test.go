package tasks_test

import (
	"context"
	"testing"
	"time"

	"taskql/auth"
	"taskql/models"
	"taskql/store"
	"taskql/store/storetest"
	"taskql/tasks"
)

// eachDB runs a test on a service over a database of each kind. Its clock stands still until moved.
func eachDB(t *testing.T, test func(t *testing.T, s *tasks.Service, clock *time.Time)) {
	storetest.Each(t, func(t *testing.T, url string) {
		db, err := store.Open(t.Context(), url, "")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		if _, err := db.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		clock := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		test(t, &tasks.Service{Store: db, Now: func() time.Time { return clock }}, &clock)
	})
}

func as(ctx context.Context, user string) context.Context {
	return auth.NewContext(ctx, &auth.User{ID: user})
}

func mustCreate(ctx context.Context, t *testing.T, s *tasks.Service, title string) *models.Task {
	t.Helper()
	write, err := s.Create(ctx, models.CreateTaskInput{Title: title, Priority: models.PriorityMedium})
	if err != nil {
		t.Fatal(err)
	}
	return write.Task
}

func ptr[T any](v T) *T { return &v }
