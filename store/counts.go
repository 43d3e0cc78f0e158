package store

import (
	"context"
	"fmt"

	"taskql/models"
)

// Counts returns for each test how many of the query's tasks match it. One statement counts all. The order, bounds and limit of
// the query are ignored.
func (s *Store) Counts(ctx context.Context, q Query, tests []*models.TaskFilter) ([]int, error) {
	counts := make([]int, len(tests))
	if len(tests) == 0 {
		return counts, nil
	}
	query := s.scope(q)(s.read.NewSelect().TableExpr(tableExpr))
	onlyOpen := true
	dest := make([]any, len(tests))
	for i, test := range tests {
		c := &conditions{postgres: s.postgres, now: q.Now, zone: q.Zone}
		query = query.ColumnExpr("count(*) FILTER (WHERE "+c.filter(test)+")", c.args...)
		onlyOpen = onlyOpen && test.Completed != nil && !*test.Completed
		dest[i] = &counts[i]
	}
	if onlyOpen { // few tasks, with an index
		query = query.Where(completed(false))
	}
	if _, err := s.first(ctx, s.read, query, dest...); err != nil {
		return nil, fmt.Errorf("store: counts: %w", err)
	}
	return counts, nil
}

// Tagged is what tag counts need of a task.
type Tagged struct {
	Tags      []string `bun:"tags"`
	Completed bool     `bun:"completed"`
	Version   int64    `bun:"version"`
}

// EachTagged calls each for the user's tasks outside the trash that have a tag which begins with
// start in any letter case.
func (s *Store) EachTagged(ctx context.Context, user, start string, each func(Tagged)) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("store: tags: %w", err)
		}
	}()
	c := &conditions{postgres: s.postgres}
	starts := c.contains("t.tags_lower", "\n"+tagLine(start))
	query := s.read.NewSelect().TableExpr(tableExpr).Column("t.tags", "t.completed", "t.version").
		Where("t.user_id = ?", user).Where("t.deleted_at IS NULL").Where(starts, c.args...)
	rows, err := s.rows(ctx, s.read, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var t Tagged
		if err := s.reader.ScanRow(ctx, rows, &t); err != nil {
			return err
		}
		each(t)
	}
	return rows.Err()
}
