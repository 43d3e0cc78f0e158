package tasks

import (
	"context"
	"time"

	"taskql/auth"
	"taskql/models"
	"taskql/store"
)

// SliceArgs says which stretch of which list is asked for by its numbers. The zero value asks for all
// tasks outside the trash, newest first.
type SliceArgs struct {
	Filter *models.TaskFilter
	// DueFrom and DueUntil, both inclusive, keep tasks by the digits of their due date, whether it is
	// a day, a wall-clock time or an instant in UTC.
	DueFrom, DueUntil *time.Time
	// Order has at most four keys; newest first when empty. The id is added as the last key.
	Order []*models.TaskOrder
	// Offset is how many tasks to leave out, Limit how many to return at most; 0 is all.
	Offset, Limit int64
}

// Slice is a stretch of a list, and how many tasks the whole list has at the same moment.
type Slice struct {
	Tasks []*models.Task
	Total int
}

// Slice returns a stretch of the user's tasks by its numbers, for clients that page so. List is the
// better way: here, tasks that are written between two pages move the others. Errors are those of List.
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
