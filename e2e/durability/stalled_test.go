package durability

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// TestStalledDatabase has the network to PostgreSQL swallow everything, before and during requests. Each must be answered by
// REQUEST_TIMEOUT and a second. How much more time
// a busy machine needs is measured: that of ten times as many requests without the database.
func TestStalledDatabase(t *testing.T) {
	t.Parallel()
	const timeout, atOnce = time.Second, 80
	for _, when := range []string{"before", "during"} {
		t.Run(when, func(t *testing.T) {
			t.Parallel()
			databaseURL := storetest.Postgres(t)
			proxy, through := harness.NewProxyOf(t, databaseURL)
			env := harness.Env(through)
			env["REQUEST_TIMEOUT"] = timeout.String()
			server := harness.Start(t, env)
			server.As("u0").Add("x")
			if when == "before" {
				proxy.Stall(true)
			}
			var clients sync.WaitGroup
			answers := make(chan harness.Answer, atOnce)
			for i := range atOnce {
				u := server.As(fmt.Sprintf("u%d", i%20))
				clients.Go(func() {
					query := `{ tasks(search: "x") { totalCount } }`
					if i%2 == 0 {
						query = `mutation { createTasks(inputs: [{title: "x"}, {title: "y"}]) { tasks { id } } }`
					}
					a, err := u.Try("POST", "/graphql", harness.GraphQLBody(query))
					if err != nil {
						t.Errorf("no answer: %v", err)
					}
					answers <- a
				})
			}
			if when == "during" {
				harness.Eventually(t, "some are answered", func() bool { return len(answers) > 0 })
				proxy.Stall(true)
			}
			<-time.After(timeout + time.Second)
			var others sync.WaitGroup
			for range atOnce {
				others.Go(func() {
					for range 10 {
						if a, err := server.Anonymous().Try("POST", "/graphql", harness.GraphQLBody(`{ tasks { totalCount } }`)); err != nil || a.Status != 401 {
							t.Errorf("a request without a token = %d %s, %v", a.Status, a.Body, err)
						}
					}
				})
			}
			others.Wait()
			if in := len(answers); in < atOnce {
				t.Errorf("%d of %d requests are answered by REQUEST_TIMEOUT and a second", in, atOnce)
			}
			clients.Wait()
			close(answers)
			for a := range answers {
				late := strings.Contains(a.Body, `"TIMEOUT"`) || strings.Contains(a.Body, `"UNAVAILABLE"`)
				if !late && (when == "before" || !strings.Contains(a.Body, `"data":{"`)) {
					t.Errorf("answer %d %s", a.Status, a.Body)
				}
			}
			proxy.Stall(false)
			harness.Eventually(t, "the server works again", func() bool {
				return server.As("u0").Send("GET", "/api/u0/tasks", "").Status == 200
			})
		})
	}
}

// TestFrozenServer has another server hold a lock of user a, who writes a lot. User b does not notice, and a's writes go on when
// PostgreSQL has ended the transaction of the other server.
func TestFrozenServer(t *testing.T) {
	t.Parallel()
	databaseURL := storetest.Postgres(t)
	name := strings.ToLower(t.Name())
	server := harness.Start(t, harness.Env(databaseURL+"&application_name="+name))
	a, b := server.As("a"), server.As("b")
	a.Add("x")
	b.Add("x")
	frozen, err := pgx.Connect(t.Context(), databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer frozen.Close(t.Context())
	for _, statement := range []string{"BEGIN", "SELECT * FROM task_counter WHERE user_id = 'a' FOR UPDATE"} {
		if _, err := frozen.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	var writes sync.WaitGroup
	for range 40 {
		writes.Go(func() {
			if answer, err := a.Try("POST", a.Tasks(), `{"title":"y"}`); err != nil || answer.Status != 201 {
				t.Errorf("a write = %d %s, %v", answer.Status, answer.Body, err)
			}
		})
	}
	waiting := "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = '" + name + "'"
	harness.Eventually(t, "a's writes wait", func() bool { return storetest.Query(t, databaseURL, waiting)[0] == "2" })
	for range 20 {
		if answer := b.Send("POST", b.Tasks(), `{"title":"y"}`); answer.Status != 201 {
			t.Errorf("a write of b = %d %s", answer.Status, answer.Body)
		}
	}
	if got := storetest.Query(t, databaseURL, waiting)[0]; got != "2" {
		t.Errorf("%s of a's writes wait in PostgreSQL, want 2", got)
	}
	if _, err := frozen.Exec(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	writes.Wait()
}
