package tasks_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"taskql/models"
	"taskql/store/storetest"
	"taskql/store/storetest/opened"
	"taskql/tasks"
)

// verdict returns "written", "not written", or the codes and paths of the errors of a write.
func verdict(t *testing.T, write *tasks.Write, err error) string {
	t.Helper()
	var refused models.UserErrors
	switch {
	case errors.As(err, &refused):
		var all []string
		for _, e := range refused {
			d := models.Detail(e)
			all = append(all, string(d.Code)+" "+strings.Join(d.Field, "."))
		}
		return strings.Join(all, ", ")
	case err != nil:
		t.Fatal(err)
	case write.Written:
		return "written"
	}
	return "not written"
}

// TestRetry sends each kind of write twice with one key, with equal and with different arguments.
func TestRetry(t *testing.T) {
	type call func(ctx context.Context, s *tasks.Service, id string, key *string) (*tasks.Write, error)
	create := func(input models.CreateTaskInput) call {
		input.Priority = models.PriorityMedium
		return func(ctx context.Context, s *tasks.Service, _ string, key *string) (*tasks.Write, error) {
			return s.Create(ctx, input, nil, key)
		}
	}
	update := func(input models.UpdateTaskInput, version *int) call {
		return func(ctx context.Context, s *tasks.Service, id string, key *string) (*tasks.Write, error) {
			return s.Update(ctx, id, input, version, key)
		}
	}
	toggle := func(version *int) call {
		return func(ctx context.Context, s *tasks.Service, id string, key *string) (*tasks.Write, error) {
			return s.Toggle(ctx, id, version, key)
		}
	}
	complete := func(ctx context.Context, s *tasks.Service, id string, key *string) (*tasks.Write, error) {
		return s.Complete(ctx, id, nil, key)
	}
	reopen := func(ctx context.Context, s *tasks.Service, id string, key *string) (*tasks.Write, error) {
		return s.Reopen(ctx, id, nil, key)
	}
	elsewhere := func(call call) call { // the same call for another task
		return func(ctx context.Context, s *tasks.Service, _ string, key *string) (*tasks.Write, error) {
			return call(ctx, s, "1", key)
		}
	}
	title := models.UpdateTaskInput{Title: graphql.OmittableOf(ptr("new"))}
	day, local := models.NewDate(2026, 5, 1), time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	const reused = "IDEMPOTENCY_KEY_REUSED idempotencyKey"
	cases := []struct {
		name        string
		first, then call
		want, again string
	}{
		{"create", create(models.CreateTaskInput{Title: "x"}), nil, "written", "not written"},
		{"create with another title", create(models.CreateTaskInput{Title: "x"}), create(models.CreateTaskInput{Title: "y"}), "written", reused},
		{"create with a description", create(models.CreateTaskInput{Title: "x"}), create(models.CreateTaskInput{Title: "x", Description: ptr("")}), "written", reused},
		{
			"create with another kind of due date", create(models.CreateTaskInput{Title: "x", Due: &models.DueInput{Date: &day}}),
			create(models.CreateTaskInput{Title: "x", Due: &models.DueInput{Local: &local}}), "written", reused,
		},
		{"another operation", create(models.CreateTaskInput{Title: "x"}), complete, "written", reused},
		{"a refused create after a good one", create(models.CreateTaskInput{Title: "x"}), create(models.CreateTaskInput{}), "written", "BLANK input.title"},
		{"a good create after a refused one", create(models.CreateTaskInput{}), create(models.CreateTaskInput{Title: "x"}), "BLANK input.title", "written"},
		{"update", update(title, nil), nil, "written", "not written"},
		{"update with a version", update(title, ptr(2)), nil, "written", "not written"},
		{"update with another version", update(title, ptr(2)), update(title, ptr(3)), "written", reused},
		{"update with no version", update(title, ptr(2)), update(title, nil), "written", reused},
		{"update of another task", update(title, nil), elsewhere(update(title, nil)), "written", reused},
		{"update with more fields", update(title, nil), update(models.UpdateTaskInput{
			Title: title.Title, Completed: graphql.OmittableOf(ptr(false)),
		}, nil), "written", reused},
		// An omitted field differs from null.
		{"update with null", update(title, nil), update(models.UpdateTaskInput{
			Title: title.Title, Due: graphql.OmittableOf[*models.DueInput](nil),
		}, nil), "written", reused},
		{"update that changes nothing", update(models.UpdateTaskInput{}, nil), nil, "not written", "not written"},
		{"a good update after a refused one", update(models.UpdateTaskInput{Title: graphql.OmittableOf(ptr(""))}, nil), update(title, nil), "BLANK input.title", "written"},
		{"a good update after a conflict", update(title, ptr(77)), update(title, nil), "VERSION_CONFLICT expectedVersion", "written"},
		{"toggle", toggle(nil), nil, "written", "not written"},
		{"toggle with a version", toggle(ptr(2)), nil, "written", "not written"},
		{"toggle with another version", toggle(ptr(2)), toggle(ptr(3)), "written", reused},
		{"toggle after a conflict", toggle(ptr(77)), toggle(nil), "VERSION_CONFLICT expectedVersion", "written"},
		{"toggle of another task", toggle(nil), elsewhere(toggle(nil)), "written", reused},
		{"complete", complete, nil, "written", "not written"},
		{"complete, then toggle", complete, toggle(nil), "written", reused},
		{"reopen what is open", reopen, nil, "not written", "not written"},
		{"reopen what is open, then complete", reopen, complete, "not written", reused},
	}
	eachDB(t, func(t *testing.T, s *tasks.Service, _ *time.Time) {
		for i, c := range cases {
			ctx := as(t.Context(), fmt.Sprint("user of case ", i))
			mustCreate(ctx, t, s, "the first") // its version is 1
			id, key := strconv.FormatInt(mustCreate(ctx, t, s, "x").ID, 10), ptr("a key of 16 or more")
			if c.then == nil {
				c.then = c.first
			}
			first, err := c.first(ctx, s, id, key)
			want := verdict(t, first, err)
			before := all(ctx, t, s)
			second, err := c.then(ctx, s, id, key)
			again := verdict(t, second, err)
			if want != c.want || again != c.again {
				t.Errorf("%s: %s, again: %s, want %s, %s", c.name, want, again, c.want, c.again)
				continue
			}
			if again != "written" && !reflect.DeepEqual(all(ctx, t, s), before) {
				t.Errorf("%s: the second request has changed something", c.name)
			}
			if again == "not written" && !reflect.DeepEqual(first.Task, second.Task) {
				t.Errorf("%s: the second request returns %+v, the first %+v", c.name, second.Task, first.Task)
			}
		}
	})
}

// all returns the user's stored tasks.
func all(ctx context.Context, t *testing.T, s *tasks.Service) []*models.Task {
	t.Helper()
	page, err := s.List(ctx, tasks.ListArgs{Trash: models.TrashScopeInclude})
	if err != nil {
		t.Fatal(err)
	}
	return page.Nodes
}

// TestRetryReturnsTheTaskAsItIs changes the task between the first request and its retry.
func TestRetryReturnsTheTaskAsItIs(t *testing.T) {
	eachDB(t, func(t *testing.T, s *tasks.Service, _ *time.Time) {
		ctx, key := as(t.Context(), "u"), ptr("a key of 16 or more")
		create := func(ctx context.Context, key *string) (*models.Task, string) {
			t.Helper()
			write, err := s.Create(ctx, models.CreateTaskInput{Title: "x", Priority: models.PriorityLow}, nil, key)
			got := verdict(t, write, err)
			if write == nil {
				return nil, got
			}
			return write.Task, got
		}
		first, _ := create(ctx, key)
		id := strconv.FormatInt(first.ID, 10)
		if _, err := s.Update(ctx, id, models.UpdateTaskInput{Title: graphql.OmittableOf(ptr("changed"))}, nil, nil); err != nil {
			t.Fatal(err)
		}
		if task, got := create(ctx, key); got != "not written" || task.ID != first.ID || task.Title != "changed" {
			t.Errorf("after a change: %s, %+v", got, task)
		}
		if _, err := s.Delete(ctx, id, nil); err != nil {
			t.Fatal(err)
		}
		if task, got := create(ctx, key); got != "not written" || task.ID != first.ID || !task.Trashed() {
			t.Errorf("in the trash: %s, %+v, want the task as it lies", got, task)
		}
		if task, got := create(as(ctx, "another user"), key); got != "written" || task.ID == first.ID || task.UserID != "another user" {
			t.Errorf("another user's: %s, %+v, want a task of their own", got, task)
		}
	})
}

// TestRetryOfToggleInTrash checks that a retry succeeds even if the task is in the trash by then.
func TestRetryOfToggleInTrash(t *testing.T) {
	eachDB(t, func(t *testing.T, s *tasks.Service, _ *time.Time) {
		ctx, key := as(t.Context(), "u"), ptr("a key of 16 or more")
		id := strconv.FormatInt(mustCreate(ctx, t, s, "x").ID, 10)
		if write, err := s.Toggle(ctx, id, nil, key); verdict(t, write, err) != "written" {
			t.Fatal(write, err)
		}
		if _, err := s.Delete(ctx, id, nil); err != nil {
			t.Fatal(err)
		}
		if write, err := s.Toggle(ctx, id, nil, key); verdict(t, write, err) != "not written" || !write.Task.Completed || !write.Task.Trashed() {
			t.Errorf("the toggle again = %+v, %v", write, err)
		}
		if write, err := s.Toggle(ctx, id, nil, ptr("another key of 16")); verdict(t, write, err) != "IN_TRASH id" {
			t.Errorf("another toggle = %+v, %v, want IN_TRASH", write, err)
		}
	})
}

// TestRetryAfterTheTaskIsGone removes the task between the first request and its retry.
func TestRetryAfterTheTaskIsGone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s := &tasks.Service{Store: opened.Migrated(t, url), MaxTasks: 100_000, Now: time.Now}
		ctx, key := as(t.Context(), "u"), ptr("a key of 16 or more")
		create := func() (*tasks.Write, error) {
			return s.Create(ctx, models.CreateTaskInput{Title: "x", Priority: models.PriorityLow}, nil, key)
		}
		if write, err := create(); verdict(t, write, err) != "written" {
			t.Fatal(write, err)
		}
		driver, address := "pgx", url
		if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
			driver, address = "sqlite", path
		}
		db, err := sql.Open(driver, address)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.ExecContext(ctx, "DELETE FROM task"); err != nil {
			t.Fatal(err)
		}
		_, err = create()
		var refused models.UserErrors
		if got := verdict(t, nil, err); got != "NOT_FOUND idempotencyKey" || !errors.As(err, &refused) || refused[0].(models.TaskNotFound).TaskID != "1" {
			t.Errorf("Create again = %v, want NOT_FOUND of task 1", err)
		}
	})
}

// TestKeyExpires moves the service's clock to the end of a key's lifetime.
func TestKeyExpires(t *testing.T) {
	eachDB(t, func(t *testing.T, s *tasks.Service, clock *time.Time) {
		ctx, key, start := as(t.Context(), "u"), ptr("a key of 16 or more"), *clock
		for _, step := range []struct {
			at   time.Duration
			want string
		}{
			{0, "written"},
			{24*time.Hour - time.Microsecond, "not written"},
			{24 * time.Hour, "written"},
			{48*time.Hour - time.Microsecond, "not written"},
		} {
			*clock = start.Add(step.at)
			write, err := s.Create(ctx, models.CreateTaskInput{Title: "x", Priority: models.PriorityLow}, nil, key)
			if got := verdict(t, write, err); got != step.want {
				t.Errorf("after %s: %s, want %s", step.at, got, step.want)
			}
		}
		*clock = start.Add(96 * time.Hour)
		write, err := s.Create(ctx, models.CreateTaskInput{Title: "y", Priority: models.PriorityLow}, nil, key)
		if got := verdict(t, write, err); got != "written" {
			t.Errorf("with other arguments after the key's time: %s, want written", got)
		}
	})
}

func TestLengthOfKey(t *testing.T) {
	eachDB(t, func(t *testing.T, s *tasks.Service, _ *time.Time) {
		ctx := as(t.Context(), "u")
		id := strconv.FormatInt(mustCreate(ctx, t, s, "x").ID, 10)
		for key, want := range map[string]string{
			"":                        "TOO_SHORT idempotencyKey",
			strings.Repeat("x", 15):   "TOO_SHORT idempotencyKey",
			strings.Repeat("é", 15):   "TOO_SHORT idempotencyKey",
			strings.Repeat("x", 16):   "written",
			strings.Repeat("🔑", 128):  "written",
			strings.Repeat("x", 128):  "written",
			strings.Repeat("x", 129):  "TOO_LONG idempotencyKey",
			"sixteen or more\x00more": "INVALID_FORMAT idempotencyKey",
			"sixteen or more\xffmore": "INVALID_FORMAT idempotencyKey",
			`'; ? ?key \ ' " $1 :x %`: "written",
		} {
			if write, err := s.Toggle(ctx, id, nil, &key); verdict(t, write, err) != want {
				t.Errorf("Toggle with the key %.20q = %s, want %s", key, verdict(t, write, err), want)
			}
		}
		_, err := s.Create(ctx, models.CreateTaskInput{Priority: models.PriorityLow}, nil, ptr("short"))
		if got := verdict(t, nil, err); got != "BLANK input.title, TOO_SHORT idempotencyKey" {
			t.Errorf("Create with a bad title and a bad key = %s, want both", got)
		}
	})
}
