package graphql

import (
	"strings"
	"testing"

	"taskql/e2e/harness"
)

// TestBadArgumentsInResults sends mutations whose results have fields with invalid arguments. Nothing is written.
func TestBadArgumentsInResults(t *testing.T) {
	t.Parallel()
	failure := func(message, code, path string) string {
		return `{"errors":[{"message":"` + message + `","path":[` + path + `],"extensions":{"code":"` + code + `"}}]}`
	}
	zone := func(path string) string {
		return failure(`Expected an IANA time zone name such as Europe/Berlin, found \"Nowhere\".`, "BAD_USER_INPUT", path)
	}
	five := `[` + strings.Repeat(`{field: TITLE}`, 5) + `]`
	keys := failure("orderBy takes at most 4 keys, not 5.", "BAD_USER_INPUT", `"new","taskEdge"`)
	harness.EachServer(t, func(t *testing.T, s *harness.Server) {
		u := s.As("u")
		for _, tt := range []struct {
			parameters, result, want string
			variables                []any
		}{
			{"", `taskEdge(orderBy: ` + five + `) { cursor }`, keys, nil},
			{"($by: [TaskOrder!])", `taskEdge(orderBy: $by) { cursor }`, keys, []any{"by", []any{
				map[string]any{"field": "TITLE"}, map[string]any{"field": "DUE"}, map[string]any{"field": "PRIORITY"}, map[string]any{"field": "TITLE"}, map[string]any{"field": "POSITION"},
			}}},
			{"", `task { day: dueDate(timeZone: "Nowhere") }`, zone(`"new","task","day","timeZone"`), nil},
			{"($z: TimeZone)", `task { ...on Task { isOverdue(timeZone: $z) } }`, zone(`"new","task","isOverdue","timeZone"`), []any{"z", "Nowhere"}},
			{`($z: TimeZone = "Nowhere")`, `taskEdge { node { isOverdue(timeZone: $z) } }`, zone(`"new","taskEdge","node","isOverdue","timeZone"`), nil},
			{"", `query { tasks(timeZone: "Nowhere") { totalCount } }`, zone(`"new","query","tasks","timeZone"`), nil},
			{"", `query { tasks(filter: {createdAt: {gte: "soon"}}) { totalCount } }`,
				failure(`Expected an RFC 3339 time with an offset, such as 2026-03-01T17:00:00+01:00, found \"soon\".`, "BAD_USER_INPUT", `"new","query","tasks","filter","createdAt","gte"`), nil},
			{"", `query { tasks(first: 1000) { totalCount } }`, failure("first must be 1 to 100, not 1000.", "BAD_PAGE_SIZE", `"new","query","tasks"`), nil},
			{"", `query { tasks(orderBy: ` + five + `) { totalCount } }`, failure("orderBy takes at most 4 keys, not 5.", "BAD_USER_INPUT", `"new","query","tasks"`), nil},
			{"", `query { tasks(after: "x") { totalCount } }`,
				failure("after is not a cursor of this list: it must come from the same user, orderBy and search.", "BAD_CURSOR", `"new","query","tasks"`), nil},
			{"", `query { tags(first: 0) { tag } }`, failure("first must be 1 to 200, not 0.", "BAD_PAGE_SIZE", `"new","query","tags"`), nil},
			{"", `query { taskChanges(first: 501) { hasMore } }`, failure("first must be 1 to 500, not 501.", "BAD_PAGE_SIZE", `"new","query","taskChanges"`), nil},
			{"", `query { taskStats { completedPerDay(days: 91) { count } } }`,
				failure("days must be 1 to 90, not 91.", "BAD_USER_INPUT", `"new","query","taskStats","completedPerDay","days"`), nil},
		} {
			a := u.GraphQL(`mutation`+tt.parameters+` { new: createTask(input: {title: "x"}) { `+tt.result+` } }`, tt.variables...)
			if a.Body != tt.want {
				t.Errorf("%s = %s, want %s", tt.result, a.Body, tt.want)
			}
		}
		if got := u.GraphQL(`{ tasks { totalCount } }`).Body; got != `{"data":{"tasks":{"totalCount":0}}}` {
			t.Errorf("afterwards tasks = %s, want none", got)
		}
		// What is left out is not read.
		a := u.GraphQL(`mutation($no: Boolean = false) { new: createTask(input: {title: "x"}) {
			taskEdge(orderBy: [{field: RELEVANCE}, {field: TITLE}, {field: DUE}, {field: PRIORITY}, {field: POSITION}]) { node { id } }
			task { dueDate(timeZone: "Nowhere") @include(if: $no) isOverdue(timeZone: "Europe/Berlin") }
			query { tasks(first: 100, search: "x") { totalCount } tags { tag } taskStats { total } taskChanges(first: 1) { hasMore } } } }`)
		if want := `{"data":{"new":{"taskEdge":{"node":{"id":"1"}},"task":{"isOverdue":false},"query":{"tasks":{"totalCount":1},"tags":[],"taskStats":{"total":1},"taskChanges":{"hasMore":false}}}}}`; a.Body != want {
			t.Errorf("valid arguments: %s, want %s", a.Body, want)
		}
	})
}
