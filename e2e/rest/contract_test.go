package rest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"taskql/e2e/harness"
)

// exchange is a request with texts that must and must not be in the response. In path and body, {id} is the id of a
// task with the title "one".
type exchange struct {
	method, path, body string
	headers            []string
	status             int
	has, hasNot        []string // of the body
	header             http.Header
}

const detailList = `{"detail":[`

func TestRESTContract(t *testing.T) {
	t.Parallel()
	item := func(kind, loc, message, input string, ctx ...string) string {
		more := ""
		if len(ctx) > 0 {
			more = `,"ctx":{` + ctx[0] + `}`
		}
		return fmt.Sprintf(`{"type":%q,"loc":[%s],"msg":%q,"input":%s%s}`, kind, loc, message, input, more)
	}
	long := strings.Repeat("x", 201)
	exchanges := []exchange{
		// Bodies of POST.
		{method: "POST", path: "", body: `{}`, status: 422, has: []string{item("missing", `"body","title"`, "Field required", `{}`)}},
		{method: "POST", path: "", status: 422, has: []string{item("missing", `"body"`, "Field required", `null`)}},
		{method: "POST", path: "", body: `{"title":`, status: 422, has: []string{`"type":"json_invalid","loc":["body",9],"msg":"JSON decode error","input":{},"ctx":{"error":`}},
		{method: "POST", path: "", body: `[1]`, status: 422, has: []string{item("model_attributes_type", `"body"`, "Input should be a valid dictionary or object to extract fields from", `[1]`)}},
		{method: "POST", path: "", body: `{"title":5}`, status: 422, has: []string{item("string_type", `"body","title"`, "Input should be a valid string", `5`)}},
		{method: "POST", path: "", body: `{"title":""}`, status: 422, has: []string{item("string_too_short", `"body","title"`, "String should have at least 1 character", `""`, `"min_length":1`)}},
		{method: "POST", path: "", body: `{"title":"` + long + `"}`, status: 422, has: []string{item("string_too_long", `"body","title"`, "String should have at most 200 characters", `"`+long+`"`, `"max_length":200`)}},
		{method: "POST", path: "", body: `{"title":"x","priority":"x"}`, status: 422, has: []string{item("enum", `"body","priority"`, "Input should be 'HIGH', 'MEDIUM' or 'LOW'", `"x"`, `"expected":"'HIGH', 'MEDIUM' or 'LOW'"`)}},
		{method: "POST", path: "", body: `{"title":"x","due_date":"soon"}`, status: 422, has: []string{`"type":"datetime_from_date_parsing","loc":["body","due_date"],"msg":"Input should be a valid datetime or date, `, `"input":"soon"`}},
		{method: "POST", path: "", body: `{"title":"x","completed":"maybe"}`, status: 422, has: []string{item("bool_parsing", `"body","completed"`, "Input should be a valid boolean, unable to interpret input", `"maybe"`)}},
		{method: "POST", path: "", body: `{"title":"x","description":"","user_id":"evil","id":9,"recurrence":"c","tag_ids":[1]}`, status: 201,
			has: []string{`"description":""`, `"user_id":"u"`}, hasNot: []string{"evil", "recurrence", `"id":9,`}, header: http.Header{"Location": {"/api/u/tasks/"}, "Etag": {`"`}}},
		{method: "POST", path: "/", body: `{"title":"x","priority":null,"tags":null,"due_date":"","completed":"yes"}`, status: 201, has: []string{`"due_date":null`, `"completed":true`}},
		{method: "POST", path: "", body: `{"title":"x","status":"completed"}`, status: 201, has: []string{`"completed":true`}},
		{method: "POST", path: "", body: `{"title":"x","status":"completed","completed":false}`, status: 201, has: []string{`"completed":false`}},
		{method: "POST", path: "", body: `{"title":"x","status":"in_progress"}`, status: 201, has: []string{`"completed":false`}},
		{method: "POST", path: "", body: `{"title":"x","is_completed":1}`, status: 201, has: []string{`"completed":true`}},
		{method: "POST", path: "", body: `{"title":"x","dueDate":"2026-02-01"}`, status: 201, has: []string{`"due_date":"2026-02-01T00:00:00"`}},
		{method: "POST", path: "", body: `{"title":"x","due_date":"2026-02-01 17:30"}`, status: 201, has: []string{`"due_date":"2026-02-01T17:30:00"`}},
		{method: "POST", path: "", body: `{"title":"x","due_date":"2026-02-01T17:30:00+01:00"}`, status: 201, has: []string{`"due_date":"2026-02-01T16:30:00Z"`}},
		{method: "POST", path: "", body: `{"title":"x","due_date":1769904000000}`, status: 201, has: []string{`"due_date":"2026-02-01T00:00:00Z"`}},
		{method: "POST", path: "", body: `{"title":"x","due_date":"1769904000"}`, status: 201, has: []string{`"due_date":"2026-02-01T00:00:00Z"`}},
		{method: "POST", path: "", body: `{"title":"x","title":"y"}`, status: 422, has: []string{"json_invalid"}},
		{method: "POST", path: "", body: `{"title":"x"} trailing`, status: 422, has: []string{"json_invalid"}},
		// One task.
		{method: "GET", path: "/{id}", status: 200, has: []string{`"title":"one"`}, header: http.Header{"Etag": {`"`}}},
		{method: "GET", path: "/{id}/", status: 200, has: []string{`"title":"one"`}},
		{method: "GET", path: "/abc", status: 422, has: []string{item("int_parsing", `"path","id"`, "Input should be a valid integer, unable to parse string as an integer", `"abc"`)}},
		{method: "GET", path: "/0", status: 404, has: []string{`{"detail":"Task not found"}`}},
		{method: "GET", path: "/99999999999999999999", status: 404, has: []string{`{"detail":"Task not found"}`}},
		{method: "PUT", path: "/{id}", body: `{"title":null,"priority":null,"completed":null}`, status: 200, has: []string{`"title":"one"`}},
		{method: "PATCH", path: "/{id}", body: `{"tags":"b, a,,B"}`, status: 200, has: []string{`b`, `a`}, hasNot: []string{`B`}},
		{method: "PUT", path: "/{id}", body: `{"tags":null,"description":null,"due_date":null}`, status: 200, has: []string{`"description":null`, `"due_date":null`}},
		{method: "PUT", path: "/x", body: `{"title":""}`, status: 422, has: []string{`"loc":["path","id"]`, `"loc":["body","title"]`}},
		{method: "PUT", path: "/0", body: `{"title":"n"}`, status: 404, has: []string{`{"detail":"Task not found"}`}},
		{method: "PUT", path: "/{id}", body: `{"title":"n"}`, headers: []string{"If-Match", `"999999"`}, status: 412, has: []string{`{"detail":"Task was changed"}`}, header: http.Header{"Etag": {`"`}}},
		{method: "PUT", path: "/{id}", body: `{"title":"n"}`, headers: []string{"If-Match", `5`}, status: 412},
		{method: "PUT", path: "/{id}", body: `{"title":"one"}`, headers: []string{"If-Match", `*`}, status: 200},
		{method: "DELETE", path: "/{id}", headers: []string{"If-Match", `"999999"`}, status: 412, header: http.Header{"Etag": {`"`}}},
		// Done and not done.
		{method: "PATCH", path: "/{id}/complete", headers: []string{"Content-Type", "application/json"}, status: 200, has: []string{`"completed":true`}},
		{method: "PATCH", path: "/{id}/toggle", body: `{}`, status: 200, has: []string{`"completed":false`}},
		{method: "PATCH", path: "/{id}/complete?completed=true", status: 200, has: []string{`"completed":true`}},
		{method: "PATCH", path: "/{id}/complete", body: `{"is_completed":true}`, status: 200, has: []string{`"completed":true`}},
		{method: "PATCH", path: "/{id}/uncomplete", status: 200, has: []string{`"completed":false`}},
		{method: "PATCH", path: "/{id}/uncomplete/", status: 200, has: []string{`"completed":false`}},
		{method: "PATCH", path: "/0/uncomplete", status: 404},
		{method: "PATCH", path: "/x/complete", status: 422},
		{method: "PATCH", path: "/{id}/complete", body: `{"completed":"maybe"}`, status: 422, has: []string{`"loc":["body","completed"]`}},
		{method: "PATCH", path: "/{id}/complete?completed=true&is_completed=false", status: 422,
			has: []string{item("value_error", `"query","is_completed"`, "Value error, it must agree with completed", `"false"`, `"error":"it must agree with completed"`)}},
		{method: "PATCH", path: "/{id}/complete?completed=true&is_completed=perhaps", status: 422, has: []string{`"type":"bool_parsing","loc":["query","is_completed"]`}},
		{method: "PATCH", path: "/{id}/complete?completed=false&is_completed=no", status: 200, has: []string{`"completed":false`}},
		{method: "PATCH", path: "/{id}/complete?completed=true", body: `{"completed":false}`, status: 200, has: []string{`"completed":false`}},
		// Lists.
		{method: "GET", path: "?completed=true&is_completed=false", status: 422, has: []string{`"loc":["query","is_completed"]`}},
		{method: "GET", path: "?search=ONE", status: 200, has: []string{`"title":"one"`}, header: http.Header{"X-Total-Count": {"1"}}},
		{method: "GET", path: "?search=%25", status: 200, has: []string{`[]`}, header: http.Header{"X-Total-Count": {"0"}}},
		{method: "GET", path: "?priority=nonsense", status: 200, has: []string{`[]`}},
		{method: "GET", path: "?status=nonsense&sort=nonsense&order=nonsense", status: 200, has: []string{`"title":"one"`}},
		{method: "GET", path: "?limit=0", status: 422, has: []string{item("greater_than_equal", `"query","limit"`, "Input should be greater than or equal to 1", `"0"`, `"ge":1`)}},
		{method: "GET", path: "?limit=1", status: 200, header: http.Header{"Link": {`rel="next"`}}},
		{method: "GET", path: "?offset=3", status: 200},
		// Other routes and errors.
		{method: "GET", path: "/{id}/nothing", status: 404, has: []string{`{"detail":"Not Found"}`}},
		{method: "PUT", path: "", body: `{}`, status: 405, has: []string{`{"detail":"Method Not Allowed"}`}, header: http.Header{"Allow": {"GET, POST"}}},
		{method: "DELETE", path: "/{id}/complete", status: 405, header: http.Header{"Allow": {"PATCH"}}},
		{method: "DELETE", path: "/{id}", status: 200, has: []string{`{"message":"Task deleted successfully","success":true,"id":{id}}`}},
		{method: "DELETE", path: "/{id}", status: 404, has: []string{`{"detail":"Task not found"}`}},
		{method: "GET", path: "/{id}", status: 404},
		{method: "DELETE", path: "/{id}", headers: []string{"If-Match", `"1"`}, status: 404},
	}
	harness.EachDialect(t, func(t *testing.T, s *harness.Server, web bool) {
		u := s.As("u")
		var one struct{ ID int64 }
		u.Send("POST", u.Tasks(), `{"title":"one","description":"n","tags":["t"]}`).JSON(t, &one)
		id := fmt.Sprint(one.ID)
		for _, e := range exchanges {
			path := u.Tasks() + strings.ReplaceAll(e.path, "{id}", id)
			a := u.Send(e.method, path, e.body, e.headers...)
			if a.Status != e.status {
				t.Errorf("%s %s %s = %d %s, want %d", e.method, path, e.body, a.Status, a.Body, e.status)
			}
			for _, part := range e.has {
				if part = strings.ReplaceAll(part, "{id}", id); !strings.Contains(a.Body, part) {
					t.Errorf("%s %s %s = %s, want %s in it", e.method, path, e.body, a.Body, part)
				}
			}
			for _, part := range e.hasNot {
				if strings.Contains(a.Body, part) {
					t.Errorf("%s %s %s = %s, want no %s in it", e.method, path, e.body, a.Body, part)
				}
			}
			for name, part := range e.header {
				if !strings.Contains(a.Header.Get(name), part[0]) {
					t.Errorf("%s %s %s has %s %q, want %q in it", e.method, path, e.body, name, a.Header.Get(name), part[0])
				}
			}
			if e.status == 422 && !strings.HasPrefix(a.Body, detailList) {
				t.Errorf("%s %s %s = %s, want a list of validation errors", e.method, path, e.body, a.Body)
			}
		}
	})
}

// TestDialects compares the JSON of a task in both dialects.
func TestDialects(t *testing.T) {
	t.Parallel()
	const times = `"created_at":"TIME","updated_at":"TIME"`
	clock := regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z`)
	harness.EachDialect(t, func(t *testing.T, s *harness.Server, web bool) {
		u := s.As("u")
		body := `{"title":"x","priority":"low","tags":["a","b"],"due_date":"2026-02-01"}`
		want := `{"id":1,"user_id":"u","title":"x","description":null,"priority":"LOW","tags":"[\"a\",\"b\"]","due_date":"2026-02-01T00:00:00","completed":false,` + times + `}`
		words := map[string]int{"URGENT": 422, "critical": 422, "p1": 422, "P2": 422, "none": 422, "normal": 422, "P3": 422, "P4": 422}
		if web {
			want = `{"id":1,"user_id":"u","title":"x","description":null,"priority":"low","tags":["a","b"],"due_date":"2026-02-01T00:00:00","completed":false,` + times +
				`,"is_completed":false,"status":"pending","userId":"u","dueDate":"2026-02-01T00:00:00","createdAt":"TIME","updatedAt":"TIME"}`
			for word := range words {
				words[word] = 201
			}
		}
		if a := u.Send("POST", u.Tasks(), body); clock.ReplaceAllString(a.Body, "TIME") != want {
			t.Errorf("POST = %s, want %s", a.Body, want)
		}
		for name, path := range map[string]string{"GET": u.Tasks(1), "list": u.Tasks()} {
			if a := u.Send("GET", path, ""); strings.Trim(clock.ReplaceAllString(a.Body, "TIME"), "[]") != strings.Trim(want, "[]") {
				t.Errorf("%s = %s, want %s", name, a.Body, want)
			}
		}
		written := map[string]string{"URGENT": "urgent", "critical": "critical", "p1": "P1", "P2": "P2", "none": "none", "normal": "normal", "P3": "P3", "P4": "P4"}
		for word, status := range words {
			a := u.Send("POST", u.Tasks(), `{"title":"x","priority":"`+word+`"}`)
			if a.Status != status || status == 201 && !strings.Contains(a.Body, `"priority":"`+written[word]+`","tags":[],`) {
				t.Errorf("priority %s = %d %s, want %d", word, a.Status, a.Body, status)
			}
		}
	})
}

// TestETags reads and writes tasks with conditions on their versions.
func TestETags(t *testing.T) {
	t.Parallel()
	harness.EachServer(t, func(t *testing.T, s *harness.Server) {
		u := s.As("u")
		created := u.Send("POST", u.Tasks(), `{"title":"x"}`)
		first := created.Header.Get("ETag")
		for _, tags := range []string{first, "W/" + first, `"other", ` + first, "*"} {
			if a := u.Send("GET", u.Tasks(1), "", "If-None-Match", tags); a.Status != 304 || a.Body != "" || a.Header.Get("ETag") != first {
				t.Errorf("GET with If-None-Match %s = %d %s, want 304", tags, a.Status, a.Body)
			}
		}
		changed := u.Send("PUT", u.Tasks(1), `{"title":"y"}`, "If-Match", first)
		second := changed.Header.Get("ETag")
		if changed.Status != 200 || second == first || second == "" {
			t.Fatalf("PUT with If-Match = %d, ETag %s after %s", changed.Status, second, first)
		}
		if a := u.Send("GET", u.Tasks(1), "", "If-None-Match", first); a.Status != 200 {
			t.Errorf("GET with an old If-None-Match = %d, want 200", a.Status)
		}
		writes := map[string][2]string{
			"PUT": {u.Tasks(1), `{"title":"z"}`}, "PATCH": {u.Tasks(1), `{"title":"z"}`}, "DELETE": {u.Tasks(1), ""},
		}
		for method, w := range writes {
			for _, tags := range []string{first, "W/" + second, `"x"`, `y`, first + `, "77"`} {
				if a := u.Send(method, w[0], w[1], "If-Match", tags); a.Status != 412 || a.Header.Get("ETag") != second {
					t.Errorf("%s with If-Match %s = %d, ETag %s, want 412 and %s", method, tags, a.Status, a.Header.Get("ETag"), second)
				}
			}
		}
		if a := u.Send("PATCH", u.Tasks(1, "complete"), "", "If-Match", first); a.Status != 412 {
			t.Errorf("PATCH complete with an old If-Match = %d, want 412", a.Status)
		}
		if a := u.Send("PATCH", u.Tasks(1, "complete"), "", "If-Match", first+", "+second); a.Status != 200 {
			t.Errorf("PATCH complete with the version among others = %d, want 200", a.Status)
		}
	})
}

func TestStatsAndProfile(t *testing.T) {
	t.Parallel()
	harness.EachServer(t, func(t *testing.T, s *harness.Server) {
		u := s.As("u")
		for _, body := range []string{`{"title":"a"}`, `{"title":"b","completed":true}`, `{"title":"c"}`, `{"title":"gone"}`} {
			u.Send("POST", u.Tasks(), body)
		}
		u.Send("DELETE", u.Tasks(4), "")
		for path, want := range map[string]string{
			"/api/u/stats":    `{"total":3,"pending":2,"completed":1}`,
			"/api/u/profile":  `{"user":{"id":"u","email":null,"name":null},"stats":{"total_tasks":3,"completed_tasks":1,"pending_tasks":2}}`,
			"/api/u/stats/":   `{"total":3,"pending":2,"completed":1}`,
			"/api/v/stats":    `{"detail":"Not authorized to access this task"}`,
			"/api/v/profile":  `{"detail":"Not authorized to access this task"}`,
			"/api/users/me/":  `{"id":"u","email":null,"name":null,"created_at":null}`,
			"/api/auth/me":    `{"id":"u","email":null,"name":null,"created_at":null}`,
			"/api/u/unknown":  `{"detail":"Not Found"}`,
			"/api/u/stats/x":  `{"detail":"Not Found"}`,
			"/api/users/me/x": `{"detail":"Not Found"}`,
		} {
			if a := u.Send("GET", path, ""); a.Body != want {
				t.Errorf("GET %s = %d %s, want %s", path, a.Status, a.Body, want)
			}
		}
		nobody := s.With("u", "")
		for _, path := range []string{"/api/u/stats", "/api/u/profile", "/api/u/tasks/1/toggle", "/api/u/tasks"} {
			method := map[bool]string{true: "PATCH", false: "GET"}[strings.HasSuffix(path, "toggle")]
			if a := nobody.Send(method, path, `{broken`); a.Status != 401 || !strings.HasPrefix(a.Header.Get("WWW-Authenticate"), "Bearer") {
				t.Errorf("%s %s without a token = %d %s, want 401", method, path, a.Status, a.Body)
			}
		}
	})
}

// TestRESTLists sorts, filters and pages lists by their parameters.
func TestRESTLists(t *testing.T) {
	t.Parallel()
	harness.EachServer(t, func(t *testing.T, s *harness.Server) {
		u := s.As("u")
		for _, body := range []string{
			`{"title":"Äpfel","priority":"HIGH","due_date":"2026-03-01","tags":["Work","a"]}`,
			`{"title":"birnen","priority":"LOW","due_date":"2026-03-01T10:00:00Z","tags":["home"],"completed":true}`,
			`{"title":"Zwetschgen 100%","description":"ÖL_x"}`,
			`{"title":"äpfel zwei","due_date":"2026-03-02T00:30","tags":["WORK"]}`,
		} {
			if a := u.Send("POST", u.Tasks(), body); a.Status != 201 {
				t.Fatal(a.Body)
			}
		}
		for query, want := range map[string]string{
			"": "4 3 2 1", "order=asc": "1 2 3 4", "sort=created_asc": "1 2 3 4",
			"sort=title": "2 3 1 4", "sort=title&order=desc": "4 1 3 2",
			"sort=due_date": "2 1 4 3", "sort=due_date&order=desc": "4 1 2 3", "sort=dueDate": "2 1 4 3",
			"sort=priority": "1 4 3 2", "sort=priority&order=asc": "2 4 3 1", "sort=completed": "4 3 1 2",
			"status=done": "2", "status=open": "4 3 1", "completed=false&sort=title": "3 1 4", "priority=high": "1", "priority=medium": "4 3",
			"search=%C3%84PFEL": "4 1", "search=100%25": "3", "search=_": "3", "search=%25": "3", "search=%C3%B6l": "3", "search=nothing": "",
			"tags=work": "4 1", "tag=HOME,work": "4 2 1", "tags=wor": "",
			"due_before=2026-03-01": "2 1", "due_after=2026-03-02": "4", "due_date=2026-03-01": "2 1", "due_after=2026-03-01T10:00:00Z&due_before=2026-03-02": "4 2",
			"due_before=2026-03-01T00:00:00": "1",
			"limit=2":                        "4 3", "limit=2&offset=1": "3 2", "skip=3": "1", "page=2&page_size=3": "1", "limit=3&page=2": "1", "page=2": "", "limit=2&page=9": "",
			"status=open&tags=work&sort=title&limit=1&offset=1": "4",
		} {
			a := u.Send("GET", u.Tasks()+"?"+query, "")
			var list []struct{ ID int64 }
			a.JSON(t, &list)
			var ids []string
			for _, task := range list {
				ids = append(ids, fmt.Sprint(task.ID))
			}
			if got := strings.Join(ids, " "); got != want {
				t.Errorf("GET ?%s = %s, want %s", query, got, want)
			}
			if count := a.Header.Get("X-Total-Count"); count == "" || !strings.Contains(query, "limit") && !strings.Contains(query, "page") && !strings.Contains(query, "skip") && count != fmt.Sprint(len(list)) {
				t.Errorf("GET ?%s: X-Total-Count %q with %d tasks", query, count, len(list))
			}
		}
		var errs struct{ Detail []json.RawMessage }
		u.Send("GET", u.Tasks()+"?limit=0&due_after=x&page=0", "").JSON(t, &errs)
		if len(errs.Detail) != 3 {
			t.Errorf("three errors gave %s", errs.Detail)
		}
	})
}
