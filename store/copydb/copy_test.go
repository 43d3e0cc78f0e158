package copydb_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"taskql/models"
	"taskql/store"
	"taskql/store/copydb"
	"taskql/store/storetest"
	"taskql/words"
)

// eachDirection runs a test for each pair of databases, with the addresses of two that are empty.
func eachDirection(t *testing.T, test func(t *testing.T, from, to string)) {
	kinds := map[string]func(testing.TB) string{"SQLite": storetest.SQLite, "PostgreSQL": storetest.Postgres}
	for source, from := range kinds {
		for target, to := range kinds {
			t.Run(source+" to "+target, func(t *testing.T) { test(t, from(t), to(t)) })
		}
	}
}

// sqlDB opens a database past the store.
func sqlDB(t *testing.T, address string) *sql.DB {
	t.Helper()
	driver := "pgx"
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		driver, address = "sqlite", path
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func mustExec(t *testing.T, address string, statements ...string) {
	t.Helper()
	db := sqlDB(t, address)
	defer db.Close()
	for _, statement := range statements {
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// tables are the names of all tables with content of users: when steps of the schema were taken is the
// database's own, and so is how it keeps what searches look at.
func tables(t *testing.T, address string) []string {
	t.Helper()
	db := sqlDB(t, address)
	defer db.Close()
	query := "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
	if !strings.HasPrefix(address, "sqlite:") {
		query = "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' ORDER BY relname"
	}
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		if name != "task_migration" && !strings.HasPrefix(name, "task_search") {
			names = append(names, name)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return names
}

// content is every row of all tables as text, all columns by name, in the same form for both databases.
func content(t *testing.T, address string) []string {
	t.Helper()
	db := sqlDB(t, address)
	defer db.Close()
	var lines []string
	for _, table := range tables(t, address) {
		rows, err := db.Query("SELECT * FROM " + table)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		names, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			values, places := make([]any, len(names)), make([]any, len(names))
			for i := range values {
				places[i] = &values[i]
			}
			if err := rows.Scan(places...); err != nil {
				t.Fatal(err)
			}
			for i, value := range values {
				switch v := value.(type) { // SQLite has neither times nor booleans
				case time.Time:
					value = v.UTC().Format("2006-01-02 15:04:05.999999+00:00")
				case bool:
					value = int64(map[bool]int{true: 1}[v])
				}
				values[i] = fmt.Sprintf("%s=%#v", names[i], value)
			}
			slices.SortFunc(values, func(a, b any) int { return strings.Compare(a.(string), b.(string)) })
			lines = append(lines, fmt.Sprint(table, values))
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(lines)
	return lines
}

// countRows is how many rows there are to copy.
func countRows(t *testing.T, address string) int64 {
	t.Helper()
	db := sqlDB(t, address)
	defer db.Close()
	var all int64
	for _, table := range tables(t, address) {
		if table == "task_setting" {
			continue
		}
		var rows int64
		if err := db.QueryRow("SELECT count(*) FROM " + table).Scan(&rows); err != nil {
			t.Fatal(err)
		}
		all += rows
	}
	return all
}

func wantSameContent(t *testing.T, from, to string) {
	t.Helper()
	want, got := content(t, from), content(t, to)
	if slices.Equal(got, want) {
		return
	}
	for i := range min(len(want), len(got)) {
		if got[i] != want[i] {
			t.Errorf("the target has\n%s\nwant\n%s", got[i], want[i])
			break
		}
	}
	t.Errorf("the target has %d rows, want the %d of the source", len(got), len(want))
}

func mustOpen(t testing.TB, url string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func mustCreate(t *testing.T, s *store.Store, user, title string) *models.Task {
	t.Helper()
	task, errs := models.CreateTaskInput{Title: title, Priority: models.PriorityMedium}.NewTask(user, models.Timestamp(time.Now()))
	if errs != nil {
		t.Fatal(errs)
	}
	if _, err := s.Create(t.Context(), task, 100); err != nil {
		t.Fatal(err)
	}
	return task
}

func migrate(t *testing.T, address string) *store.Store {
	t.Helper()
	s := mustOpen(t, address)
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// fill makes n tasks of a hundred users, and what else a database in use has.
func fill(t *testing.T, address string, n int) {
	t.Helper()
	_ = migrate(t, address)
	series := fmt.Sprintf("WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < %d) ", n)
	mustExec(t, address,
		series+`INSERT INTO task (user_id, title, title_lower, created_at, updated_at, position, version)
			SELECT 'user ' || (i % 100), 'task ' || i, 'task ' || i, '2026-01-01 10:00:00.123456+00:00', '2026-01-01 10:00:00+00:00', 'h' || i, i FROM s`,
		series+`INSERT INTO task_tombstone (user_id, version, task_id, purged_at)
			SELECT 'user ' || (i % 100), 1000000 + i, 1000000 + i, '2026-01-01 10:00:00.5+00:00' FROM s WHERE i <= 300`,
		"INSERT INTO task_counter (user_id, n) SELECT user_id, max(version) FROM task_tombstone GROUP BY user_id")
}

// rowsOf is how many rows fill makes of n tasks.
func rowsOf(n int) int64 { return int64(n + min(n, 300) + min(n, 100)) }

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
				if _, err := s.Apply(ctx, store.Delete, user, task.ID, nil, now); err != nil {
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
		source := migrate(t, from)
		tasks, trashed := fillByHand(t, source)
		// The latest task was purged, so that no row has the highest id.
		last := mustCreate(t, source, "u", "purged")
		if _, count, err := source.Purge(t.Context(), "u", store.WithIDs([]int64{last.ID}), 1, models.Timestamp(time.Now())); err != nil || count != 1 {
			t.Fatalf("Purge = %d, %v", count, err)
		}
		mustExec(t, from, "INSERT INTO task_idempotency VALUES ('Ü', 'ключ ''?', 'create:…', '[1,2]', NULL, '2026-02-03 04:05:06.789+00:00')",
			"INSERT INTO task_import VALUES ('Ü', 'a ''?', 1)")
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
			{Name: "imported", Source: 1, Target: 1}, {Name: "users", Source: 4, Target: 4}}
		if !slices.Equal(copied.Counts, want) || copied.Written != tasks+1+1+1+4 || len(copied.LeftBehind) > 0 {
			t.Errorf("Copy = %+v, want the counts %+v", copied, want)
		}
		// Once more, there is nothing left to do.
		if copied := mustCopy(t, from, to); !slices.Equal(copied.Counts, want) || copied.Written != 0 {
			t.Errorf("Copy once more = %+v, want 0 written", copied)
		}
		// Clients' bookmarks stay good.
		if want, err := source.ID(t.Context()); err != nil {
			t.Fatal(err)
		} else if got, err := mustOpen(t, to).ID(t.Context()); err != nil || got != want {
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
			want, got := find(source), find(mustOpen(t, to))
			if len(got) != len(want) || (len(want) == 0) != (text == "nowhere") {
				t.Errorf("a search for %q finds %d tasks, at the source %d", text, len(got), len(want))
			}
		}
		// What comes next is numbered as it would have been at the source.
		a, b := mustCreate(t, mustOpen(t, to), "u", "next"), mustCreate(t, source, "u", "next")
		if a.ID != b.ID || a.Version != b.Version || a.Position != b.Position || a.ID <= last.ID || a.Version <= last.Version+1 {
			t.Errorf("the next task at the target has id %d, version %d, at the source %d, %d", a.ID, a.Version, b.ID, b.Version)
		}
	})
}

func TestCopyOfNothing(t *testing.T) {
	eachDirection(t, func(t *testing.T, from, to string) {
		migrate(t, from)
		if copied := mustCopy(t, from, to); copied.Written != 0 || len(copied.Counts) != 6 {
			t.Errorf("Copy = %+v", copied)
		}
		if task := mustCreate(t, mustOpen(t, to), "u", "first"); task.ID != 1 || task.Version != 1 {
			t.Errorf("the first task has id %d and version %d", task.ID, task.Version)
		}
	})
}

func TestCopyGoesOn(t *testing.T) {
	const tasks = 5000
	eachDirection(t, func(t *testing.T, from, to string) {
		fill(t, from, tasks)
		partly := 0
		for interruption := 1; ; interruption++ {
			ctx, cancel := context.WithCancel(t.Context())
			calls := 0
			before := countRows(t, to)
			copied, err := copydb.Copy(ctx, from, to, func(store.Progress) {
				if calls++; calls == interruption {
					cancel()
				}
			})
			cancel()
			if err == nil {
				if interruption < 6 || before+copied.Written != rowsOf(tasks) {
					t.Errorf("Copy wrote %d rows after interruption %d, when there were %d, want %d together",
						copied.Written, interruption, before, rowsOf(tasks))
				}
				break
			}
			after := countRows(t, to)
			if copied != nil || !strings.HasPrefix(err.Error(), "interrupted") || !strings.Contains(err.Error(), "same command again") ||
				!strings.Contains(err.Error(), fmt.Sprintf("%d of %d rows", after, rowsOf(tasks))) || after < before {
				t.Fatalf("Copy, interrupted = %+v, %v; %d rows before, %d after", copied, err, before, after)
			}
			if after > 0 && after < rowsOf(tasks) {
				partly++
			}
		}
		if partly < 2 {
			t.Errorf("%d times a part of the rows was there, want it more often", partly)
		}
		wantSameContent(t, from, to)
	})
}

func TestCopyInterruptedAtOnce(t *testing.T) {
	from, to := storetest.SQLite(t), storetest.SQLite(t)
	fill(t, from, 10)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := copydb.Copy(ctx, from, to, quiet); err == nil || !strings.HasPrefix(err.Error(), "interrupted") {
		t.Errorf("Copy = %v", err)
	}
}

// TestCopyAfterACut ends the connections to the source in the middle of what it sends.
func TestCopyAfterACut(t *testing.T) {
	const tasks = 4000
	from, to, name := storetest.Postgres(t), storetest.SQLite(t), fmt.Sprint("cut_", time.Now().UnixNano())
	fill(t, from, tasks)
	// More than is on the way at once.
	mustExec(t, from, "UPDATE task SET description = repeat('x', 5000), notes_lower = repeat('x', 5000)")
	_, err := copydb.Copy(t.Context(), from+"&application_name="+name, to, func(p store.Progress) {
		if p.Done > 0 {
			mustExec(t, from, fmt.Sprintf("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '%s'", name))
		}
	})
	if err == nil || !strings.Contains(err.Error(), "same command again") {
		t.Errorf("Copy over a cut connection = %v", err)
	}
	if copied := mustCopy(t, from, to); copied.Written == 0 || copied.Written >= rowsOf(tasks) || copied.Counts[0].Target != tasks {
		t.Errorf("Copy after the cut = %+v, want a part of the rows written", copied)
	}
}

// TestCopyFindsChanges has the source written to while it is copied, and while it is compared.
func TestCopyFindsChanges(t *testing.T) {
	for _, tt := range []struct{ when, change, want string }{
		{"copying", "UPDATE task SET title = 'changed', version = 2000000 WHERE id = 1", "in task 1:"},
		{"comparing", "UPDATE task_counter SET n = n + 1 WHERE user_id = 'user 7'", `"user 7"`},
	} {
		t.Run(tt.when, func(t *testing.T) {
			eachDirection(t, func(t *testing.T, from, to string) {
				fill(t, from, 3000)
				copied, err := copydb.Copy(t.Context(), from, to, func(p store.Progress) {
					if p.Doing == tt.when && p.Done == 2000 {
						mustExec(t, from, tt.change)
					}
				})
				if err == nil || copied == nil || !strings.Contains(err.Error(), tt.want) {
					t.Fatalf("Copy = %+v, %v, want an error with %q", copied, err, tt.want)
				}
				// Nothing makes it right but a new copy.
				if _, err := copydb.Copy(t.Context(), from, to, quiet); err == nil || !strings.Contains(err.Error(), "empty database") {
					t.Errorf("Copy once more = %v", err)
				}
			})
		})
	}
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
		source := migrate(t, from)
		copied := mustCopy(t, from, to)
		if want := []string{`the column "colour" of the table "tasks", which is not taskql's`}; !slices.Equal(copied.LeftBehind, want) || copied.Written != 3 {
			t.Errorf("Copy = %+v, want 3 rows written and %q left behind", copied, want)
		}
		for _, id := range []int64{7, 9} {
			want, err := source.Task(t.Context(), "u", id)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := mustOpen(t, to).Task(t.Context(), "u", id); err != nil || got == nil || !got.Same(want) || got.Version != want.Version || got.Position != want.Position {
				t.Errorf("the target has %+v, %v, want %+v", got, err, want)
			}
		}
		if task := mustCreate(t, mustOpen(t, to), "u", "next"); task.ID != 10 {
			t.Errorf("the next task has the id %d, want 10", task.ID)
		}
	})
}

func TestCopyRefusesTargets(t *testing.T) {
	const fastAPI = "CREATE TABLE task (id integer PRIMARY KEY, user_id text, title text)"
	for name, tt := range map[string]struct {
		prepare func(t *testing.T, from, to string)
		want    string
	}{
		"in use": {func(t *testing.T, _, to string) { mustCreate(t, migrate(t, to), "u", "theirs") }, "empty database"},
		"in use, with nothing left": {func(t *testing.T, _, to string) {
			migrate(t, to)
			mustExec(t, to, "INSERT INTO task_counter (user_id, n) VALUES ('u', 5)")
		}, "in use"},
		"in use, of FastAPI": {func(t *testing.T, _, to string) {
			mustExec(t, to, fastAPI, "INSERT INTO task VALUES (1, 'u', 't')")
		}, "empty database"},
		"in use, of FastAPI, by another name": {func(t *testing.T, _, to string) {
			mustExec(t, to, strings.Replace(fastAPI, "task", "tasks", 1), "INSERT INTO tasks VALUES (1, 'u', 't')")
		}, "empty database"},
		"of somebody else": {func(t *testing.T, _, to string) {
			mustExec(t, to, fastAPI, strings.Replace(fastAPI, "task", "tasks", 1))
		}, `a table "task" and a table "tasks"`},
		"more than the source": {func(t *testing.T, from, to string) {
			mustCopy(t, from, to)
			mustCreate(t, mustOpen(t, to), "newcomer", "later")
		}, "task 201"},
		"the source goes on": {func(t *testing.T, from, to string) {
			mustCopy(t, from, to)
			mustCreate(t, mustOpen(t, from), "newcomer", "later")
		}, "in use, or the source has changed"},
		"the source has changed": {func(t *testing.T, from, to string) {
			mustCopy(t, from, to)
			mustExec(t, from, "UPDATE task SET title = 'other' WHERE id = 150")
		}, "task 150"},
		"a newer program's": {func(t *testing.T, _, to string) {
			migrate(t, to)
			mustExec(t, to, "INSERT INTO task_migration VALUES ('9999_future', '2026-01-01 00:00:00+00:00')")
		}, "9999_future"},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, to string) {
				from := storetest.SQLite(t)
				fill(t, from, 200)
				tt.prepare(t, from, to)
				before := append(tables(t, to), content(t, to)...)
				copied, err := copydb.Copy(t.Context(), from, to, quiet)
				if copied != nil || err == nil || !strings.Contains(err.Error(), "target") || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "same command again") {
					t.Errorf("Copy = %+v, %v, want an error about the target with %q", copied, err, tt.want)
				}
				if !slices.Equal(append(tables(t, to), content(t, to)...), before) {
					t.Errorf("the target has changed")
				}
			})
		})
	}
}

func TestCopyRefusesAddresses(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "tasks.db")
	good := "sqlite:" + path
	fill(t, good, 10)
	if err := os.Symlink(path, filepath.Join(dir, "link.db")); err != nil {
		t.Fatal(err)
	}
	postgres, empty := storetest.Postgres(t), storetest.SQLite(t)
	fill(t, postgres, 10)
	mustOpen(t, empty)
	old := storetest.SQLite(t)
	if _, err := migrate(t, old).MigrateDown(t.Context()); err != nil {
		t.Fatal(err)
	}
	api := storetest.SQLite(t)
	mustExec(t, api, "CREATE TABLE task (id integer PRIMARY KEY, title text)", "INSERT INTO task VALUES (1, 't')")
	_, port, _ := strings.Cut(postgres, "@")
	wrong := "postgres://nobody:hidden@" + port
	garbage := filepath.Join(dir, "garbage.db")
	if err := os.WriteFile(garbage, bytes.Repeat([]byte("no database "), 100), 0o600); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(strings.TrimPrefix(api, "sqlite:"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ from, to, want string }{
		{"sqlite:" + garbage, empty, "file is not a database"},
		{good, good, "same database"},
		{good, "sqlite:" + dir + "/./tasks.db", "same database"},
		{"file:" + dir + "/link.db", good, "same database"},
		{postgres, postgres, "same database"},
		{postgres, postgres + "&application_name=other", "same database"},
		{"sqlite:" + dir + "/typo.db", empty, "no such file"},
		{"sqlite:" + dir, empty, "the source: the SQLite file cannot be opened"},
		{"mysql://u:hidden@h/d", empty, "the source: the address must begin"},
		{good, "mysql://u:hidden@h/d", "the target: the address must begin"},
		{good, "", "the target: the address must begin"},
		{good, "sqlite:" + dir + "/none/x.db", "the target: the SQLite file cannot be opened: no such file"},
		{"postgres://u:hidden@127.0.0.1:1/d", empty, "the source: the PostgreSQL database does not answer"},
		{good, "postgres://u:hidden@127.0.0.1:1/d", "the target: the PostgreSQL database does not answer"},
		{good, wrong, "the target: the PostgreSQL database does not answer"},
		{good, "postgres://u:hidden@h:port/d", "the target: the address is not a valid"},
		{empty, good, "the source: it is no database of taskql"},
		{api, empty, "taskql migrate up"},
		{old, empty, "the source: it lacks the migration 0"},
	} {
		_, err := copydb.Copy(t.Context(), tt.from, tt.to, quiet)
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hidden") {
			t.Errorf("Copy(%q, %q) = %v, want an error with %q", tt.from, tt.to, err, tt.want)
		}
	}
	if after, err := os.ReadFile(strings.TrimPrefix(api, "sqlite:")); err != nil || !bytes.Equal(after, before) {
		t.Errorf("the source has changed: %v", err)
	}
	if files, err := filepath.Glob(dir + "/typo*"); err != nil || len(files) > 0 {
		t.Errorf("the copy has made %q", files)
	}
	if names := tables(t, empty); len(names) > 0 {
		t.Errorf("the target has the tables %q", names)
	}
}
