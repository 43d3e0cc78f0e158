package transfer

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// makeFastAPI creates the tables of a FastAPI backend and of Better Auth, with rows.
func makeFastAPI(t *testing.T, databaseURL string) {
	t.Helper()
	text := `CREATE TABLE "user" ("id" TEXT NOT NULL PRIMARY KEY, "name" TEXT NOT NULL, "email" TEXT NOT NULL UNIQUE, "emailVerified" BOOLEAN NOT NULL, "createdAt" TIMESTAMPTZ NOT NULL);
		CREATE TABLE "session" ("id" TEXT NOT NULL PRIMARY KEY, "expiresAt" TIMESTAMPTZ NOT NULL, "token" TEXT NOT NULL UNIQUE, "userId" TEXT NOT NULL REFERENCES "user" ("id") ON DELETE CASCADE);
		CREATE TABLE "account" ("id" TEXT NOT NULL PRIMARY KEY, "providerId" TEXT NOT NULL, "userId" TEXT NOT NULL REFERENCES "user" ("id") ON DELETE CASCADE, "password" TEXT);
		CREATE TABLE "verification" ("id" TEXT NOT NULL PRIMARY KEY, "identifier" TEXT NOT NULL, "value" TEXT NOT NULL);
		CREATE TABLE "jwks" ("id" TEXT NOT NULL PRIMARY KEY, "publicKey" TEXT NOT NULL, "privateKey" TEXT NOT NULL, "createdAt" TIMESTAMPTZ NOT NULL);
		INSERT INTO "user" VALUES ('ada', 'Ada', 'ada@example.com', TRUE, '2026-01-01 00:00:00+00:00'), ('bob', 'Bob', 'bob@example.com', FALSE, '2026-01-01 00:00:00+00:00');
		INSERT INTO "session" VALUES ('s1', '2027-01-01 00:00:00+00:00', 'token', 'ada');
		INSERT INTO "account" VALUES ('a1', 'credential', 'ada', 'hash:?');
		INSERT INTO "verification" VALUES ('v1', 'x', 'y');
		INSERT INTO "jwks" VALUES ('k1', '{"kty":"OKP"}', 'secret', '2026-01-01 00:00:00+00:00');
		CREATE TABLE tasks (id SERIAL NOT NULL, user_id VARCHAR NOT NULL, title VARCHAR(200) NOT NULL, description VARCHAR(1000), priority VARCHAR NOT NULL, tags VARCHAR,
			due_date TIMESTAMP WITHOUT TIME ZONE, completed BOOLEAN NOT NULL, created_at TIMESTAMP WITHOUT TIME ZONE NOT NULL, updated_at TIMESTAMP WITHOUT TIME ZONE NOT NULL,
			PRIMARY KEY (id), FOREIGN KEY(user_id) REFERENCES "user" (id));
		CREATE INDEX ix_tasks_user_id ON tasks (user_id);
		INSERT INTO tasks (user_id, title, description, priority, tags, due_date, completed, created_at, updated_at) VALUES
			('ada', 'one', 'notes', 'high', '["x", "y", "X"]', '2026-02-01 00:00:00', FALSE, '2026-01-01 10:00:00.5', '2026-01-01 10:00:00.5'),
			('ada', 'two', NULL, 'MEDIUM', NULL, '2026-02-01 09:30:00', TRUE, '2026-01-02 10:00:00', '2026-01-03 10:00:00'),
			('bob', 'three', '', 'low', 'a, b', NULL, FALSE, '2026-01-02 10:00:00', '2026-01-02 10:00:00');`
	if !storetest.IsPostgres(databaseURL) {
		text = strings.NewReplacer("SERIAL", "INTEGER", "TIMESTAMP WITHOUT TIME ZONE", "DATETIME").Replace(text)
	}
	storetest.Exec(t, databaseURL, text)
}

// TestMovingFromFastAPI plans the adoption of a FastAPI database, refuses it while a row is invalid, adopts it, and
// uses it.
func TestMovingFromFastAPI(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, databaseURL string) {
		makeFastAPI(t, databaseURL)
		environ := []string{"DATABASE_URL=" + databaseURL, "BETTER_AUTH_SECRET=" + harness.Secret, "HOST=127.0.0.1", "PORT=0"}

		before := storetest.Dump(t, databaseURL)
		storetest.Exec(t, databaseURL, "UPDATE tasks SET priority = 'someday' WHERE id = 2")
		out, err := harness.Command(t, environ, "migrate", "plan")
		if want := `id 2: priority is "someday"`; err == nil || !strings.Contains(out, want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("migrate plan of a row that is not understood = %v\n%s", err, out)
		}
		for _, args := range [][]string{{"migrate", "up"}, {"serve"}} {
			if _, err := harness.Command(t, environ, args...); err == nil || !strings.HasPrefix(err.Error(), `DATABASE_URL: the table "tasks" cannot be taken over, and nothing was changed:`+"\n  id 2: ") {
				t.Errorf("taskql %v of it = %v", args, err)
			}
		}
		storetest.Exec(t, databaseURL, "UPDATE tasks SET priority = 'MEDIUM' WHERE id = 2", "CREATE TABLE task (id INTEGER)")
		for _, args := range [][]string{{"migrate", "plan"}, {"migrate", "up"}, {"serve"}} {
			if _, err := harness.Command(t, environ, args...); err == nil || !strings.HasPrefix(err.Error(), "TASK_TABLE: the database has a table") {
				t.Errorf("taskql %v of two tables = %v", args, err)
			}
		}
		storetest.Exec(t, databaseURL, "DROP TABLE task")

		out, err = harness.Command(t, environ, "migrate", "plan")
		plan := regexp.MustCompile(`(?s)The table "tasks" would be taken over in place.*dropped: .*FOREIGN KEY ?\(user_id\).*Its 3 rows, of 2 users\n  2 priorities.*\n  3 lists of tags.*\n  1 due dates at midnight.*\n  1 due dates without a zone.*Migrations: 0001_tasks.*Nothing was changed`)
		if err != nil || !plan.MatchString(out) {
			t.Errorf("migrate plan = %v\n%s\nwant %s", err, out, plan)
		}
		// An UPDATE there and back moves a row in Postgres.
		if !storetest.IsPostgres(databaseURL) && storetest.Dump(t, databaseURL) != before {
			t.Error("refusals and plans have changed the database")
		}
		others := storetest.Dump(t, databaseURL, "task*")

		s := harness.Start(t, map[string]string{"DATABASE_URL": databaseURL, "BETTER_AUTH_SECRET": harness.Secret, "HOST": "127.0.0.1"})
		wantMoved(t, s)
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
		if storetest.Dump(t, databaseURL, "task*") != others {
			t.Error("Better Auth's tables have changed")
		}
		if out, err := harness.Command(t, environ, "migrate", "plan"); err != nil || out != "The tables are up to date. Tasks are in the table \"tasks\".\n" {
			t.Errorf("migrate plan afterwards = %v\n%s", err, out)
		}
		if _, err := harness.Command(t, append(environ, "TASK_TABLE=task"), "migrate", "up"); err == nil || !strings.HasPrefix(err.Error(), `TASK_TABLE: this database keeps its tasks in the table "tasks"`) {
			t.Errorf("migrate up with another table = %v", err)
		}
	})
}

// wantMoved checks the old rows and every kind of write through both APIs.
func wantMoved(t *testing.T, s *harness.Server) {
	t.Helper()
	ada, bob := s.As("ada"), s.As("bob")
	const one = `{"id":1,"user_id":"ada","title":"one","description":"notes","priority":"HIGH","tags":"[\"x\",\"y\"]","due_date":"2026-02-01T00:00:00","completed":false,"created_at":"2026-01-01T10:00:00.5Z","updated_at":"2026-01-01T10:00:00.5Z"}`
	const two = `{"id":2,"user_id":"ada","title":"two","description":null,"priority":"MEDIUM","tags":"[]","due_date":"2026-02-01T09:30:00","completed":true,"created_at":"2026-01-02T10:00:00Z","updated_at":"2026-01-03T10:00:00Z"}`
	if a := ada.Send("GET", ada.Tasks(), ""); a.Status != 200 || plainFraction(a.Body) != "["+two+","+one+"]" {
		t.Errorf("GET tasks = %d %s, want\n[%s,%s]", a.Status, a.Body, two, one)
	}
	if a := bob.GraphQL(`{ tasks { totalCount nodes { id title description priority tags version dueDate } } }`); a.Body !=
		`{"data":{"tasks":{"totalCount":1,"nodes":[{"id":"3","title":"three","description":null,"priority":"LOW","tags":["a","b"],"version":1,"dueDate":null}]}}}` {
		t.Errorf("bob's tasks = %s", a.Body)
	}
	if a := bob.Send("GET", bob.Tasks(1), ""); a.Status != 404 {
		t.Errorf("GET of another's task = %d %s", a.Status, a.Body)
	}
	if a := ada.Send("POST", ada.Tasks(), `{"title":"four"}`); a.Status != 201 || !strings.Contains(a.Body, `"id":4,`) {
		t.Errorf("POST = %d %s, want the id 4", a.Status, a.Body)
	}
	if a := ada.Send("PUT", ada.Tasks(1), `{"title":"one!","tags":["z"]}`); a.Status != 200 || !strings.Contains(a.Body, `"title":"one!","description":"notes","priority":"HIGH","tags":"[\"z\"]"`) {
		t.Errorf("PUT = %d %s", a.Status, a.Body)
	}
	if a := ada.Send("PATCH", ada.Tasks(2, "complete"), ""); a.Status != 200 || !strings.Contains(a.Body, `"completed":false`) {
		t.Errorf("PATCH complete = %d %s", a.Status, a.Body)
	}
	if a := ada.Send("DELETE", ada.Tasks(1), ""); a.Status != 200 {
		t.Errorf("DELETE = %d %s", a.Status, a.Body)
	}
	if a := ada.GraphQL(`mutation { updateTask(id: 2, input: {priority: LOW}) { task { priority version completed } userErrors { code } } }`); !strings.Contains(a.Body, `"priority":"LOW","version":7,"completed":false`) {
		t.Errorf("updateTask = %s, want version 7", a.Body)
	}
	if a := ada.GraphQL(`{ tasks { nodes { title } } }`); a.Body != `{"data":{"tasks":{"nodes":[{"title":"four"},{"title":"two"}]}}}` {
		t.Errorf("ada's tasks = %s", a.Body)
	}
}

// plainFraction removes the zeros at the end of fractions of a second.
func plainFraction(body string) string {
	return regexp.MustCompile(`(\.\d*?)0+Z`).ReplaceAllString(body, "${1}Z")
}

// TestGoingBack runs the statements of docs/moving-from-fastapi.md and those of SQLModel, and adopts the database
// again.
func TestGoingBack(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(harness.File("docs/moving-from-fastapi.md"))
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```sql\n(.*?)```").FindSubmatch(page)
	if block == nil {
		t.Fatal("the page has no SQL for going back")
	}
	databaseURL := storetest.Postgres(t)
	makeFastAPI(t, databaseURL)
	columns := func() []string {
		return storetest.Query(t, databaseURL, `SELECT column_name, replace(data_type, 'character varying', 'text'), is_nullable FROM information_schema.columns
			WHERE table_schema = current_schema() AND table_name = 'tasks' ORDER BY column_name`)
	}
	texts := func() []string {
		return storetest.Query(t, databaseURL, "SELECT id, user_id, title, description, due_date, completed, created_at, updated_at FROM tasks ORDER BY id")
	}
	shape, rows, others := columns(), texts(), storetest.Dump(t, databaseURL, "task*")
	environ := []string{"DATABASE_URL=" + databaseURL}
	// As SQLAlchemy writes it.
	const insertOnly = `INSERT INTO tasks (user_id, title, description, priority, tags, due_date, completed, created_at, updated_at)
		VALUES ('bob', 'new', NULL, 'HIGH', '["a"]', '2026-03-01 00:00:00', false, '2026-03-01 12:00:00', '2026-03-01 12:00:00')`
	const insert = insertOnly + ` RETURNING tasks.id`
	const list = `SELECT tasks.id, tasks.user_id, tasks.title, tasks.description, tasks.priority, tasks.tags, tasks.due_date, tasks.completed,
		tasks.created_at, tasks.updated_at FROM tasks WHERE tasks.user_id = 'bob' ORDER BY tasks.created_at DESC`
	for round := range 2 {
		if out, err := harness.Command(t, environ, "migrate", "up"); err != nil {
			t.Fatalf("migrate up = %v\n%s", err, out)
		}
		if got := storetest.Query(t, databaseURL, list); len(got) != 1+round {
			t.Errorf("the old backend reads %q from the table that taskql has", got)
		}
		storetest.Exec(t, databaseURL,
			"DO $$ BEGIN "+insertOnly+"; RAISE 'the old backend wrote a row'; EXCEPTION WHEN not_null_violation THEN NULL; END $$",
			"UPDATE tasks SET deleted_at = now() WHERE title = 'new'")
		storetest.Exec(t, databaseURL, strings.ReplaceAll(string(block[1]), " task\n", " tasks\n"))
		if got := columns(); strings.Join(got, "\n") != strings.Join(shape, "\n") {
			t.Errorf("the columns are %q, want %q", got, shape)
		}
		if got := texts(); strings.Join(got, "\n") != strings.Join(rows, "\n") {
			t.Errorf("the rows are %q, want %q", got, rows)
		}
		if got := storetest.Dump(t, databaseURL, "tasks", "tasks_id_seq"); got != others {
			t.Errorf("beside the tasks there is\n%s\nwant\n%s", got, others)
		}
		if got := storetest.Query(t, databaseURL, insert); len(got) != 1 || len(storetest.Query(t, databaseURL, list)) != 2 {
			t.Errorf("the old backend's INSERT = %q", got)
		}
	}
}
