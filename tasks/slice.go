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

// Slice is a part of a list. Total is the number of tasks in the whole list at the same moment.
type Slice struct {
	Tasks []*models.Task
	Total int
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
	whole := args.Offset == 0 && args.Limit == 0
	list, err := s.Store.List(ctx, store.Query{
		User: user.ID, Trash: models.TrashScopeExclude, Filter: args.Filter, DueFrom: args.DueFrom, DueUntil: args.DueUntil,
		Now: s.now(), Zone: time.UTC, Order: order.keys, Offset: args.Offset, Limit: args.Limit, Total: !whole,
	})
	if err != nil {
		return nil, err
	}
	if whole {
		list.Total = len(list.Tasks)
	}
	return &Slice{list.Tasks, list.Total}, nil
}
