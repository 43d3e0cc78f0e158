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

// request is the name of an operation and its arguments.
type request []any

// fingerprint returns a hash that is equal for equal requests, in GraphQL and REST alike, and differs for others.
func (r request) fingerprint() (string, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return "", fmt.Errorf("tasks: request: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// once runs write and returns its result. write must use only the service passed to it.
//
// With a key, the changes are stored in one transaction with the key and with record's summary of the result. If the user has
// already sent the same request with the key, once does not run write but returns the result of replay for the stored
// summary. It fails with models.IdempotencyKeyReused if the key was sent with another request.
func once[T any](ctx context.Context, s *Service, key *string, r request, write func(*Service) (T, error),
	record func(T) *store.Use, replay func(*store.Use) (T, error),
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
		use := record(result)
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
	return replay(first)
}

// on returns a copy of the service that uses another store.
func (s *Service) on(db *store.Store) *Service {
	other := *s
	other.Store = db
	return &other
}

// once applies once to writes to one task.
func (s *Service) once(ctx context.Context, key *string, r request, write func(*Service) (*Write, error)) (*Write, error) {
	record := func(w *Write) *store.Use {
		use := &store.Use{TaskIDs: []int64{w.Task.ID}}
		if w.Number > 0 {
			use.Number = &w.Number
		}
		return use
	}
	return once(ctx, s, key, r, write, record, func(use *store.Use) (*Write, error) {
		tasks, err := s.tasksOf(ctx, use)
		if err != nil {
			return nil, err
		}
		id, err := s.changeOf(ctx, use)
		if err != nil {
			return nil, err
		}
		return &Write{Task: tasks[0], ChangeID: id}, nil
	})
}

// changeOf returns the change of the first write with a key; zero if it changed nothing, or if its era is not known any more.
func (s *Service) changeOf(ctx context.Context, use *store.Use) (id ChangeID, err error) {
	user, err := auth.FromContext(ctx)
	if err != nil || use.Number == nil {
		return id, err
	}
	feed, err := s.Store.Feed(ctx, user.ID)
	if era, known := feed.Era(*use.Number); known {
		id = ChangeID{Number: *use.Number, Era: era}
	}
	return id, err
}

// tasksOf returns the current state of the tasks of the first write with a key. It fails with models.PurgedAfterWrite if one
// of them was permanently removed.
func (s *Service) tasksOf(ctx context.Context, use *store.Use) ([]*models.Task, error) {
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
