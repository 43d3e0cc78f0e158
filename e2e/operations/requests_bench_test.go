package operations

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// BenchmarkRequest measures requests of a user with 1,000 tasks through the HTTP handler, including the token, the log
// and the database but not the network. Updates and moves are pairs, so that each changes something.
func BenchmarkRequest(b *testing.B) {
	const fields = `id userId title description priority tags dueDate: dueAt completed createdAt updatedAt`
	hundred, ids := make([]map[string]any, 100), make([]string, 100)
	for i := range hundred {
		hundred[i] = map[string]any{"title": "A task", "description": "Some notes", "tags": []string{"a", "b"}}
		ids[i] = fmt.Sprint(301 + i)
	}
	requests := []struct{ name, method, path, body string }{
		{"list 20/GraphQL", "POST", "/graphql", harness.GraphQLBody(`query($n: Int) { tasks(first: $n) { nodes { `+fields+` } pageInfo { hasNextPage endCursor } } }`, "n", 20)},
		{"list 20/REST", "GET", "/api/u/tasks?limit=20", ""},
		{"search/GraphQL", "POST", "/graphql", harness.GraphQLBody(`query($search: String) { tasks(first: 20, search: $search) { nodes { `+fields+` } pageInfo { hasNextPage endCursor } } }`, "search", "not 50")},
		{"search all/GraphQL", "POST", "/graphql", harness.GraphQLBody(`query($search: String) { tasks(first: 20, search: $search) { nodes { `+fields+` } pageInfo { hasNextPage endCursor } } }`, "search", "t")},
		{"get/GraphQL", "POST", "/graphql", harness.GraphQLBody(`query($id: ID!) { task(id: $id) { `+fields+` } }`, "id", "500")},
		{"get/REST", "GET", "/api/u/tasks/500", ""},
		{"create/GraphQL", "POST", "/graphql", harness.GraphQLBody(`mutation($input: CreateTaskInput!) { createTask(input: $input) { task { `+fields+` } userErrors { code } } }`,
			"input", map[string]any{"title": "A task", "description": "Some notes", "tags": []string{"a", "b"}, "due": map[string]any{"at": "2026-03-01T12:00:00Z"}})},
		{"create/REST", "POST", "/api/u/tasks", `{"title":"A task","description":"Some notes","tags":["a","b"],"due_date":"2026-03-01T12:00:00Z"}`},
		{"toggle/GraphQL", "POST", "/graphql", harness.GraphQLBody(`mutation($id: ID!) { toggleTask(id: $id) { task { `+fields+` } userErrors { code } } }`, "id", "500")},
		{"update/GraphQL", "POST", "/graphql", harness.GraphQLBody(`mutation($id: ID!, $add: [String!]) {
			add: updateTask(id: $id, input: {addTags: $add, title: "Another title"}) { task { `+fields+` } userErrors { code } }
			remove: updateTask(id: $id, input: {removeTags: $add, title: "Some title"}) { task { `+fields+` } userErrors { code } } }`, "id", "500", "add", []string{"c"})},
		{"move/GraphQL", "POST", "/graphql", harness.GraphQLBody(`mutation($id: ID!) {
			there: moveTask(id: $id, placement: {before: 500}) { task { position } userErrors { code } }
			back: moveTask(id: $id, placement: {after: 400}) { task { position } userErrors { code } } }`, "id", "450")},
		{"create 100/GraphQL", "POST", "/graphql", harness.GraphQLBody(`mutation($inputs: [CreateTaskInput!]!) { createTasks(inputs: $inputs) { tasks { `+fields+` } userErrors { code } } }`, "inputs", hundred)},
		{"update 100/GraphQL", "POST", "/graphql", harness.GraphQLBody(`mutation($ids: [ID!]!) {
			done: updateTasks(ids: $ids, input: {completed: true}) { tasks { `+fields+` } userErrors { code } }
			open: updateTasks(ids: $ids, input: {completed: false}) { tasks { `+fields+` } userErrors { code } } }`, "ids", ids)},
		{"toggle/REST", "PATCH", "/api/u/tasks/500/complete", ""},
	}
	for _, kind := range []string{"SQLite", "PostgreSQL"} {
		b.Run(kind, func(b *testing.B) {
			databaseURL := storetest.SQLite(b)
			if kind == "PostgreSQL" {
				databaseURL = storetest.Postgres(b)
			}
			handler := harness.NewProgram(b, harness.Env(databaseURL), nil).Handler
			authorization := "Bearer " + harness.Token(b, "u")
			send := func(method, path, body string) *httptest.ResponseRecorder {
				r := httptest.NewRequest(method, path, strings.NewReader(body))
				r.Header.Set("Authorization", authorization)
				r.Header.Set("Content-Type", "application/json")
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, r)
				return w
			}
			for i := range 1000 {
				if w := send("POST", "/api/u/tasks", fmt.Sprintf(`{"title":"task %d","description":"Some notes on it","tags":["a","b"]}`, i)); w.Code != http.StatusCreated {
					b.Fatal(w.Code, w.Body)
				}
			}
			if kind == "PostgreSQL" {
				analyze(b, databaseURL)
			}
			for _, request := range requests {
				b.Run(request.name, func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						if w := send(request.method, request.path, request.body); w.Code >= 300 || strings.Contains(w.Body.String(), `"errors"`) || strings.Contains(w.Body.String(), `"code":`) {
							b.Fatal(w.Code, w.Body)
						}
					}
				})
			}
		})
	}
}

// analyze updates the statistics of the planner, as autovacuum does after a minute.
func analyze(b *testing.B, databaseURL string) {
	b.Helper()
	conn, err := pgx.Connect(b.Context(), databaseURL)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close(b.Context())
	if _, err := conn.Exec(b.Context(), "ANALYZE task, task_counter, task_search"); err != nil {
		b.Fatal(err)
	}
}
