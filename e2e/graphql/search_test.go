package graphql

import (
	"slices"
	"strings"
	"testing"

	"taskql/e2e/harness"
)

// TestSearchThroughGraphQL pages through a search by relevance.
func TestSearchThroughGraphQL(t *testing.T) {
	t.Parallel()
	harness.EachServer(t, func(t *testing.T, s *harness.Server) {
		c := s.As("u")
		for _, input := range []map[string]any{
			{"title": "Call the dentist", "description": "about the MILK tooth"},
			{"title": "Buy milk and bread", "tags": []string{"shop"}},
			{"title": "Groceries", "tags": []string{"Milk", "shop"}},
			{"title": "Read"},
		} {
			var created struct {
				CreateTask struct{ Task struct{ ID string } }
			}
			c.GraphQL(`mutation($input: CreateTaskInput!) { createTask(input: $input) { task { id } } }`, "input", input).Data(t, &created)
		}
		const query = `query($search: String, $after: String, $orderBy: [TaskOrder!]) {
			tasks(first: 1, after: $after, search: $search, orderBy: $orderBy) {
				totalCount edges { relevance cursor node { title } } pageInfo { hasNextPage } } }`
		type page struct {
			Tasks struct {
				TotalCount int
				Edges      []struct {
					Relevance *float64
					Cursor    string
					Node      struct{ Title string }
				}
				PageInfo struct{ HasNextPage bool }
			}
		}
		var after any
		last := 2.0
		for i, want := range []string{"Buy milk and bread", "Groceries", "Call the dentist"} {
			var got page
			c.GraphQL(query, "search", "mil", "after", after).Data(t, &got)
			edges := got.Tasks.Edges
			if len(edges) != 1 || edges[0].Node.Title != want || edges[0].Relevance == nil || *edges[0].Relevance <= 0 ||
				*edges[0].Relevance >= last || got.Tasks.TotalCount != 3 || got.Tasks.PageInfo.HasNextPage != (i < 2) {
				t.Fatalf("page %d = %+v, want %s, less relevant than %v", i, got, want, last)
			}
			last, after = *edges[0].Relevance, edges[0].Cursor
		}
		// In another order relevance is computed for the page, if the query selects it.
		var byTitle page
		c.GraphQL(`{ tasks(search: "milk", orderBy: [{field: TITLE}]) { totalCount ... { edges { ...E } } pageInfo { hasNextPage } } }
			fragment E on TaskEdge { relevance cursor node { title } }`).Data(t, &byTitle)
		var relevances []float64
		for _, edge := range byTitle.Tasks.Edges {
			relevances = append(relevances, *edge.Relevance)
		}
		if want := []float64{1, 2.0 / 6, 4.0 / 6}; !slices.Equal(relevances, want) {
			t.Errorf("relevance by title = %v, want %v", relevances, want)
		}
		var all page
		c.GraphQL(query, "search", " ").Data(t, &all)
		if all.Tasks.TotalCount != 4 || all.Tasks.Edges[0].Relevance != nil {
			t.Errorf("a blank search = %+v, want all tasks without relevance", all)
		}
		byRelevance := []any{map[string]any{"field": "RELEVANCE", "direction": "DESC"}}
		for _, refused := range []struct {
			variables []any
			code      string
		}{
			{[]any{"search", "milk", "after", after}, "BAD_CURSOR"},
			{[]any{"orderBy", byRelevance}, "BAD_USER_INPUT"},
		} {
			if a := c.GraphQL(query, refused.variables...); !strings.Contains(a.Body, `"code":"`+refused.code+`"`) {
				t.Errorf("tasks(%v) = %d %s, want %s", refused.variables, a.Status, a.Body, refused.code)
			}
		}
	})
}
