package durability

import (
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// TestWritersAtOnce has fifty writers change the tasks of one user.
func TestWritersAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, databaseURL string) {
		const writers, rounds = 50, 10
		env := harness.Env(databaseURL)
		env["REQUEST_TIMEOUT"] = "1h" // on a busy machine fifty writers of one task wait long
		s := harness.Start(t, env)
		u := s.As("u")
		var shared struct {
			CreateTask struct {
				Task struct {
					ID      string
					Version int
				}
			}
		}
		u.GraphQL(`mutation { createTask(input: {title: "shared"}) { task { id version } } }`).Data(t, &shared)
		id := shared.CreateTask.Task.ID

		var mu sync.Mutex
		taken := map[int]string{shared.CreateTask.Task.Version: "the first"}
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				last := 0
				for r := range rounds {
					name := fmt.Sprint("writer ", w, " round ", r)
					mutation := [...]string{
						fmt.Sprintf(`createTask(input: {title: %q})`, name),
						fmt.Sprintf(`toggleTask(id: %s)`, id),
						fmt.Sprintf(`updateTask(id: %s, input: {title: %q})`, id, name),
					}[r%3]
					a, err := u.Try("POST", "/graphql", harness.GraphQLBody(`mutation { result: `+mutation+` { task { version } userErrors { code } } }`))
					var response struct {
						Data struct {
							Result struct{ Task *struct{ Version int } }
						}
					}
					if err != nil || json.Unmarshal([]byte(a.Body), &response) != nil || response.Data.Result.Task == nil {
						t.Errorf("%s: %v %d %s", name, err, a.Status, a.Body)
						return
					}
					version := response.Data.Result.Task.Version
					if version <= last {
						t.Errorf("%s: version %d after %d", name, version, last)
					}
					last = version
					mu.Lock()
					if other, repeated := taken[version]; repeated {
						t.Errorf("%s has the version %d of %s", name, version, other)
					}
					taken[version] = name
					mu.Unlock()
				}
			})
		}
		wg.Wait()

		var data struct {
			Task  struct{ Completed bool }
			Tasks struct{ TotalCount int }
		}
		u.GraphQL(`query($id: ID!) { task(id: $id) { completed } tasks { totalCount } }`, "id", id).Data(t, &data)
		creates, toggles := writers*4, writers*3
		if data.Tasks.TotalCount != creates+1 || data.Task.Completed != (toggles%2 == 1) || len(taken) != writers*rounds+1 {
			t.Errorf("%d tasks, completed %v, %d versions, want %d, %v, %d", data.Tasks.TotalCount, data.Task.Completed, len(taken),
				creates+1, toggles%2 == 1, writers*rounds+1)
		}
	})
}

// TestKill ends the program with SIGKILL while fifty writers write. After a restart, every acknowledged write is
// stored, and no version is used twice.
func TestKill(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, databaseURL string) {
		first, process := harness.StartProcess(t, harness.Env(databaseURL))
		u := first.As("u")
		type written struct{ ID, Version int64 }
		var mu sync.Mutex
		var acknowledged []written
		var count atomic.Int32
		enough := make(chan struct{})
		var wg sync.WaitGroup
		for w := range 50 {
			wg.Go(func() {
				for r := 0; ; r++ {
					query := `mutation($title: String!) { createTask(input: {title: $title}) { task { id version } } }`
					a, err := u.Try("POST", "/graphql", harness.GraphQLBody(query, "title", fmt.Sprint(w, " ", r)))
					if err != nil {
						return // the server is gone
					}
					var data struct {
						CreateTask struct {
							Task struct {
								ID      int64 `json:",string"`
								Version int64
							}
						}
					}
					a.Data(t, &data)
					mu.Lock()
					acknowledged = append(acknowledged, written(data.CreateTask.Task))
					mu.Unlock()
					if count.Add(1) == 500 {
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
		found := map[int64]bool{}
		var list []struct{ ID int64 }
		u.Send("GET", u.Tasks(), "").JSON(t, &list)
		for _, task := range list {
			found[task.ID] = true
		}
		highest, versions := int64(0), map[int64]bool{}
		for _, w := range acknowledged {
			if !found[w.ID] {
				t.Errorf("task %d was acknowledged and is gone", w.ID)
			}
			if versions[w.Version] {
				t.Errorf("the version %d was given twice", w.Version)
			}
			versions[w.Version] = true
			highest = max(highest, w.Version)
		}
		var data struct {
			CreateTask struct{ Task struct{ Version int64 } }
		}
		u.GraphQL(`mutation { createTask(input: {title: "after"}) { task { version } } }`).Data(t, &data)
		if next := data.CreateTask.Task.Version; next <= highest {
			t.Errorf("the version after the restart is %d, before it was %d", next, highest)
		}
	})
}
