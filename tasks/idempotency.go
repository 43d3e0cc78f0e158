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
// changes are stored together with the key. A request that the user has sent before with the key is not run again.
func (s *Service) once(ctx context.Context, key *string, r request, write func(*Service) (*Write, error)) (*Write, error) {
	if key == nil {
		return write(s)
	}
	user, err := auth.FromContext(ctx)
	if err != nil {
		return nil, err
	}
	if errs := models.CheckIdempotencyKey(key); errs != nil {
		return nil, errs
	}
	sent, err := r.fingerprint()
	if err != nil {
		return nil, err
	}
	var done *Write
	first, err := s.Store.Once(ctx, user.ID, *key, s.now(), func(db *store.Store) (*store.Use, error) {
		inside := *s
		inside.Store = db
		var err error
		if done, err = write(&inside); err != nil {
			return nil, err
		}
		use := &store.Use{Request: sent, TaskIDs: []int64{done.Task.ID}}
		if done.Written {
			use.Number = &done.Task.Version
		}
		return use, nil
	})
	switch {
	case err != nil:
		return nil, err
	case first == nil:
		return done, nil
	case first.Request != sent:
		return nil, models.IdempotencyKeyReused()
	}
	task, err := s.Store.Task(ctx, user.ID, first.TaskIDs[0])
	if err != nil {
		return nil, err
	}
	if task == nil {
		return nil, models.GoneSince(first.TaskIDs[0])
	}
	return &Write{task, false}, nil
}
