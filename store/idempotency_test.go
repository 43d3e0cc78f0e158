package store_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"taskql/models"
	"taskql/store"
	"taskql/store/storetest"
	"taskql/store/storetest/opened"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// creating is a write that makes a task; done counts how often it ran.
func creating(ctx context.Context, user, title string, done *atomic.Int32) func(*store.Store) (*store.Use, error) {
	return func(s *store.Store) (*store.Use, error) {
		done.Add(1)
		task, errs := models.CreateTaskInput{Title: title, Priority: models.PriorityMedium}.NewTask(user, noon)
		if errs != nil {
			return nil, errs
		}
		_, err := s.Create(ctx, task, 100)
		return &store.Use{Request: title, TaskIDs: []int64{task.ID}, Number: &task.Version}, err
	}
}

func count(t *testing.T, s *store.Store, user string) int {
	t.Helper()
	list, err := s.List(t.Context(), store.Query{User: user, Order: []store.Key{{Field: models.TaskOrderFieldCreatedAt}}})
	if err != nil {
		t.Fatal(err)
	}
	return len(list.Tasks)
}

func TestOnce(t *testing.T) {
	eachDB(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		var done atomic.Int32
		once := func(user, key, title string, now time.Time) *store.Use {
			t.Helper()
			first, err := s.Once(ctx, user, key, now, creating(ctx, user, title, &done))
			if err != nil {
				t.Fatal(err)
			}
			return first
		}
		if first := once("u", "key", "one", noon); first != nil || done.Load() != 1 {
			t.Fatalf("the first use of a key = %+v, ran %d times", first, done.Load())
		}
		first := once("u", "key", "two", noon.Add(models.IdempotencyKeyLifetime-time.Microsecond))
		if first == nil || first.Request != "one" || len(first.TaskIDs) != 1 || first.Number == nil || *first.Number != 1 || done.Load() != 1 {
			t.Errorf("the second use = %+v, ran %d times, want what the first has left", first, done.Load())
		}
		if once("v", "key", "another user's", noon) != nil || once("u", "Key", "another key", noon) != nil {
			t.Error("a key is taken for another user's or another")
		}
		if once("u", "key", "later", noon.Add(models.IdempotencyKeyLifetime)) != nil {
			t.Error("a key holds for longer than its lifetime")
		}
		if first := once("u", "key", "later", noon.Add(models.IdempotencyKeyLifetime)); first == nil || first.Request != "later" || *first.Number != 3 {
			t.Errorf("the key that was used anew = %+v", first)
		}
		if once("v", "key", "again", noon) == nil {
			t.Error("another user's key is gone")
		}
		if u, v := count(t, s, "u"), count(t, s, "v"); u != 3 || v != 1 {
			t.Errorf("%d and %d tasks, want 3 and 1", u, v)
		}
	})
}

// TestOnceKeepsAllOrNothing lets writes fail after they have written.
func TestOnceKeepsAllOrNothing(t *testing.T) {
	eachDB(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		var done atomic.Int32
		write := creating(ctx, "u", "x", &done)
		failed := errors.New("failed")
		if _, err := s.Once(ctx, "u", "key", noon, func(s *store.Store) (*store.Use, error) {
			_, err := write(s)
			return nil, errors.Join(failed, err)
		}); !errors.Is(err, failed) {
			t.Errorf("Once = %v, want the error of the write", err)
		}
		cut, cancel := context.WithCancel(ctx)
		if _, err := s.Once(cut, "u", "key", noon, func(s *store.Store) (*store.Use, error) {
			use, err := write(s)
			cancel() // the client is gone before the end
			return use, err
		}); err == nil {
			t.Error("Once succeeds although its context ended")
		}
		func() {
			defer func() { _ = recover() }()
			_, _ = s.Once(ctx, "u", "key", noon, func(s *store.Store) (*store.Use, error) {
				_, _ = write(s)
				panic("on purpose")
			})
		}()
		if n := count(t, s, "u"); n != 0 || done.Load() != 3 {
			t.Errorf("%d tasks after %d writes that failed", n, done.Load())
		}
		if first, err := s.Once(ctx, "u", "key", noon, write); first != nil || err != nil {
			t.Errorf("Once after failures = %v, %v, want the key free", first, err)
		}
		if task, err := s.List(ctx, store.Query{User: "u", Order: []store.Key{{Field: models.TaskOrderFieldCreatedAt}}}); err != nil || task.Tasks[0].Version != 1 {
			t.Errorf("tasks = %v, %v, want one of version 1", task, err)
		}
	})
}

// TestOnceAtOnce sends each of a few keys twenty times at once, beside writes without a key, from two
// servers. Nobody may wait for somebody who waits for him.
func TestOnceAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		servers := []*store.Store{opened.Store(t, url), opened.Store(t, url)}
		if _, err := servers[0].Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		const keys, times = 5, 20
		var done atomic.Int32
		var mu sync.Mutex
		firsts := map[string][]*store.Use{}
		var wg sync.WaitGroup
		for k := range keys {
			for i := range times {
				wg.Go(func() {
					s, key := servers[i%2], fmt.Sprint("key ", k)
					// Each key has another time, as clocks of servers do.
					first, err := s.Once(ctx, "u", key, noon.Add(time.Duration(k)*time.Hour), creating(ctx, "u", key, &done))
					if err != nil {
						t.Error(err)
					}
					mu.Lock()
					defer mu.Unlock()
					firsts[key] = append(firsts[key], first)
				})
			}
		}
		for i := range times {
			wg.Go(func() {
				if _, err := creating(ctx, "u", fmt.Sprint("without a key ", i), new(atomic.Int32))(servers[i%2]); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := count(t, servers[0], "u"); n != keys+times || done.Load() != keys {
			t.Errorf("%d tasks, %d writes with a key, want %d and %d", n, done.Load(), keys+times, keys)
		}
		for key, uses := range firsts {
			new := slices.IndexFunc(uses, func(u *store.Use) bool { return u == nil })
			if new < 0 {
				t.Errorf("%s was new for nobody", key)
				continue
			}
			for _, use := range slices.Delete(uses, new, new+1) {
				if use == nil || use.Request != key {
					t.Errorf("%s: a use = %+v, want what the first has left", key, use)
				}
			}
		}
	})
}

// TestOldKeysAreRemoved fills the table with keys that are too old: each write removes some of its
// user's and nobody else's, until none is left.
func TestOldKeysAreRemoved(t *testing.T) {
	eachDB(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		var done atomic.Int32
		once := func(user, key string, now time.Time) {
			t.Helper()
			if first, err := s.Once(ctx, user, key, now, creating(ctx, user, key, &done)); first != nil || err != nil {
				t.Fatal(first, err)
			}
		}
		const old = 2*store.MaxRemoved + 50
		for i := range old {
			once("u", fmt.Sprint("old ", i), noon.Add(time.Duration(i)*time.Millisecond))
		}
		once("v", "old 0", noon)
		once("u", "young", noon.Add(time.Hour))
		later := noon.Add(models.IdempotencyKeyLifetime + time.Minute)
		for i, step := range []struct {
			key  string
			left int // with the young one and the new ones
		}{
			{"old 249", 151}, // not among the oldest, but in the way
			{"new 1", 52},
			{"new 2", 4},
			{"new 3", 5},
		} {
			once("u", step.key, later)
			keys := s.IdempotencyKeys(t, "u")
			if len(keys) != step.left || !slices.Contains(keys, "young") || !slices.Contains(keys, step.key) {
				t.Errorf("write %d leaves %d keys, want %d: %v", i, len(keys), step.left, keys)
			}
			if i == 0 && (slices.Contains(keys, "old 99") || !slices.Contains(keys, "old 100")) {
				t.Error("the oldest are not removed first")
			}
		}
		if keys := s.IdempotencyKeys(t, "v"); len(keys) != 1 {
			t.Errorf("another user's keys are %v", keys)
		}
	})
}

// TestOnceWaitsForTheFirst sends a key again while the first write with it is under way.
func TestOnceWaitsForTheFirst(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		name := strings.ToLower(rand.Text())
		if strings.HasPrefix(url, "postgres") {
			url += "&application_name=" + name
		}
		s := opened.Store(t, url)
		if _, err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var done atomic.Int32
		write := creating(ctx, "u", "x", &done)
		under, release := make(chan struct{}), make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() {
			if first, err := s.Once(ctx, "u", "key", noon, func(s *store.Store) (*store.Use, error) {
				close(under)
				<-release
				return write(s)
			}); first != nil || err != nil {
				t.Error(first, err)
			}
		})
		<-under
		wg.Go(func() {
			if first, err := s.Once(ctx, "u", "key", noon, write); first == nil || err != nil {
				t.Errorf("the second = %v, %v, want what the first has left", first, err)
			}
		})
		for s.Waiting(t, name) == 0 && done.Load() == 0 {
			runtime.Gosched()
		}
		close(release)
		wg.Wait()
		if n := count(t, s, "u"); n != 1 {
			t.Errorf("%d tasks, want 1", n)
		}
	})
}
