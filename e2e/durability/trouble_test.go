package durability

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// everyRequest returns each operation of each API, with valid input.
func everyRequest(u *harness.Client) map[string]func() harness.Answer {
	all := map[string]func() harness.Answer{}
	for name, query := range map[string]string{
		"task":         `{ task(id: 1) { id } }`,
		"node":         `{ node(id: 1) { id } }`,
		"tasks":        `{ tasks { nodes { id } } }`,
		"totalCount":   `{ tasks { totalCount } }`,
		"createTask":   `mutation { createTask(input: {title: "x"}) { task { id } } }`,
		"updateTask":   `mutation { updateTask(id: 1, input: {title: "y"}) { task { id } } }`,
		"completeTask": `mutation { completeTask(id: 1) { task { id } } }`,
		"reopenTask":   `mutation { reopenTask(id: 1) { task { id } } }`,
		"toggleTask":   `mutation { toggleTask(id: 1) { task { id } } }`,
		"deleteTask":   `mutation { deleteTask(id: 1) { task { id } } }`,
		"restoreTask":  `mutation { restoreTask(id: 1) { task { id } } }`,
		"moveTask":     `mutation { moveTask(id: 1, placement: {end: LAST}) { task { id } } }`,
		"purgeTask":    `mutation { purgeTask(id: 1) { deletedTaskId } }`,
		"createTasks":  `mutation { createTasks(inputs: [{title: "x"}]) { tasks { id } } }`,
		"updateTasks":  `mutation { updateTasks(ids: [1], input: {title: "x"}) { tasks { id } } }`,
		"deleteTasks":  `mutation { deleteTasks(ids: [1]) { count } }`,
		"restoreTasks": `mutation { restoreTasks(ids: [1]) { tasks { id } } }`,
		"clear":        `mutation { clearCompletedTasks { count } }`,
		"emptyTrash":   `mutation { emptyTrash { count } }`,
	} {
		all[name] = func() harness.Answer { return u.GraphQL(query) }
	}
	for name, request := range map[string][3]string{
		"REST list":     {"GET", u.Tasks(), ""},
		"REST create":   {"POST", u.Tasks(), `{"title":"x"}`},
		"REST get":      {"GET", u.Tasks(1), ""},
		"REST put":      {"PUT", u.Tasks(1), `{"title":"y"}`},
		"REST patch":    {"PATCH", u.Tasks(1), `{"title":"z"}`},
		"REST complete": {"PATCH", u.Tasks(1, "complete"), ""},
		"REST delete":   {"DELETE", u.Tasks(1), ""},
	} {
		all[name] = func() harness.Answer { return u.Send(request[0], request[1], request[2]) }
	}
	return all
}

// checkFailed checks the response of a server without its database: it has a code and does not contain the cause.
func checkFailed(t *testing.T, name string, a harness.Answer, want string) {
	t.Helper()
	if strings.HasPrefix(name, "REST") {
		status, body := 500, `{"detail":"Internal server error"}`
		if want == "UNAVAILABLE" {
			status, body = 503, `{"detail":"Service unavailable"}`
		}
		if a.Status != status || a.Body != body || (a.Header.Get("Retry-After") != "") != (status == 503) {
			t.Errorf("%s = %d %s, want %d", name, a.Status, a.Body, status)
		}
		return
	}
	if code, _, _ := a.Problem(t); code != want || !strings.Contains(a.Body, `"requestId":"`+a.Header.Get("X-Request-Id")+`"`) {
		t.Errorf("%s = %d %s, want %s with the request's id", name, a.Status, a.Body, want)
	}
	for _, word := range []string{"sql", "database", "driver", "bun", "pgx", "dial", "tcp", "connect", "closed", "store:", "EOF", "127.0.0.1"} {
		shown := strings.ReplaceAll(a.Body, a.Header.Get("X-Request-Id"), "") // whose letters are random
		if strings.Contains(strings.ToLower(shown), strings.ToLower(word)) {
			t.Errorf("%s shows %q: %s", name, word, a.Body)
		}
	}
}

// TestDatabaseClosedUnderTheHandler closes the database of a server. No response may contain text of the driver.
func TestDatabaseClosedUnderTheHandler(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, databaseURL string) {
		p := harness.NewProgram(t, harness.Env(databaseURL), nil)
		web := httptest.NewServer(p.Handler)
		defer web.Close()
		u := harness.At(t, web.URL).As("u")
		if err := p.Store.Close(); err != nil {
			t.Fatal(err)
		}
		for name, request := range everyRequest(u) {
			checkFailed(t, name, request(), "INTERNAL")
		}
		if a := u.Send("GET", "/health", ""); a.Status != 503 || a.Body != `{"status":"unhealthy","service":"taskql"}` {
			t.Errorf("GET /health = %d %s, want 503", a.Status, a.Body)
		}
		web.Close() // so that the log is written
		if !strings.Contains(p.Log.String(), "database is closed") || strings.Contains(p.Log.String(), u.Token) {
			t.Errorf("the log must name the cause, and no token:\n%s", p.Log.String())
		}
	})
}

// TestDatabaseGoesAway cuts the connections to PostgreSQL while the server runs, and accepts them again.
func TestDatabaseGoesAway(t *testing.T) {
	t.Parallel()
	databaseURL := storetest.Postgres(t)
	address, err := url.Parse(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	p := harness.NewProxy(t, address.Host)
	address.Host = p.Address
	u := harness.Start(t, harness.Env(address.String())).As("u")
	if a := u.Send("POST", u.Tasks(), `{"title":"x"}`); a.Status != 201 {
		t.Fatalf("POST = %d %s", a.Status, a.Body)
	}
	p.Cut(true)
	for name, request := range everyRequest(u) {
		checkFailed(t, name, request(), "UNAVAILABLE")
	}
	// A result of the health check is valid for a second.
	harness.Eventually(t, "/health reports the fault", func() bool { return u.Send("GET", "/health", "").Status == 503 })
	p.Cut(false)
	if a := u.Send("GET", u.Tasks(), ""); a.Status != 200 || !strings.Contains(a.Body, `"title":"x"`) || strings.Contains(a.Body, "},{") {
		t.Errorf("GET after the database is back = %d %s, want the one task", a.Status, a.Body)
	}
	harness.Eventually(t, "/health reports that all is well", func() bool { return u.Send("GET", "/health", "").Status == 200 })
}
