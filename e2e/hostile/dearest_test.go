package hostile

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"taskql/store/storetest"
)

// classes are kinds of work for the database, each as a root field. What a search, a filter or an order has to read is as much as there is.
var classes = []struct{ name, field string }{
	{"tasks by id", `task(id: "1") { ` + whole + ` }`},
	{"newest tasks", `tasks(first: 1) { nodes { id } }`},
	{"whole tasks", `tasks(first: 100) { nodes { ` + whole + ` } }`},
	{"changes", `taskChanges(first: 500) { changes { taskId task { ` + whole + ` } } }`},
	{"totals", `tasks(first: 1) { totalCount }`},
	{"trash", `tasks(first: 1, trash: ONLY) { totalCount }`},
	{"sorted by due date", `tasks(first: 1, orderBy: {field: DUE, direction: DESC, nulls: FIRST}) { nodes { id } }`},
	{"sorted by four keys", `tasks(first: 1, orderBy: [{field: TITLE}, {field: DUE}, {field: PRIORITY}, {field: COMPLETED_AT}]) { nodes { id } }`},
	{"sorted with the trash", `tasks(first: 1, trash: INCLUDE, orderBy: {field: UPDATED_AT}) { nodes { id } }`},
	{"counted by priority", `tasks(first: 1, filter: {priority: {eq: HIGH}}) { totalCount }`},
	{"counted by due window", `tasks(first: 1, filter: {due: [OVERDUE, TODAY, NEXT_7_DAYS]}) { totalCount }`},
	{"counted by 100 days", `tasks(first: 1, filter: {dueDate: {in: [` + numbers(100, `"20%02d-01-02"`) + `]}}) { totalCount }`},
	{"counted by 50 instants", `tasks(first: 1, filter: {or: [` + numbers(50, `{updatedAt: {lt: "20%02d-01-02T00:00:00Z"}}`) + `]}) { totalCount }`},
	{"counted by title", `tasks(first: 1, filter: {title: {contains: "zebra"}}) { totalCount }`},
	{"counted by 100 titles", `tasks(first: 1, filter: {title: {in: [` + numbers(100, `"%d"`) + `]}}) { totalCount }`},
	{"counted by description", `tasks(first: 1, filter: {description: {contains: "zebra"}}) { totalCount }`},
	{"counted by end of description", `tasks(first: 1, filter: {description: {endsWith: "zebra"}}) { totalCount }`},
	{"counted by 100 tags", `tasks(first: 1, filter: {tags: {any: [` + numbers(100, `"%d"`) + `]}}) { totalCount }`},
	{"statistics", `taskStats { total open completed overdue dueToday dueNext7Days noDueDate openByPriority { count } completedPerDay(days: 90) { count } }`},
	{"filtered statistics", `taskStats(filter: {title: {contains: "report"}}) { overdue completedPerDay(days: 90) { count } }`},
	{"searches", `tasks(first: 1, search: "report") { totalCount }`},
	{"searches for six words", `tasks(first: 1, search: "task for the weekly report work") { totalCount }`},
	{"searches by time", `tasks(first: 100, search: "report", orderBy: {field: CREATED_AT}) { totalCount edges { relevance } }`},
	{"searches with a filter", `tasks(first: 1, search: "report", orderBy: {field: CREATED_AT}, filter: {title: {contains: "zebra"}}) { nodes { id } }`},
	{"tags", `tags(first: 200) { tag open total }`},
}

func numbers(count int, format string) string {
	all := make([]string, count)
	for i := range all {
		all[i] = fmt.Sprintf(format, i)
	}
	return strings.Join(all, ", ")
}

// maxDearer is how many times as long the dearest request of a class may take as the model of costs expects from the unit. PostgreSQL is
// faster at the unit than at searches and descriptions.
const maxDearer = 8

// TestDearestRequests measures for each class the request with as many aliases as the limits allow. By the model all of them cost about as
// much. The unit is a request for all counts, of which eight are allowed, so that the speed of the machine does not matter. At a small size
// requests are too short for that, and must succeed only.
func TestDearestRequests(t *testing.T) {
	storetest.Each(t, func(t *testing.T, databaseURL string) {
		many := storetest.Scale(300, 100_000)
		s, _, _ := server(t, databaseURL, many)
		c := s.As("hostile")
		took := func(r request, times int) time.Duration {
			all := make([]time.Duration, times)
			for i := range all {
				begun := time.Now()
				if _, code, _, err := r.send(t.Context(), c); err != nil || code != "" {
					t.Errorf("%.100s = %s, %v", r.body, code, err)
				}
				all[i] = time.Since(begun)
			}
			return slices.Min(all)
		}
		unit := graphQL(`{ taskStats { total open completed overdue dueToday dueNext7Days noDueDate openByPriority { count } } }`)
		plain := graphQL(`{ tasks(first: 20) { nodes { id title } } }`)
		var table strings.Builder
		for _, class := range classes {
			r, aliases := dearest(t, c, class.field)
			expected, list, got := 8*took(unit, 3), took(plain, 3), took(r, storetest.Scale(1, 2))
			fmt.Fprintf(&table, "| %s | %d | %d | %.1f | %.0f |\n", class.name, aliases, got.Milliseconds(), float64(got)/float64(expected), float64(got)/float64(list))
			if many == 100_000 && got > maxDearer*expected {
				t.Errorf("%s: %d aliases take %v, want at most %d times %v", class.name, aliases, got, maxDearer, expected)
			}
		}
		t.Logf("class | aliases | ms | of the expected | plain lists\n%s", &table)
	})
}
