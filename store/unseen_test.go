package store

import (
	"encoding/json"
	"strings"
	"testing"

	"taskql/store/storetest"
)

// newUser has tasks that are not in PostgreSQL's statistics, like a user who imported a file a minute ago.
const newUser = "new"

// mustFillUnseen stores tasks of other users, has PostgreSQL gather statistics, and then stores tasks and as many tombstones of newUser.
func mustFillUnseen(tb testing.TB, url string, others, tasks int) *Store {
	tb.Helper()
	s := mustMigrated(tb, url)
	exec := func(statement string, args ...any) {
		tb.Helper()
		if _, err := s.write.NewRaw(statement, args...).Exec(tb.Context()); err != nil {
			tb.Fatal(err)
		}
	}
	s.fill(tb, others)
	if s.postgres {
		for _, table := range []string{"task", "task_search", "task_tombstone"} {
			exec("ALTER TABLE " + table + " SET (autovacuum_enabled = off)")
		}
		exec("ANALYZE")
	}
	exec(strings.ReplaceAll(s.fillStatement(tb, "'"+newUser+"'", "g", tasks), "?", `\?`))
	exec(`INSERT INTO task_tombstone (user_id, version, task_id, purged_at)
		SELECT user_id, version + ?0, id + ?0, created_at FROM task WHERE user_id = ?1`, tasks, newUser)
	return s
}

// planNode is a node of PostgreSQL's EXPLAIN (ANALYZE, FORMAT JSON).
type planNode struct {
	Rows      float64 `json:"Actual Rows"`
	Loops     float64 `json:"Actual Loops"`
	Filtered  float64 `json:"Rows Removed by Filter"`
	Joined    float64 `json:"Rows Removed by Join Filter"`
	Rechecked float64 `json:"Rows Removed by Index Recheck"`
	Plans     []planNode
}

// touched returns the number of rows that a node and those below it produce or remove.
func (n planNode) touched() float64 {
	rows := (n.Rows + n.Filtered + n.Joined + n.Rechecked) * n.Loops
	for _, below := range n.Plans {
		rows += below.touched()
	}
	return rows
}

// rowsTouched runs a statement on PostgreSQL and returns how many rows its nodes produce or remove.
func (s *Store) rowsTouched(tb testing.TB, query string) int {
	tb.Helper()
	var text string
	if err := s.write.NewRaw("EXPLAIN (ANALYZE, FORMAT JSON) "+strings.ReplaceAll(query, "?", `\?`)).Scan(tb.Context(), &text); err != nil {
		tb.Fatal(err)
	}
	var plans []struct{ Plan planNode }
	if err := json.Unmarshal([]byte(text), &plans); err != nil || len(plans) != 1 {
		tb.Fatalf("%v: %s", err, text)
	}
	return int(plans[0].Plan.touched())
}

// TestChangesPlan has a page of changes cost the page, however many changes follow it, also for a user who is not in PostgreSQL's
// statistics.
func TestChangesPlan(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		const page = 50
		n := storetest.Scale(3000, 100_000)
		s := mustFillUnseen(t, url, storetest.Scale(3000, 300_000), n)
		var last lastQuery
		s.reader = s.reader.WithQueryHook(&last)
		s.useTable(s.table)
		for _, after := range []int64{0, int64(n - page/2), int64(n)} { // of tasks, of both, of tombstones
			_, changes, err := s.Changes(t.Context(), newUser, after, after, page)
			if err != nil || len(changes) != page {
				t.Fatalf("Changes after %d = %d, %v, want %d", after, len(changes), err, page)
			}
			for i, c := range changes {
				if want := after + int64(i) + 1; c.Number != want || (c.Task == nil) != (want > int64(n)) || c.Task != nil && c.Task.Version != want {
					t.Fatalf("Changes after %d: the %d. is %+v, want number %d", after, i, c, want)
				}
			}
			query := last.text
			if !s.postgres {
				plan := s.plan(t, query)
				if !strings.Contains(plan, "SEARCH task USING INDEX task_user_version (user_id=? AND version>?)\nSCAN changed") || strings.Contains(plan, "SCAN task") {
					t.Errorf("the plan of the changes after %d reads more than the page:\n%s", after, plan)
				}
			} else if rows := s.rowsTouched(t, query); rows > 20*page {
				t.Errorf("the changes after %d touch %d rows, want at most %d:\n%s", after, rows, 20*page, s.plan(t, query))
			}
		}
	})
}
