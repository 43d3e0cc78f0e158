package tasks

import (
	"context"

	"taskql/models"
)

// spot is a place in the manual order: between the positions of two tasks next to each other, or at an end,
// where one of them is empty.
type spot struct {
	low, high string
	// after says that the place was named by the task above it.
	after bool
	// here is set when the task that is to be moved stands there already.
	here bool
}

// Move puts the task at another place in the manual order. It fails with NOT_FOUND or IN_TRASH at "id" or at
// "placement" and its field.
func (s *Service) Move(ctx context.Context, id string, placement models.PlacementInput) (*Write, error) {
	var w *Write
	err := s.bulk(ctx, func(s *Service, user string) error {
		task, err := s.writable(ctx, id, nil)
		if err != nil {
			return err
		}
		at, err := s.spot(ctx, user, placement, task)
		if err != nil {
			return err
		}
		if w = (&Write{Task: task}); at.here {
			return nil
		}
		if err := s.Store.Move(ctx, task, at.low, at.high, at.after, s.now()); err != nil {
			return err
		}
		w = s.written(task)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return w, nil
}

// spot finds the place for a task that is to be moved, or for a new one, which is nil.
func (s *Service) spot(ctx context.Context, user string, placement models.PlacementInput, moved *models.Task) (spot, error) {
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
	at.here = other == nil
	return at, err
}

// end is the place at an end of the list. The position that is not empty is not looked at.
func end(first bool) spot {
	if first {
		return spot{high: "first"}
	}
	return spot{low: "last"}
}

func (s *Service) nextTo(ctx context.Context, user, id, field string, moved *models.Task) (spot, error) {
	anchor, err := s.Get(ctx, id)
	switch {
	case err != nil:
		return spot{}, err
	case anchor == nil:
		return spot{}, models.UserErrors{models.NotFoundAt(id, "placement", field)}
	case anchor.Trashed():
		return spot{}, models.UserErrors{models.InTrashAt("placement", field)}
	}
	is := func(t *models.Task) bool { return t != nil && moved != nil && t.ID == moved.ID }
	// Tasks in the trash keep their places between the others.
	neighbour, err := s.Store.Neighbour(ctx, user, anchor.Position, field == "before")
	if err != nil {
		return spot{}, err
	}
	at := spot{low: anchor.Position, after: true, here: is(anchor) || is(neighbour)}
	if field == "before" {
		at = spot{high: anchor.Position, here: at.here}
	}
	if neighbour != nil && field == "before" {
		at.low = neighbour.Position
	} else if neighbour != nil {
		at.high = neighbour.Position
	}
	return at, nil
}
