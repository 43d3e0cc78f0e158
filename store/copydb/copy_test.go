package copydb_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"taskql/models"
	"taskql/store"
	"taskql/store/copydb"
	"taskql/store/storetest"
	"taskql/store/storetest/opened"
	"taskql/words"
)

// batch is the number of rows in a batch.
var batch = storetest.Scale(200, 2000)

func TestMain(m *testing.M) {
	copydb.SetCopyRows(batch)
	os.Exit(m.Run())
}

// eachDirection runs a test for each pair of databases, with the addresses of two that are empty.
func eachDirection(t *testing.T, test func(t *testing.T, from, to string)) {
	kinds := map[string]func(testing.TB) string{"SQLite": storetest.SQLite, "PostgreSQL": storetest.Postgres}
	for source, from := range kinds {
		for target, to := range kinds {
			t.Run(source+" to "+target, func(t *testing.T) { test(t, from(t), to(t)) })
		}
	}
}

func quiet(store.Progress) {}

func mustCopy(t *testing.T, from, to string) *copydb.Copied {
	t.Helper()
	copied, err := copydb.Copy(t.Context(), from, to, quiet)
	if err != nil {
		t.Fatal(err)
	}
	return copied
}

// fillByHand makes tasks of every kind, and returns how many, with how many of them in the trash.
func fillByHand(t *testing.T, s *store.Store) (tasks, trashed int64) {
	t.Helper()
	ctx, now := t.Context(), time.Date(2026, 2, 28, 23, 59, 59, 123456000, time.UTC)
	day, local, old := models.NewDate(2026, 3, 29), time.Date(2026, 3, 29, 2, 30, 0, 0, time.UTC), time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	blank, notes := " ", "line\nline\t' \" \\ \\n ? ?0 ?title <b>&amp; é e\u0301 ИМЯ שלום 👩\u200d👩\u200d👧 $1 :x %_ {{.Task}}"
	empty := ""
	for i, input := range []models.CreateTaskInput{
		{Title: "plain"},
		{Title: "ÜNÏ ' ? \\ İ ß", Description: &notes, Priority: models.PriorityHigh, Tags: []string{"a,b", `q"uote`, "<x>&", "Ä", `b\n`}, Completed: true},
		{Title: "blank", Description: &blank, Priority: models.PriorityLow},
		{Title: "empty", Description: &empty},
		{Title: "day", Due: &models.DueInput{Date: &day}},
		{Title: "local", Due: &models.DueInput{Local: &local}},
		{Title: "instant", Due: &models.DueInput{At: &now}, Tags: []string{"one"}},
		{Title: "long ago", Due: &models.DueInput{At: &old}},
		{Title: strings.Repeat("Ж", models.MaxTitle)},
	} {
		if input.Priority == "" {
			input.Priority = models.PriorityMedium
		}
		for _, user := range []string{"u", "Ü ' ? \\ é", "u2", "U"} {
			task, errs := input.NewTask(user, now.Add(time.Duration(i)*time.Microsecond))
			if errs != nil {
				t.Fatal(errs)
			}
			if _, err := s.Create(ctx, task, 1000); err != nil {
				t.Fatal(err)
			}
			if tasks++; i == 2 {
				if _, _, err := s.Apply(ctx, store.Delete, user, task.ID, nil, now); err != nil {
					t.Fatal(err)
				}
				trashed++
			}
		}
	}
	return tasks, trashed
}

func TestCopy(t *testing.T) {
	eachDirection(t, func(t *testing.T, from, to string) {
		source := opened.Migrated(t, from)
		tasks, trashed := fillByHand(t, source)
		// The latest task was purged, so that no row has the highest id.
		last := opened.Task(t, source, "u", "purged")
		err := source.Transaction(t.Context(), "u", func(inside *store.Store) error {
			_, count, err := inside.Purge(t.Context(), "u", store.WithIDs([]int64{last.ID}), 1, models.Timestamp(time.Now()))
			if count != 1 {
				t.Errorf("Purge = %d", count)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		mustExec(t, from, "INSERT INTO task_idempotency VALUES ('Ü', 'ключ ''?', 'create:…', '[1,2]', NULL, '2026-02-03 04:05:06.789+00:00')",
			"INSERT INTO task_import VALUES ('Ü', 'a ''?', 1)", "INSERT INTO task_old_id VALUES (1, 'ü ''?'), (2, '0b6f6b1c-93cf-4d0c-a9d7-6b1f7a0c1d2e')")
		if !strings.HasPrefix(from, "sqlite:") {
			// As in a database whose own order of texts is a language's.
			mustExec(t, from, `ALTER TABLE task_counter ALTER COLUMN user_id TYPE text COLLATE "und-x-icu"`)
		}
		mustExec(t, from, "UPDATE task_counter SET forgotten = 3 WHERE user_id = 'u2'")
		before := content(t, from)
		for _, table := range tables(t, from) {
			if !slices.ContainsFunc(before, func(line string) bool { return strings.HasPrefix(line, table+"[") }) {
				t.Errorf("the table %s is empty, so that nothing is shown of it", table)
			}
		}

		copied := mustCopy(t, from, to)
		wantSameContent(t, from, to)
		if !slices.Equal(content(t, from), before) {
			t.Error("the source has changed")
		}
		want := []copydb.CopiedCount{{Name: "tasks", Source: tasks, Target: tasks}, {Name: "in the trash", Source: trashed, Target: trashed},
			{Name: "tombstones", Source: 1, Target: 1}, {Name: "idempotency keys", Source: 1, Target: 1},
			{Name: "imported", Source: 1, Target: 1}, {Name: "old ids", Source: 2, Target: 2}, {Name: "users", Source: 4, Target: 4}}
		if !slices.Equal(copied.Counts, want) || copied.Written != tasks+1+1+1+2+4 || len(copied.LeftBehind) > 0 {
			t.Errorf("Copy = %+v, want the counts %+v", copied, want)
		}
		// Once more, there is nothing left to do.
		if copied := mustCopy(t, from, to); !slices.Equal(copied.Counts, want) || copied.Written != 0 {
			t.Errorf("Copy once more = %+v, want 0 written", copied)
		}
		// Clients' bookmarks stay good.
		if want, err := source.ID(t.Context()); err != nil {
			t.Fatal(err)
		} else if got, err := opened.Store(t, to).ID(t.Context()); err != nil || got != want {
			t.Errorf("the target has the id %s, %v, want %s", got, err, want)
		}
		// The target is searched as the source is.
		for _, text := range []string{"ünï", `"b n"`, "имя", "nowhere", "one", "e"} {
			find := func(s *store.Store) []*models.Task {
				list, err := s.List(t.Context(), store.Query{User: "Ü ' ? \\ é", Search: words.Parse(text), Trash: models.TrashScopeInclude,
					Zone: time.UTC, Order: []store.Key{{Field: models.TaskOrderFieldRelevance}}})
				if err != nil {
					t.Fatal(err)
				}
				return list.Tasks
			}
			want, got := find(source), find(opened.Store(t, to))
			if len(got) != len(want) || (len(want) == 0) != (text == "nowhere") {
				t.Errorf("a search for %q finds %d tasks, at the source %d", text, len(got), len(want))
			}
		}
		// What comes next is numbered as it would have been at the source.
		a, b := opened.Task(t, opened.Store(t, to), "u", "next"), opened.Task(t, source, "u", "next")
		if a.ID != b.ID || a.Version != b.Version || a.Position != b.Position || a.ID <= last.ID || a.Version <= last.Version+1 {
			t.Errorf("the next task at the target has id %d, version %d, at the source %d, %d", a.ID, a.Version, b.ID, b.Version)
		}
	})
}

func TestCopyOfNothing(t *testing.T) {
	eachDirection(t, func(t *testing.T, from, to string) {
		opened.Migrated(t, from)
		if copied := mustCopy(t, from, to); copied.Written != 0 || len(copied.Counts) != 7 {
			t.Errorf("Copy = %+v", copied)
		}
		if task := opened.Task(t, opened.Store(t, to), "u", "first"); task.ID != 1 || task.Version != 1 {
			t.Errorf("the first task has id %d and version %d", task.ID, task.Version)
		}
	})
}

// TestCopyDerivesAnew wants columns that follow from others as this program makes them.
func TestCopyDerivesAnew(t *testing.T) {
	eachDirection(t, func(t *testing.T, from, to string) {
		fill(t, from, 10)
		mustExec(t, from, "UPDATE task SET title_lower = 'old'")
		mustCopy(t, from, to)
		if lines := content(t, to); !slices.ContainsFunc(lines, func(l string) bool { return strings.Contains(l, `title_lower="task 7"`) }) {
			t.Errorf("the target has %q", lines)
		}
	})
}

// TestCopyOfAnAdoptedTable has a source whose table of tasks was a FastAPI backend's, with a name and a
// column of its own.
func TestCopyOfAnAdoptedTable(t *testing.T) {
	eachDirection(t, func(t *testing.T, from, to string) {
		id := "id integer PRIMARY KEY"
		if !strings.HasPrefix(from, "sqlite:") {
			id = "id serial PRIMARY KEY"
		}
		mustExec(t, from, "CREATE TABLE tasks ("+id+`, user_id varchar NOT NULL, title varchar NOT NULL, description varchar, completed boolean NOT NULL,
				created_at timestamp NOT NULL, updated_at timestamp NOT NULL, colour text)`,
			`INSERT INTO tasks VALUES (7, 'u', 'Ünï', NULL, TRUE, '2026-01-01 10:00:00.123456', '2026-01-01 10:00:00', 'red'),
				(9, 'u', 'two', 'notes', FALSE, '2026-01-02 10:00:00', '2026-01-02 10:00:00', NULL)`)
		source := opened.Migrated(t, from)
		copied := mustCopy(t, from, to)
		if want := []string{`the column "colour" of the table "tasks", which is not taskql's`}; !slices.Equal(copied.LeftBehind, want) || copied.Written != 3 {
			t.Errorf("Copy = %+v, want 3 rows written and %q left behind", copied, want)
		}
		for _, id := range []int64{7, 9} {
			want, err := source.Task(t.Context(), "u", id)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := opened.Store(t, to).Task(t.Context(), "u", id); err != nil || got == nil || !got.Same(want) || got.Version != want.Version || got.Position != want.Position {
				t.Errorf("the target has %+v, %v, want %+v", got, err, want)
			}
		}
		if task := opened.Task(t, opened.Store(t, to), "u", "next"); task.ID != 10 {
			t.Errorf("the next task has the id %d, want 10", task.ID)
		}
	})
}
