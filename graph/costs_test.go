package graph

import (
	"strings"
	"testing"
)

// TestCosts checks which operations are refused for what the database would have to do.
func TestCosts(t *testing.T) {
	whole := "id userId title description priority tags completed completedAt dueDate dueAt isOverdue position version createdAt updatedAt deletedAt"
	counts := "total open completed overdue dueToday dueNext7Days noDueDate openByPriority { priority count } completedPerDay { date count }"
	card := "nodes { id title priority tags completed dueDate dueAt isOverdue version }"
	ids := "[" + strings.Repeat(`"1" `, 1000) + "]"
	rows := "[" + strings.Repeat(`{title: "x"} `, 100) + "]"
	page := `{
		open: tasks(first: 20, filter: {completed: false}) { totalCount ` + card + ` }
		today: tasks(first: 20, filter: {due: [OVERDUE, TODAY], completed: false}) { totalCount ` + card + ` }
		week: tasks(first: 20, filter: {due: NEXT_7_DAYS, completed: false}) { totalCount ` + card + ` }
		high: tasks(first: 20, filter: {priority: {eq: HIGH}, completed: false}) { totalCount ` + card + ` }
		done: tasks(first: 20, filter: {completed: true}) { totalCount ` + card + ` }
		someday: tasks(first: 20, filter: {due: NO_DUE_DATE}) { totalCount ` + card + ` }
	}`
	stats := "total open completed overdue dueToday dueNext7Days noDueDate openByPriority { count } completedPerDay(days: 90) { count }"
	many := strings.TrimSpace(numbered(32, "%d "))
	titles, equal := strings.Repeat(`{title: {contains: "a"}} `, 40), strings.Repeat(`{title: {eq: "a"}} `, 50)
	for _, tt := range []struct{ name, document, want string }{
		{"a page of whole tasks with counts", `{ tasks(first: 100) { totalCount pageInfo { hasNextPage endCursor } edges { cursor node { ` + whole + ` } } } taskStats { ` + counts + ` } }`, ""},
		{"six counted lists", page, ""},
		{"type-ahead", `{ tasks(first: 20, search: "water plan") { totalCount edges { relevance node { ` + whole + ` } } } }`, ""},
		{"the longest search", `{ tasks(first: 100, search: "` + many + strings.Repeat(" a", 400) + `") { totalCount nodes { ` + whole + ` } } }`, ""},
		{"a filter of 50 tests", `{ tasks(first: 100, filter: {and: [` + strings.Repeat("{completed: true} ", 50) + `]}) { totalCount nodes { ` + whole + ` } } }`, ""},
		{"a filter by 100 tags", `{ tasks(first: 100, filter: {tags: {any: [` + strings.Repeat(`"a" `, 100) + `]}}) { totalCount nodes { ` + whole + ` } } }`, ""},
		{"1,000 values", `{ tasks(filter: {and: [` + strings.Repeat(`{title: {in: [`+strings.Repeat(`"a" `, 100)+`]}} `, 10) + `]}) { totalCount } }`, ""},
		{"90 days and a search", `{ taskStats { ` + strings.Replace(counts, "completedPerDay", "completedPerDay(days: 90)", 1) + ` }
			tasks(first: 20, search: "water the plants of my neighbour") { totalCount nodes { ` + whole + ` } } }`, ""},
		{"texts in titles or descriptions", `{ tasks(filter: {or: [{title: {contains: "a"}}, {description: {contains: "a"}}]}) { totalCount ` + card + ` } }`, ""},
		{"skipped lists", "{ " + numbered(300, `a%d: tasks(first: 1, search: "a") @skip(if: true) { totalCount } `) + `
			... @include(if: false) { tasks(filter: {title: {eq: "a"}}) { totalCount } } ...F @skip(if: true) } fragment F on Query { tags { tag } }`, ""},
		{"90 days", `{ taskStats { ` + strings.Replace(counts, "completedPerDay", "completedPerDay(days: 90)", 1) + ` } }`, ""},
		{"tags and counts", `{ tags(first: 200) { tag open total } taskStats { ` + counts + ` } tasks { totalCount ` + card + ` } }`, ""},
		{"a sidebar beside a search", `{ tags(first: 100) { tag open total } tasks(first: 20, search: "water the plants") { totalCount ` + card + ` } }`, ""},
		{"restores", `mutation { restoreTasks(ids: ` + ids + `) { tasks { ` + whole + ` } userErrors { code message field } syncToken } }`, ""},
		{"twenty bulk creates", "mutation { " + numbered(20, "a%d: createTasks(inputs: "+rows+") { syncToken } ") + "}", ""},
		{"a hundred tasks by id", "{ " + numbered(100, `a%d: task(id: "%[1]d") { `+whole+" } ") + "}", ""},

		{"300 counted texts", "{ " + numbered(300, `a%d: tasks(first: 1, filter: {title: {contains: "%[1]d"}}) { totalCount } `) + "}", "complexity"},
		{"ten counted texts", "{ " + numbered(10, `a%d: tasks(first: 1, filter: {title: {contains: "%[1]d"}}) { totalCount } `) + "}", "complexity"},
		{"ten searches", "{ " + numbered(10, `a%d: tasks(first: 1, search: "%[1]d") { __typename } `) + "}", "complexity"},
		{"300 totals", "{ " + numbered(300, `a%d: tasks(first: 1) { totalCount } `) + "}", "complexity"},
		{"300 counts", "{ " + numbered(300, `a%d: taskStats { total } `) + "}", "complexity"},
		{"counts in a mutation's result", "mutation { " + numbered(20, `a%d: deleteTask(id: 1) { query { taskStats { open } } } `) + "}", "complexity"},
		{"totals in a fragment", "{ " + numbered(150, `a%d: tasks(first: 1) { ...T } `) + "} fragment T on TaskConnection { ... { totalCount } }", "complexity"},
		{"filters that find nothing", "{ " + numbered(30, `a%d: tasks(first: 1, filter: {priority: {eq: LOW}}) { __typename } `) + "}", "complexity"},
		{"lists by title", "{ " + numbered(30, `a%d: tasks(first: 1, orderBy: {field: TITLE}) { __typename } `) + "}", "complexity"},
		{"lists by due date", "{ " + numbered(10, `a%d: tasks(first: 1, orderBy: {field: DUE}) { __typename } `) + "}", "complexity"},
		{"lists by two keys", "{ " + numbered(10, `a%d: tasks(first: 1, orderBy: [{field: CREATED_AT}, {field: DUE}]) { __typename } `) + "}", "complexity"},
		{"three counted searches", "{ " + numbered(3, `a%d: tasks(first: 1, search: "a%[1]d b") { totalCount } `) + "}", "complexity"},
		{"three counted descriptions", "{ " + numbered(3, `a%d: tasks(first: 1, filter: {description: {contains: "a"}}) { totalCount } `) + "}", "complexity"},
		{"included searches", "{ " + numbered(10, `a%d: tasks(first: 1, search: "%[1]d") @include(if: true) { __typename } `) + "}", "complexity"},
		{"three tags", "{ " + numbered(3, `a%d: tags { tag } `) + "}", "complexity"},
		{"40 texts in titles", `{ tasks(first: 20, filter: {or: [` + titles + `]}) { ` + card + ` } }`, ""},
		{"five statistics", "{ " + numbered(5, "a%d: taskStats { "+stats+" } ") + "}", ""},
		{"six statistics", "{ " + numbered(6, "a%d: taskStats { "+stats+" } ") + "}", "complexity"},
		{"two searches of many words", "{ " + numbered(2, "a%d: tasks(first: 20, search: \""+many+"\", orderBy: {field: CREATED_AT}) { "+card+" } ") + "}", ""},
		{"three searches of many words", "{ " + numbered(3, "a%d: tasks(first: 1, search: \""+many+"\", orderBy: {field: CREATED_AT}) { nodes { id } } ") + "}", "complexity"},
		{"50 texts in titles", `{ tasks(first: 1, filter: {or: [` + titles + numbered(10, `{title: {endsWith: "%d"}} `) + `]}) { nodes { id } } }`, "complexity"},
		{"50 titles, twice", `{ a: tasks(first: 1, filter: {or: [` + equal + `]}) { nodes { id } } b: tasks(first: 1, filter: {or: [` + equal + `]}) { nodes { id } } }`, ""},
		{"50 tests of texts", `{ tasks(filter: {and: [` + strings.Repeat(`{description: {contains: "a"}} `, 50) + `]}) { totalCount } }`, "complexity"},
		{"descriptions many times", "{ " + numbered(98, "a%d: tasks(first: 100) { nodes { description } } ") + "}", "complexity"},
		{"three bulk restores", "mutation { " + numbered(3, "a%d: restoreTasks(ids: "+ids+") { syncToken } ") + "}", "writes more than 2000"},
		{"four times all", "mutation { " + numbered(4, "a%d: clearCompletedTasks { count } ") + "}", "complexity"},
	} {
		got := run(t, tt.document, nil).errors
		if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestDearer compares the costs of operations of which one has the database do more. Alone, many of them are too cheap to be refused.
func TestDearer(t *testing.T) {
	words := func(n int) string { return `{ tasks(first: 1, search: "` + numbered(n, "w%d ") + `") { __typename } }` }
	filtered := func(filter string) string { return "{ tasks(first: 1, filter: " + filter + ") { __typename } }" }
	creates := func(n int) string {
		return "mutation { createTasks(inputs: [" + strings.Repeat(`{title: "x"} `, n) + "]) { syncToken } }"
	}
	for _, tt := range []struct {
		name, less, more string
		by               int
	}{
		{"calls", `{ a: task(id: 1) { id } }`, "{ " + numbered(11, `a%d: task(id: "%[1]d") { id } `) + "}", 30},
		{"writes", `mutation { a: deleteTask(id: 1) { syncToken } }`, "mutation { " + numbered(2, `a%d: deleteTask(id: "%[1]d") { syncToken } `) + "}", 50},
		{"rows of a write", creates(1), creates(100), 160},
		{"texts", `{ tasks(first: 1, filter: {completed: true}) { totalCount } }`, `{ tasks(first: 1, filter: {title: {contains: "a"}}) { totalCount } }`, 100},
		{"descriptions", `{ tasks(first: 1, filter: {title: {contains: "a"}}) { totalCount } }`, `{ tasks(first: 1, filter: {description: {contains: "a"}}) { totalCount } }`, 50},
		{"words", words(1), words(50), 1000},
		{"further words", words(7), words(32), 400},
		{"relevance", `{ tasks(first: 1, search: "a", orderBy: {field: CREATED_AT}) { __typename } }`, `{ tasks(first: 1, search: "a") { __typename } }`, 1200},
		{"tests", filtered("{completed: true}"), filtered("{completed: true, and: [" + strings.Repeat("{completed: true} ", 10) + "]}"), 450},
		{"several tags", filtered(`{tags: {any: ["a"]}}`), filtered(`{tags: {any: ["a", "b"]}}`), 800},
		{"values", filtered(`{id: {in: ["1"]}}`), filtered("{id: {in: [" + strings.Repeat(`"1" `, 100) + "]}}"), 140},
		{"values of dates", filtered(`{dueDate: {in: ["2026-01-01"]}}`), filtered("{dueDate: {in: [" + strings.Repeat(`"2026-01-01" `, 100) + "]}}"), 700},
		{"selected descriptions", `{ tasks(first: 100) { nodes { id } } }`, `{ tasks(first: 100) { nodes { description } } }`, 400},
		{"changes", `{ taskChanges(first: 1) { changes { taskId } } }`, `{ taskChanges(first: 500) { changes { taskId } } }`, 400},
		{"completed per day", `{ taskStats { open } }`, `{ taskStats { open completedPerDay(days: 1) { count } } }`, 150},
		{"counts", `{ taskStats { open } }`, `{ taskStats { open total overdue dueToday } }`, 100},
		{"days", `{ taskStats { completedPerDay(days: 1) { count } } }`, `{ taskStats { completedPerDay(days: 90) { count } } }`, 80},
	} {
		less, more := run(t, tt.less, nil), run(t, tt.more, nil)
		if less.cost == 0 || more.cost < less.cost+tt.by {
			t.Errorf("%s: costs %d and %d, %s%s, want %d more", tt.name, less.cost, more.cost, less.errors, more.errors, tt.by)
		}
	}
}

// TestOneVariableManyTimes uses one list of inputs for each of many fields, which costs the client nothing.
func TestOneVariableManyTimes(t *testing.T) {
	rows := make([]any, 100)
	for i := range rows {
		rows[i] = map[string]any{"title": "x"}
	}
	for fields, want := range map[int]string{20: "", 21: "writes more than 2000", 49: "writes more than 2000"} {
		document := "mutation($rows: [CreateTaskInput!]!) { " + numbered(fields, "a%d: createTasks(inputs: $rows) { syncToken } ") + "}"
		if got := run(t, document, map[string]any{"rows": rows}).errors; want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%d fields: %q, want %q", fields, got, want)
		}
	}
}
