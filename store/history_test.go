package store_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"taskql/models"
	"taskql/store"
	"taskql/store/storetest"
	"taskql/store/storetest/opened"
)

func mustChange(t *testing.T, s *store.Store, task *models.Task, title string) store.ChangeID {
	t.Helper()
	next := *task
	next.Title = title
	id, err := s.Update(t.Context(), task, &next)
	if err != nil || id == (store.ChangeID{}) {
		t.Fatal(id, err)
	}
	*task = next
	return id
}

// restart is what a restart of PostgreSQL changes. The server of the tests is not theirs alone. The row keeps its transaction.
const restart = "UPDATE task_era SET server = '1', place = concat_ws(' ', pg_relation_filepath(tableoid), CAST(pg_current_xact_id() AS xid))"

// TestPlaceOfTheDatabase puts a PostgreSQL database back under a running server in ways that it is not told of. The next write
// must begin an era by itself.
func TestPlaceOfTheDatabase(t *testing.T) {
	base := os.Getenv("TEST_DATABASE_URL")
	address, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	admin := base + "?application_name=test"
	name := "test_" + strings.ToLower(fmt.Sprintf("%x", time.Now().UnixNano()))
	storetest.Exec(t, admin, "CREATE DATABASE "+name)
	t.Cleanup(func() {
		for _, suffix := range []string{"", "_copy", "_lost"} {
			storetest.Exec(t, admin, "DROP DATABASE IF EXISTS "+name+suffix+" WITH (FORCE)")
		}
	})
	address.Path = "/" + name
	address.RawQuery = "search_path=public"
	open := func() *store.Store {
		s := opened.Store(t, address.String())
		if _, err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := open()
	task := opened.Task(t, s, "u", "x")
	first := mustChange(t, s, task, "one")
	if first.Number != 2 {
		t.Errorf("the second change has the number %d", first.Number)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	storetest.Exec(t, admin, "CREATE DATABASE "+name+"_copy TEMPLATE "+name)
	statements := func(statements ...string) func() func() {
		return func() func() { return func() { storetest.Exec(t, address.String(), statements...) } }
	}
	for _, c := range []struct {
		name string
		// save returns what puts the database back.
		save        func() (putBack func())
		lost, jumps bool
	}{
		{"a copy in its place", func() func() {
			return func() {
				storetest.Exec(t, admin, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '"+name+"'",
					"ALTER DATABASE "+name+" RENAME TO "+name+"_lost", "ALTER DATABASE "+name+"_copy RENAME TO "+name)
			}
		}, true, true},
		{"a table made anew", statements("CREATE TABLE saved AS TABLE task_era; TRUNCATE task_era; INSERT INTO task_era SELECT * FROM saved; DROP TABLE saved"), false, true},
		{"rows written anew", func() func() { return storetest.Save(t, address.String()) }, true, true},
		{"a restart", statements(restart), false, false},
		{"a restart with an earlier copy of the files", statements("UPDATE task_counter SET n = n - 1; UPDATE task SET version = version - 1, title = 'before'", restart), true, true},
	} {
		live := open()
		current, err := live.Task(t.Context(), "u", task.ID)
		if err != nil {
			t.Fatal(err)
		}
		before := mustChange(t, live, current, c.name)
		putBack := c.save()
		last := mustChange(t, live, current, c.name+" again")
		if last.Era != before.Era || last.Number != before.Number+1 {
			t.Errorf("before %s: %+v after %+v", c.name, last, before)
		}
		putBack()
		deadline := time.Now().Add(20 * time.Second)
		for current, err = live.Task(t.Context(), "u", task.ID); err != nil && time.Now().Before(deadline); { // the first connections were closed
			current, err = live.Task(t.Context(), "u", task.ID)
		}
		if err != nil {
			t.Fatal(err)
		}
		stored := *current
		after := mustChange(t, live, current, c.name+" after")
		if jumped := after.Number > before.Number+1<<13; after.Era == before.Era || jumped != c.jumps || !jumped && after.Number != stored.Version+1 {
			t.Errorf("%s: the change %+v after %+v, want another era, and a jump: %v", c.name, after, before, c.jumps)
		}
		if next := mustChange(t, live, current, c.name+" next"); next.Era != after.Era || next.Number != after.Number+1 {
			t.Errorf("%s: %+v after %+v", c.name, next, after)
		}
		_, changes, err := live.Changes(t.Context(), "u", 0, 0, 10)
		if err != nil || len(changes) != 1 {
			t.Errorf("Changes = %v, %v", changes, err)
		}
		feed, err := live.Feed(t.Context(), "u")
		if err != nil || feed.Has(last) == c.lost || !feed.Has(first) || !feed.Has(after) {
			t.Errorf("%s: %+v, %v, want %+v and %+v; %+v was lost: %v", c.name, feed, err, first, after, last, c.lost)
		}
		if err := live.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestWritesBesideANewEra has one user's long write find that the server was restarted. The first writes of other users must not
// wait for its end.
func TestWritesBesideANewEra(t *testing.T) {
	url := storetest.Postgres(t)
	s := opened.Store(t, url)
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := opened.Task(t, s, "long", "x")
	opened.Task(t, s, "other", "x")
	storetest.Exec(t, url, restart)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var made store.ChangeID
	err := s.Transaction(ctx, "long", func(long *store.Store) error {
		current, err := long.Task(ctx, "long", before.ID)
		if err != nil {
			return err
		}
		next := *current
		next.Title = "y"
		if made, err = long.Update(ctx, current, &next); err != nil {
			return err
		}
		_, err = s.Create(ctx, &models.Task{UserID: "other", Title: "z", Priority: models.PriorityLow}, 1000)
		return err
	})
	if err != nil || made.Number != before.Version+1 {
		t.Fatalf("a write beside one that begins an era: %+v, %v", made, err)
	}
	feed, err := s.Feed(ctx, "other")
	if err != nil || !feed.Has(store.ChangeID{Number: feed.Number, Era: made.Era}) {
		t.Errorf("the other user's write = %+v, %v, want it in the era %d", feed, err, made.Era)
	}
}

// TestWritesWhileErasBegin has two processes write for one user while eras begin. Each change gets a number of its own, in the order of the numbers, and stays in the history.
func TestWritesWhileErasBegin(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		const writes, begun = 40, 12
		processes := []*store.Store{opened.Store(t, url), opened.Store(t, url)}
		if _, err := processes[0].Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		opened.Task(t, processes[0], "u", "x") // only eras after a first number leave numbers out
		var mu sync.Mutex
		seen := map[int64]store.ChangeID{}
		var group errgroup.Group
		for _, s := range processes {
			for range 2 {
				group.Go(func() error {
					last := int64(0)
					for range writes {
						id, err := s.Create(t.Context(), &models.Task{UserID: "u", Title: "x", Priority: models.PriorityLow}, 100_000)
						if err != nil {
							return err
						}
						mu.Lock()
						if before, taken := seen[id.Number]; taken || id.Number <= last {
							err = fmt.Errorf("%+v after the number %d; the number was given before: %v, as %+v", id, last, taken, before)
						}
						seen[id.Number] = id
						mu.Unlock()
						if last = id.Number; err != nil {
							return err
						}
					}
					return nil
				})
			}
		}
		group.Go(func() error {
			for i := range begun {
				if err := processes[i%2].BeginEra(t.Context()); err != nil {
					return err
				}
				_, err := processes[i%2].Create(t.Context(), &models.Task{UserID: "other", Title: "x", Priority: models.PriorityLow}, 100_000)
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err := group.Wait(); err != nil {
			t.Fatal(err)
		}
		feed, err := processes[0].Feed(t.Context(), "u")
		if err != nil {
			t.Fatal(err)
		}
		eras := map[int64]bool{}
		for _, id := range seen {
			if eras[id.Era] = true; !feed.Has(id) {
				t.Errorf("the change %+v is not in the history", id)
			}
		}
		if len(seen) != 4*writes || len(eras) < 2 {
			t.Errorf("%d changes in %d eras, want %d in several", len(seen), len(eras), 4*writes)
		}
	})
}
