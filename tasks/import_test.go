package tasks_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"taskql/models"
	"taskql/tasks"
)

func fromFile(source string) *models.ImportTaskInput {
	return &models.ImportTaskInput{Source: source, CreateTaskInput: models.CreateTaskInput{Title: source, Priority: models.PriorityMedium}}
}

// manual returns the titles of the user's tasks in the manual order.
func manual(ctx context.Context, t *testing.T, s *tasks.Service) string {
	t.Helper()
	first := tasks.MaxPage
	page, err := s.List(ctx, tasks.ListArgs{First: &first, Order: []*models.TaskOrder{{Field: models.TaskOrderFieldPosition, Direction: models.OrderDirectionAsc}}})
	if err != nil {
		t.Fatal(err)
	}
	var titles []string
	for _, task := range page.Nodes {
		titles = append(titles, task.Title)
	}
	return strings.Join(titles, " ")
}

func mustImport(ctx context.Context, t *testing.T, i *tasks.Importer, inputs ...*models.ImportTaskInput) []models.UserErrors {
	t.Helper()
	refused, err := i.Import(ctx, inputs)
	if err != nil {
		t.Fatal(err)
	}
	return refused
}

func (c counts) want(t *testing.T, what string, i *tasks.Importer) {
	t.Helper()
	if got := (counts{i.Made, i.Known}); got != c {
		t.Errorf("%s: %d made and %d known, want %d and %d", what, got.made, got.known, c.made, c.known)
	}
}

type counts struct{ made, known int }

func TestImport(t *testing.T) {
	eachDB(t, func(t *testing.T, s *tasks.Service, _ *time.Time) {
		ctx := as(t.Context(), "u")
		mustCreate(ctx, t, s, "own")
		top := &tasks.Importer{Service: s}
		refused := mustImport(ctx, t, top, fromFile("a"), fromFile(" "), fromFile("b"), fromFile("a"))
		if refused[0] != nil || refused[2] != nil || refused[3] != nil || len(refused[1]) != 1 || models.Detail(refused[1][0]).Code != models.UserErrorCodeBlank {
			t.Errorf("refused %v, want the blank title", refused)
		}
		counts{2, 1}.want(t, "the first batch", top)
		bottom := &tasks.Importer{Service: s, AtBottom: true}
		mustImport(ctx, t, bottom, fromFile("b"), fromFile("c"), fromFile("d"))
		mustImport(ctx, t, bottom, fromFile("e"))
		counts{3, 1}.want(t, "the list", bottom)
		if got := manual(ctx, t, s); got != "b a own c d e" {
			t.Errorf("in manual order the tasks are %q", got)
		}

		// A source counts as imported even after its task was changed or removed.
		for _, task := range all(ctx, t, s) {
			if _, err := s.Delete(ctx, fmt.Sprint(task.ID), nil); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.EmptyTrash(ctx); err != nil {
			t.Fatal(err)
		}
		mustImport(ctx, t, top, fromFile("a"), fromFile("b"), fromFile("c"))
		counts{2, 4}.want(t, "after all is gone", top)
		// Imports of one user do not count for another.
		other := &tasks.Importer{Service: s}
		mustImport(as(t.Context(), "v"), t, other, fromFile("a"), fromFile("b"))
		counts{2, 0}.want(t, "another user", other)
	})
}

// TestImportOfOwnTasks imports the user's own export, and one of another database.
func TestImportOfOwnTasks(t *testing.T) {
	eachDB(t, func(t *testing.T, s *tasks.Service, clock *time.Time) {
		ctx := as(t.Context(), "u")
		task := mustCreate(ctx, t, s, "own")
		again := fromFile("again")
		again.ID, again.CreatedAt = task.ID, &task.CreatedAt
		later := clock.Add(time.Microsecond)
		other := fromFile("other")
		other.ID, other.CreatedAt = task.ID, &later
		i := &tasks.Importer{Service: s}
		mustImport(ctx, t, i, again, other)
		counts{1, 1}.want(t, "the user's export", i)
		// A task in the trash is known. A permanently removed task is created again.
		if _, err := s.Delete(ctx, fmt.Sprint(task.ID), nil); err != nil {
			t.Fatal(err)
		}
		mustImport(ctx, t, i, again)
		counts{1, 2}.want(t, "in the trash", i)
		if _, err := s.EmptyTrash(ctx); err != nil {
			t.Fatal(err)
		}
		mustImport(ctx, t, i, again)
		counts{2, 2}.want(t, "after it is gone", i)
		mustImport(ctx, t, i, again)
		counts{2, 3}.want(t, "once more", i)
	})
}

func TestImportedTimes(t *testing.T) {
	eachDB(t, func(t *testing.T, s *tasks.Service, clock *time.Time) {
		ctx := as(t.Context(), "u")
		at := func(days int) *time.Time { at := clock.AddDate(0, 0, -days); return &at }
		for name, tt := range map[string]struct {
			done                        bool
			created, updated, completed *time.Time
			want                        [3]*time.Time
		}{
			"none":              {false, nil, nil, nil, [3]*time.Time{clock, clock, nil}},
			"none, done":        {true, nil, nil, nil, [3]*time.Time{clock, clock, clock}},
			"all":               {true, at(3), at(1), at(2), [3]*time.Time{at(3), at(1), at(2)}},
			"done when updated": {true, at(3), at(1), nil, [3]*time.Time{at(3), at(1), at(1)}},
			"created":           {false, at(3), nil, nil, [3]*time.Time{at(3), clock, nil}},
		} {
			in := fromFile(name)
			in.Completed, in.CreatedAt, in.UpdatedAt, in.CompletedAt = tt.done, tt.created, tt.updated, tt.completed
			if refused := mustImport(ctx, t, &tasks.Importer{Service: s}, in); refused[0] != nil {
				t.Errorf("%s: %v", name, refused)
				continue
			}
			task := all(ctx, t, s)[0]
			for _, other := range all(ctx, t, s) {
				if other.Title == name {
					task = other
				}
			}
			for i, got := range []*time.Time{&task.CreatedAt, &task.UpdatedAt, task.CompletedAt} {
				if want := tt.want[i]; (got == nil) != (want == nil) || got != nil && !got.Equal(*want) {
					t.Errorf("%s: time %d is %v, want %v", name, i, got, want)
				}
			}
		}
		in := fromFile("open")
		in.CompletedAt = at(1)
		if refused := mustImport(ctx, t, &tasks.Importer{Service: s}, in); len(refused[0]) != 1 || models.Detail(refused[0][0]).Field[1] != "completedAt" {
			t.Errorf("an open task that was done = %v", refused)
		}
	})
}

func TestImportWithinTheQuota(t *testing.T) {
	eachDB(t, func(t *testing.T, s *tasks.Service, _ *time.Time) {
		s.MaxTasks = 5
		ctx := as(t.Context(), "u")
		i := &tasks.Importer{Service: s}
		mustImport(ctx, t, i, fromFile("a"), fromFile("b"), fromFile("c"))
		_, err := i.Import(ctx, []*models.ImportTaskInput{fromFile("d"), fromFile("e"), fromFile("f")})
		var refused models.UserErrors
		if !errors.As(err, &refused) || models.Detail(refused[0]).Code != models.UserErrorCodeQuotaExceeded {
			t.Errorf("Import beyond the quota = %v", err)
		}
		counts{3, 0}.want(t, "beyond the quota", i)
		// Nothing of the rejected batch is stored or counts as imported. Known tasks do not count for the quota.
		mustImport(ctx, t, i, fromFile("a"), fromFile("b"), fromFile("d"), fromFile("e"))
		counts{5, 2}.want(t, "as many as there may be", i)

		dry := &tasks.Importer{Service: s, DryRun: true}
		mustImport(ctx, t, dry, fromFile("a"), fromFile("b"))
		counts{0, 2}.want(t, "known ones, dry", dry)
		if _, err := dry.Import(ctx, []*models.ImportTaskInput{fromFile("g")}); !errors.As(err, &refused) {
			t.Errorf("a dry run beyond the quota = %v", err)
		}
		s.MaxTasks = 7
		mustImport(ctx, t, dry, fromFile("g"))
		mustImport(ctx, t, dry, fromFile("h"))
		counts{2, 2}.want(t, "dry", dry)
		if _, err := dry.Import(ctx, []*models.ImportTaskInput{fromFile("i")}); !errors.As(err, &refused) {
			t.Errorf("a dry run beyond the quota of all its batches = %v", err)
		}
		if len(all(ctx, t, s)) != 5 {
			t.Error("a dry run has written")
		}
	})
}

// TestInterruptedImport cancels the context between batches and within a batch.
func TestInterruptedImport(t *testing.T) {
	eachDB(t, func(t *testing.T, s *tasks.Service, _ *time.Time) {
		batch := func(n int) (inputs []*models.ImportTaskInput) {
			for i := range tasks.MaxBulk {
				inputs = append(inputs, fromFile(fmt.Sprint(n, " ", i)))
			}
			return inputs
		}
		ctx, cancel := context.WithCancel(as(t.Context(), "u"))
		i := &tasks.Importer{Service: s}
		mustImport(ctx, t, i, batch(0)...)
		now := s.Now
		calls := 0
		s.Now = func() time.Time { // the batch calls it after it has begun
			if calls++; calls > tasks.MaxBulk/2 {
				cancel()
			}
			return now()
		}
		if _, err := i.Import(ctx, batch(1)); !errors.Is(err, context.Canceled) {
			t.Errorf("Import of a context that ends = %v", err)
		}
		s.Now = now
		again := &tasks.Importer{Service: s}
		for n := range 3 {
			mustImport(as(t.Context(), "u"), t, again, batch(n)...)
		}
		counts{200, 100}.want(t, "again", again)
	})
}

func TestExport(t *testing.T) {
	eachDB(t, func(t *testing.T, s *tasks.Service, clock *time.Time) {
		ctx := as(t.Context(), "u")
		mustCreate(as(t.Context(), "v"), t, s, "another user's")
		trashed := mustCreate(ctx, t, s, "trashed")
		if _, err := s.Delete(ctx, fmt.Sprint(trashed.ID), nil); err != nil {
			t.Fatal(err)
		}
		var want []string
		i := &tasks.Importer{Service: s}
		for n := range 5 { // several share a creation time
			var inputs []*models.ImportTaskInput
			for m := range tasks.MaxBulk {
				want = append(want, fmt.Sprint(n, " ", m))
				inputs = append(inputs, fromFile(want[len(want)-1]))
			}
			*clock = clock.Add(time.Microsecond * time.Duration(n%2))
			mustImport(ctx, t, i, inputs...)
		}
		var got []string
		for last := (*models.Task)(nil); ; {
			batch, err := s.Export(ctx, last)
			if err != nil {
				t.Fatal(err)
			}
			if len(batch) == 0 {
				break
			}
			last = batch[len(batch)-1]
			for _, task := range batch {
				got = append(got, task.Title)
			}
			// Concurrent writes do not shift the batches.
			if _, err := s.Toggle(ctx, fmt.Sprint(batch[0].ID), nil, nil); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Toggle(ctx, fmt.Sprint(last.ID), nil, nil); err != nil {
				t.Fatal(err)
			}
		}
		if strings.Join(got, ",") != strings.Join(want, ",") {
			t.Errorf("exported %d tasks, want %d, oldest first", len(got), len(want))
		}
	})
}

// TestDryRunCountsAsTheImport repeats a row in another batch: a dry run must not count it twice.
func TestDryRunCountsAsTheImport(t *testing.T) {
	eachDB(t, func(t *testing.T, s *tasks.Service, _ *time.Time) {
		ctx := as(t.Context(), "u")
		for _, dry := range []bool{true, false} {
			i := &tasks.Importer{Service: s, DryRun: dry}
			mustImport(ctx, t, i, fromFile("a"), fromFile("b"))
			mustImport(ctx, t, i, fromFile("c"), fromFile("a"))
			counts{3, 1}.want(t, fmt.Sprint("dry run ", dry), i)
		}
	})
}

// TestImportNotifies checks that an import with a bus notifies the user's listeners.
func TestImportNotifies(t *testing.T) {
	eachDB(t, func(t *testing.T, s *tasks.Service, _ *time.Time) {
		l := s.Events.Listen("u", 1)
		defer l.Close()
		mustImport(as(t.Context(), "u"), t, &tasks.Importer{Service: s}, fromFile("a"))
		select {
		case <-l.C:
		default:
			t.Error("no notification of the import")
		}
	})
}
