package hostile

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// maxOvertaken is how many answers another user may get during one read. Shares keep it near the number of the user's concurrent
// database calls. Without them it is 33 and more, near the number of clients. The clients of this test wait for processors, too.
const maxOvertaken = clients * 2 / 5

// maxMemory is the most memory that the server may use, in MiB.
const maxMemory = 400

// whole selects all fields of a task.
const whole = `id userId title description priority tags completed completedAt dueDate dueAt isOverdue position version createdAt updatedAt deletedAt`

// attacks are dear requests: each root field is repeated under as many aliases as the limits allow.
var attacks = []struct{ name, field string }{
	{"counted lists", `tasks(first: 1, filter: {title: {contains: "report"}, description: {notContains: "zebra"}}) { totalCount }`},
	{"searches", `tasks(first: 100, search: "weekly report") { totalCount edges { cursor relevance } }`},
	{"statistics", `taskStats { total open completed overdue dueToday dueNext7Days noDueDate openByPriority { count } completedPerDay(days: 90) { count } }`},
	{"filters with many values", `tasks(first: 1, filter: {tags: {none: [` + strings.Repeat(`"a",`, 100) + `]}}) { totalCount }`},
	{"whole tasks", `tasks(first: 100) { nodes { ` + whole + ` } }`},
	{"tags", `tags(first: 200) { tag open total }`},
	{"changes", `taskChanges(first: 500) { changes { taskId task { ` + whole + ` } } }`},
}

// dearest returns the query with as many aliases of the field as the limits allow, or 0 if they do not allow one.
func dearest(t testing.TB, c *harness.Client, field string) (request, int) {
	t.Helper()
	for n := 300; n > 0; n = n * 3 / 4 {
		var query strings.Builder
		query.WriteString("{")
		for i := range n {
			fmt.Fprintf(&query, " a%d: %s", i, field)
		}
		query.WriteString(" }")
		r := graphQL(query.String())
		if len(r.body) > 1<<20 {
			continue
		}
		_, code, _, err := r.send(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		switch code {
		case "COMPLEXITY_LIMIT", "BAD_FILTER", "GRAPHQL_PARSE_FAILED":
			continue
		case "":
			return r, n
		default:
			t.Fatalf("%d aliases fail with %s: %s", n, code, field)
		}
	}
	return request{}, 0
}

// TestQuietNeighbour repeats the dearest requests of one user by many clients. Another user's reads are answered meanwhile, as if
// the first one had a few clients only; nothing fails, the memory stays bounded, and no statement outlives its request.
func TestQuietNeighbour(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, databaseURL string) {
		t.Parallel()
		s := server(t, databaseURL, storetest.Scale(2_000, 100_000))
		hostile, quiet := s.As("hostile"), s.As("quiet")
		for _, attack := range attacks {
			r, aliases := dearest(t, hostile, attack.field)
			if aliases == 0 {
				t.Errorf("%s are refused even once", attack.name)
				continue
			}
			beside(t, attack.name, fmt.Sprintf("%d aliases", aliases), start(hostile, r), quiet, s.active)
		}
		create := `mutation($inputs: [CreateTaskInput!]!) { createTasks(inputs: $inputs) { tasks { id } userErrors { code } } }`
		inputs := make([]map[string]any, 100)
		for i := range inputs {
			inputs[i] = map[string]any{"title": fmt.Sprint("bulk ", i), "description": longText[:1000]}
		}
		beside(t, "bulk writes", "100 tasks", start(hostile, graphQL(create, "inputs", inputs)), quiet, s.active)
		beside(t, "REST lists", "all tasks", start(hostile, request{method: "GET", path: hostile.Tasks()}), quiet, s.active)
		if memory := s.peakMemory(t); memory > maxMemory {
			t.Errorf("the server has used %d MiB, want at most %d", memory, maxMemory)
		}
	})
}

// beside measures the quiet user's reads beside a load, then stops the load.
func beside(t *testing.T, name, size string, l *load, quiet *harness.Client, active func() int) {
	t.Helper()
	defer l.stop()
	harness.Eventually(t, name+": an answer to the load", l.begun.Load)
	// A busy machine may give the reader no processor for a while. Without shares every attempt fails.
	overtaken := l.overtaken(t, quiet, 5)
	for range 3 {
		if overtaken > maxOvertaken {
			overtaken = min(overtaken, l.overtaken(t, quiet, 5))
		}
	}
	l.stop()
	t.Logf("%s, %s: %d answers to the load during one read", name, size, overtaken)
	if overtaken > maxOvertaken {
		t.Errorf("%s: another user's read waits for %d answers to the load, want at most %d", name, overtaken, maxOvertaken)
	}
	if failed := l.failed.Load(); failed > 0 {
		t.Errorf("%s: %d requests failed", name, failed)
	}
	// A load that is refused would cost nobody anything.
	if served, answered := l.served.Load(), l.answered.Load(); served < answered/2 {
		t.Errorf("%s: only %d of %d requests were served", name, served, answered)
	}
	stopped := time.Now()
	harness.Eventually(t, name+": no statement runs after its request", func() bool { return active() == 0 })
	t.Logf("%s: the last statement ended %v after the last request", name, time.Since(stopped).Round(time.Millisecond))
}

// TestAbortedRequests aborts many requests of one user and many without a token. Another user's reads are answered, and the server
// opens no connection to PostgreSQL for each of them.
func TestAbortedRequests(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, databaseURL string) {
		t.Parallel()
		s := server(t, databaseURL, storetest.Scale(2_000, 100_000))
		search := graphQL(`{ tasks(first: 20, search: "wee") { totalCount nodes { id title } } }`)
		for _, c := range []struct {
			name   string
			client *harness.Client
			request
		}{
			{"searches", s.As("hostile"), search},
			{"health checks", s.Anonymous(), request{method: "GET", path: "/health"}},
		} {
			done := make(chan struct{})
			go func() {
				defer close(done)
				for range storetest.Scale(200, 10_000) {
					ctx, cancel := context.WithTimeout(context.Background(), 3*time.Millisecond)
					_, _, _, _ = c.request.send(ctx, c.client) // most of them end early
					cancel()
				}
			}()
			quiet := s.As("quiet")
			for running := true; running; {
				select {
				case <-done:
					running = false
				default:
				}
				if status, code, _, err := quietRead.send(t.Context(), quiet); err != nil || status != http.StatusOK || code != "" {
					t.Fatalf("beside aborted %s, a read = %d %s, %v", c.name, status, code, err)
				}
			}
			harness.Eventually(t, "no statement runs after its request", func() bool { return s.active() == 0 })
		}
	})
}
