package durability

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// TestPostgresRestarts stops PostgreSQL in each way and starts it again, while clients write and others subscribe. The
// server recovers by itself, no acknowledged write is lost or done twice, and the feed has every change once. /health
// tells when the database is gone and when it is back.
func TestPostgresRestarts(t *testing.T) {
	t.Parallel()
	const writers, between = 8, 50 // writes between two stops
	database := newPostgres(t)
	u := harness.Start(t, harness.Env(database.url())).As("u")
	since := u.SyncToken()
	var subscribers []*subscriber
	for _, transport := range harness.Transports {
		subscribers = append(subscribers, subscribe(u, transport, since))
	}
	w := &retryingWriters{u: u, acknowledged: map[string]string{}}
	for i := range writers {
		w.running.Go(func() { w.write(i) })
	}
	for round := range storetest.Scale(1, 10) {
		for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGKILL} {
			before := w.count.Load()
			harness.Eventually(t, "the clients write", func() bool { return w.count.Load() >= before+between || t.Failed() })
			database.stop(signal)
			harness.Eventually(t, "/health tells that the database is gone", func() bool { return u.Send("GET", "/health", "").Status == 503 })
			count := w.count.Load()
			database.start()
			harness.Eventually(t, "/health tells that the database is back", func() bool { return u.Send("GET", "/health", "").Status == 200 })
			t.Logf("round %d: %v after %d writes", round, signal, count)
		}
	}
	before := w.count.Load()
	harness.Eventually(t, "the clients write again", func() bool { return w.count.Load() >= before+between || t.Failed() })
	w.stop.Store(true)
	w.running.Wait()

	var list []struct {
		ID    int64
		Title string
	}
	u.Send("GET", u.Tasks(), "").JSON(t, &list)
	if len(list) != len(w.acknowledged) {
		t.Errorf("%d tasks are stored, %d were acknowledged", len(list), len(w.acknowledged))
	}
	for _, task := range list {
		if id := w.acknowledged[task.Title]; id != fmt.Sprint(task.ID) {
			t.Errorf("the task %q has the id %d, acknowledged was %q", task.Title, task.ID, id)
		}
	}
	// The feed has a change for each write, with versions that leave none out.
	number := int64(0)
	for token, more := since, true; more; {
		page := u.Changes(token, 100)
		for _, change := range page.Changes {
			if number++; change.Task == nil || change.Task.Version != number {
				t.Fatalf("change %d of the feed is %+v", number, change)
			}
		}
		token, more = page.NextToken, page.HasMore
	}
	if number != int64(len(list)) {
		t.Errorf("the feed has %d changes for %d tasks", number, len(list))
	}
	for _, s := range subscribers {
		harness.Eventually(t, s.transport+" has every change", func() bool { return s.count.Load() == number || t.Failed() })
	}
	if failed := w.failed.Load(); failed == 0 {
		t.Error("no write has failed, so the restarts were not noticed")
	}
}

// retryingWriters create tasks with idempotency keys and repeat each write until it is acknowledged.
type retryingWriters struct {
	u             *harness.Client
	running       sync.WaitGroup
	stop          atomic.Bool
	count, failed atomic.Int64
	mu            sync.Mutex
	acknowledged  map[string]string // key → id of the task
}

// write creates tasks as the writer of a number, through GraphQL and REST by turns. The title of each is its key.
func (w *retryingWriters) write(writer int) {
	for i := 0; !w.stop.Load(); i++ {
		key := fmt.Sprintf("writer %d, task %d", writer, i)
		for {
			id, ok := w.create(key, i%2 == 0)
			if ok {
				w.mu.Lock()
				w.acknowledged[key] = id
				w.mu.Unlock()
				w.count.Add(1)
				break
			}
			if w.failed.Add(1); w.u.T.Failed() {
				return
			}
		}
	}
}

func (w *retryingWriters) create(key string, graphQL bool) (id string, ok bool) {
	if !graphQL {
		a, err := w.u.Try("POST", w.u.Tasks(), fmt.Sprintf(`{"title":%q}`, key), "Idempotency-Key", key)
		if err != nil || a.Status != 201 && a.Status != 503 {
			w.u.T.Errorf("POST = %v, %d %s, want 201 or 503", err, a.Status, a.Body)
		}
		if a.Status != 201 {
			return "", false
		}
		var task struct{ ID int64 }
		a.JSON(w.u.T, &task)
		return fmt.Sprint(task.ID), true
	}
	a, err := w.u.Try("POST", "/graphql", harness.GraphQLBody(`mutation($key: String!) {
		createTask(input: {title: $key}, idempotencyKey: $key) { task { id } userErrors { code } } }`, "key", key))
	if err != nil || strings.Contains(a.Body, `"errors"`) && !strings.Contains(a.Body, `"UNAVAILABLE"`) {
		w.u.T.Errorf("createTask = %v, %d %s, want the task or UNAVAILABLE", err, a.Status, a.Body)
	}
	if err != nil || strings.Contains(a.Body, `"errors"`) {
		return "", false
	}
	var data struct {
		CreateTask struct{ Task struct{ ID string } }
	}
	a.Data(w.u.T, &data)
	return data.CreateTask.Task.ID, true
}

// subscriber counts the changes that arrive at one subscription.
type subscriber struct {
	transport string
	count     atomic.Int64
}

// subscribe follows the changes since a token and wants them with growing versions, and no end.
func subscribe(u *harness.Client, transport, since string) *subscriber {
	s := &subscriber{transport: transport}
	f := u.Follow(transport, since)
	go func() {
		last := int64(0)
		for {
			select {
			case change := <-f.Changes:
				if change.Task == nil || change.Task.Version <= last {
					u.T.Errorf("%s received %s after version %d", transport, change, last)
					return
				}
				last = change.Task.Version
				s.count.Add(1)
			case how := <-f.Ended:
				if how != "cut" { // by the end of the test
					u.T.Errorf("%s ended with %q", transport, how)
				}
				return
			case <-u.T.Context().Done():
				return
			}
		}
	}()
	return s
}
