package tasks

import (
	"context"
	"time"

	"taskql/auth"
	"taskql/models"
	"taskql/store"
)

// exportBatch is how many tasks Export returns: at their largest, some eight megabytes.
const exportBatch = 200

// Export returns the user's next tasks outside the trash, the oldest first, after one that it returned before; nil
// begins. At the end there are none. However others write meanwhile, a task that is there all the time is
// returned once, because when it was made and its id, by which they are in order, never change.
func (s *Service) Export(ctx context.Context, after *models.Task) ([]*models.Task, error) {
	user, err := auth.FromContext(ctx)
	if err != nil {
		return nil, err
	}
	q := store.Query{
		User: user.ID, Trash: models.TrashScopeExclude, Now: s.now(), Zone: time.UTC,
		Order: []store.Key{{Field: models.TaskOrderFieldCreatedAt}}, Limit: exportBatch,
	}
	if after != nil {
		q.After = &store.Keyset{Values: []any{after.CreatedAt}, ID: after.ID}
	}
	list, err := s.Store.List(ctx, q)
	if err != nil {
		return nil, err
	}
	return list.Tasks, nil
}
