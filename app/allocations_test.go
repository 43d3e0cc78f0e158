package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"taskql/app"
	"taskql/auth"
	"taskql/config"
	"taskql/events"
	"taskql/models"
	"taskql/store"
	"taskql/store/storetest"
	"taskql/store/storetest/opened"
)

// measuredRequest is a request whose server's share is measured: all that is done for it beside what the store does.
type measuredRequest struct {
	name string
	// ceiling is how many allocations the server may need for it, without those of the store.
	ceiling   float64
	document  string
	variables map[string]any
	// stored is the call of the store.
	stored func(ctx context.Context, db *store.Store) error
}

const taskFields = `{ id userId title description priority tags dueAt completed createdAt updatedAt version }`

// measuredRequests are W1, W2 and W4 of the benchmark in bench.
func measuredRequests() []measuredRequest {
	completed := false
	filter := &models.TaskFilter{Completed: &completed}
	return []measuredRequest{
		{"list", 200, `query W1($first: Int!) { tasks(first: $first, filter: {completed: false}, orderBy: [{field: CREATED_AT, direction: DESC}]) { nodes ` +
			taskFields + ` pageInfo { hasNextPage endCursor } } }`, map[string]any{"first": 20},
			func(ctx context.Context, db *store.Store) error {
				_, err := db.List(ctx, store.Query{User: "u", Trash: models.TrashScopeExclude, Filter: filter, Now: time.Now(), Zone: time.UTC, Limit: 21,
					Order: []store.Key{{Field: models.TaskOrderFieldCreatedAt, Desc: true}}})
				return err
			}},
		{"get", 150, `query W2($id: ID!) { task(id: $id) ` + taskFields + ` }`, map[string]any{"id": "1"},
			func(ctx context.Context, db *store.Store) error {
				_, err := db.Task(ctx, "u", 1)
				return err
			}},
		{"toggle", 170, `mutation W4($id: ID!) { toggleTask(id: $id) { task ` + taskFields + ` userErrors { code message } } }`, map[string]any{"id": "1"},
			func(ctx context.Context, db *store.Store) error {
				_, _, err := db.Apply(ctx, store.Toggle, "u", 1, nil, models.Timestamp(time.Now()))
				return err
			}},
	}
}

// discarded is a response of which only the status is kept.
type discarded struct {
	header http.Header
	status int
	bytes  int
}

func (d *discarded) Header() http.Header    { return d.header }
func (d *discarded) WriteHeader(status int) { d.status = status }
func (d *discarded) Write(b []byte) (int, error) {
	d.bytes += len(b)
	return len(b), nil
}

// sender sends one request again and again to a server with 30 tasks in SQLite.
func sender(tb testing.TB, m measuredRequest) (send func(), db *store.Store) {
	tb.Helper()
	databaseURL := storetest.SQLite(tb)
	c, err := config.Load(map[string]string{"DATABASE_URL": databaseURL, "BETTER_AUTH_SECRET": "a secret for tests, of more than 32 bytes", "RATE_LIMIT": "off"})
	if err != nil {
		tb.Fatal(err)
	}
	db = opened.Migrated(tb, databaseURL)
	log := app.NewLogger(io.Discard)
	server, err := app.New(tb.Context(), app.Parts{Config: c, SignIn: c.Auth, Store: db, Bus: events.NewBus(nil, db.Numbers, log), Log: log})
	if err != nil {
		tb.Fatal(err)
	}
	notes := "Call back before noon. \"Quoted\" and with ümlauts."
	for i := range 30 {
		task, errs := models.CreateTaskInput{Title: fmt.Sprint("Task ", i), Description: &notes, Priority: models.PriorityHigh, Tags: []string{"home", "work"}}.NewTask("u", models.Timestamp(time.Now()))
		if errs != nil {
			tb.Fatal(errs)
		}
		if _, err := db.Create(tb.Context(), task, 1000); err != nil {
			tb.Fatal(err)
		}
	}
	token, err := auth.Sign(c.Auth, "u", time.Now(), time.Hour)
	if err != nil {
		tb.Fatal(err)
	}
	body, err := json.Marshal(map[string]any{"query": m.document, "variables": m.variables})
	if err != nil {
		tb.Fatal(err)
	}
	r := httptest.NewRequest("POST", "/graphql", nil)
	r.Header = http.Header{"Authorization": {"Bearer " + token}, "Content-Type": {"application/json"}, "Accept": {"application/json"}, "User-Agent": {"test"}}
	reader := bytes.NewReader(body)
	r.Body, r.ContentLength = io.NopCloser(reader), int64(len(body))
	w := &discarded{header: http.Header{}}
	return func() {
		reader.Reset(body)
		clear(w.header)
		w.status, w.bytes = 0, 0
		server.Handler.ServeHTTP(w, r)
		if w.status != http.StatusOK || w.bytes < 100 {
			tb.Fatalf("status %d, %d bytes", w.status, w.bytes)
		}
	}, db
}

// TestAllocations holds what a request may cost beside the database. What the store needs for the same call is measured on its own and
// subtracted.
func TestAllocations(t *testing.T) {
	for _, m := range measuredRequests() {
		t.Run(m.name, func(t *testing.T) {
			send, db := sender(t, m)
			stored := func() {
				if err := m.stored(t.Context(), db); err != nil {
					t.Fatal(err)
				}
			}
			// The least of three, because other goroutines allocate, too.
			least := func(f func()) float64 {
				return min(testing.AllocsPerRun(100, f), testing.AllocsPerRun(100, f), testing.AllocsPerRun(100, f))
			}
			whole, part := least(send), least(stored)
			t.Logf("%v allocations, %v of them in the store", whole, part)
			if whole-part > m.ceiling+forgotten {
				t.Errorf("%v allocations without the store's %v, want at most %v", whole-part, part, m.ceiling)
			}
		})
	}
}

// BenchmarkRequest serves the same requests, with the database, and BenchmarkStore the store's part of them.
func BenchmarkRequest(b *testing.B) {
	for _, m := range measuredRequests() {
		b.Run(m.name, func(b *testing.B) {
			send, db := sender(b, m)
			b.Run("whole", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					send()
				}
			})
			b.Run("store", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := m.stored(b.Context(), db); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}
