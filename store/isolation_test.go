package store_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"taskql/models"
	"taskql/store"
	"taskql/store/storetest"
	"taskql/store/storetest/opened"
)

// TestRepeatableRead starts three servers at the same time on a database whose transactions see only what was committed before they
// began, unless they ask for more. Then users write through all of them at once.
func TestRepeatableRead(t *testing.T) {
	t.Parallel()
	url := storetest.As(t, storetest.Postgres(t), "default_transaction_isolation = 'repeatable read'")
	var servers [3]*store.Store
	for i := range servers {
		servers[i] = opened.Store(t, url)
	}
	var running sync.WaitGroup
	for _, s := range servers {
		running.Go(func() {
			if _, err := s.Migrate(t.Context()); err != nil {
				t.Errorf("Migrate: %v", err)
			} else if err := s.BeginEra(t.Context()); err != nil {
				t.Errorf("BeginEra: %v", err)
			}
		})
	}
	running.Wait()
	now := models.Timestamp(time.Now())
	const writes = 20
	for _, s := range servers {
		running.Go(func() {
			for i := range writes {
				task, errs := models.CreateTaskInput{Title: fmt.Sprint(i), Priority: models.PriorityLow}.NewTask("u", now)
				if errs != nil {
					t.Error(errs)
					return
				}
				err := s.Transaction(t.Context(), "u", func(s *store.Store) error {
					if _, err := s.Count(t.Context(), "u", models.TrashScopeExclude, 1000); err != nil { // a read before the write
						return err
					}
					return s.CreateAll(t.Context(), "u", []*models.Task{task})
				})
				if err != nil {
					t.Errorf("a write: %v", err)
				}
				if _, _, err := s.Apply(t.Context(), store.Complete, "u", task.ID, nil, now); err != nil {
					t.Errorf("a write of one statement: %v", err)
				}
			}
		})
	}
	running.Wait()
	if got := storetest.Query(t, url, "SELECT count(*), count(DISTINCT version), bool_and(completed) FROM task"); got[0] != fmt.Sprintf("%d|%[1]d|true", len(servers)*writes) {
		t.Errorf("tasks, versions, all completed: %s", got[0])
	}
}
