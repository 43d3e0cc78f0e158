package transfer

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

const firstUUID, secondUUID, bobsUUID = "c0a8f4d2-1111-4d0c-a9d7-6b1f7a0c1d2e", "00a8f4d2-2222-4d0c-a9d7-6b1f7a0c1d2e", "b0b8f4d2-3333-4d0c-a9d7-6b1f7a0c1d2e"

// makeUUIDs creates the table of a FastAPI backend with UUIDs, names in camel case and a status, as SQLAlchemy does.
func makeUUIDs(t *testing.T, databaseURL string) {
	t.Helper()
	text := `CREATE TABLE tasks (id UUID NOT NULL, "userId" VARCHAR NOT NULL, title VARCHAR(200) NOT NULL, description VARCHAR, status VARCHAR(11) DEFAULT 'todo' NOT NULL,
		priority VARCHAR NOT NULL, "dueDate" TIMESTAMP WITHOUT TIME ZONE, "createdAt" TIMESTAMP WITHOUT TIME ZONE NOT NULL, "updatedAt" TIMESTAMP WITHOUT TIME ZONE NOT NULL,
		PRIMARY KEY (id));
		CREATE INDEX "ix_tasks_userId" ON tasks ("userId");
		INSERT INTO tasks VALUES ('` + firstUUID + `', 'ada', 'one', 'notes', 'in_progress', 'urgent', '2026-02-01 00:00:00', '2026-01-01 10:00:00', '2026-01-01 10:00:00'),
			('` + secondUUID + `', 'ada', 'two', NULL, 'done', 'low', NULL, '2026-01-02 10:00:00', '2026-01-03 10:00:00'),
			('` + bobsUUID + `', 'bob', 'three', '', 'todo', 'none', NULL, '2026-01-03 10:00:00', '2026-01-03 10:00:00');`
	if !storetest.IsPostgres(databaseURL) {
		text = strings.NewReplacer("UUID", "CHAR(32)", "TIMESTAMP WITHOUT TIME ZONE", "DATETIME", firstUUID, strings.ReplaceAll(firstUUID, "-", ""),
			secondUUID, strings.ReplaceAll(secondUUID, "-", ""), bobsUUID, strings.ReplaceAll(bobsUUID, "-", "")).Replace(text)
	}
	storetest.Exec(t, databaseURL, text)
}

// TestMovingUUIDs adopts such a table, uses its tasks through REST by the ids that they had, and on PostgreSQL goes back and adopts it again.
func TestMovingUUIDs(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, databaseURL string) {
		makeUUIDs(t, databaseURL)
		out, err := harness.Command(t, []string{"DATABASE_URL=" + databaseURL}, "migrate", "plan")
		plan := regexp.MustCompile(`(?s)renamed: userId becomes user_id, dueDate becomes due_date, createdAt .*completed: read from status.*\n  id: .* becomes bigint, a new number.*` +
			`kept, though taskql does not use them: status.*Its 3 rows, of 2 users\n  1 tasks have a status that says more than open or done.*\n  3 priorities become.* 2 of them are other words`)
		if err != nil || !plan.MatchString(out) {
			t.Errorf("migrate plan = %v\n%s\nwant %s", err, out, plan)
		}
		environ := map[string]string{"DATABASE_URL": databaseURL, "BETTER_AUTH_SECRET": harness.Secret, "HOST": "127.0.0.1"}
		s := harness.Start(t, environ)
		wantMovedUUIDs(t, s)
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
		if !storetest.IsPostgres(databaseURL) {
			return
		}
		goBackToUUIDs(t, databaseURL)
		s = harness.Start(t, environ)
		if a := s.As("bob").Send("GET", s.As("bob").Tasks(bobsUUID), ""); a.Status != 200 || !strings.Contains(a.Body, `"title":"three"`) {
			t.Errorf("GET after the second takeover = %d %s", a.Status, a.Body)
		}
	})
}

func wantMovedUUIDs(t *testing.T, s *harness.Server) {
	t.Helper()
	ada, bob := s.As("ada"), s.As("bob")
	const one = `{"id":1,"user_id":"ada","title":"one","description":"notes","priority":"HIGH","tags":"[\"priority:urgent\"]","due_date":"2026-02-01T00:00:00","completed":false,"created_at":"2026-01-01T10:00:00Z","updated_at":"2026-01-01T10:00:00Z"}`
	for _, id := range []any{firstUUID, strings.ToUpper(firstUUID), strings.ReplaceAll(firstUUID, "-", ""), 1} {
		if a := ada.Send("GET", ada.Tasks(id), ""); a.Status != 200 || a.Body != one {
			t.Errorf("GET of %v = %d %s, want %s", id, a.Status, a.Body, one)
		}
	}
	for _, tt := range []struct {
		as           *harness.Client
		method, path string
		body         string
		status       int
		want         string
	}{
		{ada, "GET", "/web" + ada.Tasks(firstUUID), ``, 200, `"priority":"urgent","tags":[],`},
		{ada, "PUT", ada.Tasks(firstUUID), `{"title":"one!"}`, 200, `"id":1,"user_id":"ada","title":"one!"`},
		{ada, "PUT", ada.Tasks(firstUUID), `{"title":""}`, 422, `string_too_short`},
		{ada, "PATCH", ada.Tasks(secondUUID, "complete"), ``, 200, `"completed":false`},
		{ada, "PATCH", ada.Tasks(secondUUID, "toggle"), ``, 200, `"completed":true`},
		{ada, "PATCH", ada.Tasks(secondUUID, "uncomplete"), ``, 200, `"completed":false`},
		{bob, "GET", bob.Tasks(firstUUID), ``, 404, `{"detail":"Task not found"}`},
		{bob, "DELETE", bob.Tasks(firstUUID), ``, 404, `{"detail":"Task not found"}`},
		{bob, "GET", ada.Tasks(bobsUUID), ``, 403, `{"detail":"Not authorized to access this task"}`},
		{ada, "GET", ada.Tasks("00000000-0000-0000-0000-000000000000"), ``, 404, `{"detail":"Task not found"}`},
		{ada, "GET", ada.Tasks("%00%ff"), ``, 404, `{"detail":"Task not found"}`},
		{ada, "DELETE", ada.Tasks(firstUUID), ``, 200, `{"message":"Task deleted successfully","success":true,"id":1}`},
		{ada, "GET", ada.Tasks(firstUUID), ``, 404, `{"detail":"Task not found"}`},
		{ada, "POST", ada.Tasks(), `{"title":"four"}`, 201, `"id":4,`},
	} {
		if a := tt.as.Send(tt.method, tt.path, tt.body); a.Status != tt.status || !strings.Contains(a.Body, tt.want) {
			t.Errorf("%s %s %s = %d %s, want %d %s", tt.method, tt.path, tt.body, a.Status, a.Body, tt.status, tt.want)
		}
	}
	if a := bob.GraphQL(`{ tasks { nodes { id title priority } } }`); a.Body != `{"data":{"tasks":{"nodes":[{"id":"3","title":"three","priority":"MEDIUM"}]}}}` {
		t.Errorf("bob's tasks = %s", a.Body)
	}
}

// goBackToUUIDs runs the statements of docs/moving-from-fastapi.md with those for such tables.
func goBackToUUIDs(t *testing.T, databaseURL string) {
	t.Helper()
	page, err := os.ReadFile(harness.File("docs/moving-from-fastapi.md"))
	if err != nil {
		t.Fatal(err)
	}
	block := string(regexp.MustCompile("(?s)```sql\n(.*?)```").FindSubmatch(page)[1])
	from, to := strings.Index(block, "-- If the ids"), strings.Index(block, "DROP TABLE task_old_id")
	if from < 0 || to < from {
		t.Fatal("the page does not say how to go back to UUIDs")
	}
	own := regexp.MustCompile(`-- (ALTER|UPDATE)`).ReplaceAllString(block[from:to], "$1")
	block = regexp.MustCompile(`\btask( |;|\n|\.)`).ReplaceAllString(block[:from]+own+block[to:], "tasks$1")
	storetest.Exec(t, databaseURL, block)
	got := storetest.Query(t, databaseURL, `SELECT CASE title WHEN 'four' THEN 'new' ELSE id::text END, "userId", title, status, priority, "dueDate", "createdAt" FROM tasks ORDER BY "createdAt"`)
	want := []string{secondUUID + "|ada|two|todo|LOW|-|2026-01-02T10:00:00Z", bobsUUID + "|bob|three|todo|MEDIUM|-|2026-01-03T10:00:00Z", "new|ada|four|todo|MEDIUM|-|"}
	if len(got) != 3 || got[0] != want[0] || got[1] != want[1] || !strings.HasPrefix(got[2], want[2]) {
		t.Errorf("the rows are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
