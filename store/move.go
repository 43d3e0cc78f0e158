package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"taskql/models"
)

// Neighbour returns the task of the user, trashed ones included, whose position is next to the given
// one: below it, or above it with above set; nil when there is none.
func (s *Store) Neighbour(ctx context.Context, user, position string, above bool) (*models.Task, error) {
	list, err := s.around(ctx, user, position, above, 1)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

// around returns up to limit tasks next to a position, the nearest first.
func (s *Store) around(ctx context.Context, user, position string, above bool, limit int) (list []*models.Task, err error) {
	compare, direction := " > ?", " ASC"
	if above {
		compare, direction = " < ?", " DESC"
	}
	query := s.read.NewSelect().TableExpr(tableExpr).ColumnExpr(columnsOfList).Where("t.user_id = ?", user).Where("t.position"+compare, position).
		OrderExpr("t.position" + direction).Limit(int64(limit))
	err = s.eachTask(ctx, s.read, query, newTaskScanner(nil, nil), func(t *models.Task) { list = append(list, t) })
	if err != nil {
		return nil, fmt.Errorf("store: neighbours: %w", err)
	}
	return list, nil
}

// spreadAround is how many tasks on each side get new positions if no position is left between two tasks. If these tasks
// are too close together as well, the number is multiplied by four, again and again.
const spreadAround = 32

var errNoOrder = errors.New("store: move: two tasks of a user have the same position")

// Move gives the task a position between low and high, the positions of two adjacent tasks; an empty one is the end of the
// list. after tells on which side further tasks are likely to follow. Move writes only this task, unless its
// position would exceed models.MaxPosition: then the tasks around it get new positions. It sets the task's Position,
// Version and UpdatedAt. Call it inside Transaction only.
func (s *Store) Move(ctx context.Context, t *models.Task, low, high string, after bool, now time.Time) error {
	position, err := s.PositionBetween(ctx, t.UserID, low, high, after)
	if err != nil {
		return err
	}
	before, err := s.nextVersions(ctx, t.UserID, 1)
	if err != nil {
		return fmt.Errorf("store: move: %w", err)
	}
	t.Position, t.Version, t.UpdatedAt = position, before+1, now
	_, err = s.write.NewRaw("UPDATE ?task SET position = ?position, version = ?version, updated_at = ?updated_at WHERE id = ?id AND "+ofUser+"?user_id", t).Exec(ctx)
	if err != nil {
		return fmt.Errorf("store: move: %w", err)
	}
	return nil
}

// PositionBetween returns the position that Move would assign, for the user's next write. Call it inside Transaction only.
func (s *Store) PositionBetween(ctx context.Context, user, low, high string, after bool) (string, error) {
	if low == "" || high == "" {
		n, err := s.Number(ctx, user)
		if err != nil {
			return "", err
		}
		if low == "" {
			return models.TopPosition(n + 1), nil
		}
		return models.BottomPosition(n + 1), nil
	}
	if low >= high {
		return "", errNoOrder
	}
	position := between(low, high, after)
	if len(position) <= models.MaxPosition {
		return position, nil
	}
	low, high, err := s.spread(ctx, user, low, high)
	if err != nil {
		return "", fmt.Errorf("store: move: %w", err)
	}
	return between(low, high, after), nil
}

func between(low, high string, after bool) string {
	if after {
		return models.PositionAfter(low, high)
	}
	return models.PositionBefore(low, high)
}

// spread assigns evenly spaced positions to the tasks around low and high, and returns the new low and high. The tasks keep
// their UpdatedAt, because no user moved them.
func (s *Store) spread(ctx context.Context, user, low, high string) (newLow, newHigh string, err error) {
	n, err := s.Number(ctx, user)
	if err != nil {
		return "", "", err
	}
	for reach := spreadAround; ; reach *= 4 {
		above, err := s.around(ctx, user, high, true, reach+1)
		if err != nil {
			return "", "", err
		}
		below, err := s.around(ctx, user, low, false, reach+1)
		if err != nil {
			return "", "", err
		}
		// The outermost tasks keep their positions, unless they are the ends of the list.
		whole, top, bottom := true, models.TopPosition(n+1), models.BottomPosition(n+1)
		if len(above) > reach {
			whole, top, above = false, above[reach].Position, above[:reach]
		}
		if len(below) > reach {
			whole, bottom, below = false, below[reach].Position, below[:reach]
		}
		slices.Reverse(above)
		tasks := append(above, below...)
		positions := models.Positions(top, bottom, len(tasks))
		// After many moves to one place, the tasks around it are close together as well.
		tight := slices.ContainsFunc(positions, func(position string) bool { return len(position) > models.MaxPosition/2 })
		if tight && !whole {
			continue
		}
		return positions[len(above)-1], positions[len(above)], s.setPositions(ctx, user, tasks, positions)
	}
}

// setPositions stores new positions of a user's tasks. Call it inside Transaction only.
func (s *Store) setPositions(ctx context.Context, user string, tasks []*models.Task, positions []string) error {
	before, err := s.nextVersions(ctx, user, len(tasks))
	if err != nil {
		return err
	}
	rows := make([]string, len(tasks))
	var args []any
	for i, t := range tasks {
		rows[i] = "(?, ?, ?)"
		args = append(args, t.ID, positions[i], before+int64(i)+1)
	}
	_, err = s.write.NewRaw("WITH v(id, position, version) AS (VALUES "+strings.Join(rows, ", ")+`)
		UPDATE ?task AS t SET position = v.position, version = v.version FROM v WHERE t.id = v.id AND t.`+ofUser+"?", append(args, user)...).Exec(ctx)
	return err
}
