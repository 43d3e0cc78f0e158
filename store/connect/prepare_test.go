package connect

import (
	"database/sql"
	"fmt"
	"strings"
	"sync"
	"testing"

	"taskql/store/storetest"
)

// mustQuery runs a query with one row of numbers and returns them.
func mustQuery(t *testing.T, p *Pool, query string, args ...any) (numbers []int) {
	t.Helper()
	rows, err := p.Reader.QueryContext(t.Context(), query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	numbers = make([]int, len(columns))
	dest := make([]any, len(columns))
	for i := range dest {
		dest[i] = &numbers[i]
	}
	if !rows.Next() {
		t.Fatalf("%s: no row, %v", query, rows.Err())
	}
	if err := rows.Scan(dest...); err != nil {
		t.Fatal(err)
	}
	return numbers
}

const countPrepared = "SELECT count(*) FROM pg_prepared_statements"

// TestPrepare has a statement with arguments prepared when its text comes again, once, and none in a transaction that may write.
func TestPrepare(t *testing.T) {
	t.Parallel()
	const query = "SELECT CAST($1 AS int) + 1"
	for _, tt := range []struct {
		off  bool
		want [4]int // after each of the calls
	}{{false, [4]int{0, 1, 1, 1}}, {true, [4]int{}}} {
		p := mustOpen(t, storetest.Postgres(t), Options{Conns: 1, Unprepared: tt.off})
		for i, want := range tt.want {
			if got := mustQuery(t, p, query, int64(i)); got[0] != i+1 {
				t.Errorf("%d + 1 = %d", i, got)
			}
			if got := mustQuery(t, p, countPrepared); got[0] != want {
				t.Errorf("off %v: after %d calls %d statements are prepared, want %d", tt.off, i+1, got[0], want)
			}
		}
	}
	direct := storetest.Postgres(t)
	for _, tt := range []struct {
		url      string
		readOnly bool
		want     int
	}{{direct, false, 0}, {direct, true, 1}, {storetest.PgBouncer(t, direct), true, 0}} {
		p := mustOpen(t, tt.url, Options{Conns: 1})
		tx, err := p.Writer.BeginTx(t.Context(), &sql.TxOptions{ReadOnly: tt.readOnly})
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			var n int
			if err := tx.QueryRowContext(t.Context(), query, int64(1)).Scan(&n); err != nil || n != 2 {
				t.Fatal(n, err)
			}
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
		if got := mustQuery(t, p, countPrepared+" WHERE name LIKE 'stmtcache%'"); got[0] != tt.want {
			t.Errorf("a transaction (read only: %v) prepared %d statements, want %d", tt.readOnly, got[0], tt.want)
		}
	}
}

// TestLongStatements prepares none of the statements whose plans would fill PostgreSQL's memory.
func TestLongStatements(t *testing.T) {
	t.Parallel()
	p := mustOpen(t, storetest.Postgres(t), Options{Conns: 1})
	for range 3 {
		mustQuery(t, p, "SELECT 1 WHERE CAST($1 AS int) = 1"+strings.Repeat(" AND 1 = 1", maxText/10), int64(1))
	}
	if got := mustQuery(t, p, countPrepared); got[0] != 0 || p.prepared.seen.Len() != 0 {
		t.Errorf("%d statements are prepared and %d remembered, want none", got[0], p.prepared.seen.Len())
	}
}

// TestForgottenStatements has the server forget prepared statements, or change the tables that they read.
func TestForgottenStatements(t *testing.T) {
	t.Parallel()
	url := storetest.Postgres(t)
	storetest.Exec(t, url, "CREATE TABLE x (a int)", "INSERT INTO x VALUES (1)")
	p := mustOpen(t, url, Options{Conns: 1})
	run := func(want ...int) {
		t.Helper()
		for range 3 {
			if got := mustQuery(t, p, "SELECT * FROM x WHERE a = $1", int64(1)); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("the row is %d, want %d", got, want)
			}
		}
		if got := mustQuery(t, p, countPrepared); got[0] != 1 {
			t.Errorf("%d statements are prepared, want 1", got[0])
		}
	}
	run(1)
	for range maxForgotten / 4 {
		if _, err := p.Writer.ExecContext(t.Context(), "DEALLOCATE ALL"); err != nil {
			t.Fatal(err)
		}
		run(1)
	}
	storetest.Exec(t, url, "ALTER TABLE x ADD COLUMN b int NOT NULL DEFAULT 2")
	run(1, 2)
	storetest.Exec(t, url, "ALTER TABLE x ALTER COLUMN a TYPE bigint")
	run(1, 2)
}

// TestDistrust has a server forget statements all the time, as a pooler does that hands connections from client to client unnoticed.
// The pool stops preparing them.
func TestDistrust(t *testing.T) {
	t.Parallel()
	p := mustOpen(t, storetest.Postgres(t), Options{Conns: 1})
	for range 3 * maxForgotten {
		mustQuery(t, p, "SELECT CAST($1 AS int)", int64(1))
		if _, err := p.Writer.ExecContext(t.Context(), "DEALLOCATE ALL"); err != nil {
			t.Fatal(err)
		}
	}
	if got := p.prepared.forgotten.Load(); got != maxForgotten {
		t.Errorf("%d statements were forgotten, want %d", got, maxForgotten)
	}
	for range 3 {
		mustQuery(t, p, "SELECT CAST($1 AS int)", int64(1))
	}
	if got := mustQuery(t, p, countPrepared); got[0] != 0 {
		t.Errorf("%d statements are prepared, want 0", got[0])
	}
}

// TestPrepareThroughPooler has nothing prepared through a pooler in transaction mode.
func TestPrepareThroughPooler(t *testing.T) {
	t.Parallel()
	direct := storetest.Postgres(t)
	p := mustOpen(t, storetest.PgBouncer(t, direct), Options{Conns: 8})
	var clients sync.WaitGroup
	for range 8 {
		clients.Go(func() {
			for i := range 50 {
				var n int
				if err := p.Reader.QueryRowContext(t.Context(), "SELECT CAST($1 AS int) + 1", int64(i)).Scan(&n); err != nil || n != i+1 {
					t.Errorf("%d + 1 = %d, %v", i, n, err)
				}
			}
		})
	}
	clients.Wait()
	if got := mustQuery(t, p, "SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'stmtcache%'"); got[0] != 0 {
		t.Errorf("%d statements are left in the pooler's session", got[0])
	}
}

// TestCommandsThroughPooler has a pool without deadlines, as commands use it, notice a pooler that ignores the other parameters.
func TestCommandsThroughPooler(t *testing.T) {
	t.Parallel()
	url := storetest.PgBouncer(t, storetest.Postgres(t), "ignore_startup_parameters=jit,random_page_cost,default_transaction_isolation")
	p := mustOpen(t, url, Options{Conns: 1})
	mustQuery(t, p, "SELECT CAST($1 AS int)", int64(1))
	if !p.pooler.Load() {
		t.Error("the pool takes the pooler for a direct connection")
	}
}
