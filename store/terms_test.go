package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	neturl "net/url"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"taskql/models"
	"taskql/store/storetest"
)

// recentTerms returns the statement that makes the terms of one of so many tasks recent, in any order of the users.
func recentTerms(share int) string {
	return fmt.Sprintf(`WITH recent AS (DELETE FROM task_search WHERE task_id %% %d = 0 RETURNING task_id, created_at, words)
		INSERT INTO task_search_recent (user_id, task_id, created_at, words)
		SELECT user_id, task_id, recent.created_at, words FROM recent JOIN task ON id = task_id`, share)
}

// mustMergeTerms moves the recent terms of a user, of which SQLite has none.
func mustMergeTerms(tb testing.TB, s *Store, user string) {
	tb.Helper()
	if !s.postgres {
		return
	}
	if err := s.Transaction(tb.Context(), user, func(s *Store) error { return s.mergeTerms(tb.Context(), user) }); err != nil {
		tb.Fatal(err)
	}
}

// mustCount returns the result of a query on PostgreSQL.
func mustCount(tb testing.TB, s *Store, query string, args ...any) (count int) {
	tb.Helper()
	if err := s.read.NewRaw(query, args...).Scan(tb.Context(), &count); err != nil {
		tb.Fatal(err)
	}
	return count
}

// TestRecentTerms has a search find each task once wherever its terms are, and the writes keep few of them outside of the index.
func TestRecentTerms(t *testing.T) {
	s := mustMigrated(t, storetest.Postgres(t))
	const (
		recent = "SELECT count(*) FROM task_search_recent WHERE user_id = ?"
		merged = "SELECT count(*) FROM task_search JOIN task ON id = task_id WHERE user_id = ?"
	)
	mustStore(t, s, "v", "milk of somebody else", "")
	var tasks []*models.Task
	check := func(search string, want int) {
		t.Helper()
		if found := mustFind(t, s, "u", search); len(found) != want {
			t.Errorf("with %d tasks, %d of them recent, %q finds %d, want %d", len(tasks), mustCount(t, s, recent, "u"), search, len(found), want)
		}
		if both := mustCount(t, s, recent, "u") + mustCount(t, s, merged, "u"); both != len(tasks) {
			t.Errorf("%d tasks have %d rows of terms", len(tasks), both)
		}
	}
	const created = mergeEvery + 3
	for i := range created {
		tasks = append(tasks, mustStore(t, s, "u", fmt.Sprint("milk ", i), ""))
		check("milk", i+1)
		if now, want := mustCount(t, s, recent, "u"), (i+1)%mergeEvery; now != want {
			t.Errorf("of %d tasks, %d are recent, want %d", i+1, now, want)
		}
	}
	if n := mustCount(t, s, recent, "v"); n != 1 {
		t.Errorf("another user has %d recent tasks, want 1", n)
	}
	for _, i := range []int{0, len(tasks) - 1} { // merged, and recent
		for range 2 {
			next := *tasks[i]
			next.Title += " bread"
			if id, err := s.Update(t.Context(), tasks[i], &next); id == (ChangeID{}) || err != nil {
				t.Fatal(id, err)
			}
			tasks[i] = &next
		}
	}
	check("bread", 2)
	for _, notes := range []string{strings.Repeat("word ", maxRecent+1), "rye", strings.Repeat("word ", maxRecent+1)} {
		next := *tasks[0]
		next.Description = &notes
		if id, err := s.Update(t.Context(), tasks[0], &next); id == (ChangeID{}) || err != nil {
			t.Fatal(id, err)
		}
		tasks[0] = &next
		check("bread", 2)
	}
	before := mustCount(t, s, recent, "u")
	tasks = append(tasks, mustStore(t, s, "u", "long", strings.Repeat("word ", maxRecent)))
	if n := mustCount(t, s, recent, "u"); n != before {
		t.Errorf("a new task of many terms is recent")
	}
	check("long", 1)
	check("milk", created)
	err := s.Transaction(t.Context(), "u", func(s *Store) error {
		next := []*models.Task{{}, {}}
		was := []*models.Task{tasks[1], tasks[created-2]}
		for i, task := range was {
			*next[i] = *task
			next[i].Title = "butter"
			tasks[task.ID-tasks[0].ID] = next[i]
		}
		return s.UpdateAll(t.Context(), "u", was, next)
	})
	if err != nil {
		t.Fatal(err)
	}
	check("butter", 2)
	check("milk", created-2)
	tasks = append(tasks, mustStore(t, s, "u", "milk", ""))
	if n := mustCount(t, s, recent, "u"); n != 1 {
		t.Errorf("after a bulk write of texts, %d tasks are recent, want the new one", n)
	}
	err = s.Transaction(t.Context(), "u", func(s *Store) error {
		_, _, err := s.Purge(t.Context(), "u", WithIDs([]int64{tasks[2].ID, tasks[len(tasks)-1].ID}), 2, time.Now())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	tasks = tasks[2:]
	check("milk", created-3)
	if n := mustCount(t, s, recent, "u"); n != 0 {
		t.Errorf("the terms of %d purged tasks are left", n)
	}
}

// TestUpdateDuringMerge has an update wait for a transaction that moves the terms of its task.
func TestUpdateDuringMerge(t *testing.T) {
	s := mustMigrated(t, storetest.Postgres(t))
	task := mustStore(t, s, "u", "milk", "")
	done := make(chan error, 1)
	err := s.Transaction(t.Context(), "u", func(inside *Store) error {
		go func() {
			next := *task
			next.Title = "bread"
			_, err := s.Update(t.Context(), task, &next)
			done <- err
		}()
		mustWaitForLock(t, s, "task_counter", done)
		return inside.mergeTerms(t.Context(), "u")
	})
	if err := errors.Join(err, <-done); err != nil {
		t.Fatal(err)
	}
	if milk, bread := mustFind(t, s, "u", "milk"), mustFind(t, s, "u", "bread"); len(milk) != 0 || len(bread) != 1 {
		t.Errorf("milk finds %q, bread %q", milk, bread)
	}
}

// TestTermsOfLostTasks has the terms of a task go with it if another program deletes it, which has no rights on them and another search path, also
// while they move.
func TestTermsOfLostTasks(t *testing.T) {
	url := storetest.Postgres(t)
	s := mustMigrated(t, url)
	recent, merged, moving := mustStore(t, s, "u", "milk", ""), mustStore(t, s, "v", "milk", ""), mustStore(t, s, "w", "milk", "")
	mustMergeTerms(t, s, "v")
	address, err := neturl.Parse(storetest.As(t, url, "INHERIT"))
	if err != nil {
		t.Fatal(err)
	}
	schema, other := address.Query().Get("search_path"), address.User.Username()
	storetest.Exec(t, url, "GRANT SELECT, DELETE ON task TO "+other)
	delete := func(ids ...int64) error {
		return s.Transaction(t.Context(), "someone else", func(s *Store) error {
			_, err := s.write.NewRaw("SET LOCAL ROLE ?0; SET LOCAL search_path = ''; DELETE FROM ?1.task WHERE id IN (?2)",
				bun.Ident(other), bun.Ident(schema), bun.List(ids)).Exec(t.Context())
			return err
		})
	}
	if err := delete(recent.ID, merged.ID); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	err = s.Transaction(t.Context(), "w", func(inside *Store) error {
		if err := inside.mergeTerms(t.Context(), "w"); err != nil {
			return err
		}
		go func() { done <- delete(moving.ID) }()
		mustWaitForLock(t, s, "SET LOCAL ROLE", done)
		return nil
	})
	if err := errors.Join(err, <-done); err != nil {
		t.Fatal(err)
	}
	check := func(how string) {
		t.Helper()
		for _, table := range []string{"task", "task_search", "task_search_recent"} {
			if n := mustCount(t, s, "SELECT count(*) FROM "+table); n != 0 {
				t.Errorf("%s has %d rows of the %s tasks", table, n, how)
			}
		}
	}
	check("deleted")
	mustStore(t, s, "u", "milk", "")
	mustMergeTerms(t, s, "u")
	mustStore(t, s, "u", "bread", "")
	storetest.Exec(t, url, "TRUNCATE task RESTART IDENTITY") // the new task of an id must not have old terms
	check("truncated")
}

// TestSearchDuringMerge has a search find all tasks while their terms move.
func TestSearchDuringMerge(t *testing.T) {
	s := mustMigrated(t, storetest.Postgres(t))
	const tasks = 20
	for range tasks {
		mustStore(t, s, "u", "milk", "")
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		for {
			err := s.Transaction(context.WithoutCancel(ctx), "u", func(s *Store) error {
				if err := s.mergeTerms(ctx, "u"); err != nil {
					return err
				}
				_, err := s.write.NewRaw(recentTerms(1)).Exec(ctx)
				return err
			})
			if ctx.Err() != nil || err != nil {
				done <- err
				return
			}
		}
	}()
	for range 200 {
		if found := mustFind(t, s, "u", "milk"); len(found) != tasks {
			t.Fatalf("a search finds %d of %d", len(found), tasks)
		}
	}
	stop()
	<-done // an error of the last round is of the canceled context
}

// TestPendingTerms has a search read few pages of the text index beside terms that others have just stored.
func TestPendingTerms(t *testing.T) {
	s := mustMigrated(t, storetest.Postgres(t))
	mustStore(t, s, "v", "milk", "")
	mustMergeTerms(t, s, "v")
	// With fastupdate, but a longer list, the search below would read few blocks as well once autovacuum has emptied the list.
	const settings = `SELECT count(*) FROM pg_class WHERE oid = CAST('task_search_words' AS regclass) AND reloptions @> ARRAY['fastupdate=on', 'gin_pending_list_limit=64']`
	if mustCount(t, s, settings) != 1 {
		t.Error("the index has other settings")
	}
	const tasks, maxBlocks = 1000, 24
	notes := strings.Repeat("one two three four five six seven eight nine ten ", 2)
	stored := make([]*models.Task, tasks)
	for i := range stored {
		stored[i] = &models.Task{UserID: "u", Title: fmt.Sprint("task ", i), Description: &notes, Priority: models.PriorityLow}
	}
	ctx := t.Context()
	if err := s.Transaction(ctx, "u", func(s *Store) error { return s.CreateAll(ctx, "u", stored) }); err != nil {
		t.Fatal(err)
	}
	var plans string
	err := s.Transaction(ctx, "v", func(s *Store) error {
		if _, err := s.write.NewRaw("SET LOCAL enable_seqscan = off").Exec(ctx); err != nil {
			return err
		}
		query := "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT task_id FROM task_search WHERE words @@ CAST(? AS tsquery)"
		return s.write.NewRaw(query, s.userKey("v")+"milk").Scan(ctx, &plans)
	})
	var explained []struct {
		Plan struct {
			Rows  int `json:"Actual Rows"`
			Hits  int `json:"Shared Hit Blocks"`
			Reads int `json:"Shared Read Blocks"`
		}
	}
	if err := errors.Join(err, json.Unmarshal([]byte(plans), &explained)); err != nil {
		t.Fatal(err)
	}
	if p := explained[0].Plan; p.Rows != 1 || p.Hits+p.Reads > maxBlocks {
		t.Errorf("the search finds %d tasks in %d blocks, want 1 in at most %d", p.Rows, p.Hits+p.Reads, maxBlocks)
	}
}
