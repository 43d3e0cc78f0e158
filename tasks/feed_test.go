package tasks_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"taskql/models"
	"taskql/store"
	"taskql/tasks"
)

// replica is a client's copy of the user's tasks.
type replica struct {
	s     *tasks.Service
	tasks map[string]*models.Task
	token *string
	// more is HasMore of the last page. resets is the number of pages with Reset.
	more   bool
	resets int
}

func newReplica(s *tasks.Service) *replica { return &replica{s: s, tasks: map[string]*models.Task{}} }

// pull reads one page.
func (r *replica) pull(ctx context.Context, t *testing.T, first int) *tasks.ChangePage {
	t.Helper()
	page, err := r.s.Changes(ctx, r.token, first)
	if err != nil {
		t.Fatal(err)
	}
	if page.Reset {
		r.resets++
		clear(r.tasks)
	}
	for _, c := range page.Changes {
		r.apply(t, c)
	}
	if len(page.Changes) > 0 && page.NextToken != page.Changes[len(page.Changes)-1].Token() {
		t.Error("nextToken is not the last change's")
	}
	if page.HasMore && len(page.Changes) < first {
		t.Errorf("%d changes of %d, and more are waiting", len(page.Changes), first)
	}
	r.token, r.more = &page.NextToken, page.HasMore
	return page
}

func (r *replica) apply(t *testing.T, c *tasks.Change) {
	t.Helper()
	want := models.TaskChangeKindPurged
	if c.Task != nil {
		want = models.TaskChangeKindSaved
		if c.Task.Trashed() {
			want = models.TaskChangeKindTrashed
		}
		r.tasks[c.TaskID()] = c.Task
	} else {
		delete(r.tasks, c.TaskID())
	}
	if c.Kind != want {
		t.Errorf("the change of task %s is %s, want %s", c.TaskID(), c.Kind, want)
	}
}

// pullAll reads pages until HasMore is false.
func (r *replica) pullAll(ctx context.Context, t *testing.T, first int) {
	t.Helper()
	for range 1000 {
		if r.pull(ctx, t, first); !r.more {
			return
		}
	}
	t.Fatal("the feed does not end")
}

// versions returns the ids and versions of the copy's tasks, for comparisons.
func (r *replica) versions() string {
	var all []string
	for id, task := range r.tasks {
		all = append(all, fmt.Sprint(id, "@", task.Version, task.Trashed()))
	}
	slices.Sort(all)
	return fmt.Sprint(all)
}

// storedVersions returns versions of the stored tasks. It does not read the feed.
func storedVersions(ctx context.Context, t *testing.T, s *tasks.Service, user string, upTo int64) string {
	t.Helper()
	ids := make([]int64, upTo)
	for i := range ids {
		ids[i] = int64(i) + 1
	}
	stored, err := s.Store.Tasks(ctx, user, ids)
	if err != nil {
		t.Fatal(err)
	}
	all := newReplica(s)
	for id, task := range stored {
		all.tasks[strconv.FormatInt(id, 10)] = task
	}
	return all.versions()
}

// TestReplicas has clients pull pages at random moments, while tasks are written, trashed, restored and purged and time
// passes. In the end each copy must equal the stored tasks.
func TestReplicas(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	eachDB(t, func(t *testing.T, s *tasks.Service, clock *time.Time) {
		random := rand.New(rand.NewPCG(seed, 0))
		defer func() {
			if t.Failed() {
				t.Logf("seed %d", seed)
			}
		}()
		ctx, other := as(t.Context(), "u"), as(t.Context(), "another user")
		last := int64(0)
		some := func() string { return strconv.FormatInt(random.Int64N(last+1), 10) }
		steps := []func() error{
			func() error { last = mustCreate(ctx, t, s, "x").ID; return nil },
			func() error {
				input := models.UpdateTaskInput{Title: graphql.OmittableOf(new(strconv.FormatInt(random.Int64(), 36)))}
				_, err := s.Update(ctx, some(), input, nil, nil)
				return err
			},
			func() error { _, err := s.Toggle(ctx, some(), nil, nil); return err },
			func() error { _, err := s.Delete(ctx, some(), nil); return err },
			func() error { _, err := s.Restore(ctx, some()); return err },
			func() error { _, err := s.Purge(ctx, some()); return err },
			func() error { _, err := s.DeleteAll(ctx, []string{some(), some()}); return err },
			func() error { last = mustCreate(other, t, s, "not u's").ID; return nil },
			func() error { *clock = clock.Add(time.Duration(random.Int64N(int64(12 * 24 * time.Hour)))); return nil },
		}
		var replicas []*replica
		for range 400 {
			if err := steps[random.IntN(len(steps))](); err != nil && !isRefusal(err) {
				t.Fatal(err)
			}
			if random.IntN(20) == 0 {
				replicas = append(replicas, newReplica(s))
			}
			if len(replicas) > 0 && random.IntN(2) == 0 {
				replicas[random.IntN(len(replicas))].pull(ctx, t, 1+random.IntN(8))
			}
		}
		want := storedVersions(ctx, t, s, "u", last)
		for i, r := range replicas {
			if r.pullAll(ctx, t, 1+random.IntN(500)); r.versions() != want {
				t.Errorf("copy %d: %s, stored: %s", i, r.versions(), want)
			}
		}
	})
}

// TestForgottenRemovals checks that exactly the clients whose missed removals were forgotten must start a new snapshot.
func TestForgottenRemovals(t *testing.T) {
	eachDB(t, func(t *testing.T, s *tasks.Service, clock *time.Time) {
		ctx := as(t.Context(), "u")
		remove := func() {
			id := strconv.FormatInt(mustCreate(ctx, t, s, "x").ID, 10)
			if _, err := s.Delete(ctx, id, nil); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Purge(ctx, id); err != nil {
				t.Fatal(err)
			}
		}
		for range 5 {
			mustCreate(ctx, t, s, "x")
		}
		before, reading := newReplica(s), newReplica(s)
		before.pullAll(ctx, t, 100)
		reading.pull(ctx, t, 1)
		remove()
		after, late := newReplica(s), newReplica(s)
		after.pullAll(ctx, t, 100)
		late.pull(ctx, t, 1) // its number is below the removal's, but its snapshot started after it
		old := *before.token

		*clock = clock.Add(89 * 24 * time.Hour)
		remove()
		if page := before.pull(ctx, t, 100); page.Reset || len(page.Changes) != 2 || page.Changes[0].Kind != models.TaskChangeKindPurged {
			t.Errorf("after 89 days: %+v, want the two removals", page)
		}
		before.token = &old
		*clock = clock.Add(2 * 24 * time.Hour)
		remove() // this write forgets removals that are older than 90 days
		for name, c := range map[string]struct {
			*replica
			resets int
		}{
			"one from before": {before, 1}, "one that was reading then": {reading, 1},
			"one from after": {after, 0}, "one that began to read after it": {late, 0},
		} {
			if c.pullAll(ctx, t, 2); c.replica.resets != c.resets || len(c.tasks) != 5 {
				t.Errorf("%s: %d resets and %d tasks, want %d and 5", name, c.replica.resets, len(c.tasks), c.resets)
			}
		}
		wantBadToken(t, s.Follow(ctx, &old, func() {}, func(*tasks.Change) error { return nil }))
	})
}

// TestTokensAheadOfTheFeed uses a token with a number above the last change, as clients have after an older backup was restored.
func TestTokensAheadOfTheFeed(t *testing.T) {
	eachDB(t, func(t *testing.T, s *tasks.Service, _ *time.Time) {
		ctx := as(t.Context(), "u")
		mustCreate(ctx, t, s, "x")
		ahead, err := s.Token(ctx, tasks.ChangeID{Number: 2})
		if err != nil {
			t.Fatal(err)
		}
		if page, err := s.Changes(ctx, ahead, 10); err != nil || !page.Reset || len(page.Changes) != 1 {
			t.Errorf("Changes = %+v, %v, want a reset", page, err)
		}
		wantBadToken(t, s.Follow(ctx, ahead, func() {}, func(*tasks.Change) error { return nil }))
	})
}

// TestCommitOrder runs a slow transaction and fast writes of the same user. No reader may see a change number while a smaller
// one is still to be committed.
func TestCommitOrder(t *testing.T) {
	eachBench(t, func(t *testing.T, b *bench) {
		s, ctx := b.Service, as(t.Context(), "u")
		const rounds, writers = 10, 4
		mustCreate(ctx, t, s, "the user has a counter then")
		seen := int64(1)
		raw := s.Store.Raw()
		// waits counts the writers that wait, on SQLite for the connection, and on PostgreSQL for the counter's lock.
		waits := func() int64 {
			if !raw.Postgres {
				return int64(raw.Writer.Stats().OpenConnections) - 1 // which counts those who wait
			}
			return b.numbers(t, `SELECT count(*) FROM pg_locks AS waiting WHERE NOT granted AND EXISTS (
				SELECT FROM pg_locks AS used WHERE used.pid = waiting.pid AND used.relation = 'task_counter'::regclass)`)[0]
		}
		read := func() {
			_, changes, err := s.Store.Changes(ctx, "u", seen, 0, 500)
			if err != nil {
				t.Error(err)
			}
			for _, c := range changes { // each change creates a task, so every number remains in the feed
				if c.Number != seen+1 {
					t.Errorf("number %d after %d", c.Number, seen)
				}
				seen = c.Number
			}
		}
		for range rounds {
			taken, waited, done := make(chan struct{}), make(chan struct{}), make(chan error, 1+writers)
			go func() {
				done <- s.Store.Transaction(ctx, "u", func(db *store.Store) error {
					slow := *s
					slow.Store = db
					if _, err := slow.Create(ctx, models.CreateTaskInput{Title: "slow", Priority: models.PriorityLow}, nil, nil); err != nil {
						return err
					}
					close(taken)
					<-waited // without the lock, the fast writers commit first
					return nil
				})
			}()
			<-taken
			for range writers {
				go func() {
					_, err := s.Create(ctx, models.CreateTaskInput{Title: "fast", Priority: models.PriorityLow}, nil, nil)
					done <- err
				}()
			}
			for waits() < writers && len(done) == 0 {
				read()
			}
			close(waited)
			for left := 1 + writers; left > 0; {
				select {
				case err := <-done:
					if left--; err != nil {
						t.Fatal(err)
					}
				default:
				}
				read()
			}
			read()
		}
		if want := int64(1 + rounds*(1+writers)); seen != want {
			t.Errorf("%d numbers seen, want %d", seen, want)
		}
	})
}
