package live

import (
	"fmt"
	"strings"
	"testing"
	"time"

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
		writer, reader := pair(t, harness.Env(databaseURL))
		if listener(t, databaseURL) != 0 {
			t.Error("a server without subscribers listens")
		}
		f := reader.Follow(harness.TransportWS, writer.SyncToken())
		wantCheck(t, harness.Env(databaseURL), "ok    live updates   processes notify one another through PostgreSQL")
		first := listening(t, databaseURL)
		wantNotified(t, writer, f)

		// After the connection is cut, changes arrive by polling until there is another.
		kill(t, databaseURL, first)
		wantReceived(t, writer, f)
		harness.Eventually(t, "there is another connection", func() bool { return listening(t, databaseURL) != first })
		wantNotified(t, writer, f)
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
		writer, reader := pair(t, env)
		f := reader.Follow(harness.TransportWS, writer.SyncToken())
		wantReceived(t, writer, f) // it may still be connecting
		wantNotified(t, writer, f)
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
			writer, reader := pair(t, direct)
			f := reader.Follow(harness.TransportWS, writer.SyncToken())
			listening(t, databaseURL)
			wantNotified(t, writer, f)
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

// wantNotified wants the subscriber to receive ten changes sooner than by polling: every 3 seconds, that would take half a
// minute. A busy machine has several attempts.
func wantNotified(t *testing.T, writer *harness.Client, f *harness.Follower) {
	t.Helper()
	for range 5 {
		begin := time.Now()
		for range 10 {
			wantReceived(t, writer, f)
		}
		if time.Since(begin) < 15*time.Second {
			return
		}
	}
	t.Error("ten changes take more than 15 seconds, so the server polls")
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
