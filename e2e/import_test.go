package e2e

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"taskql/cli"
	"taskql/store/storetest"
)

// importing runs taskql import on a text and returns what it prints to either output.
func importing(t *testing.T, databaseURL, text string, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var out, log bytes.Buffer
	environ := []string{"DATABASE_URL=" + databaseURL}
	err = cli.Run(ctx, append(append([]string{"taskql", "import"}, args...), "-"), environ, strings.NewReader(text), &out, &log)
	return out.String(), log.String(), err
}

// exported is a task as the JSON export has it, without what is another's elsewhere.
type exported map[string]any

func (u *client) exported() (list []exported) {
	u.t.Helper()
	a := u.send("GET", u.tasks("export"), "")
	if a.status != 200 {
		u.t.Fatalf("GET export = %d %s", a.status, a.body)
	}
	a.json(u.t, &list)
	for _, task := range list {
		delete(task, "id")
		delete(task, "user_id")
	}
	return list
}

// makeOddTasks makes tasks with everything that a format could lose.
func makeOddTasks(u *client) {
	u.t.Helper()
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
			u.t.Fatal(err)
		}
		if a := u.send("POST", u.tasks(), string(body)); a.status != 201 {
			u.t.Fatalf("POST %s = %d %s", body, a.status, a.body)
		}
	}
	if a := u.send("PATCH", u.tasks(1, "complete"), ""); a.status != 200 {
		u.t.Fatalf("PATCH complete = %d %s", a.status, a.body)
	}
	if a := u.send("DELETE", u.tasks(2), ""); a.status != 200 {
		u.t.Fatalf("DELETE = %d %s", a.status, a.body)
	}
}

// TestExportAndImport has all that a user has go from one kind of database to the other, in either format.
func TestExportAndImport(t *testing.T) {
	eachDialect(t, func(t *testing.T, s *server, _ bool) {
		u := s.as("u/ä")
		makeOddTasks(u)
		want := u.exported()
		for _, format := range []string{"json", "csv"} {
			file := u.send("GET", u.tasks("export")+"?format="+format, "")
			other := storetest.SQLite(t)
			if strings.Contains(t.Name(), "SQLite") {
				other = storetest.Postgres(t)
			}
			for _, result := range []string{"9 tasks imported, 0 there already\n", "0 tasks imported, 9 there already\n"} {
				if out, log, err := importing(t, other, file.body, "--user", "other"); err != nil || out != result || log != "" {
					t.Fatalf("import of %s = %v, %q, %q, want %q", format, err, out, log, result)
				}
			}
			copied := start(t, signedIn(other)).as("other")
			if got := copied.exported(); !reflect.DeepEqual(got, want) {
				t.Errorf("by %s came\n%v\nwant\n%v", format, got, want)
			}
			// The other format has the same tasks.
			rest := map[string]string{"json": "csv", "csv": "json"}[format]
			file = u.send("GET", u.tasks("export")+"?format="+rest, "")
			if out, _, err := importing(t, other, file.body, "--user", "other"); err != nil || !strings.HasPrefix(out, "0 tasks imported") {
				t.Errorf("import of %s after %s = %v, %q", rest, format, err, out)
			}
		}
	})
}

func TestExportRoute(t *testing.T) {
	eachDialect(t, func(t *testing.T, s *server, _ bool) {
		u := s.as("u")
		u.send("POST", u.tasks(), `{"title":"one"}`)
		day := time.Now().UTC().Format(time.DateOnly)
		for _, tt := range []struct {
			query, mediaType, name string
		}{
			{"", "application/json", "json"}, {"?format=", "application/json", "json"}, {"?format=JSON", "application/json", "json"},
			{"?format=csv", "text/csv; charset=utf-8; header=present", "csv"}, {"?format=json&format=csv&x=y", "text/csv; charset=utf-8; header=present", "csv"},
		} {
			for _, method := range []string{"GET", "HEAD"} {
				for _, slash := range []string{"", "/"} {
					a := u.send(method, u.tasks("export")+slash+tt.query, "")
					disposition := regexp.MustCompile(`^attachment; filename="tasks-(\d{4}-\d\d-\d\d)\.` + tt.name + `"$`).FindStringSubmatch(a.header.Get("Content-Disposition"))
					if a.status != 200 || a.header.Get("Content-Type") != tt.mediaType || disposition == nil || disposition[1] < day || (a.body == "") != (method == "HEAD") {
						t.Errorf("%s export%s%s = %d %v %q", method, slash, tt.query, a.status, a.header, a.body)
					}
				}
			}
		}
		if a := u.send("GET", u.tasks("export"), ""); !regexp.MustCompile(`^\[\n\{"id":1,"user_id":"u","title":"one","description":null,"priority":"MEDIUM","tags":"\[\]","due_date":null,"completed":false,"created_at":"[^"]+Z","updated_at":"[^"]+Z","due_kind":null,"completed_at":null\}\n\]\n$`).MatchString(a.body) {
			t.Errorf("the export is %s", a.body)
		}
		records, err := csv.NewReader(strings.NewReader(u.send("GET", u.tasks("export")+"?format=csv", "").body)).ReadAll()
		if err != nil || len(records) != 2 || records[1][2] != "one" {
			t.Errorf("the CSV is %q, %v", records, err)
		}
		if a := s.as("nobody").send("GET", s.as("nobody").tasks("export"), ""); a.body != "[]\n" {
			t.Errorf("the export of no tasks is %q", a.body)
		}
		fault := `{"detail":[{"type":"enum","loc":["query","format"],"msg":"Input should be 'json' or 'csv'","input":"xml","ctx":{"expected":"'json' or 'csv'"}}]}`
		for _, tt := range []struct {
			as           *client
			method, path string
			status       int
			body         string
		}{
			{u, "GET", u.tasks("export") + "?format=xml", 422, fault},
			{u, "GET", s.as("v").tasks("export") + "?format=xml", 422, fault},
			{u, "GET", s.as("v").tasks("export"), 403, `{"detail":"Not authorized to access this task"}`},
			{&client{server: s}, "GET", u.tasks("export"), 401, `{"detail":"Invalid or missing token"}`},
			{u, "POST", u.tasks("export"), 405, `{"detail":"Method Not Allowed"}`},
			{u, "DELETE", u.tasks("export"), 405, `{"detail":"Method Not Allowed"}`},
		} {
			if a := tt.as.send(tt.method, tt.path, ""); a.status != tt.status || a.body != tt.body || a.header.Get("Content-Disposition") != "" {
				t.Errorf("%s %s = %d %s, want %d %s", tt.method, tt.path, a.status, a.body, tt.status, tt.body)
			}
		}
	})
}

func TestImportCommand(t *testing.T) {
	storetest.Each(t, func(t *testing.T, databaseURL string) {
		t.Chdir(t.TempDir())
		const todoist = "TYPE,CONTENT,DESCRIPTION,PRIORITY,INDENT,AUTHOR,RESPONSIBLE,DATE,DATE_LANG,TIMEZONE\r\n" +
			"task,Buy milk @shop,,1,1,Kai (1),,2030-03-01,en,\r\nnote,The good one,,,,,,,,\r\ntask,Call Ada,,4,1,Kai (1),,every day,en,\r\n"
		if err := os.WriteFile("todoist.csv", []byte(todoist), 0o600); err != nil {
			t.Fatal(err)
		}
		environ := []string{"DATABASE_URL=" + databaseURL}
		for _, tt := range []struct{ args, text, out, log, error string }{
			{"--user u --dry-run", "title\na\n\" \"\n", "1 task would be imported, 0 there already, 1 bad row left out\n", "line 3: title: The title is empty.\n", "1 row could not be imported"},
			{"--user u", "title\na\n,\nb\n", "2 tasks imported, 0 there already\n", "", ""},
			{"--user u --dry-run", "title\na\nc\n", "1 task would be imported, 1 there already\n", "", ""},
			{"--user u", "title,priority,completed_at\na,\n\" \",LOW\nc,URGENT\n\"x\"y,\nd,,2030-01-01\n" + strings.Repeat("ä", 201) + "\ne,\n",
				"1 task imported, 1 there already, 5 bad rows left out\n",
				"line 3: title: The title is empty.\n" +
					"line 4: priority: \"URGENT\" is none of HIGH, MEDIUM and LOW\n" +
					"line 5: its quotation marks are not those of CSV: one within a text is written twice, and the text between two\n" +
					"line 6: completedAt: A task that is not done cannot have been done at a time.\n" +
					"line 7: title: The text has more than 200 characters.\n",
				"5 rows could not be imported"},
			{"--user u", "[{\"title\":\"json\"},\n{\"title\":", "1 task imported, 0 there already\n", "", "the rest of the file cannot be read: line 2: the file ends in the middle"},
			{"--user u", "name\nx\n", "", "", "-: the format is not known: the first line names no column called title, nor TYPE and CONTENT; understood are JSON and CSV as taskql exports them, and CSV as Todoist exports it"},
			{"--user u", "", "", "", "-: the file is empty"},
			{"--user u", "\xFF\xFEt\x00", "", "", "UTF-16"},
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
		if _, err := command(t, environ, "migrate", "down", "--yes"); err != nil {
			t.Fatal(err)
		}
		if out, _, err := importing(t, databaseURL, "title\na\n", "--user", "u", "--dry-run"); err == nil || !strings.Contains(err.Error(), "migrate up first") {
			t.Errorf("a dry run with a missing migration = %v\n%s", err, out)
		}
		if _, err := command(t, environ, "import", "--user", "u", "nothing.csv"); err == nil || !strings.Contains(err.Error(), "nothing.csv") {
			t.Errorf("import of no file = %v", err)
		}
		for _, want := range []string{"2 tasks imported, 0 there already\n", "0 tasks imported, 2 there already\n"} {
			if out, err := command(t, environ, "import", "--user", "v", "todoist.csv"); err != nil || out != want {
				t.Errorf("import of todoist.csv = %v, %s, want %s", err, out, want)
			}
		}
		v := start(t, signedIn(databaseURL)).as("v")
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
		v.graphql(`{ tasks(orderBy: [{field: POSITION, direction: ASC}]) { nodes { title priority description tags dueDate } } }`).data(t, &milk)
		got, err := json.Marshal(milk.Tasks.Nodes)
		if want := `[{"Title":"Buy milk","Priority":"HIGH","Description":"The good one","Tags":["shop"],"DueDate":"2030-03-01"},` +
			`{"Title":"Call Ada","Priority":"LOW","Description":"Date: every day","Tags":[],"DueDate":null}]`; string(got) != want || err != nil {
			t.Errorf("Todoist's tasks are %s\nwant %s", got, want)
		}
		environ = append(environ, "MAX_TASKS_PER_USER=2")
		if err := os.WriteFile("new.csv", []byte("title\nnew\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := command(t, environ, "import", "--user", "v", "new.csv"); err == nil || !strings.Contains(err.Error(), "stopped before line 2: the user has reached the limit of 2 tasks (MAX_TASKS_PER_USER)") || out != "0 tasks imported, 0 there already\n" {
			t.Errorf("import beyond the quota = %v, %s", err, out)
		}
	})
}
