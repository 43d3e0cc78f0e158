package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"taskql/store/storetest"
)

// TestWritersAtOnce has fifty writers on one user's tasks.
func TestWritersAtOnce(t *testing.T) {
	eachServer(t, func(t *testing.T, s *server) {
		const writers, rounds = 50, 10
		u := s.as("u")
		var shared struct {
			CreateTask struct {
				Task struct {
					ID      string
					Version int
				}
			}
		}
		u.graphql(`mutation { createTask(input: {title: "shared"}) { task { id version } } }`).data(t, &shared)
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
					a, err := u.try("POST", "/graphql", graphqlBody(`mutation { result: `+mutation+` { task { version } userErrors { code } } }`))
					var response struct {
						Data struct {
							Result struct{ Task *struct{ Version int } }
						}
					}
					if err != nil || json.Unmarshal([]byte(a.body), &response) != nil || response.Data.Result.Task == nil {
						t.Errorf("%s: %v %d %s", name, err, a.status, a.body)
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
		u.graphql(`query($id: ID!) { task(id: $id) { completed } tasks { totalCount } }`, "id", id).data(t, &data)
		creates, toggles := writers*4, writers*3
		if data.Tasks.TotalCount != creates+1 || data.Task.Completed != (toggles%2 == 1) || len(taken) != writers*rounds+1 {
			t.Errorf("%d tasks, completed %v, %d versions, want %d, %v, %d", data.Tasks.TotalCount, data.Task.Completed, len(taken),
				creates+1, toggles%2 == 1, writers*rounds+1)
		}
	})
}

// TestKill ends the program with SIGKILL while fifty writers write: every write that was
// acknowledged is there after a restart, and the numbers go on without a repeat.
func TestKill(t *testing.T) {
	binary := build(t)
	storetest.Each(t, func(t *testing.T, databaseURL string) {
		first, process := startProcess(t, binary, databaseURL)
		u := first.as("u")
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
					a, err := u.try("POST", "/graphql", graphqlBody(query, "title", fmt.Sprint(w, " ", r)))
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
					a.data(t, &data)
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

		second, _ := startProcess(t, binary, databaseURL)
		u = second.as("u")
		found := map[int64]bool{}
		var list []struct{ ID int64 }
		u.send("GET", u.tasks(), "").json(t, &list)
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
		u.graphql(`mutation { createTask(input: {title: "after"}) { task { version } } }`).data(t, &data)
		if next := data.CreateTask.Task.Version; next <= highest {
			t.Errorf("the version after the restart is %d, before it was %d", next, highest)
		}
	})
}

// build builds the program and returns its path.
func build(t testing.TB) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "taskql")
	if out, err := exec.Command("go", "build", "-o", binary, "..").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return binary
}

// startProcess runs the built program as a process of its own.
func startProcess(t testing.TB, binary, databaseURL string) (*server, *os.Process) {
	t.Helper()
	out := newOutput()
	command := exec.Command(binary)
	command.Dir = t.TempDir()
	command.Env = []string{"PORT=0", "HOST=127.0.0.1", "BETTER_AUTH_SECRET=" + testSecret, "DATABASE_URL=" + databaseURL}
	command.Stdout, command.Stderr = out, out
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = command.Wait() // killed
		out.close()
		close(ended)
	}()
	t.Cleanup(func() {
		_ = command.Process.Kill() // it may have ended
		<-ended
	})
	line, ok := out.wait(`"msg":"listening"`)
	if !ok {
		t.Fatalf("the program did not start:\n%s", out)
	}
	var entry struct{ Address string }
	if err := json.Unmarshal([]byte(line), &entry); err != nil {
		t.Fatal(err)
	}
	return &server{t: t, url: "http://" + entry.Address, out: out}, command.Process
}
