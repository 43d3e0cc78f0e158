package tasks

import (
	"context"
	"time"

	"taskql/auth"
	"taskql/models"
	"taskql/store"
)

// SliceArgs describes the requested part of a list by offset and limit. The zero value requests all tasks outside the trash,
// the newest first.
type SliceArgs struct {
	// Filter selects the tasks that match, its days in UTC; nil selects all.
	Filter *models.TaskFilter
	// DueFrom and DueUntil select tasks by due date; both are inclusive. They are compared with the date and time as
	// written: a day, a wall-clock time, or an instant in UTC.
	DueFrom, DueUntil *time.Time
	// Order has at most four keys. The default is the newest task first. The id is always added as the last key.
	Order []*models.TaskOrder
	// Offset is the number of tasks to skip. Limit is the maximum number of tasks to return; 0 means all.
	Offset, Limit int64
}

// sliceBatch is the maximum number of tasks that a Slice reads at once.
const sliceBatch = exportBatch

// Slice is a part of a list, in batches.
type Slice struct {
	// Tasks is the first batch.
	Tasks []*models.Task
	// Total is the number of tasks in the whole list.
	Total int

	store *store.Store
	user  string
	rest  []int64
}

// Slice returns a part of the user's tasks by offset and limit, for clients that page like that. Prefer List: with offsets,
// a write between two pages shifts the tasks, so that a client may miss some or receive some twice. It fails with
// models.CodeBadFilter or CodeBadUserInput, like List.
func (s *Service) Slice(ctx context.Context, args SliceArgs) (*Slice, error) {
	user, err := auth.FromContext(ctx)
	if err != nil {
		return nil, err
	}
	order, err := newOrder(user.ID, args.Order, nil)
	if err != nil {
		return nil, err
	}
	if err := checkFilter(args.Filter); err != nil {
		return nil, err
	}
	slice := &Slice{store: s.Store, user: user.ID}
	whole, long := args.Offset == 0 && args.Limit == 0, args.Limit == 0 || args.Limit > sliceBatch
	q := store.Query{
		User: user.ID, Trash: models.TrashScopeExclude, Filter: args.Filter, DueFrom: args.DueFrom, DueUntil: args.DueUntil,
		Now: s.now(), Zone: time.UTC, Order: order.keys, Offset: args.Offset, Limit: args.Limit, Total: !whole,
	}
	if long {
		q.Limit = sliceBatch + 1
	}
	list, err := s.list(ctx, q)
	if err != nil {
		return nil, err
	}
	if !long || len(list.Tasks) <= sliceBatch {
		slice.Tasks, slice.Total = list.Tasks, list.Total
		if whole {
			slice.Total = len(list.Tasks)
		}
		return slice, nil
	}
	// There are more tasks than should be in memory at once. Their ids keep the order and the number of one moment, and
	// unlike bounds of the sort keys they need no sorting for each batch.
	var ids []int64
	err = s.Store.Read(ctx, user.ID, func(ctx context.Context, db *store.Store) (err error) {
		ids, err = db.IDs(ctx, q)
		return err
	})
	if err != nil {
		return nil, err
	}
	slice.Total = len(ids)
	slice.rest = ids[min(args.Offset, int64(len(ids))):]
	if args.Limit > 0 {
		slice.rest = slice.rest[:min(args.Limit, int64(len(slice.rest)))]
	}
	slice.Tasks, err = slice.Next(ctx)
	return slice, err
}

// More reports whether there may be more batches.
func (s *Slice) More() bool { return len(s.rest) > 0 }

// Next returns the next batch; an empty one is the end. The tasks and their order are those of the call of Slice, but each task
// is as it is now. Tasks that were deleted meanwhile are left out.
func (s *Slice) Next(ctx context.Context) (batch []*models.Task, err error) {
	for len(batch) == 0 && s.More() {
		ids := s.rest[:min(sliceBatch, len(s.rest))]
		var found map[int64]*models.Task
		err := s.store.Read(ctx, s.user, func(ctx context.Context, db *store.Store) (err error) {
			found, err = db.Tasks(ctx, s.user, ids)
			return err
		})
		if err != nil {
			return nil, err
		}
		s.rest = s.rest[len(ids):]
		for _, id := range ids {
			if task := found[id]; task != nil && !task.Trashed() {
				batch = append(batch, task)
			}
		}
	}
	return batch, nil
}
