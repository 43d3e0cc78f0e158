package durability

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// wakes is how long a database takes that was asleep. Its address accepts connections meanwhile.
const wakes = 3 * time.Second

// TestColdStart has the database asleep when the server starts, and again when requests come after a pause that has ended the connections.
func TestColdStart(t *testing.T) {
	t.Parallel()
	proxy, through := harness.NewProxyOf(t, storetest.Postgres(t))
	asleep := func() {
		proxy.Stall(true)
		proxy.Cut(false)
		time.AfterFunc(wakes, func() { proxy.Stall(false) })
	}
	asleep()
	u := harness.Start(t, harness.Env(through)).As("u")
	u.Add("x")
	asleep()
	var requests sync.WaitGroup
	for name, request := range everyRequest(u) {
		requests.Go(func() {
			if a := request(); a.Status >= 500 || strings.Contains(a.Body, `"extensions"`) {
				t.Errorf("%s to a database that was asleep = %d %s", name, a.Status, a.Body)
			}
		})
	}
	requests.Wait()
}

// TestCutReads cuts the connections to the database again and again, while they are idle and in the middle of statements. No read fails.
func TestCutReads(t *testing.T) {
	t.Parallel()
	proxy, through := harness.NewProxyOf(t, storetest.Postgres(t))
	env := harness.Env(through)
	env["RATE_LIMIT"] = "off"
	s := harness.Start(t, env)
	var stopped atomic.Bool
	var counts [3]atomic.Int32
	var readers sync.WaitGroup
	for i := range counts {
		u := s.As(fmt.Sprint("reader ", i))
		u.Add("x")
		readers.Go(func() {
			for ; !stopped.Load(); counts[i].Add(1) {
				if a, err := u.Try("POST", "/graphql", harness.GraphQLBody(`{ tasks(search: "x") { totalCount } taskStats { total } }`)); err != nil || !strings.Contains(a.Body, `"totalCount":1`) {
					t.Errorf("a read = %d %s, %v", a.Status, a.Body, err)
				}
			}
		})
	}
	for range 30 {
		for i := range counts { // a read that began after the last cut
			begun := counts[i].Load()
			harness.Eventually(t, "all read", func() bool { return counts[i].Load() >= begun+2 })
		}
		proxy.Cut(false)
	}
	stopped.Store(true)
	readers.Wait()
}
