package rest

import (
	"encoding/json"
	"fmt"
	"maps"
	"sync"
	"testing"

	"taskql/e2e/harness"
)

// TestOneOfSeveralNames sends back a task as it was read, with one name of a field changed, as front ends do that spread
// the task into the update.
func TestOneOfSeveralNames(t *testing.T) {
	t.Parallel()
	const christmas, eve = "2026-12-24T00:00:00", "2026-12-31"
	harness.EachDialect(t, func(t *testing.T, s *harness.Server, web bool) {
		u := s.As("u")
		for _, method := range []string{"PUT", "PATCH"} {
			for _, tt := range []struct {
				// completed is the state before, in which the task is due at christmas.
				completed bool
				changes   map[string]any
				// field and want are what changes.
				field string
				want  any
			}{
				{false, map[string]any{"dueDate": eve}, "due_date", eve + "T00:00:00"},
				{false, map[string]any{"due_date": eve}, "due_date", eve + "T00:00:00"},
				{false, map[string]any{"dueDate": nil}, "due_date", nil},
				{false, map[string]any{"due_date": ""}, "due_date", nil},
				{false, map[string]any{"dueDate": "2026-12-24T10:00:00Z"}, "due_date", "2026-12-24T10:00:00Z"},
				{false, map[string]any{"due_date": eve, "dueDate": "2027-01-01"}, "due_date", eve + "T00:00:00"},
				{false, map[string]any{"dueDate": "2026-12-24"}, "due_date", christmas},
				{false, map[string]any{"completed": true}, "completed", true},
				{false, map[string]any{"is_completed": true}, "completed", true},
				{false, map[string]any{"status": "completed"}, "completed", true},
				{false, map[string]any{"status": "in_progress"}, "completed", false},
				{true, map[string]any{"completed": false}, "completed", false},
				{true, map[string]any{"is_completed": false}, "completed", false},
				{true, map[string]any{"status": "todo"}, "completed", false},
				{true, map[string]any{"completed": nil, "status": "pending"}, "completed", false},
			} {
				var before, after map[string]any
				created := u.Send("POST", u.Tasks(), fmt.Sprintf(`{"title":"x","due_date":%q,"completed":%t}`, christmas, tt.completed))
				created.JSON(t, &before)
				body := maps.Clone(before)
				maps.Copy(body, tt.changes)
				text, err := json.Marshal(body)
				if err != nil {
					t.Fatal(err)
				}
				path := created.Header.Get("Location")
				a := u.Send(method, path, string(text))
				a.JSON(t, &after)
				want := maps.Clone(before)
				want[tt.field] = tt.want
				for _, field := range []string{"title", "due_date", "completed"} {
					if after[field] != want[field] {
						t.Errorf("%s with %v = %d %s, want %s %v", method, tt.changes, a.Status, a.Body, field, want[field])
					}
				}
				if stored := u.Send("GET", path, ""); stored.Body != a.Body {
					t.Errorf("%s with %v = %s, but GET = %s", method, tt.changes, a.Body, stored.Body)
				}
			}
		}
		for _, names := range []string{`"completed":false,"is_completed":true`, `"is_completed":false,"status":"completed"`} {
			path := u.Send("POST", u.Tasks(), `{"title":"x"}`).Header.Get("Location")
			var after struct{ Completed bool }
			if u.Send("PATCH", path+"/complete", "{"+names+"}").JSON(t, &after); !after.Completed {
				t.Errorf("complete with %s leaves the task open", names)
			}
		}
	})
}

// TestNamesThatDisagreeAtOnce sends several updates whose names disagree at the same time. Each completes or reopens the
// task that the one before it has left, so that no update is without effect.
func TestNamesThatDisagreeAtOnce(t *testing.T) {
	t.Parallel()
	const updates = 8
	harness.EachServer(t, func(t *testing.T, s *harness.Server) {
		u := s.As("u")
		created := u.Send("POST", u.Tasks(), `{"title":"x"}`)
		path := created.Header.Get("Location")
		var tags sync.Map
		tags.Store(created.Header.Get("ETag"), true)
		var all sync.WaitGroup
		for range updates {
			all.Go(func() {
				a, err := u.Try("PUT", path, `{"completed":false,"is_completed":true}`)
				if err != nil || a.Status != 200 {
					t.Errorf("PUT = %d %s, %v", a.Status, a.Body, err)
				}
				if _, known := tags.LoadOrStore(a.Header.Get("ETag"), true); known {
					t.Errorf("PUT has not changed the task: %s", a.Body)
				}
			})
		}
		all.Wait()
		var task struct{ Completed bool }
		if u.Send("GET", path, "").JSON(t, &task); task.Completed != (updates%2 == 1) {
			t.Errorf("after %d changes completed = %t", updates, task.Completed)
		}
		if a := u.Send("PUT", path, `{"completed":false,"is_completed":true}`, "If-Match", created.Header.Get("ETag")); a.Status != 412 {
			t.Errorf("PUT with an old If-Match = %d %s, want 412", a.Status, a.Body)
		}
	})
}
