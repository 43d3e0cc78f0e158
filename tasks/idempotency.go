package tasks

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"taskql/auth"
	"taskql/models"
	"taskql/store"
)

// request is an operation and its arguments.
type request []any

// fingerprint is equal for equal requests, whichever door they came through, and for no others.
func (r request) fingerprint() (string, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return "", fmt.Errorf("tasks: request: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// once runs write on the service that it hands to it: without a key this one, with a key one whose
// changes are stored together with the key and with what keep returns of them. For a request that the user has sent
// before with the key it runs again instead, on what was kept.
func once[T any](ctx context.Context, s *Service, key *string, r request, write func(*Service) (T, error),
	keep func(T) *store.Use, again func(*store.Use) (T, error),
) (result T, err error) {
	if key == nil {
		return write(s)
	}
	user, err := auth.FromContext(ctx)
	if err != nil {
		return result, err
	}
	if errs := models.CheckIdempotencyKey(key); errs != nil {
		return result, errs
	}
	sent, err := r.fingerprint()
	if err != nil {
		return result, err
	}
	first, err := s.Store.Once(ctx, user.ID, *key, s.now(), func(db *store.Store) (*store.Use, error) {
		if result, err = write(s.on(db)); err != nil {
			return nil, err
		}
		use := keep(result)
		use.Request = sent
		return use, nil
	})
	switch {
	case err != nil:
		return result, err
	case first == nil:
		s.announce(user.ID)
		return result, nil
	case first.Request != sent:
		return result, models.IdempotencyKeyReused()
	}
	return again(first)
}

// on is the service on another store.
func (s *Service) on(db *store.Store) *Service {
	other := *s
	other.Store = db
	return &other
}

// once is for writes to one task.
func (s *Service) once(ctx context.Context, key *string, r request, write func(*Service) (*Write, error)) (*Write, error) {
	keep := func(w *Write) *store.Use {
		use := &store.Use{TaskIDs: []int64{w.Task.ID}}
		if w.Number > 0 {
			use.Number = &w.Number
		}
		return use
	}
	return once(ctx, s, key, r, write, keep, func(use *store.Use) (*Write, error) {
		tasks, err := s.again(ctx, use)
		if err != nil {
			return nil, err
		}
		return &Write{Task: tasks[0], Number: firstNumber(use)}, nil
	})
}

// firstNumber is that of the first write with a key.
func firstNumber(use *store.Use) int64 {
	if use.Number == nil {
		return 0
	}
	return *use.Number
}

// again returns the tasks of the first write with a key as they now are.
func (s *Service) again(ctx context.Context, use *store.Use) ([]*models.Task, error) {
	user, err := auth.FromContext(ctx)
	if err != nil {
		return nil, err
	}
	found, err := s.Store.Tasks(ctx, user.ID, use.TaskIDs)
	if err != nil {
		return nil, err
	}
	tasks := make([]*models.Task, len(use.TaskIDs))
	for i, id := range use.TaskIDs {
		if tasks[i] = found[id]; tasks[i] == nil {
			return nil, models.PurgedAfterWrite(id)
		}
	}
	return tasks, nil
}
