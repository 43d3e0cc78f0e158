package live

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	nats "github.com/nats-io/nats-server/v2/server"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// TestProcesses writes at one server and subscribes at another, for each way in which processes notify one another.
func TestProcesses(t *testing.T) {
	t.Parallel()
	t.Run("by Postgres", func(t *testing.T) {
		t.Parallel()
		databaseURL := storetest.Postgres(t)
		writer, reader, polls := watchedPair(t, harness.Env(databaseURL))
		if listener(t, databaseURL) != 0 {
			t.Error("a server without subscribers listens")
		}
		f := reader.Follow(harness.TransportWS, writer.SyncToken())
		wantCheck(t, harness.Env(databaseURL), "ok    live updates   processes notify one another through PostgreSQL")
		first := listening(t, databaseURL)
		wantNotified(t, writer, f, polls)

		// After the connection is cut, changes arrive by polling until there is another.
		kill(t, databaseURL, first)
		wantReceived(t, writer, f)
		harness.Eventually(t, "there is another connection", func() bool { return listening(t, databaseURL) != first })
		wantNotified(t, writer, f, polls)
	})
	t.Run("by NATS", func(t *testing.T) {
		t.Parallel()
		broker, err := nats.NewServer(&nats.Options{Host: "127.0.0.1", Port: -1, NoLog: true, NoSigs: true})
		if err != nil {
			t.Fatal(err)
		}
		broker.Start()
		t.Cleanup(broker.Shutdown)
		if !broker.ReadyForConnections(harness.Patience) {
			t.Fatal("the NATS server does not start")
		}
		databaseURL := storetest.Postgres(t)
		env := harness.Env(databaseURL)
		env["NATS_URL"] = broker.ClientURL()
		writer, reader, polls := watchedPair(t, env)
		f := reader.Follow(harness.TransportWS, writer.SyncToken())
		wantReceived(t, writer, f) // it may still be connecting
		wantNotified(t, writer, f, polls)
		if pid := listener(t, databaseURL); pid != 0 {
			t.Error("it listens to Postgres as well")
		}
		wantCheck(t, env, "ok    live updates   processes notify one another through NATS")
		broker.Shutdown()
		wantCheck(t, env, "FAIL  live updates   NATS_URL: no NATS server answers there")
	})
	t.Run("by polling SQLite", func(t *testing.T) {
		t.Parallel()
		env := harness.Env(storetest.SQLite(t))
		writer, reader := pair(t, env)
		wantCheck(t, env, "ok    live updates   immediate in one process")
		wantReceived(t, writer, reader.Follow(harness.EventsByPOST, writer.SyncToken()))
	})
	t.Run("through PgBouncer", func(t *testing.T) {
		t.Parallel()
		databaseURL := storetest.Postgres(t)
		env := harness.Env(storetest.PgBouncer(t, databaseURL))
		t.Run("alone, by polling", func(t *testing.T) {
			t.Parallel()
			writer, reader := pair(t, env)
			wantReceived(t, writer, reader.Follow(harness.LegacyWS, writer.SyncToken()))
			if _, ok := reader.Out.Wait("DATABASE_DIRECT_URL"); !ok {
				t.Error("the log does not say why")
			}
			wantCheck(t, env, "DATABASE_URL seems to be the address of a pooler")
		})
		t.Run("with a direct address", func(t *testing.T) {
			t.Parallel()
			direct := map[string]string{"DATABASE_DIRECT_URL": databaseURL}
			for name, value := range env {
				direct[name] = value
			}
			writer, reader, polls := watchedPair(t, direct)
			f := reader.Follow(harness.TransportWS, writer.SyncToken())
			listening(t, databaseURL)
			wantNotified(t, writer, f, polls)
		})
	})
}

// pair returns clients of one user at two servers with the same environment.
func pair(t *testing.T, env map[string]string) (writer, reader *harness.Client) {
	t.Helper()
	user := "user of " + t.Name()
	return harness.Start(t, env).As(user), harness.Start(t, env).As(user)
}

// wantReceived writes once and waits until the subscriber has received the change.
func wantReceived(t *testing.T, writer *harness.Client, f *harness.Follower) {
	t.Helper()
	id := writer.Add("task")
	f.Want("SAVED " + id + " task")
}

// watchedPair is pair, with a count of the times that the reader has polled.
func watchedPair(t *testing.T, env map[string]string) (writer, reader *harness.Client, polls func() int) {
	t.Helper()
	proxy, through := harness.NewProxyOf(t, env["DATABASE_URL"])
	polls = proxy.Count("SELECT user_id, n FROM task_counter WHERE user_id IN ")
	watched := maps.Clone(env)
	watched["DATABASE_URL"], watched["DATABASE_PREPARED_STATEMENTS"] = through, "off" // a prepared one is sent without its text
	user := "user of " + t.Name()
	return harness.Start(t, env).As(user), harness.Start(t, watched).As(user), polls
}

// wantNotified wants the subscriber to receive changes without a poll between the write and the arrival. It wants more
// than one, because a poll that has begun before the write may read it.
func wantNotified(t *testing.T, writer *harness.Client, f *harness.Follower, polls func() int) {
	t.Helper()
	harness.Eventually(t, "the relay is connected, whereupon the server polls once", func() bool { return polls() > 0 })
	notified := 0
	for polled := 0; notified < 3; {
		before := polls()
		wantReceived(t, writer, f)
		if polls() == before {
			notified++
		} else if polled++; polled == 3 { // one every 30 seconds is usual
			t.Fatalf("%d changes arrived by notification and %d after a poll", notified, polled)
		}
	}
}

// wantCheck checks that the output of taskql check contains a text.
func wantCheck(t *testing.T, env map[string]string, want string) {
	t.Helper()
	var environ []string
	for name, value := range env {
		environ = append(environ, name+"="+value)
	}
	if out, _ := harness.Command(t, environ, "check"); !strings.Contains(out, want) { // the error repeats the output
		t.Errorf("taskql check says\n%s\nwant %q", out, want)
	}
}

// listener returns the id of the PostgreSQL process that listens for a server on the database, or 0.
func listener(t *testing.T, databaseURL string) (pid int) {
	t.Helper()
	query(t, databaseURL, `SELECT coalesce(max(pid), 0) FROM pg_stat_activity, task_setting
		WHERE name = 'database_id' AND query = 'LISTEN "taskql_' || value || '"'`, &pid)
	return pid
}

// listening waits for a listener and returns its id.
func listening(t *testing.T, databaseURL string) (pid int) {
	t.Helper()
	harness.Eventually(t, "the server listens", func() bool {
		pid = listener(t, databaseURL)
		return pid != 0
	})
	return pid
}

func kill(t *testing.T, databaseURL string, pid int) {
	t.Helper()
	var done bool
	query(t, databaseURL, fmt.Sprintf("SELECT pg_terminate_backend(%d)", pid), &done)
}
