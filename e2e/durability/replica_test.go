package durability

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"taskql/e2e/harness"
)

// replicated is a server with a database and a replica, which can be reached through a proxy.
type replicated struct {
	*harness.Server
	primary, standby *postgres
	toStandby        *harness.Proxy
	env              map[string]string
	metrics          string
}

func newReplicated(t *testing.T) *replicated {
	t.Helper()
	r := &replicated{primary: newPostgres(t)}
	r.standby = r.primary.standby()
	var through string
	r.toStandby, through = harness.NewProxyOf(t, r.standby.url())
	r.env = harness.Env(r.primary.url())
	r.env["DATABASE_REPLICA_URL"], r.env["METRICS_ADDRESS"] = through, "127.0.0.1:0"
	r.Server = harness.Start(t, r.env)
	line, _ := r.Out.Wait(`"msg":"metrics"`)
	var entry struct{ Address string }
	if err := json.Unmarshal([]byte(line), &entry); err != nil {
		t.Fatal(err)
	}
	r.metrics = "http://" + entry.Address + "/metrics"
	return r
}

// metric returns the value of a metric.
func (r *replicated) metric(name string) int {
	r.T.Helper()
	response, err := http.Get(r.metrics)
	if err != nil {
		r.T.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	match := regexp.MustCompile(`(?m)^` + name + ` (\d+)$`).FindSubmatch(text)
	if err != nil || match == nil {
		r.T.Fatalf("no metric %s: %v", name, err)
	}
	n, _ := strconv.Atoi(string(match[1]))
	return n
}

// served returns how many of the reads that run makes the replica has answered.
func (r *replicated) served(run func()) int {
	r.T.Helper()
	before := r.metric("taskql_replica_reads_total")
	run()
	return r.metric("taskql_replica_reads_total") - before
}

// inStep waits until the replica answers the reads of a user.
func (r *replicated) inStep(u *harness.Client) {
	r.T.Helper()
	harness.Eventually(r.T, "the replica answers", func() bool {
		return r.served(func() { u.Send("GET", u.Tasks(), "") }) == 1
	})
}

// behind makes the replica lag until the function that it returns is called.
func (r *replicated) behind() (again func()) {
	r.T.Helper()
	r.standby.query("SELECT pg_wal_replay_pause()::text")
	harness.Eventually(r.T, "the replica lags", func() bool { return r.standby.query("SELECT pg_get_wal_replay_pause_state()") == "paused" })
	return func() { r.standby.query("SELECT pg_wal_replay_resume()::text") }
}

// reads are queries that the replica answers.
func reads(u *harness.Client) map[string]func() harness.Answer {
	all := map[string]func() harness.Answer{
		"REST list": func() harness.Answer { return u.Send("GET", u.Tasks(), "") },
		"export":    func() harness.Answer { return u.Send("GET", u.Tasks("export"), "") },
	}
	for _, query := range []string{
		`{ tasks { totalCount nodes { title } } }`, `{ tasks(search: "x") { nodes { title } } }`, `{ taskStats { total } }`, `{ tags(first: 10) { tag total } }`,
		`{ taskChanges(first: 100) { changes { taskId task { title } } hasMore } }`,
	} {
		all[query] = func() harness.Answer { return u.GraphQL(query) }
	}
	return all
}

// TestReplica reads from a standby that is in step, behind, without an answer, gone, back again, and promoted. The answers are those of the database at
// any time.
func TestReplica(t *testing.T) {
	t.Parallel()
	r := newReplicated(t)
	ada, bob := r.As("ada"), r.As("bob")
	kept := ada.Add("x1")
	bob.Add("x of bob")
	r.inStep(ada)
	for name, read := range reads(ada) {
		harness.Eventually(t, "the replica answers "+name, func() bool { return r.served(func() { read() }) > 0 })
	}
	// A write and what it reads are none of the replica's business.
	if n := r.served(func() { ada.Send("PATCH", ada.Tasks(kept, "complete"), ""); ada.Send("GET", ada.Tasks(kept), "") }); n != 0 {
		t.Errorf("the replica has answered %d reads of a write and of one task", n)
	}

	// Behind: a writer reads the own writes, also those at another server. The replica goes on with the others' reads.
	again := r.behind()
	other := harness.Start(t, r.env).As("ada")
	if n := r.served(func() {
		for i := range 20 {
			writer, reader := ada, other
			if i%2 == 0 {
				writer, reader = other, ada
			}
			title := fmt.Sprint("x of round ", i)
			writer.Add(title)
			for name, read := range reads(reader) {
				if a := read(); a.Status != 200 || strings.Contains(a.Body, "title") && !strings.Contains(a.Body, title) {
					t.Fatalf("%s after a write at another server lacks it: %d %s", name, a.Status, a.Body)
				}
			}
		}
	}); n != 0 {
		t.Errorf("a replica that is behind has answered %d reads", n)
	}
	r.inStep(bob)
	if r.metric("taskql_replica_behind_total") == 0 {
		t.Error("the metrics do not tell that the replica is behind")
	}
	again()
	r.inStep(ada)

	// Silent, then gone: nothing fails, and reads no longer try it.
	r.toStandby.Stall(true)
	checkReads(t, ada)
	r.toStandby.Stall(false)
	r.inStep(ada)
	r.during(func() {
		r.standby.stop(syscall.SIGKILL)
		checkReads(t, ada)
	})
	harness.Eventually(t, "the log tells that the replica is gone", func() bool { return strings.Contains(r.Out.String(), "reads do not use the replica") })
	if r.metric("taskql_replica_used") != 0 || r.Anonymous().Send("GET", "/ready", "").Status != 200 {
		t.Error("without its replica, the server must be ready and not use it")
	}
	r.standby.start()
	r.inStep(ada)

	// Promoted: it goes its own way.
	r.standby.query("SELECT pg_promote()::text")
	ada.Add("x after the promotion")
	apart := harness.Start(t, harness.Env(r.standby.url())).As("ada")
	apart.Add("x elsewhere")
	for name, read := range reads(ada) {
		if a := read(); strings.Contains(a.Body, "elsewhere") || strings.Contains(a.Body, "title") && !strings.Contains(a.Body, "after the promotion") {
			t.Errorf("%s reads from a replica that was promoted: %s", name, a.Body)
		}
	}
}

// during runs change while a client reads all the time. No read may fail.
func (r *replicated) during(change func()) {
	r.T.Helper()
	var reading sync.WaitGroup
	defer reading.Wait()
	done := make(chan struct{})
	defer close(done)
	u := r.As("bob")
	reading.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
				if a, err := u.Try("GET", u.Tasks(), ""); err != nil || a.Status != 200 {
					r.T.Errorf("a read = %d %s, %v", a.Status, a.Body, err)
				}
			}
		}
	})
	change()
}

func checkReads(t *testing.T, u *harness.Client) {
	t.Helper()
	for name, read := range reads(u) {
		if a := read(); a.Status != 200 || strings.Contains(a.Body, `"errors"`) {
			t.Errorf("%s = %d %s", name, a.Status, a.Body)
		}
	}
}
