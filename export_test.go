package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

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
	handler, _, err := newHandler(t.Context(), c, c.Auth, db, events.NewBus(nil, db.Numbers, log), log)
	if err != nil {
		t.Fatal(err)
	}
	return handler, out
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

// TestLongExport has a client that reads slowly for longer than a request may work, and than the server waits
// for one to arrive.
func TestLongExport(t *testing.T) {
	databaseURL := storetest.SQLite(t)
	const rows = 20_000
	withTasks(t, databaseURL, rows)
	const timeout = time.Second
	handler, log := handlerOn(t, databaseURL, timeout)
	web := httptest.NewUnstartedServer(handler)
	web.Config.ReadTimeout, web.Config.WriteTimeout = timeout, timeout
	web.Start()
	defer web.Close()
	r, err := http.NewRequest("GET", web.URL+"/api/u/tasks/export", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token(t, "u"))
	began := time.Now()
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var text bytes.Buffer
	for err == nil {
		_, err = io.CopyN(&text, response.Body, 4<<20)
		if time.Since(began) < 2*timeout {
			time.Sleep(timeout / 2) // what is tested is time
		}
	}
	var list []struct{ ID int64 }
	if err != io.EOF || json.Unmarshal(text.Bytes(), &list) != nil || len(list) != rows {
		t.Errorf("after %s and %d bytes: %v, %d tasks\n%s", time.Since(began), text.Len(), err, len(list), log)
	}
	if time.Since(began) < 2*timeout {
		t.Errorf("the export took %s only", time.Since(began))
	}
}

// TestExportThatFails cuts the database off in the middle: the client must see that it has not got all.
func TestExportThatFails(t *testing.T) {
	databaseURL := storetest.Postgres(t)
	withTasks(t, databaseURL, 10_000)
	address, err := url.Parse(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	p := newProxy(t, address.Host)
	address.Host = p.listener.Addr().String()
	s := start(t, signedIn(address.String()))
	u := s.as("u")
	for _, format := range []string{"json", "csv"} {
		response := u.openExport(format)
		if _, err := io.CopyN(io.Discard, response.Body, 1<<10); err != nil {
			t.Fatal(err)
		}
		p.cut(true)
		rest, err := io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
		if err == nil {
			t.Errorf("%s: the answer ends after %d bytes as if it were whole", format, rest)
		}
		if a := u.send("GET", u.tasks("export")+"?format="+format, ""); a.status != 500 || a.body != `{"detail":"Internal server error"}` || a.header.Get("Content-Disposition") != "" {
			t.Errorf("%s without a database = %d %v %s", format, a.status, a.header, a.body)
		}
		p.cut(false)
		eventually(t, "the database is back", func() bool { return u.send("GET", "/health", "").status == 200 })
	}
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	if log := s.out.String(); strings.Count(log, `"msg":"an export was cut off"`) != 2 || strings.Contains(log, "panic") {
		t.Errorf("the log is\n%s", log)
	}
}

// TestClientLeavesExport wants the server to stop reading for a client that has gone.
func TestClientLeavesExport(t *testing.T) {
	storetest.Each(t, func(t *testing.T, databaseURL string) {
		withTasks(t, databaseURL, 10_000)
		s := start(t, signedIn(databaseURL))
		response := s.as("u").openExport("json")
		if _, err := io.CopyN(io.Discard, response.Body, 1<<10); err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		line, ok := s.out.wait(`"path":"/api/u/tasks/export"`)
		var entry struct{ Bytes int }
		if err := json.Unmarshal([]byte(line), &entry); !ok || err != nil || entry.Bytes > 10_000*1000 {
			t.Errorf("the request's line is %s, %v", line, err)
		}
		if log := s.out.String(); !strings.Contains(log, `"level":"INFO","msg":"an export was cut off"`) {
			t.Errorf("the log is\n%s", log)
		}
	})
}

// openExport begins an export.
func (c *client) openExport(format string) *http.Response {
	c.t.Helper()
	r, err := http.NewRequest("GET", c.url+c.tasks("export")+"?format="+format, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+c.token)
	response, err := http.DefaultClient.Do(r)
	if err != nil || response.StatusCode != 200 {
		c.t.Fatalf("GET export = %v, %v", response, err)
	}
	return response
}
