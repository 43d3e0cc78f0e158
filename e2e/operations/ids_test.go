package operations

import (
	"strings"
	"testing"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

const lastOf32Bits = `SELECT setval(pg_get_serial_sequence('task', 'id'), 2147483647)`

// TestIDsOf64Bits creates tasks beyond the ids of 32 bits and does with them what can be done.
func TestIDsOf64Bits(t *testing.T) {
	t.Parallel()
	databaseURL := storetest.Postgres(t)
	u := harness.Start(t, harness.Env(databaseURL)).As("u")
	storetest.Exec(t, databaseURL, lastOf32Bits)
	id := u.Add("needle")
	if id != "2147483648" {
		t.Fatalf("the id is %s", id)
	}
	const ids = `["2147483648", "2147483649"]`
	write := func(mutation string) {
		t.Helper()
		if a := u.GraphQL("mutation { " + mutation + " { userErrors { code } } }"); !strings.Contains(a.Body, `{"userErrors":[]}`) {
			t.Errorf("%s = %s", mutation, a.Body)
		}
	}
	write(`createTasks(inputs: [{title: "a"}, {title: "b"}])`)
	write(`moveTask(id: "2147483648", placement: {after: "2147483649"})`)
	write(`updateTasks(ids: ` + ids + `, input: {addTags: ["x"]})`)
	const query = `{ task(id: "2147483648") { title } tasks(search: "needle") { nodes { id } } }`
	if got := u.GraphQL(query).Body; got != `{"data":{"task":{"title":"needle"},"tasks":{"nodes":[{"id":"2147483648"}]}}}` {
		t.Errorf("%s", got)
	}
	write(`deleteTasks(ids: ` + ids + `)`)
	write(`emptyTrash`)
	if got := u.GraphQL(`{ taskChanges(first: 5) { changes { taskId } } }`).Body; !strings.Contains(got, `"taskId":"2147483650"`) {
		t.Errorf("%s", got)
	}
}

// TestIDsOf32Bits uses up the ids of a table with ids of 32 bits, as other programs create it.
func TestIDsOf32Bits(t *testing.T) {
	t.Parallel()
	databaseURL := storetest.Postgres(t)
	environ := []string{"DATABASE_URL=" + databaseURL, "BETTER_AUTH_SECRET=" + harness.Secret}
	s := harness.Start(t, harness.Env(databaseURL))
	storetest.Exec(t, databaseURL, `ALTER TABLE task ALTER COLUMN id TYPE integer`)
	for last, want := range map[string]bool{"1000": false, "1073741824": true} {
		storetest.Exec(t, databaseURL, `SELECT setval(pg_get_serial_sequence('task', 'id'), `+last+`)`)
		for _, command := range [][]string{{"check"}, {"migrate", "plan"}} {
			out, err := harness.Command(t, environ, command...)
			if got := strings.Contains(out, "50% of the task ids are used up: see docs/databases.md"); err != nil || got != want {
				t.Errorf("%v after the id %s = %v\n%s\nwarning %t, want %t", command, last, err, out, got, want)
			}
		}
	}
	storetest.Exec(t, databaseURL, lastOf32Bits)
	u := s.As("u")
	if a := u.Send("POST", u.Tasks(), `{"title":"x"}`); a.Status != 500 || a.Body != `{"detail":"Internal server error"}` {
		t.Errorf("POST without an id left = %d %s", a.Status, a.Body)
	}
	if a := u.GraphQL(`mutation { createTasks(inputs: [{title: "a"}]) { tasks { id } } }`); !strings.Contains(a.Body, `"code":"INTERNAL"`) || strings.Contains(a.Body, "sequence") {
		t.Errorf("createTasks without an id left = %s", a.Body)
	}
	if n := strings.Count(s.Out.String(), "has used up its ids of 32 bits"); n != 2 {
		t.Errorf("the log has %d explanations, want 2:\n%s", n, s.Out)
	}
}
