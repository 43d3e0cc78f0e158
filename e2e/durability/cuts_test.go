package durability

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"taskql/e2e/harness"
	"taskql/events"
	"taskql/store/storetest"
)

// TestCuts cuts subscribers at random times while four writers write. Each reconnects with its last sync token, and its
// copy must become equal to the stored tasks.
func TestCuts(t *testing.T) {
	t.Parallel()
	harness.EachServer(t, func(t *testing.T, s *harness.Server) {
		writes, cuts := storetest.Scale(1000, 5000), storetest.Scale(40, 200)
		u := s.As("u")
		testCuts(t, &writers{u: u}, u, writes, cuts)
	})
}

// TestCutsWithLostNotifications does the same on another server than the writers', with half of the notifications lost.
func TestCutsWithLostNotifications(t *testing.T) {
	t.Parallel()
	databaseURL := storetest.SQLite(t)
	synctest.Test(t, func(t *testing.T) {
		messages := make(chan string)
		relay := &events.Relay{
			Name: "a relay that loses half",
			Send: func(ctx context.Context, message string) error {
				if rand.IntN(2) == 0 {
					return nil
				}
				select {
				case messages <- message:
				case <-time.After(time.Second): // nobody listens
				}
				return nil
			},
			Receive: func(ctx context.Context, ready func(), heard func(string)) error {
				ready()
				for {
					select {
					case message := <-messages:
						heard(message)
					case <-ctx.Done():
						return ctx.Err()
					}
				}
			},
		}
		writer, stopWriter := harness.ServeInBubble(t, databaseURL, relay)
		reader, stopReader := harness.ServeInBubble(t, databaseURL, relay)
		testCuts(t, &writers{u: writer.As("u"), pace: 100 * time.Millisecond}, reader.As("u"), 1000, 40)
		stopReader()
		stopWriter()
	})
}

// writers make a number of random changes to fewer than 100 tasks.
type writers struct {
	u *harness.Client
	// pace is how long each waits at most after a write.
	pace time.Duration
	// turns are what each takes to write; who has all of them has the others wait.
	turns chan struct{}
	left  atomic.Int64
	last  atomic.Int64
	alive atomic.Int64
	done  sync.WaitGroup
}

const writersAtOnce = 4

func (w *writers) run(t *testing.T) {
	for range writersAtOnce {
		w.done.Go(func() {
			for w.left.Add(-1) >= 0 {
				<-w.turns
				w.write(t)
				w.turns <- struct{}{}
				if w.pace > 0 {
					time.Sleep(rand.N(w.pace))
				}
			}
		})
	}
}

// write makes one random change. Some fail because of the state of the task.
func (w *writers) write(t *testing.T) {
	id := max(1, w.last.Load()-rand.Int64N(120))
	mutation := [...]string{
		`toggleTask(id: %[1]d)`, `updateTask(id: %[1]d, input: {title: "%[2]d"})`, `moveTask(id: %[1]d, placement: {end: FIRST})`,
		`deleteTask(id: %[1]d)`, `restoreTask(id: %[1]d)`, `purgeTask(id: %[1]d)`, `deleteTasks(ids: ["%[1]d"])`,
		`createTask(input: {title: "%[2]d %[1]d"})`, `createTask(input: {title: "%[2]d %[1]d"})`,
	}[rand.IntN(9)]
	fields := map[byte]string{'p': "deletedTaskId", 'd': "syncToken", 'c': "task { id }"}[mutation[0]]
	if fields == "" {
		fields = "syncToken"
	}
	if mutation[0] == 'c' && w.alive.Load() > 90 {
		return
	}
	a, err := w.u.Try("POST", "/graphql", harness.GraphQLBody(`mutation { result: `+fmt.Sprintf(mutation, id, rand.Int())+` { `+fields+` } }`))
	if err != nil {
		t.Error(err)
		return
	}
	var data struct {
		Result struct {
			Task *struct {
				ID int64 `json:",string"`
			}
			DeletedTaskID *string
		}
	}
	a.Data(t, &data)
	if data.Result.Task != nil {
		w.alive.Add(1)
		w.last.Store(max(w.last.Load(), data.Result.Task.ID))
	}
	if data.Result.DeletedTaskID != nil {
		w.alive.Add(-1)
	}
}

// pause stops the writers until the result is called.
func (w *writers) pause() (goOn func()) {
	for range writersAtOnce {
		<-w.turns
	}
	return func() {
		for range writersAtOnce {
			w.turns <- struct{}{}
		}
	}
}

func testCuts(t *testing.T, w *writers, reader *harness.Client, writes, cuts int) {
	w.turns = make(chan struct{}, writersAtOnce)
	for range writersAtOnce {
		w.turns <- struct{}{}
	}
	w.left.Store(int64(writes))
	w.run(t)
	checks := make(chan struct{}, 1) // one at a time
	begin := time.Now()
	var clients sync.WaitGroup
	for _, transport := range harness.Transports {
		clients.Go(func() {
			c := &copied{tasks: map[string]int64{}}
			for range cuts / len(harness.Transports) {
				f := reader.Follow(transport, c.token)
				if c.token == "" {
					c.snapshot(reader)
					f.Stop()
					f = reader.Follow(transport, c.token)
				}
				for range rand.IntN(30) {
					if w.left.Load() > 0 {
						c.take(t, f)
					}
				}
				checks <- struct{}{}
				goOn := w.pause()
				want := stored(reader)
				for !maps.Equal(c.tasks, want) && !t.Failed() {
					c.take(t, f)
				}
				goOn()
				<-checks
				f.Stop()
			}
		})
	}
	clients.Wait()
	t.Logf("%d cuts during %d writes in %v", cuts, int64(writes)-max(0, w.left.Load()), time.Since(begin))
	w.left.Store(0)
	w.done.Wait()
}

// copied is a subscriber's copy: the versions of the tasks by id.
type copied struct {
	tasks map[string]int64
	token string
	last  int64
}

func (c *copied) snapshot(u *harness.Client) {
	for more := true; more; {
		p := u.Changes(c.token, 20)
		for _, change := range p.Changes {
			c.apply(change)
		}
		c.token, more = p.NextToken, p.HasMore
	}
}

func (c *copied) apply(change harness.Change) {
	if change.Task == nil {
		delete(c.tasks, change.TaskID)
	} else {
		c.tasks[change.TaskID] = change.Task.Version
	}
	c.token = change.Token
}

func (c *copied) take(t *testing.T, f *harness.Follower) {
	select {
	case change := <-f.Changes:
		if change.Task != nil && change.Task.Version <= c.last {
			t.Errorf("the change %s has the number %d, behind %d", change, change.Task.Version, c.last)
		} else if change.Task != nil {
			c.last = change.Task.Version
		}
		c.apply(change)
	case how := <-f.Ended:
		t.Errorf("the subscription ended with %q", how)
	case <-time.After(harness.Patience):
		t.Error("the change does not come")
	}
}

// stored returns the versions of the user's tasks by id, including the trash.
func stored(u *harness.Client) map[string]int64 {
	var data struct {
		Tasks struct {
			Nodes []struct {
				ID      string
				Version int64
			}
		}
	}
	u.GraphQL(`{ tasks(first: 100, trash: INCLUDE) { nodes { id version } } }`).Data(u.T, &data)
	versions := map[string]int64{}
	for _, task := range data.Tasks.Nodes {
		versions[task.ID] = task.Version
	}
	return versions
}
