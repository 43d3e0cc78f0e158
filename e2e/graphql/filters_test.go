package graphql

import (
	"fmt"
	"strings"
	"testing"

	"taskql/e2e/harness"
)

// found sends a query for tasks and returns their titles, newest first, or the code and the path of the first error.
func found(c *harness.Client, body string, headers ...string) string {
	c.T.Helper()
	a := c.Send("POST", "/graphql", body, headers...)
	if code, message, path := a.Problem(c.T); code != "" {
		if message == "" {
			c.T.Errorf("%s comes without a message", code)
		}
		return code + " at " + path
	}
	var data struct {
		Tasks struct{ Nodes []struct{ Title string } }
	}
	a.Data(c.T, &data)
	var titles []string
	for _, node := range data.Tasks.Nodes {
		titles = append(titles, node.Title)
	}
	return strings.Join(titles, " ")
}

// TestNullsInFilters sends a null in each place of a filter, which is an error, and a variable without a value, which
// leaves the field out.
func TestNullsInFilters(t *testing.T) {
	t.Parallel()
	harness.EachServer(t, func(t *testing.T, s *harness.Server) {
		u := s.As("u")
		u.MustCreate(map[string]any{"title": "a"})
		u.MustCreate(map[string]any{"title": "b"})
		variable := func(parameters, filter string, variables ...any) string {
			return harness.GraphQLBody("query("+parameters+") { tasks(filter: "+filter+") { nodes { title } } }", variables...)
		}
		literal := func(filter string) string {
			return harness.GraphQLBody("{ tasks(filter: " + filter + ") { nodes { title } } }")
		}
		whole := func(filter any) string { return variable("$f: TaskFilter", "$f", "f", filter) }
		object := func(pairs ...any) map[string]any {
			m := map[string]any{}
			for i := 0; i < len(pairs); i += 2 {
				m[pairs[i].(string)] = pairs[i+1]
			}
			return m
		}
		cases := []struct{ name, body, want string }{
			{"no filter", harness.GraphQLBody("{ tasks { nodes { title } } }"), "b a"},
			{"null", literal("null"), "b a"},
			{"null in a variable", whole(nil), "b a"},
			{"a variable without a value", variable("$f: TaskFilter", "$f"), "b a"},
			{"a default that is null", variable("$f: TaskFilter = null", "$f"), "b a"},

			{"a field", literal("{title: null}"), "BAD_FILTER at tasks.filter.title"},
			{"an operator", literal(`{title: {contains: null}}`), "BAD_FILTER at tasks.filter.title.contains"},
			{"an operator beside another", literal(`{title: {startsWith: "a", contains: null}}`), "BAD_FILTER at tasks.filter.title.contains"},
			{"completed", literal("{completed: null}"), "BAD_FILTER at tasks.filter.completed"},
			{"a list", literal("{due: null}"), "BAD_FILTER at tasks.filter.due"},
			{"or", literal("{or: null}"), "BAD_FILTER at tasks.filter.or"},
			{"not", literal("{not: null}"), "BAD_FILTER at tasks.filter.not"},
			{"deep", literal(`{and: [{title: {eq: "a"}}, {or: [{not: {id: {notIn: null}}}]}]}`), "BAD_FILTER at tasks.filter.and.1.or.0.not.id.notIn"},

			{"a field in an object", whole(object("title", nil)), "BAD_FILTER at tasks.filter.title"},
			{"an operator in an object", whole(object("title", object("eq", nil))), "BAD_FILTER at tasks.filter.title.eq"},
			{"a list in an object", whole(object("tags", object("any", nil))), "BAD_FILTER at tasks.filter.tags.any"},
			{"deep in an object", whole(object("or", []any{object("dueDate", object("gte", nil))})), "BAD_FILTER at tasks.filter.or.0.dueDate.gte"},
			{"an object for a list of one", whole(object("or", object("completed", nil))), "BAD_FILTER at tasks.filter.or.0.completed"},

			{"a variable for an operator", variable("$v: String", "{title: {eq: $v}}", "v", nil), "BAD_FILTER at tasks.filter.title.eq"},
			{"a variable without a value for an operator", variable("$v: String", "{title: {eq: $v}}"), "b a"},
			{"a variable with one", variable("$v: String", "{title: {eq: $v}}", "v", "a"), "a"},
			{"a variable with a default", variable(`$v: String = "b"`, "{title: {eq: $v}}"), "b"},
			{"a variable for a field", variable("$v: TextFilter", "{title: $v}", "v", nil), "BAD_FILTER at tasks.filter.title"},
			{"a variable without a value for a field", variable("$v: Boolean", "{completed: $v}"), "b a"},
			{"a variable without a value beside a test", variable("$v: Boolean", `{title: {eq: "a"}, completed: $v}`), "a"},
			{"a variable for a part of a list", variable("$v: TaskFilter!", "{and: [$v]}", "v", object("completed", nil)), "BAD_FILTER at tasks.filter.and.0.completed"},
			{"a variable for a list", variable("$v: [TaskFilter!]", "{or: $v}", "v", []any{object("title", object("contains", nil))}), "BAD_FILTER at tasks.filter.or.0.title.contains"},
			{"a variable without a value for a list", variable("$v: [String!]", "{tags: {any: $v}}"), "b a"},
			{"in a fragment", harness.GraphQLBody("query($v: Boolean) { ...F } fragment F on Query { tasks(filter: {completed: $v}) { nodes { title } } }", "v", nil), "BAD_FILTER at tasks.filter.completed"},
			{"under another name", harness.GraphQLBody("{ mine: tasks(filter: {completed: null}) { nodes { title } } }"), "BAD_FILTER at mine.filter.completed"},
			{"of the counts", harness.GraphQLBody("{ taskStats(filter: {completed: null}) { total } }"), "BAD_FILTER at taskStats.filter.completed"},
		}
		for _, c := range cases {
			if got := found(u, c.body); got != c.want {
				t.Errorf("null: %s: %s, want %s", c.name, got, c.want)
			}
		}
	})
}

// TestFilters checks which tasks each filter returns, and which filters are invalid.
func TestFilters(t *testing.T) {
	t.Parallel()
	harness.EachServer(t, func(t *testing.T, s *harness.Server) {
		u := s.As("u")
		id := u.MustCreate(map[string]any{"title": "Ärger", "tags": []string{"Ä", "a_b"}, "priority": "HIGH", "description": "100% sure"})
		u.MustCreate(map[string]any{"title": "дЕЛО", "tags": []string{"a%b"}, "due": map[string]any{"date": "2026-03-01"}})
		u.MustCreate(map[string]any{"title": "İSTANBUL", "priority": "LOW", "completed": true, "description": "100 sure"})
		const all = "İSTANBUL дЕЛО Ärger"
		levels := func(n int) string { return strings.Repeat("{not: ", n-1) + "{}" + strings.Repeat("}", n-1) }
		tests := func(n int) string { return "{and: [" + strings.Repeat(`{completed: false} `, n) + "]}" }
		ids := func(n int) string { return "[" + strings.Repeat(`"1" `, n) + "]" }
		cases := []struct{ filter, want string }{
			{`{}`, all},
			{`{and: []}`, all},
			{`{or: []}`, ""},
			{`{not: {}}`, ""},
			{`{not: {or: []}}`, all},
			{`{id: {}}`, all},
			{`{id: {in: []}}`, ""},
			{`{id: {notIn: []}}`, all},
			{`{title: {in: []}}`, ""},
			{`{title: {notIn: []}}`, all},
			{`{description: {notIn: []}}`, all},
			{`{priority: {in: []}}`, ""},
			{`{priority: {notIn: []}}`, all},
			{`{tags: {any: []}}`, ""},
			{`{tags: {all: []}}`, all},
			{`{tags: {none: []}}`, all},
			{`{due: []}`, ""},
			{`{dueDate: {in: []}}`, ""},

			{levels(5), all},
			{levels(6), "BAD_FILTER at tasks.filter.not.not.not.not.not"},
			{`{and: [{or: [{and: [{or: [{and: [{}]}]}]}]}]}`, "BAD_FILTER at tasks.filter.and.0.or.0.and.0.or.0.and.0"},
			{tests(50), "дЕЛО Ärger"},
			{tests(51), "BAD_FILTER at tasks.filter"},
			{`{id: {in: ` + ids(100) + `}, title: {eq: "ärger"}}`, "Ärger"},
			{`{id: {in: ` + ids(101) + `}}`, "BAD_FILTER at tasks.filter.id.in"},
			{`{or: [{id: {notIn: ` + ids(101) + `}}]}`, "BAD_FILTER at tasks.filter.or.0.id.notIn"},
			{`{title: {notIn: ` + ids(100) + `}}`, all},
			{`{title: {in: ` + ids(101) + `}}`, "BAD_FILTER at tasks.filter.title.in"},
			{`{description: {notIn: ` + ids(101) + `}}`, "BAD_FILTER at tasks.filter.description.notIn"},
			{`{not: {tags: {any: ` + ids(101) + `}}}`, "BAD_FILTER at tasks.filter.not.tags.any"},
			{`{tags: {all: ` + ids(101) + `}}`, "BAD_FILTER at tasks.filter.tags.all"},
			{`{tags: {none: ` + ids(101) + `}}`, "BAD_FILTER at tasks.filter.tags.none"},
			{`{priority: {in: [` + strings.Repeat("LOW ", 101) + `]}}`, "BAD_FILTER at tasks.filter.priority.in"},
			{`{due: [` + strings.Repeat("TODAY ", 101) + `]}`, "BAD_FILTER at tasks.filter.due"},
			{`{dueDate: {in: [` + strings.Repeat(`"2026-01-01" `, 101) + `]}}`, "BAD_FILTER at tasks.filter.dueDate.in"},
			{`{or: [` + strings.Repeat("{} ", 101) + `]}`, "BAD_FILTER at tasks.filter.or"},
			{`{or: [` + strings.Repeat(`{and: [{} {}]} `, 66) + `]}`, all},
			{`{or: [` + strings.Repeat(`{and: [{} {}]} `, 67) + `]}`, "BAD_FILTER at tasks.filter"},
			{`{and: [` + strings.Repeat(`{title: {notIn: `+ids(100)+`}} `, 10) + `]}`, all},
			{`{and: [` + strings.Repeat(`{title: {notIn: `+ids(100)+`}} `, 10) + `{title: {neq: ""}}]}`, "BAD_FILTER at tasks.filter"},
			{`{title: {neq: "` + strings.Repeat("a", 64<<10) + `"}}`, all},
			{`{title: {neq: "` + strings.Repeat("ä", 32<<10) + `"}, description: {neq: "a"}}`, "BAD_FILTER at tasks.filter"},
			{`{tags: {none: ["` + strings.Repeat("a", 40<<10) + `", "` + strings.Repeat("a", 40<<10) + `"]}}`, "BAD_FILTER at tasks.filter"},
			{`{id: {eq: "` + id + `"}}`, "Ärger"},
			{`{id: {eq: "01"}}`, ""},
			{`{id: {notIn: ["x", "-1"]}}`, all},

			{`{title: {eq: "äRGER"}}`, "Ärger"},
			{`{title: {contains: "дело"}}`, "дЕЛО"},
			{`{title: {startsWith: "is"}}`, "İSTANBUL"}, // by the simple mapping of İ
			{`{title: {endsWith: "LO"}}`, ""},
			{`{title: {endsWith: "ЛО"}}`, "дЕЛО"},
			{`{description: {contains: "100%"}}`, "Ärger"},
			{`{description: {contains: "%"}}`, "Ärger"},
			{`{description: {contains: "_"}}`, ""},
			{`{description: {startsWith: "100_"}}`, ""},
			{`{description: {neq: "100% SURE"}}`, "İSTANBUL дЕЛО"},
			{`{description: {isNull: true}}`, "дЕЛО"},
			{`{description: {notContains: "%"}}`, "İSTANBUL дЕЛО"},
			{`{not: {description: {contains: "sure"}}}`, "дЕЛО"},
			{`{tags: {any: ["ä"]}}`, "Ärger"},
			{`{tags: {all: ["ä", "A_B"]}}`, "Ärger"},
			{`{tags: {any: ["a_b", "a%b"]}}`, "дЕЛО Ärger"},
			{`{tags: {any: ["a"]}}`, ""},
			{`{tags: {none: ["Ä"]}}`, "İSTANBUL дЕЛО"},
			{`{tags: {isEmpty: true}}`, "İSTANBUL"},
			{`{priority: {gte: MEDIUM}}`, "дЕЛО Ärger"},
			{`{priority: {lte: MEDIUM}}`, "İSTANBUL дЕЛО"},
			{`{priority: {eq: LOW}}`, "İSTANBUL"},
			{`{priority: {eq: "LOW"}}`, "GRAPHQL_VALIDATION_FAILED at "},
			{`{priority: {eq: URGENT}}`, "GRAPHQL_VALIDATION_FAILED at "},
			{`{due: [SOMEDAY]}`, "GRAPHQL_VALIDATION_FAILED at "},
			{`{due: NO_DUE_DATE}`, "İSTANBUL Ärger"},
			{`{due: [OVERDUE, NO_DUE_DATE, NO_DUE_DATE]}`, all},
			{`{dueDate: {eq: "2026-03-01"}}`, "дЕЛО"},
			{`{dueDate: {neq: "2026-03-01"}}`, "İSTANBUL Ärger"},
			{`{dueDate: {lt: "2026-03-02", gt: "2026-02-28"}}`, "дЕЛО"},
			{`{dueDate: {lt: "2026-02-30"}}`, "BAD_USER_INPUT at tasks.filter.dueDate.lt"},
			{`{createdAt: {gte: "2026-03-01"}}`, "BAD_USER_INPUT at tasks.filter.createdAt.gte"},
			{`{completedAt: {isNull: false}}`, "İSTANBUL"},
			{`{completed: true, priority: {eq: LOW}}`, "İSTANBUL"},
			{`{completed: true, priority: {eq: HIGH}}`, ""},
		}
		for _, c := range cases {
			if got := found(u, harness.GraphQLBody("{ tasks(filter: "+c.filter+") { nodes { title } } }")); got != c.want {
				t.Errorf("filter %.200s: %q, want %q", c.filter, got, c.want)
			}
		}
		enum := harness.GraphQLBody("query($p: Priority!, $d: [DueWindow!]) { tasks(filter: {priority: {eq: $p}, due: $d}) { nodes { title } } }", "p", "low", "d", []string{})
		if got := found(u, enum); got != "BAD_USER_INPUT at variable.p" {
			t.Errorf("an unknown word in a variable: %s", got)
		}
	})
}

// TestOrdersAndCursors checks orderBy and cursors, valid and invalid.
func TestOrdersAndCursors(t *testing.T) {
	t.Parallel()
	harness.EachServer(t, func(t *testing.T, s *harness.Server) {
		u, v := s.As("u"), s.As("v")
		for _, title := range []string{"b", "A", "c"} {
			u.MustCreate(map[string]any{"title": title})
		}
		var data struct {
			Tasks struct{ PageInfo struct{ EndCursor string } }
		}
		u.GraphQL("{ tasks(first: 1) { pageInfo { endCursor } } }").Data(t, &data)
		cursor := data.Tasks.PageInfo.EndCursor
		keys := func(n int) string { return "orderBy: [" + strings.Repeat("{field: TITLE} ", n) + "]" }
		for _, c := range []struct{ arguments, want string }{
			{"first: 3", "c A b"},
			{"orderBy: []", "c A b"},
			{"orderBy: {field: TITLE}", "A b c"},
			{"orderBy: {field: TITLE, direction: DESC}", "c b A"},
			{"orderBy: {field: POSITION}", "c A b"},
			{keys(4), "A b c"},
			{keys(5), "BAD_USER_INPUT at tasks"},
			{"orderBy: {field: RELEVANCE}", "BAD_USER_INPUT at tasks"},
			{"orderBy: {field: ID}", "GRAPHQL_VALIDATION_FAILED at "},
			{`after: null`, "c A b"},
			{`after: ""`, "BAD_CURSOR at tasks"},
			{`before: ""`, "BAD_CURSOR at tasks"},
			{`after: "x"`, "BAD_CURSOR at tasks"},
			{fmt.Sprintf("after: %q", cursor), "A b"},
			{fmt.Sprintf("last: 5, before: %q", cursor), ""},
			{fmt.Sprintf("after: %q, filter: {title: {eq: \"B\"}}", cursor), "b"},
			{fmt.Sprintf("after: %q, orderBy: {field: CREATED_AT}", cursor), "BAD_CURSOR at tasks"},
			{fmt.Sprintf("after: %q, orderBy: [{field: CREATED_AT, direction: DESC}]", cursor), "A b"}, // the default, spelled out
			{fmt.Sprintf("after: %q, orderBy: [{field: CREATED_AT, direction: DESC}, {field: TITLE}]", cursor), "BAD_CURSOR at tasks"},
		} {
			if got := found(u, harness.GraphQLBody("{ tasks("+c.arguments+") { nodes { title } } }")); got != c.want {
				t.Errorf("tasks(%s) = %s, want %s", c.arguments, got, c.want)
			}
		}
		if got := found(v, harness.GraphQLBody(fmt.Sprintf("{ tasks(after: %q) { nodes { title } } }", cursor))); got != "BAD_CURSOR at tasks" {
			t.Errorf("another user's cursor: %s", got)
		}
	})
}
