package transfer

import (
	"database/sql"
	"fmt"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// withTasks migrates an empty database and inserts tasks of the user u, each of some 1.2 kB. It uses SQL, because the
// program takes longer.
func withTasks(t *testing.T, databaseURL string, rows int) {
	t.Helper()
	if _, err := harness.Command(t, []string{"DATABASE_URL=" + databaseURL}, "migrate", "up"); err != nil {
		t.Fatal(err)
	}
	driver, address := "pgx", databaseURL
	if path, ok := strings.CutPrefix(databaseURL, "sqlite:"); ok {
		driver, address = "sqlite", path
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, statement := range []string{
		fmt.Sprintf(`WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < %d)
			INSERT INTO task (user_id, title, title_lower, description, created_at, updated_at, position, version)
			SELECT 'u', 'task ' || i, 'task ' || i, '%s', '2026-01-01 10:00:00+00:00', '2026-01-01 10:00:00+00:00', 'p' || i, i FROM s`,
			rows, strings.Repeat("x", 1000)),
		fmt.Sprintf("INSERT INTO task_counter (user_id, n) VALUES ('u', %d)", rows),
	} {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
}

// watched is a response whose body is dropped. It calls look as the body grows.
type watched struct {
	*httptest.ResponseRecorder
	bytes int
	look  func(bytes int)
}

func (w *watched) Write(p []byte) (int, error) {
	w.bytes += len(p)
	w.look(w.bytes)
	return len(p), nil
}

// streamed are the requests that are answered in batches.
var streamed = []string{"tasks/export?format=json", "tasks/export?format=csv", "tasks", "tasks?sort=title&limit=1000&skip=10"}

// TestStreamsHaveFlatMemory measures the live memory during an export and a list of 12 MB.
func TestStreamsHaveFlatMemory(t *testing.T) {
	storetest.Each(t, func(t *testing.T, databaseURL string) {
		const rows = 10_000
		withTasks(t, databaseURL, rows)
		handler := harness.NewProgram(t, harness.Env(databaseURL), nil).Handler
		alive := func() int64 {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			return int64(m.HeapAlloc)
		}
		for _, path := range streamed[:3] {
			before, most, next := alive(), int64(0), 0
			w := &watched{ResponseRecorder: httptest.NewRecorder(), look: func(bytes int) {
				if bytes > next {
					next += 2 << 20
					most = max(most, alive()-before)
				}
			}}
			r := httptest.NewRequest("GET", "/api/u/"+path, nil)
			r.Header.Set("Authorization", "Bearer "+harness.Token(t, "u"))
			handler.ServeHTTP(w, r)
			if w.Code != 200 || w.bytes < rows*1000 {
				t.Fatalf("%s: %d with %d bytes", path, w.Code, w.bytes)
			}
			if most > 4<<20 {
				t.Errorf("%s: up to %d bytes were alive for %d bytes sent", path, most, w.bytes)
			}
		}
	})
}

// TestStreamsWhileOthersWrite checks that an export and a list contain each existing task once while others write.
func TestStreamsWhileOthersWrite(t *testing.T) {
	t.Parallel()
	harness.EachServer(t, func(t *testing.T, s *harness.Server) {
		u := s.As("u")
		var ids []int64
		for range 12 { // more than a batch of the export
			inputs := strings.TrimSuffix(strings.Repeat(`{title: "x"},`, 100), ",")
			var data struct {
				CreateTasks struct {
					Tasks []struct {
						ID int64 `json:",string"`
					}
				}
			}
			u.GraphQL(`mutation { createTasks(inputs: [`+inputs+`]) { tasks { id } } }`).Data(t, &data)
			for _, task := range data.CreateTasks.Tasks {
				ids = append(ids, task.ID)
			}
		}
		stop := make(chan struct{})
		var writers sync.WaitGroup
		for w := range 3 {
			writers.Go(func() {
				for i := w; ; i++ {
					select {
					case <-stop:
						return
					default:
					}
					_, err := u.Try("PATCH", u.Tasks(ids[(i*7)%len(ids)], "complete"), "")
					if err == nil && w == 0 {
						_, err = u.Try("POST", u.Tasks(), `{"title":"new"}`)
					}
					if err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		for i := range 10 {
			var list []struct{ ID int64 }
			u.Send("GET", u.Tasks()+[]string{"/export", "?sort=updated&order=asc"}[i%2], "").JSON(t, &list)
			seen := map[int64]int{}
			for _, task := range list {
				seen[task.ID]++
			}
			for _, id := range ids {
				if seen[id] != 1 {
					t.Errorf("the task %d is there %d times", id, seen[id])
				}
			}
		}
		close(stop)
		writers.Wait()
	})
}
