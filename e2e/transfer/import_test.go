package transfer

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// importing runs taskql import on a text and returns the standard output and error.
func importing(t *testing.T, databaseURL, text string, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	return harness.CommandWithInput(t, []string{"DATABASE_URL=" + databaseURL}, text, append(append([]string{"import"}, args...), "-")...)
}

// exported is a task in the JSON export, without the fields that differ between users.
type exported map[string]any

func exportOf(u *harness.Client) (list []exported) {
	u.T.Helper()
	a := u.Send("GET", u.Tasks("export"), "")
	if a.Status != 200 {
		u.T.Fatalf("GET export = %d %s", a.Status, a.Body)
	}
	a.JSON(u.T, &list)
	for _, task := range list {
		delete(task, "id")
		delete(task, "user_id")
	}
	return list
}

// makeOddTasks creates tasks with values that a format might lose.
func makeOddTasks(u *harness.Client) {
	u.T.Helper()
	var tags []string
	for i := range 20 {
		tags = append(tags, fmt.Sprintf(`=t,"%d"`, i))
	}
	for _, task := range []map[string]any{
		{"title": "plain"},
		{"title": "ünïcödé 日本 😀", "description": "two\nlines\r\nand\ra tab\t."},
		{"title": `"quoted", and; more`, "description": ""},
		{"title": "=1+1", "description": "=cmd|' /C calc'!A0", "tags": tags},
		{"title": "+1", "description": "'", "priority": "HIGH"},
		{"title": "-1", "description": "'=x", "priority": "LOW", "completed": true},
		{"title": "@sum", "description": "  -1", "due_date": "2026-03-01"},
		{"title": "'=x", "description": "\t", "due_date": "2026-03-01T17:30:00.123456"},
		{"title": "null", "description": "null", "due_date": "2026-03-01T17:30:00+01:00"},
		{"title": "midnight", "due_date": "2026-03-01T00:00:00Z"},
	} {
		body, err := json.Marshal(task)
		if err != nil {
			u.T.Fatal(err)
		}
		if a := u.Send("POST", u.Tasks(), string(body)); a.Status != 201 {
			u.T.Fatalf("POST %s = %d %s", body, a.Status, a.Body)
		}
	}
	if a := u.Send("PATCH", u.Tasks(1, "complete"), ""); a.Status != 200 {
		u.T.Fatalf("PATCH complete = %d %s", a.Status, a.Body)
	}
	if a := u.Send("DELETE", u.Tasks(2), ""); a.Status != 200 {
		u.T.Fatalf("DELETE = %d %s", a.Status, a.Body)
	}
}

// TestExportAndImport exports all tasks of a user and imports them into the other kind of database, in each format.
func TestExportAndImport(t *testing.T) {
	t.Parallel()
	harness.EachDialect(t, func(t *testing.T, s *harness.Server, _ bool) {
		u := s.As("u/ä")
		makeOddTasks(u)
		want := exportOf(u)
		for _, format := range []string{"json", "csv"} {
			file := u.Send("GET", u.Tasks("export")+"?format="+format, "")
			other := storetest.SQLite(t)
			if strings.Contains(t.Name(), "SQLite") {
				other = storetest.Postgres(t)
			}
			for _, result := range []string{"9 tasks imported, 0 there already\n", "0 tasks imported, 9 there already\n"} {
				if out, log, err := importing(t, other, file.Body, "--user", "other"); err != nil || out != result || log != "" {
					t.Fatalf("import of %s = %v, %q, %q, want %q", format, err, out, log, result)
				}
			}
			copied := harness.Start(t, harness.Env(other)).As("other")
			if got := exportOf(copied); !reflect.DeepEqual(got, want) {
				t.Errorf("by %s came\n%v\nwant\n%v", format, got, want)
			}
			// The other format has the same tasks.
			rest := map[string]string{"json": "csv", "csv": "json"}[format]
			file = u.Send("GET", u.Tasks("export")+"?format="+rest, "")
			if out, _, err := importing(t, other, file.Body, "--user", "other"); err != nil || !strings.HasPrefix(out, "0 tasks imported") {
				t.Errorf("import of %s after %s = %v, %q", rest, format, err, out)
			}
		}
	})
}

func TestExportRoute(t *testing.T) {
	t.Parallel()
	harness.EachDialect(t, func(t *testing.T, s *harness.Server, _ bool) {
		u := s.As("u")
		u.Send("POST", u.Tasks(), `{"title":"one"}`)
		day := time.Now().UTC().Format(time.DateOnly)
		for _, tt := range []struct {
			query, mediaType, name string
		}{
			{"", "application/json", "json"}, {"?format=", "application/json", "json"}, {"?format=JSON", "application/json", "json"},
			{"?format=csv", "text/csv; charset=utf-8; header=present", "csv"}, {"?format=json&format=csv&x=y", "text/csv; charset=utf-8; header=present", "csv"},
		} {
			for _, method := range []string{"GET", "HEAD"} {
				for _, slash := range []string{"", "/"} {
					a := u.Send(method, u.Tasks("export")+slash+tt.query, "")
					disposition := regexp.MustCompile(`^attachment; filename="tasks-(\d{4}-\d\d-\d\d)\.` + tt.name + `"$`).FindStringSubmatch(a.Header.Get("Content-Disposition"))
					if a.Status != 200 || a.Header.Get("Content-Type") != tt.mediaType || disposition == nil || disposition[1] < day || (a.Body == "") != (method == "HEAD") {
						t.Errorf("%s export%s%s = %d %v %q", method, slash, tt.query, a.Status, a.Header, a.Body)
					}
				}
			}
		}
		if a := u.Send("GET", u.Tasks("export"), ""); !regexp.MustCompile(`^\[\n\{"id":1,"user_id":"u","title":"one","description":null,"priority":"MEDIUM","tags":"\[\]","due_date":null,"completed":false,"created_at":"[^"]+Z","updated_at":"[^"]+Z","due_kind":null,"completed_at":null\}\n\]\n$`).MatchString(a.Body) {
			t.Errorf("the export is %s", a.Body)
		}
		records, err := csv.NewReader(strings.NewReader(u.Send("GET", u.Tasks("export")+"?format=csv", "").Body)).ReadAll()
		if err != nil || len(records) != 2 || records[1][2] != "one" {
			t.Errorf("the CSV is %q, %v", records, err)
		}
		if a := s.As("nobody").Send("GET", s.As("nobody").Tasks("export"), ""); a.Body != "[]\n" {
			t.Errorf("the export of no tasks is %q", a.Body)
		}
		fault := `{"detail":[{"type":"enum","loc":["query","format"],"msg":"Input should be 'json' or 'csv'","input":"xml","ctx":{"expected":"'json' or 'csv'"}}]}`
		for _, tt := range []struct {
			as           *harness.Client
			method, path string
			status       int
			body         string
		}{
			{u, "GET", u.Tasks("export") + "?format=xml", 422, fault},
			{u, "GET", s.As("v").Tasks("export") + "?format=xml", 422, fault},
			{u, "GET", s.As("v").Tasks("export"), 403, `{"detail":"Not authorized to access this task"}`},
			{s.Anonymous(), "GET", u.Tasks("export"), 401, `{"detail":"Invalid or missing token"}`},
			{u, "POST", u.Tasks("export"), 405, `{"detail":"Method Not Allowed"}`},
			{u, "DELETE", u.Tasks("export"), 405, `{"detail":"Method Not Allowed"}`},
		} {
			if a := tt.as.Send(tt.method, tt.path, ""); a.Status != tt.status || a.Body != tt.body || a.Header.Get("Content-Disposition") != "" {
				t.Errorf("%s %s = %d %s, want %d %s", tt.method, tt.path, a.Status, a.Body, tt.status, tt.body)
			}
		}
	})
}

func TestImportCommand(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, databaseURL string) {
		const todoist = "TYPE,CONTENT,DESCRIPTION,PRIORITY,INDENT,AUTHOR,RESPONSIBLE,DATE,DATE_LANG,TIMEZONE\r\n" +
			"task,Buy milk @shop,,1,1,Kai (1),,2030-03-01,en,\r\nnote,The good one,,,,,,,,\r\ntask,Call Ada,,4,1,Kai (1),,every day,en,\r\n"
		todoistFile := filepath.Join(t.TempDir(), "todoist.csv")
		if err := os.WriteFile(todoistFile, []byte(todoist), 0o600); err != nil {
			t.Fatal(err)
		}
		environ := []string{"DATABASE_URL=" + databaseURL}
		for _, tt := range []struct{ args, text, out, log, error string }{
			{"--user u --dry-run", "title\na\n\" \"\n", "1 task would be imported, 0 there already, 1 bad row left out\n", "line 3: title: The title is empty.\n", "1 row could not be imported"},
			{"--user u", "title\na\n,\nb\n", "2 tasks imported, 0 there already\n", "", ""},
			{"--user u --dry-run", "title\na\nc\n", "1 task would be imported, 1 there already\n", "", ""},
			{"--user u", "Title,Prio,completed,Completed At\na,\n\" \",LOW\nc,HIGHER\n\"x\"y,\nd,,no,2030-01-01\n" + strings.Repeat("ä", 201) + "\ne,\n",
				"1 task imported, 1 there already, 5 bad rows left out\n",
				"line 3: Title: The title is empty.\n" +
					"line 4: Prio: \"HIGHER\" is none of HIGH, MEDIUM and LOW, and no number from 1 to 4\n" +
					"line 5: its quotation marks are not those of CSV: one within a text is written twice, and the text between two\n" +
					"line 6: Completed At: A task that is not completed cannot have a completion time.\n" +
					"line 7: Title: The text has more than 200 characters.\n",
				"5 rows could not be imported"},
			{"--user u", "[{\"title\":\"json\"},\n{\"title\":", "1 task imported, 0 there already\n", "", "the rest of the file cannot be read: line 2: the file ends in the middle"},
			{"--user u", "due\nx\n", "", "", "-: the format is not known: no column is named title, name or task; the file must be JSON or CSV in taskql's export format, or CSV exported from Todoist or another task application"},
			{"--user u", "", "", "", "-: the file is empty"},
			{"--user u", "t\x00", "", "", "UTF-16"},
			{"--user w --dry-run", "TITLE;PLANNEDDATE;DEADLINEDATE;TAGS;Owner\nx;2026-03-01;5.3.2026;a;me\n", "1 task would be imported, 0 there already\n" +
				"warning: columns that are not imported: \"Owner\", \"PLANNEDDATE\" where \"DEADLINEDATE\" has another value\n", "", ""},
			{"--user w", "TITLE;PLANNEDDATE;TAGS;Owner\nx;2026-03-01;a,b;me\ny;03/04/2026;;\n", "1 task imported, 0 there already, 1 bad row left out\n" +
				"warning: columns that are not imported: \"Owner\"\n",
				"line 3: PLANNEDDATE: \"03/04/2026\" could be 3 April or March 4: write 2026-04-03 or 2026-03-04\n", "1 row could not be imported"},
			{"--user=", "title\na\n", "", "", `--user must be`},
			{"--user u more", "title\na\n", "", "", `name one file to import`},
		} {
			args := strings.Split(tt.args, " ")
			out, log, err := importing(t, databaseURL, tt.text, args...)
			if out != tt.out || log != tt.log || (err == nil) != (tt.error == "") || err != nil && !strings.Contains(err.Error(), tt.error) {
				t.Errorf("import %s of %.80q = %v\n%s%s\nwant %s\n%s%s", tt.args, tt.text, err, out, log, tt.error, tt.out, tt.log)
			}
		}
		// A database between two versions has to be migrated first.
		if _, err := harness.Command(t, environ, "migrate", "down", "--yes"); err != nil {
			t.Fatal(err)
		}
		if out, _, err := importing(t, databaseURL, "title\na\n", "--user", "u", "--dry-run"); err == nil || !strings.Contains(err.Error(), "migrate up first") {
			t.Errorf("a dry run with a missing migration = %v\n%s", err, out)
		}
		if _, err := harness.Command(t, environ, "import", "--user", "u", "nothing.csv"); err == nil || !strings.Contains(err.Error(), "nothing.csv") {
			t.Errorf("import of no file = %v", err)
		}
		for _, want := range []string{"2 tasks imported, 0 there already\n", "0 tasks imported, 2 there already\n"} {
			if out, err := harness.Command(t, environ, "import", "--user", "v", todoistFile); err != nil || out != want {
				t.Errorf("import of todoist.csv = %v, %s, want %s", err, out, want)
			}
		}
		v := harness.Start(t, harness.Env(databaseURL)).As("v")
		var milk struct {
			Tasks struct {
				Nodes []struct {
					Title, Priority string
					Description     *string
					Tags            []string
					DueDate         *string
				}
			}
		}
		v.GraphQL(`{ tasks(orderBy: [{field: POSITION, direction: ASC}]) { nodes { title priority description tags dueDate } } }`).Data(t, &milk)
		got, err := json.Marshal(milk.Tasks.Nodes)
		if want := `[{"Title":"Buy milk","Priority":"HIGH","Description":"The good one","Tags":["shop"],"DueDate":"2030-03-01"},` +
			`{"Title":"Call Ada","Priority":"LOW","Description":"Date: every day","Tags":[],"DueDate":null}]`; string(got) != want || err != nil {
			t.Errorf("Todoist's tasks are %s\nwant %s", got, want)
		}
	})
}

// TestImportNotifiesServers listens on PostgreSQL as a server with subscribers does, and imports a file.
func TestImportNotifiesServers(t *testing.T) {
	databaseURL := storetest.Postgres(t)
	environ := []string{"DATABASE_URL=" + databaseURL}
	if _, err := harness.Command(t, environ, "migrate", "up"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var id string
	if err := conn.QueryRow(ctx, "SELECT value FROM task_setting WHERE name = 'database_id'").Scan(&id); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(ctx, "LISTEN taskql_"+id); err != nil {
		t.Fatal(err)
	}
	if out, _, err := importing(t, databaseURL, "title\na\n", "--user", "u"); err != nil {
		t.Fatalf("import = %v\n%s", err, out)
	}
	if _, err := conn.WaitForNotification(ctx); err != nil {
		t.Errorf("no notification of the import: %v", err)
	}
}

// TestImportOfALockedTable ends the wait for a lock: the cause is told once.
func TestImportOfALockedTable(t *testing.T) {
	t.Parallel()
	databaseURL := storetest.Postgres(t)
	if _, err := harness.Command(t, []string{"DATABASE_URL=" + databaseURL}, "migrate", "up"); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), "BEGIN; LOCK TABLE task"); err != nil {
		t.Fatal(err)
	}
	stdout, stderr, err := importing(t, databaseURL+"&lock_timeout=100ms", "title\nx\n", "--user", "u")
	const want = "stopped before line 2: canceling statement due to lock timeout: run the same command again to continue"
	if err == nil || err.Error() != want || stdout != "0 tasks imported, 0 there already\n" || strings.Contains(stderr, "timeout") {
		t.Errorf("import = %v\n%s\n%s\nwant %q", err, stdout, stderr, want)
	}
}
