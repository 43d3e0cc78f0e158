package live

import (
	"context"
	"net/http"
	"net/http/httptrace"
	"runtime"
	"strings"
	"sync"
	"testing"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// TestAbortedRequestsLeaveNothing aborts requests of each kind and checks that no goroutine is left, and that the server
// still answers.
func TestAbortedRequestsLeaveNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, databaseURL string) {
		env := harness.Env(databaseURL)
		env["MAX_SUBSCRIPTIONS_PER_USER"] = "1000"
		s := harness.Start(t, env)
		u := s.As("u")
		for range 3 {
			u.GraphQL(`mutation { createTasks(inputs: [` + strings.Repeat(`{title: "milk", tags: ["a"]}, `, 100) + `]) { userErrors { code } } }`)
		}
		graphQL := func(query string) []string { return []string{"POST", "/graphql", harness.GraphQLBody(query)} }
		events := []string{"Accept", "text/event-stream"}
		kinds := [][]string{
			{"GET", u.Tasks(), ""},
			{"GET", u.Tasks("export"), ""},
			{"POST", u.Tasks(), `{"title":"x"}`},
			graphQL(`{ tasks(search: "milk") { totalCount nodes { id } } one: tasks(first: 100) { nodes { id } } }`),
			graphQL(`mutation { createTask(input: {title: "x"}) { task { id } } }`),
			append(graphQL(`{ tasks { totalCount } }`), events...),
			append(graphQL(`subscription { taskChanged { token } }`), events...),
		}
		transport := &http.Transport{MaxIdleConnsPerHost: 1}
		client := &http.Client{Transport: transport}
		abortAll := func(times int) {
			var clients sync.WaitGroup
			for _, kind := range kinds {
				clients.Go(func() {
					for range times {
						r, err := u.NewRequest(kind[0], kind[1], kind[2], kind[3:]...)
						if err != nil {
							t.Error(err)
							return
						}
						ctx, cancel := context.WithCancel(t.Context())
						ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { cancel() }})
						if response, err := client.Do(r.WithContext(ctx)); err == nil {
							_ = response.Body.Close()
						}
						cancel()
					}
				})
			}
			clients.Wait()
			transport.CloseIdleConnections()
		}
		count := func() int {
			u.GraphQL(`{ viewer { id } }`)
			http.DefaultClient.CloseIdleConnections()
			return runtime.NumGoroutine()
		}
		abortAll(1) // which opens the connections of the pools
		before := count()
		times := storetest.Scale(30, 1000) // of each of the seven
		abortAll(times)
		if !harness.WaitUntil(harness.Patience, func() bool { return count() <= before+10 }) {
			stacks := make([]byte, 1<<16)
			t.Fatalf("%d goroutines after %d aborted requests, %d before\n%s", count(), times*len(kinds), before, stacks[:runtime.Stack(stacks, true)])
		}
		if a := u.GraphQL(`{ tasks { totalCount } }`); a.Status != 200 || strings.Contains(a.Body, "errors") {
			t.Errorf("afterwards: %d %s", a.Status, a.Body)
		}
		if log := s.Out.String(); strings.Contains(log, "panic") || strings.Contains(log, `"internal error"`) {
			t.Errorf("the log is\n%s", log)
		}
	})
}
