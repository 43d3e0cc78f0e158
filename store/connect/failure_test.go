package connect

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"taskql/models"
	"taskql/store/storetest"
)

// mustExec runs a statement, which must succeed.
func mustExec(t *testing.T, db interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}, query string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), query); err != nil {
		t.Errorf("%s: %v", query, err)
	}
}

// mustEventually waits until a query is true.
func mustEventually(t *testing.T, url, query string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); storetest.Query(t, url, query)[0] != "true"; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never true: %s", query)
		}
	}
}

// fill makes the pool have a number of idle connections.
func fill(t *testing.T, p *Pool, n int) {
	t.Helper()
	var all []*sql.Conn
	for range n {
		conn, err := p.Writer.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, conn)
	}
	for _, conn := range all {
		_ = conn.Close()
	}
}

// TestTerminatedConnections ends connections that are idle, and those of running statements.
func TestTerminatedConnections(t *testing.T) {
	t.Parallel()
	url := storetest.Postgres(t)
	p := mustOpen(t, url+"&application_name="+t.Name(), Options{Conns: 4})
	mustExec(t, p.Writer, "CREATE TABLE x (n int)")
	others := "FROM pg_stat_activity WHERE application_name = '" + t.Name() + "'"
	terminate := "SELECT bool_and(pg_terminate_backend(pid, 10000)) " + others
	fill(t, p, 4)
	storetest.Query(t, url, terminate)
	mustExec(t, p.Writer, "INSERT INTO x VALUES (1)")
	fill(t, p, 4)
	storetest.Query(t, url, terminate)
	mustExec(t, p.Reader, "SELECT 1")
	fill(t, p, 4)
	storetest.Query(t, url, terminate)
	tx, err := p.Writer.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = tx.Rollback()

	for query, db := range map[string]*sql.DB{"SELECT pg_sleep(2)": p.Reader, "INSERT INTO x SELECT 2 FROM pg_sleep(2)": p.Writer} {
		var running sync.WaitGroup
		running.Go(func() { mustExec(t, db, query) })
		mustEventually(t, url, "SELECT count(*) > 0 "+others+" AND state = 'active' AND query LIKE '%pg_sleep%'")
		storetest.Query(t, url, terminate)
		running.Wait()
	}
	if got := storetest.Query(t, url, "SELECT string_agg(n::text, ' ' ORDER BY n) FROM x"); got[0] != "1 2" {
		t.Errorf("the table has %s, want each row once", got)
	}
}

// TestReadOnlySessions has connections to a server that was made read-only, while new connections lead to one that is not.
func TestReadOnlySessions(t *testing.T) {
	t.Parallel()
	url := storetest.Postgres(t)
	storetest.Exec(t, url, "CREATE TABLE x (n int)", "GRANT ALL ON x TO public")
	role := storetest.As(t, url, "default_transaction_read_only = on")
	p := mustOpen(t, role, Options{Conns: 4})
	fill(t, p, 4)
	if _, err := p.Writer.ExecContext(t.Context(), "INSERT INTO x VALUES (0)"); !errors.Is(err, models.ErrUnavailable) {
		t.Errorf("a write to a read-only server = %v, want ErrUnavailable", err)
	}
	p.renewed = time.Time{} // as after a while
	storetest.Exec(t, url, "DO $$ BEGIN EXECUTE format('ALTER ROLE %I RESET ALL', '"+user(t, p)+"'); END $$")
	for range 60 {
		mustExec(t, p.Writer, "INSERT INTO x VALUES (1)")
	}
}

func user(t *testing.T, p *Pool) (name string) {
	t.Helper()
	if err := p.Reader.QueryRowContext(t.Context(), "SELECT current_user").Scan(&name); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestConflicts has a statement wait for a transaction that changes its row. Under repeatable read, that is an error.
func TestConflicts(t *testing.T) {
	t.Parallel()
	url := storetest.Postgres(t)
	p := mustOpen(t, url+"&default_transaction_isolation=repeatable%20read&application_name="+t.Name(), Options{Conns: 2})
	mustExec(t, p.Writer, "CREATE TABLE x AS SELECT 0 AS n")
	tx, err := p.Writer.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	mustExec(t, tx, "UPDATE x SET n = n + 1")
	var waiting sync.WaitGroup
	waiting.Go(func() { mustExec(t, p.Writer, "UPDATE x SET n = n + 1") })
	mustEventually(t, url, "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = '"+t.Name()+"'")
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	waiting.Wait()
	if got := storetest.Query(t, url, "SELECT n FROM x"); got[0] != "2" {
		t.Errorf("two increments make %s", got)
	}
}

// TestDeadlines wants a statement, a lock and an idle transaction to end on the server, directly and through a pooler, which must not
// keep the settings.
func TestDeadlines(t *testing.T) {
	t.Parallel()
	for _, pooled := range []bool{false, true} {
		t.Run(fmt.Sprintf("pooler %v", pooled), func(t *testing.T) {
			t.Parallel()
			direct := storetest.Postgres(t)
			url := direct
			if pooled {
				url = storetest.PgBouncer(t, direct)
			}
			p := mustOpen(t, url, Options{Conns: 4, Timeout: 300 * time.Millisecond})
			want := map[string]string{"statement_timeout": "800ms", "lock_timeout": "300ms", "idle_in_transaction_session_timeout": "300ms", "jit": "off"}
			tx, err := p.Writer.BeginTx(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			for name, value := range want {
				for _, db := range []interface {
					QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
				}{p.Reader, p.Writer, tx} {
					var got string
					if err := db.QueryRowContext(t.Context(), "SHOW "+name).Scan(&got); err != nil || got != value {
						t.Errorf("%s is %q, %v, want %s", name, got, err, value)
					}
				}
				if pooled {
					if got := storetest.Query(t, url+"?application_name=other", "SHOW "+name); got[0] == value {
						t.Errorf("other clients of the pooler have %s = %s", name, got)
					}
				}
			}
			if err := tx.Commit(); err != nil {
				t.Error(err)
			}
			var n int
			var at time.Time
			var text sql.NullString
			err = p.Reader.QueryRowContext(t.Context(), "SELECT 7, CAST('2026-03-01 12:00+00' AS timestamptz), NULL").Scan(&n, &at, &text)
			if err != nil || n != 7 || !at.Equal(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)) || text.Valid {
				t.Errorf("the values are %d, %v, %v, %v", n, at, text, err)
			}

			mustExec(t, p.Writer, "CREATE TABLE x AS SELECT 1 AS n")
			for name, query := range map[string]string{"rows": "SELECT 1 FROM pg_sleep(600)", "exec": "UPDATE x SET n = 2 FROM pg_sleep(600)"} {
				if _, err := p.Writer.ExecContext(t.Context(), query); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%s: a statement without end = %v", name, err)
				}
			}
			frozen, err := p.Writer.BeginTx(t.Context(), nil) // and nothing more comes from its server
			if err != nil {
				t.Fatal(err)
			}
			mustExec(t, frozen, "UPDATE x SET n = 3")
			if _, err := p.Writer.ExecContext(t.Context(), "UPDATE x SET n = 4"); err != nil && !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
			mustExec(t, p.Writer, "UPDATE x SET n = 4")
			if err := frozen.Commit(); !errors.Is(err, models.ErrUnavailable) {
				t.Errorf("the commit of a transaction that has ended = %v", err)
			}
		})
	}
}
