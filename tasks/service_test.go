package tasks_test

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"taskql/auth"
	"taskql/events"
	"taskql/models"
	"taskql/store"
	"taskql/store/storetest"
	"taskql/store/storetest/opened"
	"taskql/tasks"
)

// eachDB runs test with a service on each kind of database, on both at the same time. The clock changes only if the test
// sets it.
func eachDB(t *testing.T, test func(t *testing.T, s *tasks.Service, clock *time.Time)) {
	storetest.Each(t, func(t *testing.T, url string) {
		t.Parallel()
		clock := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		s := newService(opened.Migrated(t, url))
		s.Now = func() time.Time { return clock }
		test(t, s, &clock)
	})
}

func newService(db *store.Store) *tasks.Service {
	return &tasks.Service{
		Store: db, MaxTasks: 100_000, Now: time.Now,
		MaxFollowed: 3, DatabaseID: "a database", Events: events.NewBus(nil, db.Numbers, slog.New(slog.DiscardHandler)),
	}
}

func as(ctx context.Context, user string) context.Context {
	return auth.NewContext(ctx, &auth.User{ID: user})
}

func mustCreate(ctx context.Context, t *testing.T, s *tasks.Service, title string) *models.Task {
	t.Helper()
	write, err := s.Create(ctx, models.CreateTaskInput{Title: title, Priority: models.PriorityMedium}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return write.Task
}

// TestUpdatesOfDifferentFieldsAtOnce checks that no change is lost if concurrent writers change different fields of a task.
func TestUpdatesOfDifferentFieldsAtOnce(t *testing.T) {
	eachDB(t, func(t *testing.T, s *tasks.Service, _ *time.Time) {
		ctx := as(t.Context(), "u")
		id := strconv.FormatInt(mustCreate(ctx, t, s, "x").ID, 10)
		day := models.NewDate(2026, 5, 1)
		inputs := []models.UpdateTaskInput{
			{Title: graphql.OmittableOf(ptr("title"))},
			{Description: graphql.OmittableOf(ptr("description"))},
			{Priority: graphql.OmittableOf(ptr(models.PriorityHigh))},
			{Tags: graphql.OmittableOf([]string{"tag"})},
			{Due: graphql.OmittableOf(&models.DueInput{Date: &day})},
			{Completed: graphql.OmittableOf(ptr(true))},
		}
		var wg sync.WaitGroup
		for _, input := range inputs {
			wg.Go(func() {
				if _, err := s.Update(ctx, id, input, nil, nil); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		got, err := s.Get(ctx, id)
		if err != nil || got.Title != "title" || got.Description == nil || got.Priority != models.PriorityHigh ||
			len(got.Tags) != 1 || got.Due == nil || !got.Completed || got.Version < 7 {
			t.Errorf("after all updates: %+v, %v", got, err)
		}
	})
}

// TestVerdictsOfTransitions checks the order of the checks: id, trash, version, and then whether there is anything to change.
func TestVerdictsOfTransitions(t *testing.T) {
	type call func(ctx context.Context, s *tasks.Service, id string, version *int) (*tasks.Write, error)
	restore := func(ctx context.Context, s *tasks.Service, id string, _ *int) (*tasks.Write, error) {
		return s.Restore(ctx, id)
	}
	complete := func(ctx context.Context, s *tasks.Service, id string, v *int) (*tasks.Write, error) {
		return s.Complete(ctx, id, v, nil)
	}
	reopen := func(ctx context.Context, s *tasks.Service, id string, v *int) (*tasks.Write, error) {
		return s.Reopen(ctx, id, v, nil)
	}
	remove := func(ctx context.Context, s *tasks.Service, id string, v *int) (*tasks.Write, error) {
		return s.Delete(ctx, id, v)
	}
	update := func(ctx context.Context, s *tasks.Service, id string, v *int) (*tasks.Write, error) {
		return s.Update(ctx, id, models.UpdateTaskInput{Title: graphql.OmittableOf(ptr(""))}, v, nil)
	}
	eachDB(t, func(t *testing.T, s *tasks.Service, _ *time.Time) {
		ctx := as(t.Context(), "u")
		old := ptr(1) // only the first task has this version
		cases := []struct {
			name    string
			prepare []call
			call    call
			version *int
			want    string
		}{
			{"complete an open task", nil, complete, nil, "written"},
			{"complete a done task", []call{complete}, complete, nil, "nothing to do"},
			{"complete a done task of another version", []call{complete}, complete, old, "VERSION_CONFLICT"},
			{"reopen an open task", nil, reopen, nil, "nothing to do"},
			{"reopen an open task of another version", nil, reopen, old, "VERSION_CONFLICT"},
			{"complete a trashed task", []call{remove}, complete, old, "IN_TRASH"},
			{"delete a trashed task", []call{remove}, remove, nil, "nothing to do"},
			{"delete a trashed task of another version", []call{remove}, remove, old, "VERSION_CONFLICT"},
			{"restore a trashed task", []call{remove}, restore, nil, "written"},
			{"restore a task outside the trash", nil, restore, nil, "nothing to do"},
			{"update a trashed task of another version, badly", []call{remove}, update, old, "IN_TRASH"},
			{"update a task of another version, badly", nil, update, old, "VERSION_CONFLICT"},
			{"update a task badly", nil, update, nil, "BLANK"},
		}
		mustCreate(ctx, t, s, "the first")
		for _, c := range cases {
			id := strconv.FormatInt(mustCreate(ctx, t, s, "x").ID, 10)
			for _, prepare := range c.prepare {
				if write, err := prepare(ctx, s, id, nil); err != nil || !write.Written {
					t.Fatal(c.name, write, err)
				}
			}
			before, err := s.Get(ctx, id)
			if err != nil {
				t.Fatal(err)
			}
			write, err := c.call(ctx, s, id, c.version)
			var refused models.UserErrors
			got := "nothing to do"
			if errors.As(err, &refused) {
				got = string(models.Detail(refused[0]).Code)
			} else if err != nil {
				t.Fatal(c.name, err)
			} else if write.Written {
				got = "written"
			}
			after, err := s.Get(ctx, id)
			if err != nil || got != c.want || (after.Version == before.Version) != (c.want != "written") {
				t.Errorf("%s: %s, version %d → %d, want %s", c.name, got, before.Version, after.Version, c.want)
			}
		}
	})
}

func ptr[T any](v T) *T { return &v }
