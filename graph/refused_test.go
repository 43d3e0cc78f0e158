package graph

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

	"taskql/auth"
	"taskql/tasks"
)

// maxRefusal is how many bytes the server may allocate for a request that it refuses.
const maxRefusal = 32 << 20

// nested returns inner within n pairs of open and close.
func nested(open, inner, close string, n int) string {
	return strings.Repeat(open, n) + inner + strings.Repeat(close, n)
}

// numbered returns n copies of the format, each with its number.
func numbered(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// requestBody returns the body of a request. variables is a JSON object, or "".
func requestBody(query, variables string) string {
	text, _ := json.Marshal(query)
	if variables == "" {
		variables = "null"
	}
	return `{"query": ` + string(text) + `, "variables": ` + variables + `}`
}

// allocated returns how many bytes do allocates.
func allocated(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestRefusedRequestsAreCheap sends the dearest requests of one body. Each is refused before much memory is used.
func TestRefusedRequestsAreCheap(t *testing.T) {
	h := NewHandler(Options{Service: &tasks.Service{}, Timeout: time.Minute, Log: slog.New(slog.DiscardHandler)})
	filter := func(value string) string {
		return requestBody("query($v: TaskFilter) { tasks(filter: $v) { nodes { id } } }", `{"v":`+value+"}")
	}
	long := strings.Repeat("a", 1_000_000)
	for _, tt := range []struct{ name, body, code string }{
		{"deep and", filter(nested(`{"and":`, "{}", "}", 9000)), "BAD_USER_INPUT"},
		{"deep lists of and", filter(nested(`{"and":[`, "{}", "]}", 4500)), "BAD_USER_INPUT"},
		{"deep not", filter(nested(`{"not":`, "{}", "}", 9000)), "BAD_USER_INPUT"},
		{"deep variable that is not used", requestBody("{ __typename }", `{"v":`+nested("[", "", "]", 9000)+"}"), "BAD_USER_INPUT"},
		{"deep extensions", `{"query":"{ __typename }","extensions":` + nested(`{"a":`, "1", "}", 9000) + "}", "BAD_USER_INPUT"},
		{"many numbers", requestBody("{ __typename }", `{"v":[`+strings.Repeat("0,", 500_000)+"0]}"), "BAD_USER_INPUT"},
		{"many objects", filter(`{"and":[` + strings.Repeat("{},", 330_000) + "{}]}"), "BAD_USER_INPUT"},
		{"many names", requestBody("{ __typename }", `{"v":{`+numbered(100_000, `"%d":1,`)+`"":0}}`), "BAD_USER_INPUT"},
		{"deep literal of lists", requestBody("{ tasks(filter: "+nested("[", "", "]", 4900)+") { totalCount } }", ""), "COMPLEXITY_LIMIT"},
		{"deep literal of not", requestBody("{ tasks(filter: "+nested("{not: ", "{}", "}", 990)+") { totalCount } }", ""), "COMPLEXITY_LIMIT"},
		{"deep type", requestBody("query($v: "+nested("[", "Int", "]", 990)+") { __typename }", ""), "COMPLEXITY_LIMIT"},
		{"deep selections", requestBody(nested("{ viewer", "{ id }", "}", 990), ""), "COMPLEXITY_LIMIT"},
		{"deep inline fragments", requestBody("{"+nested("... {", "viewer { id }", "}", 990)+"}", ""), "COMPLEXITY_LIMIT"},
		{"unknown fields", requestBody("{ "+numbered(9900, "tassk%d ")+"}", ""), "GRAPHQL_VALIDATION_FAILED"},
		{"unknown arguments", requestBody("{ tasks("+numbered(3300, "f%d: 1 ")+") { totalCount } }", ""), "GRAPHQL_VALIDATION_FAILED"},
		{"unknown types", requestBody("query("+numbered(2400, "$f%d: Tsk ")+") { __typename }", ""), "GRAPHQL_VALIDATION_FAILED"},
		{"unknown variables", requestBody("{ tasks(orderBy: ["+numbered(4000, "$f%d ")+"]) { totalCount } }", ""), "GRAPHQL_VALIDATION_FAILED"},
		{"unknown values", requestBody("{ tasks(orderBy: ["+numbered(1900, "{field: X%d} ")+"]) { totalCount } }", ""), "GRAPHQL_VALIDATION_FAILED"},
		{"unknown directives", requestBody("{ __typename "+numbered(4900, "@a%d ")+"}", ""), "GRAPHQL_VALIDATION_FAILED"},
		{"unknown fragments", requestBody("{ "+numbered(4900, "...f%d ")+"}", ""), "COMPLEXITY_LIMIT"},
		{"many operations", requestBody(numbered(1900, "query q%d { __typename }"), ""), "GRAPHQL_VALIDATION_FAILED"},
		{"long name", requestBody("{ "+long+" }", ""), "COMPLEXITY_LIMIT"},
		{"long name of the operation", `{"query":"{ __typename }","operationName":"` + long + `"}`, "GRAPHQL_VALIDATION_FAILED"},
		{"long enum value", requestBody("query($v: TrashScope!) { tasks(trash: $v) { totalCount } }", `{"v":"`+long+`"}`), "BAD_USER_INPUT"},
		{"long name of a field", filter(`{"` + long + `": 1}`), "BAD_USER_INPUT"},
		{"long search many times", requestBody("query($v: String) { "+numbered(3, "a%d: tasks(search: $v) { __typename } ")+"}", `{"v":"`+long+`"}`), "BAD_USER_INPUT"},
		{"long beginning of a tag", requestBody("query($v: String) { "+numbered(2, "a%d: tags(startsWith: $v) { __typename } ")+"}", `{"v":"`+long+`"}`), "BAD_USER_INPUT"},
		{"long text many times", requestBody("query($v: String) { "+numbered(5, "a%d: tasks(filter: {title: {contains: $v}}) { __typename } ")+"}", `{"v":"`+long+`"}`), "BAD_FILTER"},
		{"long text in the counts", requestBody("query($v: String) { "+numbered(5, "a%d: taskStats(filter: {description: {neq: $v}}) { open } ")+"}", `{"v":"`+long+`"}`), "BAD_FILTER"},
		{"many empty filters", filter(`{"and":[` + strings.Repeat("{},", 49_900) + "{}]}"), "BAD_USER_INPUT"},
		{"many filters in filters", filter(`{"and":[` + strings.Repeat(`{"or":[{}]},`, 2_400) + "{}]}"), "BAD_FILTER"},
		{"many ids in a filter", filter(`{"id":{"in":[` + strings.Repeat(`"1",`, 49_900) + `"1"]}}`), "COMPLEXITY_LIMIT"},
		{"many sort keys", requestBody("query($v: [TaskOrder!]) { tasks(orderBy: $v) { totalCount } }", `{"v":[`+strings.Repeat(`{"field":"DUE"},`, 4_900)+`{"field":"DUE"}]}`), "BAD_USER_INPUT"},
		{"many inputs", requestBody("mutation($v: [CreateTaskInput!]!) { createTasks(inputs: $v) { syncToken } }", `{"v":[`+strings.Repeat(`{"title":"x"},`, 4_900)+`{"title":"x"}]}`), "COMPLEXITY_LIMIT"},
		{"many tags many times", requestBody("mutation($v: [String!]!) { "+numbered(49, `a%d: createTask(input: {title: "x", tags: $v}) { syncToken } `)+"}", `{"v":[`+strings.Repeat(`"",`, 9_000)+`""]}`), "COMPLEXITY_LIMIT"},
		{"many ids many times", requestBody("mutation($v: [ID!]!) { "+numbered(49, "a%d: deleteTasks(ids: $v) { syncToken } ")+"}", `{"v":[`+strings.Repeat(`"1",`, 999)+`"1"]}`), "COMPLEXITY_LIMIT"},
		{"a filter many times", requestBody("query($v: TaskFilter) { "+numbered(90, "a%d: tasks(filter: $v) { __typename } ")+"}", `{"v":{"and":[`+strings.Repeat("{},", 4_900)+"{}]}}"), "COMPLEXITY_LIMIT"},
		{"no token", requestBody(strings.Repeat(",", 1_000_000), ""), "GRAPHQL_VALIDATION_FAILED"},
	} {
		r := httptest.NewRequest("POST", "/graphql", strings.NewReader(tt.body))
		r.Header.Set("Content-Type", "application/json")
		r = r.WithContext(auth.NewContext(r.Context(), &auth.User{ID: "u"}))
		w := httptest.NewRecorder()
		bytes := allocated(func() { h.sockets.ServeHTTP(w, r) })
		var response struct {
			Errors []struct {
				Message    string
				Extensions struct{ Code string }
			}
		}
		if err := json.Unmarshal(w.Body.Bytes(), &response); err != nil || len(response.Errors) == 0 || len(response.Errors) > maxErrors {
			t.Errorf("%s: %d %.200s, %v, want 1 to %d errors", tt.name, w.Code, w.Body, err, maxErrors)
			continue
		}
		if first := response.Errors[0]; first.Extensions.Code != tt.code || len(first.Message) > maxMessage+10 {
			t.Errorf("%s: %s with %d bytes, want %s: %.200s", tt.name, first.Extensions.Code, len(first.Message), tt.code, first.Message)
		}
		if bytes > maxRefusal {
			t.Errorf("%s: %.1f MiB allocated, want at most %d", tt.name, float64(bytes)/(1<<20), maxRefusal>>20)
		}
	}
}

// TestLimitOfVariables checks the path of a value beyond the limits, in a body and in a query string.
func TestLimitOfVariables(t *testing.T) {
	h := NewHandler(Options{Service: &tasks.Service{}, Timeout: time.Minute, Log: slog.New(slog.DiscardHandler)})
	variables := `{"f": {"or": [{}, ` + nested("[", "", "]", 40) + `]}}`
	post := httptest.NewRequest("POST", "/graphql", strings.NewReader(requestBody("{ __typename }", variables)))
	post.Header.Set("Content-Type", "application/json")
	get := httptest.NewRequest("GET", "/graphql?"+url.Values{"query": {"{ __typename }"}, "variables": {variables}}.Encode(), nil)
	events := post.Clone(post.Context())
	events.Body = io.NopCloser(strings.NewReader(requestBody("{ __typename }", variables)))
	events.Header.Set("Accept", typeEvents)
	for name, r := range map[string]*http.Request{"POST": post, "GET": get, "events": events} {
		w := httptest.NewRecorder()
		h.sockets.ServeHTTP(w, r)
		for _, want := range []string{`"code":"BAD_USER_INPUT"`, "more than 32 levels", `"path":["variable","f","or",1,0,0,`} {
			if w.Code != 400 || !strings.Contains(w.Body.String(), want) {
				t.Errorf("%s: %d %s, want %s in it", name, w.Code, w.Body, want)
			}
		}
	}
}
