package e2e

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"taskql/store/storetest"
)

// TestRetryOfREST has what only REST has: spellings of one body, and PATCH …/complete that sets.
func TestRetryOfREST(t *testing.T) {
	eachServer(t, func(t *testing.T, s *server) {
		u := s.as("u")
		const key = "Idempotency-Key"
		first := u.send("POST", u.tasks(), `{"title":"x","tags":["a","b"],"due_date":"2030-03-01T18:00:00+01:00"}`, key, "a key of 16 or more")
		for _, body := range []string{
			` { "tags" : ["a", "b"], "title" : "\u0078", "due_date": "2030-03-01T17:00:00.000Z", "id": 7 } `,
			`{"title":"x","tags":"a,b","dueDate":"2030-03-01 17:00Z","priority":"medium","completed":null,"description":null}`,
		} {
			if a := u.send("POST", u.tasks(), body, key, "a key of 16 or more"); a.status != 201 || a.body != first.body {
				t.Errorf("POST %s again = %d %s, want %s", body, a.status, a.body, first.body)
			}
		}
		var task struct{ ID int64 }
		first.json(t, &task)
		same := retryingGraphQL{u}
		id, _, verdict := same.write(`mutation {
			result: createTask(input: {title: "x", tags: ["a", "b"], due: {at: "2030-03-01T17:00:00Z"}}, idempotencyKey: "a key of 16 or more") {
				task { id completed } userErrors { code field }
			}
		}`)
		if id != fmt.Sprint(task.ID) || verdict != "ok" {
			t.Errorf("the same through GraphQL = task %s, %s, want %d", id, verdict, task.ID)
		}

		// Without tags, as GraphQL's default.
		first = u.send("POST", u.tasks(), `{"title":"y"}`, key, "a key for y, a task")
		first.json(t, &task)
		for _, body := range []string{`{"title":"y"}`, `{"title":"y","tags":[]}`, `{"title":"y","tags":null}`} {
			if a := u.send("POST", u.tasks(), body, key, "a key for y, a task"); a.body != first.body {
				t.Errorf("POST %s again = %d %s, want %s", body, a.status, a.body, first.body)
			}
		}

		path := u.tasks(task.ID, "complete")
		u.send("PATCH", path, `{"completed": true}`, key, "a key for completing")
		u.send("PATCH", path, `{"completed": false}`, key, "a key for reopening")
		for body, want := range map[string]int{`{"is_completed":1}`: 200, `{"completed": false}`: 422, ``: 422} {
			if a := u.send("PATCH", path, body, key, "a key for completing"); a.status != want || want == 200 && !strings.Contains(a.body, `"completed":false`) {
				t.Errorf("PATCH %s with the key for completing = %d %s, want %d, the task being open", body, a.status, a.body, want)
			}
		}

		// If-Match is part of the request, and the first write's own version does not stand in its way.
		tag := u.send("GET", u.tasks(task.ID), "").header.Get("ETag")
		for range 2 {
			if a := u.send("PATCH", u.tasks(task.ID, "toggle"), "", key, "a key for toggling", "If-Match", tag); a.status != 200 || !strings.Contains(a.body, `"completed":true`) {
				t.Errorf("PATCH with a key and If-Match = %d %s", a.status, a.body)
			}
		}
		if a := u.send("PATCH", u.tasks(task.ID, "toggle"), "", key, "a key for toggling"); a.status != 422 {
			t.Errorf("PATCH with the key and no If-Match = %d %s, want 422", a.status, a.body)
		}

		// All that is wrong is in one answer, in the order in which it is sent; the key's lines are one value.
		a := u.send("POST", u.tasks(), `{"title":""}`, key, "short")
		if want := `{"detail":[{"type":"string_too_short","loc":["header","idempotency-key"],"msg":"String should have at least 16 characters","input":"short","ctx":{"min_length":16}},` +
			`{"type":"string_too_short","loc":["body","title"],"msg":"String should have at least 1 character","input":"","ctx":{"min_length":1}}]}`; a.status != 422 || a.body != want {
			t.Errorf("a bad key and a bad title = %d %s, want %s", a.status, a.body, want)
		}
		if a := u.send("PATCH", u.tasks("x", "complete"), "", key, ""); strings.Count(a.body, `"loc"`) != 2 {
			t.Errorf("a bad id and an empty key = %d %s, want both", a.status, a.body)
		}
		// Elsewhere the header says nothing.
		if a := u.send("PUT", u.tasks(task.ID), `{"title":"z"}`, key, "short"); a.status != 200 {
			t.Errorf("PUT with a key = %d %s", a.status, a.body)
		}
	})
}

// TestRetryOfUpdate has what only GraphQL has: updateTask with a key, which must not undo what came after it.
func TestRetryOfUpdate(t *testing.T) {
	eachServer(t, func(t *testing.T, s *server) {
		u := s.as("u")
		update := func(title, key string) (got string) {
			t.Helper()
			var data struct {
				UpdateTask struct {
					Task       *struct{ Title string }
					UserErrors []struct{ Code string }
				}
			}
			u.graphql(`mutation($title: String!, $key: String) {
				updateTask(id: 1, input: {title: $title}, idempotencyKey: $key) { task { title } userErrors { code } }
			}`, "title", title, "key", key).data(t, &data)
			if data.UpdateTask.Task == nil {
				return data.UpdateTask.UserErrors[0].Code
			}
			return data.UpdateTask.Task.Title
		}
		u.send("POST", u.tasks(), `{"title":"x"}`)
		for _, step := range []struct{ title, key, want string }{
			{"x", "a key for nothing", "x"}, // there is nothing to change
			{"a", "the first key of two", "a"},
			{"b", "the other key of two", "b"},
			{"a", "the first key of two", "b"},
			{"x", "a key for nothing", "b"},
			{"b", "the first key of two", "IDEMPOTENCY_KEY_REUSED"},
		} {
			if got := update(step.title, step.key); got != step.want {
				t.Errorf("update to %s with %s = %s, want %s", step.title, step.key, got, step.want)
			}
		}
	})
}

// TestTwentyAtOnce sends one request twenty times at once, half through each door.
func TestTwentyAtOnce(t *testing.T) {
	eachServer(t, func(t *testing.T, s *server) {
		u := s.as("u")
		for round := range 5 {
			key := fmt.Sprint("the key of round ", round)
			query := graphqlBody(`mutation($key: String) { createTask(input: {title: "x"}, idempotencyKey: $key) {
				task { id title position version createdAt updatedAt } userErrors { code } } }`, "key", key)
			answers := make([]answer, 20)
			var wg sync.WaitGroup
			for i := range answers {
				wg.Go(func() {
					var err error
					if i%2 == 0 {
						answers[i], err = u.try("POST", "/graphql", query)
					} else {
						answers[i], err = u.try("POST", u.tasks(), `{"title": "x"}`, "Idempotency-Key", key)
					}
					if err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			for i, a := range answers {
				if first := answers[i%2]; a.status != []int{200, 201}[i%2] || a.body != first.body {
					t.Errorf("answer %d = %d %s, want %s", i, a.status, a.body, first.body)
				}
			}
			var tasks []struct{ ID int64 }
			u.send("GET", u.tasks(), "").json(t, &tasks)
			if len(tasks) != round+1 {
				t.Fatalf("%d tasks after %d rounds", len(tasks), round+1)
			}
			if id := fmt.Sprintf(`"id":"%d"`, tasks[0].ID); !strings.Contains(answers[0].body, id) || answers[1].header.Get("Location") != u.tasks(tasks[0].ID) {
				t.Errorf("the answers are about another task than the list's: %s, %s", answers[0].body, answers[1].body)
			}
		}
	})
}

// TestKillAndRetry ends the program with SIGKILL while writers write with idempotency keys. After a
// restart each sends again what it had sent, acknowledged or not: there is one task for each key.
func TestKillAndRetry(t *testing.T) {
	binary := build(t)
	storetest.Each(t, func(t *testing.T, databaseURL string) {
		const writers = 20
		create := func(c *client, key string) (id string, err error) {
			a, err := c.try("POST", "/graphql", graphqlBody(`mutation($key: String!) {
				createTask(input: {title: $key}, idempotencyKey: $key) { task { id } } }`, "key", key))
			if err != nil {
				return "", err
			}
			var data struct {
				CreateTask struct{ Task struct{ ID string } }
			}
			a.data(t, &data)
			return data.CreateTask.Task.ID, nil
		}
		first, process := startProcess(t, binary, databaseURL)
		u := first.as("u")
		sent := make([]map[string]string, writers) // key → id, "" when there was no answer
		var count atomic.Int32
		enough := make(chan struct{})
		var wg sync.WaitGroup
		for w := range writers {
			sent[w] = map[string]string{}
			wg.Go(func() {
				for r := 0; ; r++ {
					key := fmt.Sprintf("writer %d, request %d", w, r)
					id, err := create(u, key)
					sent[w][key] = id
					if err != nil {
						return // the server is gone
					}
					if count.Add(1) == 200 {
						close(enough)
					}
				}
			})
		}
		<-enough
		if err := process.Kill(); err != nil {
			t.Fatal(err)
		}
		wg.Wait()

		second, _ := startProcess(t, binary, databaseURL)
		u = second.as("u")
		keys := 0
		for _, requests := range sent {
			for key, id := range requests {
				keys++
				again, err := create(u, key)
				if err != nil || id != "" && again != id {
					t.Errorf("%s made the task %q, sent again %q, %v", key, id, again, err)
				}
			}
		}
		var list []struct{ Title string }
		u.send("GET", u.tasks(), "").json(t, &list)
		titles := map[string]bool{}
		for _, task := range list {
			titles[task.Title] = true
		}
		if len(list) != keys || len(titles) != keys {
			t.Errorf("%d tasks of %d titles for %d keys", len(list), len(titles), keys)
		}
	})
}
