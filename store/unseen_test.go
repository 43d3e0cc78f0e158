package store

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/uptrace/bun"

	"encoding/json"
	"strconv"
	"strings"
	"taskql/models"
	"testing"
	"time"

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
	exec(strings.ReplaceAll(s.fillStatement(tb, "'u' || g", "1", others), "?", `\?`)) // of one task each, so that PostgreSQL expects as many of newUser
	if s.postgres {
		s.indexAll(tb, "")
		exec(recentTerms(100))
		for _, table := range []string{"task", "task_search", "task_search_recent", "task_tombstone"} {
			exec("ALTER TABLE " + table + " SET (autovacuum_enabled = off)")
		}
		exec("ANALYZE")
	}
	exec(strings.ReplaceAll(s.fillStatement(tb, "'"+newUser+"'", "g", tasks), "?", `\?`))
	s.indexAll(tb, newUser)
	if s.postgres {
		exec(recentTerms(100))
	}
	exec("INSERT INTO task_counter (user_id, n) VALUES (?, ?)", newUser, 2*tasks)
	exec(`INSERT INTO task_tombstone (user_id, version, task_id, purged_at)
		SELECT user_id, version + ?0, id + ?0, created_at FROM task WHERE user_id = ?1`, tasks, newUser)
	return s
}

// indexAll stores the search terms of a user's tasks, or with "" of all.
func (s *Store) indexAll(tb testing.TB, user string) {
	tb.Helper()
	var all []*models.Task
	if err := s.read.NewSelect().Model(&all).ModelTableExpr(tableExpr).Where("? IN (user_id, '')", user).Scan(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	err := s.writer.RunInTx(tb.Context(), nil, func(ctx context.Context, tx bun.Tx) error {
		for tasks := range slices.Chunk(all, batch) {
			if err := s.indexTasks(ctx, tx, tasks...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
}

// planNode is a node of PostgreSQL's EXPLAIN (ANALYZE, FORMAT JSON).
type planNode struct {
	Index     string  `json:"Index Name"`
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

// scans returns how many times the node and those below it read an index.
func (n planNode) scans(index string) (loops float64) {
	if n.Index == index {
		loops = n.Loops
	}
	for _, below := range n.Plans {
		loops += below.scans(index)
	}
	return loops
}

// rowsTouched runs a statement on PostgreSQL and returns how many rows its nodes produce or remove.
func (s *Store) rowsTouched(tb testing.TB, query string) int {
	tb.Helper()
	var text string
	if err := s.write.NewRaw("EXPLAIN (ANALYZE, FORMAT JSON) "+strings.ReplaceAll(query, "?", `\?`)).Scan(tb.Context(), &text); err != nil {
		tb.Fatal(err)
	}
	return rowsOf(tb, text)
}

func rowsOf(tb testing.TB, text string) int {
	tb.Helper()
	return int(planOf(tb, text).touched())
}

func planOf(tb testing.TB, text string) planNode {
	tb.Helper()
	var plans []struct{ Plan planNode }
	if err := json.Unmarshal([]byte(text), &plans); err != nil || len(plans) != 1 {
		tb.Fatalf("%v: %s", err, text)
	}
	return plans[0].Plan
}

// TestChangesPlan has a page of changes cost the page, however many changes follow it, also for a user who is not in PostgreSQL's
// statistics.
func TestChangesPlan(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		const page = 50
		n := storetest.Scale(3000, 100_000)
		s := mustFillUnseen(t, url, storetest.Scale(3000, 300_000), n)
		var seen statements
		seen.observe(s)
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
			query := seen.queries[len(seen.queries)-1]
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

// unseen looks at the statements of operations on newUser's tasks.
type unseen struct {
	*testing.T
	n        int // tasks of the user, and as many tombstones
	s, plain *Store
	seen     statements
}

func newUnseen(t *testing.T) *unseen {
	t.Helper()
	n := storetest.Scale(3000, 30_000)
	url := storetest.Postgres(t)
	if n < 30_000 {
		url += "&enable_seqscan=off" // a table of this size is cheap to scan
	}
	s := mustFillUnseen(t, url, storetest.Scale(3000, 300_000), n)
	plain := *s
	u := &unseen{T: t, n: n, s: s, plain: &plain}
	s.reader = s.writer
	u.seen.observe(s)
	return u
}

// touches runs an operation and looks at each of its statements, which may touch a number of rows. It takes its writes back before
// it looks, and those of the statements that it runs again.
func (u *unseen) touches(name string, most int, do func(*Store) error) {
	u.Helper()
	undo := errors.New("undo")
	err := u.s.Transaction(u.Context(), newUser, func(s *Store) error {
		u.seen.queries, u.seen.bound = nil, nil
		return cmp.Or(do(s), undo)
	})
	if !errors.Is(err, undo) {
		u.Fatalf("%s: %v", name, err)
	}
	var queries []string
	for _, sent := range u.seen.queries {
		for query := range strings.SplitSeq(sent, ";\n") {
			if query != "BEGIN" && query != "ROLLBACK" {
				queries = append(queries, query)
			}
		}
	}
	if len(queries) == 0 {
		u.Errorf("%s: no statement was seen", name)
	}
	_ = u.plain.Transaction(u.Context(), newUser, func(s *Store) error {
		// No foreign keys: a statement runs again after those before it have, with other ids.
		if _, err := s.write.NewRaw("SET LOCAL session_replication_role = replica").Exec(u.Context()); err != nil {
			u.Fatal(err)
		}
		for _, query := range queries {
			if rows := s.rowsTouched(u, query); rows > most {
				u.Errorf("%s touches %d rows, want at most %d:\n%s", name, rows, most, query[:min(len(query), 400)])
			}
		}
		return undo
	})
	for _, b := range u.seen.bound {
		if strings.Contains(b.text, "UPDATE ") {
			continue // explaining it would write
		}
		text := strings.Join(u.plain.explainGeneric(u, "ANALYZE, FORMAT JSON", b), "\n")
		if rows := rowsOf(u, text); rows > most {
			u.Errorf("%s touches %d rows once it is prepared, want at most %d:\n%s", name, rows, most, b.text[:min(len(b.text), 400)])
		}
	}
}

// TestUnseenUser has no statement compare each task of a user with each other one, or each task with each match, because PostgreSQL's
// statistics do not know the user. The plan of such a statement reads well for a few tasks and takes minutes for thousands.
func TestUnseenUser(t *testing.T) {
	const page = 21
	u := newUnseen(t)
	n, ctx, touches := u.n, t.Context(), u.touches
	all, aPage := 20*n, 60*page
	lists := shapes(newUser)
	for _, shape := range lists {
		touches(shape.name, all, func(s *Store) error { _, err := s.List(ctx, shape.query); return err })
	}
	for search, order := range map[string]models.TaskOrderField{"task": models.TaskOrderFieldRelevance, "milk": models.TaskOrderFieldRelevance, "milk task": models.TaskOrderFieldTitle} {
		for _, total := range []bool{true, false} {
			q := searchList(newUser, search)
			q.Order, q.Total, q.Relevance = []Key{by(order, true)}, total, true
			touches("search "+search+" by "+string(order), all, func(s *Store) error { _, err := s.List(ctx, q); return err })
		}
	}
	for _, search := range []string{"task", "milk", "none"} {
		q := searchList(newUser, search)
		q.Order, q.Total, q.Relevance, q.Limit = []Key{by(models.TaskOrderFieldCreatedAt, true)}, false, true, page
		touches("search "+search+" by time", 3*(n+fewFound), func(s *Store) error { _, err := s.List(ctx, q); return err })
	}
	// With more matches than are looked up, the list is complete, also if none of those that were looked up is in it.
	every := searchList(newUser, "task")
	every.Order, every.Total, every.Limit = []Key{by(models.TaskOrderFieldCreatedAt, true)}, false, 0
	list, err := u.s.List(ctx, every)
	if err != nil || len(list.Tasks) != n {
		t.Fatal(len(list.Tasks), err)
	}
	some := every
	some.access, some.sorted = searchCounted, true
	lookedUp, many, err := u.s.pageOfMatches(ctx, some)
	if err != nil || !many || len(lookedUp.Tasks) != fewFound+1 {
		t.Fatal(len(lookedUp.Tasks), many, err)
	}
	missing := slices.IndexFunc(list.Tasks, func(a *models.Task) bool {
		return !slices.ContainsFunc(lookedUp.Tasks, func(b *models.Task) bool { return a.ID == b.ID })
	})
	every.Filter = &models.TaskFilter{ID: &models.IDFilter{Eq: new(strconv.FormatInt(list.Tasks[missing].ID, 10))}}
	if list, err = u.s.List(ctx, every); err != nil || len(list.Tasks) != 1 {
		t.Error("a match that was not looked up is missing", list.Tasks, err)
	}
	// Of matches that can be sorted, the page is looked up only, also by a plan that does not depend on the values.
	for i, order := range [][]Key{{by(models.TaskOrderFieldCreatedAt, false)}, searchList(newUser, "task").Order, searchList(newUser, "task").Order} {
		q := searchList(newUser, "milk")
		q.Order, q.Total, q.Limit, q.FromEnd = order, false, page, i == 2
		if list, err := u.s.List(ctx, q); err != nil || len(list.Tasks) != page {
			t.Fatal(list, err)
		}
		b := u.seen.bound[len(u.seen.bound)-1]
		if scans := planOf(t, strings.Join(u.plain.explainGeneric(t, "ANALYZE, FORMAT JSON", b), "\n")).scans("task_pkey"); scans < page || scans > 2*page {
			t.Errorf("a page of %d matches by %v looks up %v tasks", page, order, scans)
		}
	}
	touches("counts", all, func(s *Store) error {
		_, _, err := s.Counts(ctx, lists[0].query, []*models.TaskFilter{{}, open()}, nil)
		return err
	})
	touches("tags", all, func(s *Store) error { return s.EachTagged(ctx, newUser, "", func(Tagged) {}) })
	tooLong := func(s *Store) error {
		if fit, err := s.TextsFit(ctx, newUser, 1000, 1001, 1000, time.Now()); fit || err != nil {
			t.Error("too long texts fit", err)
		}
		return nil
	}
	touches("long texts", all, tooLong)
	touches("long texts again", aPage, tooLong)
	touches("ids", all, func(s *Store) error { _, err := s.IDs(ctx, lists[0].query); return err })
	touches("changes", aPage, func(s *Store) error { _, _, err := s.Changes(ctx, newUser, 0, 0, page); return err })
}
