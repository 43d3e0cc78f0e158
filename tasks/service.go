// Package tasks says what may be done with tasks, one method for each operation.
package tasks

import (
	"context"
	"errors"
	"time"

	"taskql/auth"
	"taskql/events"
	"taskql/models"
	"taskql/store"
)

// Service has the operations on the tasks of the user whom the context carries. Each returns
//
//   - a *models.Error when the request cannot be served: CodeUnauthenticated without a user, the
//     codes named at the method;
//   - models.UserErrors when the rules refuse a write, of which nothing is written then;
//   - any other error when something broke, for the log only.
//
// Another user's task is a task that does not exist.
//
// Some take an idempotency key, nil for none, with which a write can be sent again, because its answer was lost
// for one. For models.IdempotencyKeyLifetime the same operation with the same arguments then writes nothing
// and returns the task of the first write as it now is, even if that lies in the trash; one that was removed for
// good is NOT_FOUND. With anything else the key is IDEMPOTENCY_KEY_REUSED. A write that found nothing to
// change uses its key, one that was refused leaves it free. Errors of the key are at "idempotencyKey".
type Service struct {
	Store *store.Store
	// Now is the clock; time.Now outside of tests.
	Now func() time.Time
	// MaxTasks is how many tasks a user may have outside the trash, MaxFollowed how often they may follow
	// their changes at once.
	MaxTasks, MaxFollowed int
	// DatabaseID is that of the store, which its bookmarks are bound to.
	DatabaseID string
	// Events hears of each write once it is stored. It is nil where nobody follows changes.
	Events *events.Bus
}

// announce tells of a write of the user's. Within a transaction nothing is stored yet: who began it announces.
func (s *Service) announce(user string) {
	if s.Events != nil && !s.Store.InTransaction() {
		s.Events.Announce(user)
	}
}

// maxTries is how often a write is tried that others keep coming between. Fifty at once on one task
// need fifty; more than this means that something is wrong with the data.
const maxTries = 1000

var errNeverStill = errors.New("tasks: a write found its task changed each time; has its user a row in task_counter?")

func (s *Service) now() time.Time { return models.Timestamp(s.Now()) }

// Write is the result of a write to one task.
type Write struct {
	// Task is the task as it now is.
	Task *models.Task
	// Number is that of the change, for Token; 0 when there was nothing to change.
	Number int64
	// Written is false when nothing was written: there was nothing to change, or the key says that it was done before.
	Written bool
}

// Create makes a task and puts it at the place, on top when that is nil. Its UserErrors have paths that begin with
// "input" or "placement", or QUOTA_EXCEEDED without a path.
func (s *Service) Create(ctx context.Context, input models.CreateTaskInput, placement *models.PlacementInput, key *string) (*Write, error) {
	user, err := auth.FromContext(ctx)
	if err != nil {
		return nil, err
	}
	task, errs := input.NewTask(user.ID, s.now())
	if errs = append(errs, models.CheckIdempotencyKey(key)...); errs != nil {
		return nil, errs
	}
	return s.once(ctx, key, request{"createTask", input, placement}, func(s *Service) (*Write, error) {
		if placement == nil {
			// One statement, for users who have made fewer changes than they may have tasks.
			ok, err := s.Store.Create(ctx, task, s.MaxTasks)
			if err != nil {
				return nil, err
			}
			if ok {
				return s.written(task), nil
			}
		}
		err := s.bulk(ctx, func(s *Service, user string) error { return s.create(ctx, user, task, placement) })
		if err != nil {
			return nil, err
		}
		return s.written(task), nil
	})
}

// written is the result of a write that is stored.
func (s *Service) written(task *models.Task) *Write {
	s.announce(task.UserID)
	return &Write{Task: task, Number: task.Version, Written: true}
}

// create is Create with a look at the other tasks. It is for transactions.
func (s *Service) create(ctx context.Context, user string, task *models.Task, placement *models.PlacementInput) error {
	if err := s.checkQuota(ctx, user, 1); err != nil {
		return err
	}
	if placement != nil {
		at, err := s.spot(ctx, user, *placement, nil)
		if err != nil {
			return err
		}
		if task.Position, err = s.Store.PositionBetween(ctx, user, at.low, at.high, at.after); err != nil {
			return err
		}
	}
	return s.Store.CreateAll(ctx, user, []*models.Task{task})
}

// Get returns the task, trashed or not, or nil when there is none.
func (s *Service) Get(ctx context.Context, id string) (*models.Task, error) {
	user, err := auth.FromContext(ctx)
	if err != nil {
		return nil, err
	}
	number, ok := models.ParseID(id)
	if !ok {
		return nil, nil
	}
	return s.Store.Task(ctx, user.ID, number)
}

// Update changes the fields that are given. It fails with NOT_FOUND or IN_TRASH at "id",
// VERSION_CONFLICT at "expectedVersion" when that is not nil and not the task's version, or every
// faulty field below "input".
func (s *Service) Update(ctx context.Context, id string, input models.UpdateTaskInput, expectedVersion *int, key *string) (*Write, error) {
	return s.once(ctx, key, request{"updateTask", id, input, expectedVersion}, func(s *Service) (*Write, error) {
		return s.update(ctx, id, input, expectedVersion)
	})
}

func (s *Service) update(ctx context.Context, id string, input models.UpdateTaskInput, expectedVersion *int) (*Write, error) {
	// The rules need the task as it is. When another write comes between reading and storing it, which
	// the version shows, they are applied anew.
	for range maxTries {
		task, err := s.writable(ctx, id, expectedVersion)
		if err != nil {
			return nil, err
		}
		next, errs := input.Apply(task, s.now())
		if errs != nil {
			return nil, errs
		}
		if next.Same(task) {
			return &Write{Task: task}, nil
		}
		if ok, err := s.Store.Update(ctx, task, next); err != nil {
			return nil, err
		} else if ok {
			return s.written(next), nil
		}
	}
	return nil, errNeverStill
}

// writable returns the task if it may be changed.
func (s *Service) writable(ctx context.Context, id string, expectedVersion *int) (*models.Task, error) {
	task, err := s.Get(ctx, id)
	switch {
	case err != nil:
		return nil, err
	case task == nil:
		return nil, models.NotFound(id)
	case task.Trashed():
		return nil, models.InTrash()
	case expectedVersion != nil && task.Version != int64(*expectedVersion):
		return nil, models.Conflict(task)
	}
	return task, nil
}

// Complete marks the task done; one already done stays as it is. Errors are those of Update.
func (s *Service) Complete(ctx context.Context, id string, expectedVersion *int, key *string) (*Write, error) {
	return s.once(ctx, key, request{"completeTask", id, expectedVersion}, func(s *Service) (*Write, error) {
		return s.apply(ctx, store.Complete, id, expectedVersion)
	})
}

// Reopen marks the task not done; one already open stays as it is. Errors are those of Update.
func (s *Service) Reopen(ctx context.Context, id string, expectedVersion *int, key *string) (*Write, error) {
	return s.once(ctx, key, request{"reopenTask", id, expectedVersion}, func(s *Service) (*Write, error) {
		return s.apply(ctx, store.Reopen, id, expectedVersion)
	})
}

// Toggle marks an open task done and a done one open. Errors are those of Update.
func (s *Service) Toggle(ctx context.Context, id string, expectedVersion *int, key *string) (*Write, error) {
	return s.once(ctx, key, request{"toggleTask", id, expectedVersion}, func(s *Service) (*Write, error) {
		return s.apply(ctx, store.Toggle, id, expectedVersion)
	})
}

// Delete moves the task to the trash; one already there stays as it is. It fails with NOT_FOUND or
// VERSION_CONFLICT.
func (s *Service) Delete(ctx context.Context, id string, expectedVersion *int) (*Write, error) {
	return s.apply(ctx, store.Delete, id, expectedVersion)
}

// apply makes a transition in one statement. Only when that finds nothing to do is the task read, to tell why.
func (s *Service) apply(ctx context.Context, change store.Transition, id string, expectedVersion *int) (*Write, error) {
	user, err := auth.FromContext(ctx)
	if err != nil {
		return nil, err
	}
	number, ok := models.ParseID(id)
	if !ok {
		return nil, models.NotFound(id)
	}
	for range maxTries {
		task, err := s.Store.Apply(ctx, change, user.ID, number, expectedVersion, s.now())
		if err != nil {
			return nil, err
		}
		if task != nil {
			return s.written(task), nil
		}
		task, err = s.Store.Task(ctx, user.ID, number)
		if err != nil {
			return nil, err
		}
		aboutTrash := change == store.Delete || change == store.Restore
		switch {
		case task == nil:
			return nil, models.NotFound(id)
		case task.Trashed() && !aboutTrash:
			return nil, models.InTrash()
		case expectedVersion != nil && task.Version != int64(*expectedVersion):
			return nil, models.Conflict(task)
		case change == store.Complete && task.Completed,
			change == store.Reopen && !task.Completed,
			change == store.Delete && task.Trashed(),
			change == store.Restore && !task.Trashed():
			return &Write{Task: task}, nil
		}
		// The task has changed between the two looks at it, and now there is something to do.
	}
	return nil, errNeverStill
}
