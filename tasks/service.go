// Package tasks contains the operations on tasks. Each is a method of Service and independent of the API.
package tasks

import (
	"context"
	"errors"
	"strconv"
	"time"

	"taskql/auth"
	"taskql/events"
	"taskql/models"
	"taskql/store"
)

// Service contains the operations on the tasks of the user in the context. Each method returns
//
//   - a *models.Error if the request cannot be served: CodeUnauthenticated without a user, or a code that the method
//     documents;
//   - models.UserErrors if the input of a write is invalid; nothing is written then;
//   - any other error for an internal failure, for the log only.
//
// Another user's task is treated as if it did not exist.
//
// Some methods accept an idempotency key, so that a client can safely send a write again if the response was lost; nil means no
// key. During models.IdempotencyKeyLifetime, the same operation with the same key and arguments writes nothing and
// returns the current state of the task that was written first, even if it is in the trash. It fails with NOT_FOUND
// if that task was permanently removed. Other arguments, or another operation, fail with IDEMPOTENCY_KEY_REUSED. A
// write that succeeds uses its key, even if there was nothing to change. A write that fails does not. Errors of the key
// have the path "idempotencyKey".
type Service struct {
	Store *store.Store
	// Now is the clock: time.Now except in tests.
	Now func() time.Time
	// MaxTasks is a user's quota of tasks outside the trash. MaxFollowed is a user's limit of concurrent calls of Follow.
	MaxTasks, MaxFollowed int
	// MaxLongTexts is a user's quota of long descriptions in bytes, those of more than 1,000 bytes; 0 means 100 MB.
	MaxLongTexts int64
	// DatabaseID is the id of the store's database. Sync tokens are valid for this database only.
	DatabaseID string
	// Events is notified of each write after its commit. Nil disables notifications; Follow then must not be called.
	Events *events.Bus
	// FeedLag is called with the time from a change to its delivery by Follow, unless it is nil. Changes that Follow catches up with do
	// not count.
	FeedLag func(time.Duration)
}

// announce sends a notification of the user's writes. Inside a transaction it does nothing, because nothing is committed yet:
// the function that began the transaction calls it again afterwards.
func (s *Service) announce(user string) {
	if s.Events != nil && !s.Store.InTransaction() {
		s.Events.Announce(user)
	}
}

// maxTries is the maximum number of attempts for a write that concurrent writes to the same task interfere with. Fifty
// concurrent writers need up to fifty attempts. More than maxTries are a sign of corrupt data.
const maxTries = 1000

var errTooManyTries = errors.New("tasks: a write found its task changed each time; has its user a row in task_counter?")

func (s *Service) now() time.Time { return models.Timestamp(s.Now()) }

// ChangeID identifies a change of the user, for Token.
type ChangeID = store.ChangeID

// Write is the result of a write to one task.
type Write struct {
	// Task is the task in its current state.
	Task *models.Task
	// ChangeID identifies the change, for Token. It is zero if nothing changed.
	ChangeID
	// Written reports whether this call wrote the task. It is false if there was nothing to change, or if the idempotency
	// key was used before.
	Written bool
}

// Create creates a task at the placement in the manual order; nil means on top. Validation errors have paths that begin with
// "input" or "placement". It also fails with QUOTA_EXCEEDED, without a path.
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
		if err := s.growTexts(ctx, user.ID, nil, []*models.Task{task}); err != nil {
			return nil, err
		}
		if placement == nil {
			// This needs one statement only. It works while the user has made fewer changes than the quota allows tasks.
			id, err := s.Store.Create(ctx, task, s.MaxTasks)
			if err != nil {
				return nil, err
			}
			if id != (ChangeID{}) {
				return s.written(task, id), nil
			}
		}
		var id ChangeID
		err := s.bulk(ctx, func(s *Service, user string) (err error) {
			id, err = s.create(ctx, user, task, placement)
			return err
		})
		if err != nil {
			return nil, err
		}
		return s.written(task, id), nil
	})
}

// written announces a stored write and returns its result.
func (s *Service) written(task *models.Task, id ChangeID) *Write {
	s.announce(task.UserID)
	return &Write{Task: task, ChangeID: id, Written: true}
}

// create makes room for the task and stores it at the placement. Call it inside Transaction only.
func (s *Service) create(ctx context.Context, user string, task *models.Task, placement *models.PlacementInput) (id ChangeID, err error) {
	if err := s.makeRoom(ctx, user, 1); err != nil {
		return id, err
	}
	if placement != nil {
		at, err := s.target(ctx, user, *placement, nil)
		if err != nil {
			return id, err
		}
		if task.Position, err = s.Store.PositionBetween(ctx, user, at.low, at.high, at.after); err != nil {
			return id, err
		}
	}
	if err := s.Store.CreateAll(ctx, user, []*models.Task{task}); err != nil {
		return id, err
	}
	return s.Store.LastChange(), nil
}

// Get returns the task, also from the trash. It returns nil if the user has no such task.
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

// ByOldID returns the id of the task that had another one, a UUID or a text, before its table was taken over. If the user has no such task, it
// returns "0", which is no task's id. any reports whether tasks had such ids at all.
func (s *Service) ByOldID(ctx context.Context, old string) (id string, any bool, err error) {
	user, err := auth.FromContext(ctx)
	if err != nil {
		return "", false, err
	}
	number, any, err := s.Store.TaskByOldID(ctx, user.ID, old)
	return strconv.FormatInt(number, 10), any, err
}

// Update changes the fields that are set in input. It fails with NOT_FOUND or IN_TRASH at "id", with VERSION_CONFLICT at
// "expectedVersion" if that is neither nil nor the task's version, with the validation errors of the fields below
// "input", or with QUOTA_EXCEEDED, without a path.
func (s *Service) Update(ctx context.Context, id string, input models.UpdateTaskInput, expectedVersion *int, key *string) (*Write, error) {
	return s.once(ctx, key, request{"updateTask", id, input, expectedVersion}, func(s *Service) (*Write, error) {
		return s.update(ctx, id, input, expectedVersion)
	})
}

func (s *Service) update(ctx context.Context, id string, input models.UpdateTaskInput, expectedVersion *int) (*Write, error) {
	// Validation needs the current task. If another write changes the task between the read and the write, which the
	// version shows, it starts again.
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
		if err := s.growTexts(ctx, task.UserID, []*models.Task{task}, []*models.Task{next}); err != nil {
			return nil, err
		}
		if id, err := s.Store.Update(ctx, task, next); err != nil {
			return nil, err
		} else if id != (ChangeID{}) {
			return s.written(next, id), nil
		}
	}
	return nil, errTooManyTries
}

// writable returns the task if it can be updated. It fails with NOT_FOUND, IN_TRASH or VERSION_CONFLICT.
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

// Complete marks the task as completed. A completed task does not change. It fails with NOT_FOUND, IN_TRASH or
// VERSION_CONFLICT, like Update.
func (s *Service) Complete(ctx context.Context, id string, expectedVersion *int, key *string) (*Write, error) {
	return s.once(ctx, key, request{"completeTask", id, expectedVersion}, func(s *Service) (*Write, error) {
		return s.apply(ctx, store.Complete, id, expectedVersion)
	})
}

// Reopen marks the task as open. An open task does not change. It fails like Complete.
func (s *Service) Reopen(ctx context.Context, id string, expectedVersion *int, key *string) (*Write, error) {
	return s.once(ctx, key, request{"reopenTask", id, expectedVersion}, func(s *Service) (*Write, error) {
		return s.apply(ctx, store.Reopen, id, expectedVersion)
	})
}

// Toggle marks an open task as completed and a completed task as open. It fails like Complete.
func (s *Service) Toggle(ctx context.Context, id string, expectedVersion *int, key *string) (*Write, error) {
	return s.once(ctx, key, request{"toggleTask", id, expectedVersion}, func(s *Service) (*Write, error) {
		return s.apply(ctx, store.Toggle, id, expectedVersion)
	})
}

// Delete moves the task to the trash. A task that is already there does not change. It fails with NOT_FOUND or
// VERSION_CONFLICT.
func (s *Service) Delete(ctx context.Context, id string, expectedVersion *int) (*Write, error) {
	return s.apply(ctx, store.Delete, id, expectedVersion)
}

// apply makes a transition in one statement. If the statement changes nothing, apply reads the task to find out why.
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
		task, made, err := s.Store.Apply(ctx, change, user.ID, number, expectedVersion, s.now())
		if err != nil {
			return nil, err
		}
		if task != nil {
			return s.written(task, made), nil
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
		// The task changed between the statement and the read, and the transition is possible now.
	}
	return nil, errTooManyTries
}
