package operations

import (
	"regexp"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// measured starts a server with metrics. eventually waits until they match a pattern.
func measured(t *testing.T, databaseURL string, more ...string) (s *harness.Server, eventually func(pattern string)) {
	t.Helper()
	env := harness.Env(databaseURL)
	env["METRICS_ADDRESS"] = "127.0.0.1:0"
	for i := 0; i < len(more); i += 2 {
		env[more[i]] = more[i+1]
	}
	s = harness.Start(t, env)
	address := mustAddress(t, s)
	return s, func(pattern string) {
		t.Helper()
		var metrics string
		found := harness.WaitUntil(harness.Patience, func() bool {
			metrics = mustScrape(t, address)
			return regexp.MustCompile("(?m)^" + pattern + "$").MatchString(metrics)
		})
		if !found {
			t.Fatalf("the metrics lack %s:\n%s", pattern, regexp.MustCompile(`(?m)^taskql_(database_[ce]|relay).*`).FindAllString(metrics, -1))
		}
	}
}

// TestFailedStatements counts the statements on a table that is not there.
func TestFailedStatements(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, databaseURL string) {
		t.Parallel()
		s, eventually := measured(t, databaseURL)
		storetest.Exec(t, databaseURL, "ALTER TABLE task RENAME TO lost")
		if a := s.As("u").Send("GET", "/api/u/tasks", ""); a.Status != 500 {
			t.Errorf("a list without a table = %d %s", a.Status, a.Body)
		}
		eventually(`taskql_database_errors_total\{statement="SELECT"\} [1-9]\d*`)
	})
}

// TestPoolMetrics has two requests use all connections, and a third wait, while another program locks what they write.
func TestPoolMetrics(t *testing.T) {
	t.Parallel()
	databaseURL := storetest.Postgres(t)
	s, eventually := measured(t, databaseURL, "DATABASE_MAX_CONNECTIONS", "2")
	other, err := pgx.Connect(t.Context(), databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close(t.Context())
	if _, err := other.Exec(t.Context(), "BEGIN; LOCK TABLE task_counter IN EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	var writing sync.WaitGroup
	for _, user := range []string{"a", "b", "c"} {
		u := s.As(user)
		writing.Go(func() {
			if a, err := u.Try("POST", u.Tasks(), `{"title": "x"}`); err != nil || a.Status != 201 {
				t.Errorf("a write = %d %s, %v", a.Status, a.Body, err)
			}
		})
	}
	eventually("taskql_database_connections 2")
	eventually("taskql_database_connections_used 2")
	eventually("taskql_database_connections_waiting 1")
	if _, err := other.Exec(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	writing.Wait()
	eventually("taskql_database_connections_waiting 0")
}

// TestRelayMetric follows changes, of which PostgreSQL notifies other processes.
func TestRelayMetric(t *testing.T) {
	t.Parallel()
	s, eventually := measured(t, storetest.Postgres(t))
	eventually("taskql_relay_connected 0")
	u := s.As("u")
	u.Follow(harness.TransportWS, u.SyncToken())
	eventually("taskql_relay_connected 1")
}
