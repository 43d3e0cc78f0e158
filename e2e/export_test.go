package e2e

import (
	"database/sql"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"taskql/app"
	"taskql/config"
	"taskql/events"
	"taskql/store"
	"taskql/store/storetest"
)

// withTasks gives the user u many tasks of some 1.2 kB in an empty database, all made at one time. It writes past the
// program, which takes longer.
func withTasks(t *testing.T, databaseURL string, rows int) {
	t.Helper()
	if _, err := command(t, []string{"DATABASE_URL=" + databaseURL}, "migrate", "up"); err != nil {
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

// handlerOn is the server's handler on a database, and what it logs.
func handlerOn(t *testing.T, databaseURL string, timeout time.Duration) (http.Handler, *output) {
	t.Helper()
	env := signedIn(databaseURL)
	env["REQUEST_TIMEOUT"] = timeout.String()
	c, err := config.Load(env)
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), store.Options{URL: c.DatabaseURL})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	out := newOutput()
	log := slog.New(slog.NewJSONHandler(out, nil))
	whole, err := app.New(t.Context(), app.Parts{Config: c, SignIn: c.Auth, Store: db, Bus: events.NewBus(nil, db.Numbers, log), Log: log})
	if err != nil {
		t.Fatal(err)
	}
	return whole.Handler, out
}

// watched is a response that is thrown away, but for what the test looks at while it comes.
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

// TestExportHasFlatMemory counts what is alive while an export of 24 MB is under way.
func TestExportHasFlatMemory(t *testing.T) {
	storetest.Each(t, func(t *testing.T, databaseURL string) {
		const rows = 20_000
		withTasks(t, databaseURL, rows)
		handler, _ := handlerOn(t, databaseURL, time.Minute)
		alive := func() int64 {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			return int64(m.HeapAlloc)
		}
		for _, format := range []string{"json", "csv"} {
			before, most, next := alive(), int64(0), 0
			w := &watched{ResponseRecorder: httptest.NewRecorder(), look: func(bytes int) {
				if bytes > next {
					next += 2 << 20
					most = max(most, alive()-before)
				}
			}}
			r := httptest.NewRequest("GET", "/api/u/tasks/export?format="+format, nil)
			r.Header.Set("Authorization", "Bearer "+token(t, "u"))
			handler.ServeHTTP(w, r)
			if w.Code != 200 || w.bytes < rows*1000 {
				t.Fatalf("%s: %d with %d bytes", format, w.Code, w.bytes)
			}
			if most > 4<<20 {
				t.Errorf("%s: up to %d bytes were alive for %d bytes sent", format, most, w.bytes)
			}
		}
	})
}

// TestExportWhileOthersWrite wants each task that is there all the time once, whatever else is written.
func TestExportWhileOthersWrite(t *testing.T) {
	eachServer(t, func(t *testing.T, s *server) {
		u := s.as("u")
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
			u.graphql(`mutation { createTasks(inputs: [`+inputs+`]) { tasks { id } } }`).data(t, &data)
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
					_, err := u.try("PATCH", u.tasks(ids[(i*7)%len(ids)], "complete"), "")
					if err == nil && w == 0 {
						_, err = u.try("POST", u.tasks(), `{"title":"new"}`)
					}
					if err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		for range 5 {
			var list []struct{ ID int64 }
			u.send("GET", u.tasks("export"), "").json(t, &list)
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
