package graphql

import (
	"strings"
	"testing"

	"taskql/e2e/harness"
)

// TestBadArgumentsInResults sends mutations whose results have fields with invalid arguments. Nothing is written.
func TestBadArgumentsInResults(t *testing.T) {
	t.Parallel()
	zone := func(path string) string {
		return `{"errors":[{"message":"Expected an IANA time zone name such as Europe/Berlin, found \"Nowhere\".","path":[` + path + `],"extensions":{"code":"BAD_USER_INPUT"}}]}`
	}
	five := `[` + strings.Repeat(`{field: TITLE}`, 5) + `]`
	keys := `{"errors":[{"message":"orderBy takes at most 4 keys, not 5.","path":["new","taskEdge"],"extensions":{"code":"BAD_USER_INPUT"}}]}`
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
				`{"errors":[{"message":"Expected an RFC 3339 time with an offset, such as 2026-03-01T17:00:00+01:00, found \"soon\".","path":["new","query","tasks","filter","createdAt","gte"],"extensions":{"code":"BAD_USER_INPUT"}}]}`, nil},
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
			task { dueDate(timeZone: "Nowhere") @include(if: $no) isOverdue(timeZone: "Europe/Berlin") } } }`)
		if want := `{"data":{"new":{"taskEdge":{"node":{"id":"1"}},"task":{"isOverdue":false}}}}`; a.Body != want {
			t.Errorf("valid arguments: %s, want %s", a.Body, want)
		}
	})
}
