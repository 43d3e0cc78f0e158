package graphql

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"taskql/e2e/harness"
)

// values sends a query and returns its data, or the code and the path of the first error.
func values(c *harness.Client, query string, headers ...string) string {
	c.T.Helper()
	a := c.Send("POST", "/graphql", harness.GraphQLBody(query), headers...)
	if code, _, path := a.Problem(c.T); code != "" {
		return code + " at " + path
	}
	var response struct{ Data json.RawMessage }
	a.JSON(c.T, &response)
	return string(response.Data)
}

// TestZoneOfTheQuery checks the order of time zones: the argument, then the header, then UTC.
func TestZoneOfTheQuery(t *testing.T) {
	t.Parallel()
	harness.EachServer(t, func(t *testing.T, s *harness.Server) {
		u := s.As("u")
		u.MustCreate(map[string]any{"title": "instant", "due": map[string]any{"at": "2030-01-01T23:30:00Z"}})
		u.MustCreate(map[string]any{"title": "day", "due": map[string]any{"date": "2030-01-01"}})
		const tokyo, newYork = "Asia/Tokyo", "America/New_York"
		cases := []struct{ arguments, header, want string }{
			{`filter: {dueDate: {eq: "2030-01-01"}}`, "", "day instant"},
			{`filter: {dueDate: {eq: "2030-01-01"}}`, tokyo, "day"},
			{`filter: {dueDate: {gt: "2030-01-01"}}`, tokyo, "instant"},
			{`filter: {dueDate: {eq: "2030-01-01"}}, timeZone: "America/New_York"`, tokyo, "day instant"},
			{`filter: {dueDate: {eq: "2030-01-02"}}, timeZone: "Asia/Tokyo"`, newYork, "instant"},
			{`filter: {dueDate: {eq: "2030-01-01"}}, timeZone: null`, tokyo, "day"},
			{`timeZone: "+09:00"`, "", "BAD_USER_INPUT at tasks.timeZone"},
		}
		for _, c := range cases {
			body := harness.GraphQLBody("{ tasks(" + c.arguments + ", orderBy: {field: TITLE}) { nodes { title } } }")
			var headers []string
			if c.header != "" {
				headers = []string{"X-Time-Zone", c.header}
			}
			if got := found(u, body, headers...); got != c.want {
				t.Errorf("tasks(%s) in %q = %s, want %s", c.arguments, c.header, got, c.want)
			}
		}
	})
}

// TestStats checks each number in taskStats with tasks that are due around now.
func TestStats(t *testing.T) {
	t.Parallel()
	harness.EachServer(t, func(t *testing.T, s *harness.Server) {
		u := s.As("u")
		now := time.Now()
		zone, name := quietZone(t, now)
		day := func(days int) map[string]any {
			return map[string]any{"date": now.In(zone).AddDate(0, 0, days).Format(time.DateOnly)}
		}
		for _, input := range []map[string]any{
			{"title": "a", "priority": "HIGH", "due": day(-1)},
			{"title": "b", "priority": "HIGH", "due": day(0)},
			{"title": "c", "due": map[string]any{"at": now.Add(-time.Second).Format(time.RFC3339)}},
			{"title": "d", "due": day(6)},
			{"title": "e", "due": day(7)},
			{"title": "f", "tags": []string{"x"}},
			{"title": "g", "priority": "LOW", "due": day(-1), "completed": true},
			{"title": "h", "due": day(0), "completed": true},
		} {
			u.MustCreate(input)
		}
		gone := u.MustCreate(map[string]any{"title": "gone", "due": day(0)})
		u.GraphQL("mutation($id: ID!) { deleteTask(id: $id) { deletedTaskId } }", "id", gone)
		s.As("v").MustCreate(map[string]any{"title": "not mine"})

		today, yesterday := now.In(zone).Format(time.DateOnly), now.In(zone).AddDate(0, 0, -1).Format(time.DateOnly)
		for _, c := range []struct{ query, want string }{
			{`{ taskStats { total open completed overdue dueToday dueNext7Days noDueDate } }`,
				`{"taskStats":{"total":8,"open":6,"completed":2,"overdue":2,"dueToday":2,"dueNext7Days":3,"noDueDate":1}}`},
			{`{ taskStats { openByPriority { priority count } } }`,
				`{"taskStats":{"openByPriority":[{"priority":"HIGH","count":2},{"priority":"MEDIUM","count":4},{"priority":"LOW","count":0}]}}`},
			{`{ taskStats { two: completedPerDay(days: 2) { date count } one: completedPerDay(days: 1) { count } total } }`,
				`{"taskStats":{"two":[{"date":"` + yesterday + `","count":0},{"date":"` + today + `","count":2}],"one":[{"count":2}],"total":8}}`},
			{`{ taskStats { ...F open } } fragment F on TaskStats { open completedPerDay(days: 1) { count } }`,
				`{"taskStats":{"open":6,"completedPerDay":[{"count":2}]}}`},
			{`{ taskStats(filter: {title: {in: ["A", "B", "G"]}}) { total open completed overdue } none: taskStats(filter: {or: []}) { total } }`,
				`{"taskStats":{"total":3,"open":2,"completed":1,"overdue":1},"none":{"total":0}}`},
			{`{ taskStats(filter: {due: [OVERDUE, TODAY]}) { total } }`, `{"taskStats":{"total":4}}`},
			{`{ taskStats { __typename } }`, `{"taskStats":{"__typename":"TaskStats"}}`},
			{`{ taskStats { completedPerDay(days: 0) { count } } }`, "BAD_USER_INPUT at taskStats.completedPerDay.days"},
			{`{ taskStats { completedPerDay(days: 91) { count } } }`, "BAD_USER_INPUT at taskStats.completedPerDay.days"},
			{`{ taskStats { completedPerDay(days: -2147483648) { count } } }`, "BAD_USER_INPUT at taskStats.completedPerDay.days"},
			{`{ taskStats(timeZone: "CEST") { total } }`, "BAD_USER_INPUT at taskStats.timeZone"},
			{`{ taskStats(filter: {id: {in: [` + ids(101) + `]}}) { total } }`, "BAD_FILTER at taskStats.filter.id.in"},
		} {
			if got := values(u, c.query, "X-Time-Zone", name); got != c.want {
				t.Errorf("%.200s = %s, want %s", c.query, got, c.want)
			}
		}
		var data struct {
			TaskStats struct{ CompletedPerDay []struct{ Count int } }
		}
		u.GraphQL("{ taskStats { completedPerDay(days: 90) { count } } }").Data(t, &data)
		if n := len(data.TaskStats.CompletedPerDay); n != 90 {
			t.Errorf("completedPerDay(days: 90) has %d days", n)
		}
		// What fails takes nothing else of the answer with it.
		var partial struct {
			Data struct {
				TaskStats any
				Tasks     struct{ TotalCount int }
			}
		}
		u.GraphQL(`{ taskStats { completedPerDay(days: 0) { count } } tasks { totalCount } }`).JSON(t, &partial)
		if partial.Data.TaskStats != nil || partial.Data.Tasks.TotalCount != 8 {
			t.Errorf("beside counts that fail: %+v, want null and the list", partial.Data)
		}
	})
}

// quietZone returns a zone in which it is about noon, so that the day does not change during the test.
func quietZone(t *testing.T, now time.Time) (*time.Location, string) {
	t.Helper()
	west := now.UTC().Hour() - 12 // Etc/GMT+5 is five hours behind
	name := fmt.Sprintf("Etc/GMT%+d", west)
	if west == 0 {
		name = "UTC"
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone, name
}

func ids(n int) (all string) {
	for i := range n {
		all += fmt.Sprintf(`"%d" `, i+1)
	}
	return all
}

// TestTags checks the order and the spelling of tags, and invalid arguments.
func TestTags(t *testing.T) {
	t.Parallel()
	harness.EachServer(t, func(t *testing.T, s *harness.Server) {
		u := s.As("u")
		u.MustCreate(map[string]any{"title": "1", "tags": []string{"Home", "b", "Über"}})
		first := u.MustCreate(map[string]any{"title": "2", "tags": []string{"home", "a"}, "completed": true})
		u.MustCreate(map[string]any{"title": "3", "tags": []string{"über", "HOME"}})
		u.GraphQL("mutation($id: ID!) { deleteTask(id: $id) { deletedTaskId } }", "id", u.MustCreate(map[string]any{"title": "4", "tags": []string{"gone", "b"}}))
		s.As("v").MustCreate(map[string]any{"title": "5", "tags": []string{"not mine"}})
		const counts = "{ tag open total }"
		for _, c := range []struct{ query, want string }{
			{`{ tags ` + counts + ` }`, `{"tags":[{"tag":"HOME","open":2,"total":3},{"tag":"über","open":2,"total":2},{"tag":"a","open":0,"total":1},{"tag":"b","open":1,"total":1}]}`},
			{`{ tags(first: 1) { tag } }`, `{"tags":[{"tag":"HOME"}]}`},
			{`{ tags(startsWith: "ÜB") { tag } }`, `{"tags":[{"tag":"über"}]}`},
			{`{ tags(startsWith: "hOmE") { tag } }`, `{"tags":[{"tag":"HOME"}]}`},
			{`{ tags(startsWith: "ome") { tag } }`, `{"tags":[]}`},
			{`{ tags(startsWith: "%") { tag } }`, `{"tags":[]}`},
			{`{ tags(startsWith: null, first: 200) { tag } }`, `{"tags":[{"tag":"HOME"},{"tag":"über"},{"tag":"a"},{"tag":"b"}]}`},
			{`{ tags(first: 0) { tag } }`, "BAD_PAGE_SIZE at tags"},
			{`{ tags(first: 201) { tag } }`, "BAD_PAGE_SIZE at tags"},
			{`{ tags(first: -1) { tag } }`, "BAD_PAGE_SIZE at tags"},
		} {
			if got := values(u, c.query); got != c.want {
				t.Errorf("%s = %s, want %s", c.query, got, c.want)
			}
		}
		// The spelling that was written last counts.
		u.GraphQL(`mutation($id: ID!) { updateTask(id: $id, input: {tags: ["hOME"]}) { userErrors { code } } }`, "id", first)
		if got, want := values(u, `{ tags(first: 1) { tag } }`), `{"tags":[{"tag":"hOME"}]}`; got != want {
			t.Errorf("after another spelling: %s, want %s", got, want)
		}
	})
}
