package adopt_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"taskql/store"
	"taskql/store/adopt"
	"taskql/store/storetest"
	"taskql/store/storetest/opened"
)

// plainTable makes a table of tasks with all strings nullable and of any length, and two good rows.
func plainTable(t *testing.T, url string) {
	t.Helper()
	id, at := "SERIAL", naive
	if !storetest.IsPostgres(url) {
		id, at = "INTEGER", "DATETIME"
	}
	storetest.Exec(t, url, `CREATE TABLE task (id `+id+` NOT NULL, user_id VARCHAR, title VARCHAR, description VARCHAR, priority VARCHAR, tags VARCHAR,
		due_date VARCHAR, completed VARCHAR, created_at `+at+`, updated_at `+at+`, PRIMARY KEY (id))`,
		"INSERT INTO task (id, user_id, title) VALUES (1, 'ada', 'good'), (99, 'ada', 'good, too')")
}

// wantRefused wants the table refused for a reason, by Plan and Migrate alike.
func wantRefused(t *testing.T, url, reason string) {
	t.Helper()
	s := opened.Store(t, url)
	plan, err := s.Plan(t.Context())
	if err != nil || plan.Adoption == nil || plan.Adoption.Refusal == nil || !strings.Contains(plan.Adoption.Refusal.Error(), reason) {
		t.Errorf("Plan = %+v, %v, want a refusal with %q", plan, err, reason)
	}
	var refused *adopt.Error
	steps, err := s.Migrate(t.Context())
	if !errors.As(err, &refused) || len(steps) != 0 || !strings.Contains(refused.Error(), reason) {
		t.Errorf("Migrate = %v, %v, want a refusal with %q", steps, err, reason)
	}
}

// wantSame wants the database as it was.
func wantSame(t *testing.T, url, before string) {
	t.Helper()
	if after := storetest.Dump(t, url); after != before {
		t.Errorf("the refused database is\n%s\nwant it as it was\n%s", after, before)
	}
}

func TestRefusedRows(t *testing.T) {
	type refusal struct{ name, values, reason string }
	cases := []refusal{
		{"no user", "id, title) VALUES (7, 'x'", "id 7: user_id is NULL"},
		{"no title", "id, user_id) VALUES (7, 'u'", "id 7: title is NULL"},
		{"another priority", "id, user_id, title, priority) VALUES (7, 'u', 'x', 'someday'", `id 7: priority is "someday", which is none of HIGH, MEDIUM and LOW`},
		{"tags that are an object", `id, user_id, title, tags) VALUES (7, 'u', 'x', '{"a":1}'`, `id 7: tags are "{\"a\":1}", which is no list of strings`},
		{"tags of numbers", "id, user_id, title, tags) VALUES (7, 'u', 'x', '[1, 2]'", "id 7: tags are"},
		{"tags with null", `id, user_id, title, tags) VALUES (7, 'u', 'x', '["a", null]'`, "id 7: tags are"},
		{"tags as Python shows them", `id, user_id, title, tags) VALUES (7, 'u', 'x', '[''a'']'`, "id 7: tags are"},
		{"a tag with NUL", `id, user_id, title, tags) VALUES (7, 'u', 'x', '["a\u0000"]'`, "id 7: tags are"},
		{"another date", "id, user_id, title, due_date) VALUES (7, 'u', 'x', 'next week'", `id 7: due_date is "next week", which is no date`},
		{"a day that is none", "id, user_id, title, due_date) VALUES (7, 'u', 'x', '2026-02-30'", "id 7: due_date is"},
		{"another flag", "id, user_id, title, completed) VALUES (7, 'u', 'x', 'maybe'", "id 7: completed is"},
		{"two at once", "id, title, priority) VALUES (7, 'x', 'p'", `id 7: user_id is NULL; priority is "p"`},
		{"an id below 1", "id, user_id, title) VALUES (-7, 'u', 'x'", "id -7: ids begin at 1"},
	}
	postgres := refusal{"times that never come", "id, user_id, title, created_at, updated_at) VALUES (7, 'u', 'x', 'infinity', '0044-03-15 BC'",
		`id 7: created_at is "infinity", which is no date; updated_at is "0044-03-15 00:00:00 BC", which is no date`}
	sqlite := []refusal{
		{"NUL in the title", "id, user_id, title) VALUES (7, 'u', 'a' || char(0) || 'b'", "id 7: title contains a NUL character"},
		{"bytes that are no text", "id, user_id, title, description) VALUES (7, 'u', 'x', CAST(X'ff41' AS TEXT)", "id 7: description is not valid UTF-8"},
		{"a number as a time", "id, user_id, title, created_at) VALUES (7, 'u', 'x', 1767225600", `id 7: created_at is "1767225600"`},
		{"NUL in the user", "id, user_id, title, priority) VALUES (7, 'a' || char(0), 'x', 'p'", "id 7: user_id contains a NUL character; priority"},
	}
	storetest.Each(t, func(t *testing.T, url string) {
		plainTable(t, url)
		storetest.Exec(t, url, "CREATE INDEX ix_task_user_id ON task (user_id)")
		before := storetest.Dump(t, url)
		own := append(slices.Clone(cases), postgres)
		if !storetest.IsPostgres(url) {
			own = append(slices.Clone(cases), sqlite...)
		}
		for _, tt := range own {
			t.Run(tt.name, func(t *testing.T) {
				storetest.Exec(t, url, "INSERT INTO task ("+tt.values+")")
				wantRefused(t, url, tt.reason)
				storetest.Exec(t, url, "DELETE FROM task WHERE id NOT IN (1, 99)")
			})
		}
		wantSame(t, url, before)
	})
}

// TestRefusedIDsAndStatuses has rows of a table that is renumbered.
func TestRefusedIDsAndStatuses(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		storetest.Exec(t, url, "CREATE TABLE task (id VARCHAR(36) PRIMARY KEY, user_id VARCHAR, title VARCHAR, status VARCHAR)",
			"INSERT INTO task VALUES ('good', 'u', 'x', 'In Progress'), ('17', 'u', 'x', NULL), (' ', 'u', 'x', 'done'), ('gone', 'u', 'x', 'cancelled'), ('null', NULL, 'x', ''), ('flag', 'u', 'x', 'true')")
		want := []string{"id 17: its id is a number as text", "id  : its id is empty", `id gone: status is "cancelled", which says neither`, "id null: user_id is NULL"}
		rows := int64(len(want))
		if !storetest.IsPostgres(url) {
			storetest.Exec(t, url, "INSERT INTO task VALUES (NULL, 'u', 'x', ''), (x'00', 'u', 'x', '')")
			want, rows = append(want, "id 7: its id is no text", "id 8: its id is no text"), rows+2
		}
		plan, err := opened.Store(t, url).Plan(t.Context())
		if err != nil || plan.Adoption.Refusal == nil || plan.Adoption.Refusal.Total != rows {
			t.Fatalf("Plan = %+v, %v, want %d rows refused", plan, err, rows)
		}
		for _, reason := range want {
			if !strings.Contains(plan.Adoption.Refusal.Error(), reason) {
				t.Errorf("Plan = %v, want %q in it", plan.Adoption.Refusal, reason)
			}
		}
		wantRefused(t, url, want[0])
	})
}

func TestRefusedRowsAreCounted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		plainTable(t, url)
		var values []string
		for id := 2000; id < 4500; id++ {
			values = append(values, fmt.Sprintf("(%d, 'u', NULL)", id))
		}
		storetest.Exec(t, url, "INSERT INTO task (id, user_id, title) VALUES "+strings.Join(values, ", "))
		_, err := opened.Store(t, url).Migrate(t.Context())
		var refused *adopt.Error
		if !errors.As(err, &refused) || len(refused.Rows) != 20 || refused.Total != 2500 || refused.Rows[19].ID != "2019" ||
			!strings.HasSuffix(refused.Error(), "\n  id 2019: title is NULL\n  and 2480 more rows") {
			t.Errorf("Migrate = %v, want 20 of 2500 rows named", err)
		}
	})
}

func TestRefusedTables(t *testing.T) {
	const good = "id INTEGER NOT NULL PRIMARY KEY, user_id VARCHAR, title VARCHAR, completed BOOLEAN"
	const text = "id VARCHAR NOT NULL PRIMARY KEY, user_id VARCHAR, title VARCHAR, status VARCHAR"
	for _, tt := range []struct{ name, postgres, sqlite, reason string }{
		{name: "no tasks", postgres: "CREATE TABLE tasks (id INTEGER PRIMARY KEY, name VARCHAR)", reason: "it is no table of tasks: it has no user_id, title, completed"},
		{
			name: "ids of bytes", postgres: "CREATE TABLE task (id BYTEA PRIMARY KEY, user_id VARCHAR, title VARCHAR, completed BOOLEAN)",
			sqlite: "CREATE TABLE task (id BLOB PRIMARY KEY, user_id VARCHAR, title VARCHAR, completed BOOLEAN)", reason: "the column id is",
		},
		{name: "UUIDs that others refer to", postgres: "CREATE TABLE task (" + text + "); CREATE TABLE note (task_id VARCHAR REFERENCES task (id))", reason: "the table note refers to its ids, which become numbers"},
		{name: "a column that refers to UUIDs", postgres: "-", sqlite: "CREATE TABLE task (" + text + ", parent VARCHAR REFERENCES Task)", reason: "the column parent refers to its ids"},
		{name: "two names", postgres: "CREATE TABLE task (" + good + `, due_date TIMESTAMP, "dueDate" TIMESTAMP)`, reason: "its columns due_date and dueDate are the same field, due_date: drop"},
		{name: "two flags", postgres: "CREATE TABLE task (" + good + ", is_completed BOOLEAN)", reason: "its columns completed and is_completed are the same field, completed: drop"},
		{name: "no flag", postgres: `CREATE TABLE task (id INTEGER PRIMARY KEY, "userId" VARCHAR, title VARCHAR)`, reason: "it is no table of tasks: it has no completed"},
		{name: "another key", postgres: "CREATE TABLE task (id INTEGER, user_id VARCHAR, title VARCHAR, completed BOOLEAN, PRIMARY KEY (id, user_id))", reason: "its primary key is not the column id"},
		{name: "a position", postgres: "CREATE TABLE task (" + good + ", position INTEGER)", reason: "it has a column position"},
		{name: "a version", postgres: "CREATE TABLE task (" + good + ", version INTEGER)", reason: "it has a column version"},
		{name: "a view", postgres: "CREATE TABLE other (" + good + "); CREATE VIEW tasks AS SELECT * FROM other", reason: "view"},
		{name: "a view of it", postgres: "CREATE TABLE task (" + good + "); CREATE VIEW open AS SELECT id FROM task WHERE NOT completed", sqlite: "-", reason: "the view open depends on it"},
		{
			name: "a trigger", postgres: "CREATE TABLE task (" + good + "); CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER touch BEFORE UPDATE ON task FOR EACH ROW EXECUTE FUNCTION f()",
			sqlite: "CREATE TABLE task (" + good + "); CREATE TRIGGER touch AFTER UPDATE ON task BEGIN DELETE FROM task; END", reason: "the trigger touch depends on it",
		},
		{name: "a policy", postgres: "CREATE TABLE task (" + good + "); CREATE POLICY own ON task USING (user_id = 'x')", sqlite: "-", reason: "the policy own depends on it"},
		{name: "a partition", postgres: "CREATE TABLE task (" + good + ") PARTITION BY RANGE (id)", sqlite: "-", reason: "it is no ordinary table"},
		{name: "a generated column", postgres: "CREATE TABLE task (" + good + ", loud TEXT GENERATED ALWAYS AS (upper(title)) STORED)", sqlite: "-", reason: "the column loud is generated"},
		{name: "no row ids", postgres: "-", sqlite: "CREATE TABLE task (" + good + ") WITHOUT ROWID", reason: "it is no ordinary table"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			// A case without a statement for a database is about something that this database does not have.
			if tt.sqlite == "" {
				tt.sqlite = tt.postgres
			}
			if tt.sqlite != "-" {
				t.Run("SQLite", func(t *testing.T) {
					url := storetest.SQLite(t)
					storetest.Exec(t, url, tt.sqlite)
					wantRefused(t, url, tt.reason)
				})
			}
			if tt.postgres != "-" {
				t.Run("PostgreSQL", func(t *testing.T) {
					url := storetest.Postgres(t)
					storetest.Exec(t, url, tt.postgres)
					wantRefused(t, url, tt.reason)
				})
			}
		})
	}
}

// TestTableThatPostgreSQLRefusesToChange has a table whose obstacle only PostgreSQL itself finds, when it is altered.
func TestTableThatPostgreSQLRefusesToChange(t *testing.T) {
	url := storetest.Postgres(t)
	storetest.Exec(t, url, `CREATE TABLE task (id INTEGER PRIMARY KEY, user_id VARCHAR, title VARCHAR, completed VARCHAR); CREATE TABLE other (title VARCHAR);
		ALTER TABLE task ADD UNIQUE (title); ALTER TABLE other ADD FOREIGN KEY (title) REFERENCES task (title);
		CREATE FUNCTION f(t task) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE TABLE third (t task)`)
	_, err := opened.Store(t, url).Migrate(t.Context())
	var refused *adopt.Error
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), "PostgreSQL says: ") {
		t.Errorf("Migrate = %v, want PostgreSQL's words", err)
	}
}

// TestPlanWritesNothing compares the very bytes of an SQLite file.
func TestPlanWritesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		oldDatabases()[0].make(t, url)
		state := func() string {
			if storetest.IsPostgres(url) {
				return storetest.Dump(t, url)
			}
			bytes, err := os.ReadFile(strings.TrimPrefix(url, "sqlite:"))
			if err != nil {
				t.Fatal(err)
			}
			return string(bytes)
		}
		before := state()
		s, err := store.Open(t.Context(), store.Options{URL: url, ReadOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		if plan, err := s.Plan(t.Context()); err != nil || plan.Adoption == nil || plan.Adoption.Users != 2 || plan.Table != "task" || plan.Steps[0] != "0001_tasks" {
			t.Errorf("Plan = %+v, %v", plan, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if state() != before {
			t.Error("the database has changed")
		}
	})
}

func TestAdoptAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		d := oldDatabases()[0]
		d.make(t, url)
		var wg sync.WaitGroup
		for range 4 {
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
				if got, err := s.Task(context.Background(), "ada", 9); err != nil || got == nil || got.Version != 3 {
					t.Errorf("Task = %+v, %v", got, err)
				}
			})
		}
		wg.Wait()
	})
}

func TestMigrateDownKeepsAnAdoptedTable(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		d := oldDatabases()[0]
		d.make(t, url)
		s := opened.Store(t, url)
		if _, err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		var err error
		for err == nil {
			var step string
			if step, err = s.MigrateDown(t.Context()); err == nil && (step == "" || step == "0001_tasks") {
				t.Fatal("MigrateDown has rolled back the first migration")
			}
		}
		if !strings.Contains(err.Error(), `the table "task" was taken over at 20`) {
			t.Errorf("MigrateDown = %v", err)
		}
		if rows := storetest.Query(t, url, "SELECT count(*) FROM task"); rows[0] != "4" {
			t.Errorf("%s rows are left, want 4", rows[0])
		}
	})
}

// TestMigrateDownKeepsOldIDs rolls back until the table of old ids, which has one.
func TestMigrateDownKeepsOldIDs(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		storetest.Exec(t, url, "CREATE TABLE task (id VARCHAR(36) PRIMARY KEY, user_id VARCHAR, title VARCHAR, status VARCHAR)", "INSERT INTO task VALUES ('old', 'u', 'x', 'done')")
		s := opened.Store(t, mustMigrate(t, url))
		var err error
		for err == nil {
			var step string
			if step, err = s.MigrateDown(t.Context()); err == nil && step < "0011_old_ids" {
				t.Fatalf("MigrateDown has rolled back %s", step)
			}
		}
		if !strings.Contains(err.Error(), `the tasks of the table "task" had other ids`) {
			t.Errorf("MigrateDown = %v", err)
		}
		if id, _, err := s.TaskByOldID(t.Context(), "u", "old"); id != 1 || err != nil {
			t.Errorf("TaskByOldID = %d, %v, want 1", id, err)
		}
	})
}

func TestTakenNames(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		oldDatabases()[0].make(t, url)
		storetest.Exec(t, url, "CREATE TABLE task_counter (x INTEGER)", "CREATE TABLE other (x INTEGER)", "CREATE INDEX task_user_due ON other (x)")
		before := storetest.Dump(t, url)
		s := opened.Store(t, url)
		const want = "taskql needs the names task_counter, task_user_due, which the database uses already"
		if _, err := s.Plan(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Plan = %v, want %q", err, want)
		}
		if _, err := s.Migrate(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Migrate = %v, want %q", err, want)
		}
		if storetest.Dump(t, url) != before {
			t.Error("the database has changed")
		}
	})
}
