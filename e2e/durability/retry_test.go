package durability

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// TestRetryOfREST tests retries that only REST has: other JSON with the same meaning, and PATCH …/complete with a
// value.
func TestRetryOfREST(t *testing.T) {
	t.Parallel()
	harness.EachServer(t, func(t *testing.T, s *harness.Server) {
		u := s.As("u")
		const key = "Idempotency-Key"
		first := u.Send("POST", u.Tasks(), `{"title":"x","tags":["a","b"],"due_date":"2030-03-01T18:00:00+01:00"}`, key, "a key of 16 or more")
		for _, body := range []string{
			` { "tags" : ["a", "b"], "title" : "\u0078", "due_date": "2030-03-01T17:00:00.000Z", "id": 7 } `,
			`{"title":"x","tags":"a,b","dueDate":"2030-03-01 17:00Z","priority":"medium","completed":null,"description":null}`,
		} {
			if a := u.Send("POST", u.Tasks(), body, key, "a key of 16 or more"); a.Status != 201 || a.Body != first.Body {
				t.Errorf("POST %s again = %d %s, want %s", body, a.Status, a.Body, first.Body)
			}
		}
		var task struct{ ID int64 }
		first.JSON(t, &task)
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
		first = u.Send("POST", u.Tasks(), `{"title":"y"}`, key, "a key for y, a task")
		first.JSON(t, &task)
		for _, body := range []string{`{"title":"y"}`, `{"title":"y","tags":[]}`, `{"title":"y","tags":null}`} {
			if a := u.Send("POST", u.Tasks(), body, key, "a key for y, a task"); a.Body != first.Body {
				t.Errorf("POST %s again = %d %s, want %s", body, a.Status, a.Body, first.Body)
			}
		}

		path := u.Tasks(task.ID, "complete")
		u.Send("PATCH", path, `{"completed": true}`, key, "a key for completing")
		u.Send("PATCH", path, `{"completed": false}`, key, "a key for reopening")
		for body, want := range map[string]int{`{"is_completed":1}`: 200, `{"completed": false}`: 422, ``: 422} {
			if a := u.Send("PATCH", path, body, key, "a key for completing"); a.Status != want || want == 200 && !strings.Contains(a.Body, `"completed":false`) {
				t.Errorf("PATCH %s with the key for completing = %d %s, want %d, the task being open", body, a.Status, a.Body, want)
			}
		}

		// If-Match is part of the request, and the first write's own version does not stand in its way.
		tag := u.Send("GET", u.Tasks(task.ID), "").Header.Get("ETag")
		for range 2 {
			if a := u.Send("PATCH", u.Tasks(task.ID, "toggle"), "", key, "a key for toggling", "If-Match", tag); a.Status != 200 || !strings.Contains(a.Body, `"completed":true`) {
				t.Errorf("PATCH with a key and If-Match = %d %s", a.Status, a.Body)
			}
		}
		if a := u.Send("PATCH", u.Tasks(task.ID, "toggle"), "", key, "a key for toggling"); a.Status != 422 {
			t.Errorf("PATCH with the key and no If-Match = %d %s, want 422", a.Status, a.Body)
		}

		// All that is wrong is in one answer, in the order in which it is sent; the key's lines are one value.
		a := u.Send("POST", u.Tasks(), `{"title":""}`, key, "short")
		if want := `{"detail":[{"type":"string_too_short","loc":["header","idempotency-key"],"msg":"String should have at least 16 characters","input":"short","ctx":{"min_length":16}},` +
			`{"type":"string_too_short","loc":["body","title"],"msg":"String should have at least 1 character","input":"","ctx":{"min_length":1}}]}`; a.Status != 422 || a.Body != want {
			t.Errorf("an invalid key and a bad title = %d %s, want %s", a.Status, a.Body, want)
		}
		if a := u.Send("PATCH", u.Tasks("x", "complete"), "", key, ""); strings.Count(a.Body, `"loc"`) != 2 {
			t.Errorf("a bad id and an empty key = %d %s, want both", a.Status, a.Body)
		}
		// Elsewhere the header says nothing.
		if a := u.Send("PUT", u.Tasks(task.ID), `{"title":"z"}`, key, "short"); a.Status != 200 {
			t.Errorf("PUT with a key = %d %s", a.Status, a.Body)
		}
	})
}

// TestRetryOfUpdate tests updateTask with a key, which only GraphQL has: a retry must not undo later changes.
func TestRetryOfUpdate(t *testing.T) {
	t.Parallel()
	harness.EachServer(t, func(t *testing.T, s *harness.Server) {
		u := s.As("u")
		update := func(title, key string) (got string) {
			t.Helper()
			var data struct {
				UpdateTask struct {
					Task       *struct{ Title string }
					UserErrors []struct{ Code string }
				}
			}
			u.GraphQL(`mutation($title: String!, $key: String) {
				updateTask(id: 1, input: {title: $title}, idempotencyKey: $key) { task { title } userErrors { code } }
			}`, "title", title, "key", key).Data(t, &data)
			if data.UpdateTask.Task == nil {
				return data.UpdateTask.UserErrors[0].Code
			}
			return data.UpdateTask.Task.Title
		}
		u.Send("POST", u.Tasks(), `{"title":"x"}`)
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

// TestTwentyAtOnce sends one request twenty times at the same time, half through each API.
func TestTwentyAtOnce(t *testing.T) {
	t.Parallel()
	harness.EachServer(t, func(t *testing.T, s *harness.Server) {
		u := s.As("u")
		for round := range 5 {
			key := fmt.Sprint("the key of round ", round)
			query := harness.GraphQLBody(`mutation($key: String) { createTask(input: {title: "x"}, idempotencyKey: $key) {
				task { id title position version createdAt updatedAt } userErrors { code } } }`, "key", key)
			answers := make([]harness.Answer, 20)
			var wg sync.WaitGroup
			for i := range answers {
				wg.Go(func() {
					var err error
					if i%2 == 0 {
						answers[i], err = u.Try("POST", "/graphql", query)
					} else {
						answers[i], err = u.Try("POST", u.Tasks(), `{"title": "x"}`, "Idempotency-Key", key)
					}
					if err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			for i, a := range answers {
				if first := answers[i%2]; a.Status != []int{200, 201}[i%2] || a.Body != first.Body {
					t.Errorf("answer %d = %d %s, want %s", i, a.Status, a.Body, first.Body)
				}
			}
			var tasks []struct{ ID int64 }
			u.Send("GET", u.Tasks(), "").JSON(t, &tasks)
			if len(tasks) != round+1 {
				t.Fatalf("%d tasks after %d rounds", len(tasks), round+1)
			}
			if id := fmt.Sprintf(`"id":"%d"`, tasks[0].ID); !strings.Contains(answers[0].Body, id) || answers[1].Header.Get("Location") != u.Tasks(tasks[0].ID) {
				t.Errorf("the answers are about another task than the list's: %s, %s", answers[0].Body, answers[1].Body)
			}
		}
	})
}

// TestKillAndRetry ends the program with SIGKILL while writers write with idempotency keys. After a restart every write
// is sent again, and there is one task for each key.
func TestKillAndRetry(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, databaseURL string) {
		const writers = 20
		create := func(c *harness.Client, key string) (id string, err error) {
			a, err := c.Try("POST", "/graphql", harness.GraphQLBody(`mutation($key: String!) {
				createTask(input: {title: $key}, idempotencyKey: $key) { task { id } } }`, "key", key))
			if err != nil {
				return "", err
			}
			var data struct {
				CreateTask struct{ Task struct{ ID string } }
			}
			a.Data(t, &data)
			return data.CreateTask.Task.ID, nil
		}
		first, process := harness.StartProcess(t, harness.Env(databaseURL))
		u := first.As("u")
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

		second, _ := harness.StartProcess(t, harness.Env(databaseURL))
		u = second.As("u")
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
		u.Send("GET", u.Tasks(), "").JSON(t, &list)
		titles := map[string]bool{}
		for _, task := range list {
			titles[task.Title] = true
		}
		if len(list) != keys || len(titles) != keys {
			t.Errorf("%d tasks of %d titles for %d keys", len(list), len(titles), keys)
		}
	})
}
