package tasks

import (
	"context"
	"time"

	"taskql/auth"
	"taskql/models"
	"taskql/store"
)

// exportBatch is the maximum number of tasks that Export returns at once. Tasks of the largest size take about eight
// megabytes.
const exportBatch = 200

// Export returns the next batch of the user's tasks outside the trash, the oldest first. after is the last task of the
// previous batch; nil starts from the oldest task. An empty batch is the end. The order is by creation time and id, which
// never change: a task that is outside the trash during the whole export is returned exactly once, whatever is
// written meanwhile.
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
	list, err := s.list(ctx, q)
	if err != nil {
		return nil, err
	}
	return list.Tasks, nil
}
