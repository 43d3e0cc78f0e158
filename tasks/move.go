package tasks

import (
	"context"

	"taskql/models"
)

// target is where a task is to be put in the manual order.
type target struct {
	// low and high are the positions of the two adjacent tasks above and below. An empty one is the end of the list.
	low, high string
	// after is set if the caller named the task above, see store.Store.Move.
	after bool
	// reached is set if the task to move is already there.
	reached bool
}

// Move changes the task's position in the manual order. It fails with NOT_FOUND or IN_TRASH, at "id" for the task itself
// and at "placement" and the field for the task that placement names.
func (s *Service) Move(ctx context.Context, id string, placement models.PlacementInput) (*Write, error) {
	var w *Write
	err := s.bulk(ctx, func(s *Service, user string) error {
		task, err := s.writable(ctx, id, nil)
		if err != nil {
			return err
		}
		at, err := s.target(ctx, user, placement, task)
		if err != nil {
			return err
		}
		if w = (&Write{Task: task}); at.reached {
			return nil
		}
		if err := s.Store.Move(ctx, task, at.low, at.high, at.after, s.now()); err != nil {
			return err
		}
		w = s.written(task, s.Store.LastChange())
		return nil
	})
	if err != nil {
		return nil, err
	}
	return w, nil
}

// target returns the target that placement describes. moved is the task to move; nil stands for a new task.
func (s *Service) target(ctx context.Context, user string, placement models.PlacementInput, moved *models.Task) (target, error) {
	switch {
	case placement.Before != nil:
		return s.nextTo(ctx, user, *placement.Before, "before", moved)
	case placement.After != nil:
		return s.nextTo(ctx, user, *placement.After, "after", moved)
	}
	first := placement.End == nil || *placement.End == models.ListEndFirst
	if moved == nil {
		return end(first), nil
	}
	other, err := s.Store.Neighbour(ctx, user, moved.Position, first)
	at := end(first)
	at.reached = other == nil
	return at, err
}

// end returns the target at the start or the end of the list. The store ignores the value of the position that is not empty.
func end(first bool) target {
	if first {
		return target{high: "first"}
	}
	return target{low: "last"}
}

// nextTo returns the target before or after the task with the id. field is "before" or "after".
func (s *Service) nextTo(ctx context.Context, user, id, field string, moved *models.Task) (target, error) {
	anchor, err := s.Get(ctx, id)
	switch {
	case err != nil:
		return target{}, err
	case anchor == nil:
		return target{}, models.UserErrors{models.NotFoundAt(id, "placement", field)}
	case anchor.Trashed():
		return target{}, models.UserErrors{models.InTrashAt("placement", field)}
	}
	is := func(t *models.Task) bool { return t != nil && moved != nil && t.ID == moved.ID }
	// The neighbour may be in the trash: such tasks keep their positions.
	neighbour, err := s.Store.Neighbour(ctx, user, anchor.Position, field == "before")
	if err != nil {
		return target{}, err
	}
	at := target{low: anchor.Position, after: true, reached: is(anchor) || is(neighbour)}
	if field == "before" {
		at = target{high: anchor.Position, reached: at.reached}
	}
	if neighbour != nil && field == "before" {
		at.low = neighbour.Position
	} else if neighbour != nil {
		at.high = neighbour.Position
	}
	return at, nil
}
