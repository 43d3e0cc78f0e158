package durability

import (
	"context"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"taskql/e2e/harness"
)

// TestFailover loses a PostgreSQL server and its last commits, under subscribers and a writer. The address leads to its standby then, at first
// before that is promoted. Nobody tells taskql.
func TestFailover(t *testing.T) {
	t.Parallel()
	first := newPostgres(t)
	second := first.standby()
	proxy := harness.NewProxy(t, first.host())
	address, err := url.Parse(first.url())
	if err != nil {
		t.Fatal(err)
	}
	address.Host = proxy.Address
	s := harness.Start(t, harness.Env(address.String()))
	ada, bob, eve := s.As("ada"), s.As("bob"), s.As("eve")
	ada.Add("kept")
	bob.Add("kept")
	written := first.query("SELECT pg_current_wal_lsn()::text")
	harness.Eventually(t, "the standby has the tasks", func() bool {
		return second.query("SELECT (pg_last_wal_replay_lsn() >= '"+written+"')::text") == "true"
	})
	second.exec("ALTER SYSTEM SET primary_conninfo = ''")
	second.query("SELECT pg_reload_conf()::text")
	harness.Eventually(t, "the standby receives no more", func() bool { return second.query("SELECT count(*)::text FROM pg_stat_wal_receiver") == "0" })

	behind, calm := ada.Follow(harness.TransportWS, ada.SyncToken()), bob.Follow(harness.TransportWS, bob.SyncToken())
	ada.Add("lost")
	lost := behind.Next().Token
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var writer sync.WaitGroup
	writer.Go(func() {
		for ctx.Err() == nil {
			a, err := eve.Try("POST", eve.Tasks(), `{"title": "during"}`)
			if err != nil || a.Status != 201 && a.Status != 503 {
				t.Errorf("a write during the failover = %d %s, %v", a.Status, a.Body, err)
				return
			}
		}
	})
	defer writer.Wait()
	defer stop()

	proxy.Move(second.host())
	first.stop(syscall.SIGQUIT)
	healthy := func() bool { return s.Anonymous().Send("GET", "/health", "").Status == 200 }
	harness.Eventually(t, "/health reports a database that cannot be written", func() bool { return !healthy() })
	write := harness.GraphQLBody(`mutation { createTask(input: {title: "early"}) { task { id } } }`)
	if code, _, _ := eve.Send("POST", "/graphql", write).Problem(t); code != "UNAVAILABLE" {
		t.Errorf("a write to a standby = %s", code)
	}
	harness.Eventually(t, "a read is answered by the standby", func() bool { return bob.Send("GET", bob.Tasks(), "").Status == 200 })
	second.query("SELECT pg_promote()::text")
	harness.Eventually(t, "writes are possible again", func() bool { return eve.Send("POST", eve.Tasks(), `{"title": "after"}`).Status == 201 })
	harness.Eventually(t, "/health reports it", healthy)

	id := bob.Add("new")
	calm.Want("SAVED " + id + " new")
	ada.Add("again")
	if how := behind.End(); !strings.Contains(how, `"BAD_SYNC_TOKEN"`) {
		t.Errorf("the subscription that has seen a lost change ends with %s", how)
	}
	if page := ada.Changes(lost, 10); !page.Reset {
		t.Errorf("a token of the lost change = %+v, want a reset", page)
	}
}

// standby returns a server that receives what p writes.
func (p *postgres) standby() *postgres {
	p.t.Helper()
	other := *p
	other.dir = filepath.Join(p.dir, "standby")
	p.run("mkdir", other.dir)
	p.run(filepath.Join(p.bin, "pg_basebackup"), "--dbname="+p.url(), "--pgdata="+other.data(), "--checkpoint=fast", "--write-recovery-conf")
	other.port = freePort(p.t)
	other.start()
	p.t.Cleanup(other.end)
	return &other
}

// host is the address at which the server listens.
func (p *postgres) host() string { return "127.0.0.1:" + p.port }

// exec runs a statement without a result.
func (p *postgres) exec(statement string) {
	p.t.Helper()
	conn, err := pgx.Connect(p.t.Context(), p.url())
	if err != nil {
		p.t.Fatal(err)
	}
	defer conn.Close(p.t.Context())
	if _, err := conn.Exec(p.t.Context(), statement); err != nil {
		p.t.Fatal(err)
	}
}
