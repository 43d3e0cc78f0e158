package store

import (
	"context"

	"github.com/uptrace/bun"
)

// Transaction runs fn with a store of one transaction, which commits if fn returns nil and rolls back otherwise. fn must use
// that store only. Within a transaction, fn joins it.
//
// Transaction locks the user's row in task_counter first, as every write does. What fn reads of the user's tasks
// therefore cannot change, and two writes of a user cannot deadlock.
func (s *Store) Transaction(ctx context.Context, user string, fn func(*Store) error) error {
	if s.InTransaction() {
		return fn(s)
	}
	return s.write.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if s.postgres { // SQLite locks the whole file
			const lock = `INSERT INTO task_counter AS c (user_id, n) VALUES (?, 0)
				ON CONFLICT (user_id) DO UPDATE SET n = c.n WHERE FALSE` // a conflict locks the row even if it updates nothing
			if _, err := tx.NewRaw(lock, user).Exec(ctx); err != nil {
				return err
			}
		}
		inside := *s
		inside.write, inside.read = tx, tx
		return fn(&inside)
	})
}

// InTransaction reports whether Transaction passed this store to its fn.
func (s *Store) InTransaction() bool {
	_, inside := s.write.(bun.Tx)
	return inside
}

// nextVersions reserves the user's next count versions and returns the last one before them. Call it inside Transaction only.
func (s *Store) nextVersions(ctx context.Context, user string, count int) (before int64, err error) {
	const query = `INSERT INTO task_counter AS c (user_id, n) VALUES (?, ?)
		ON CONFLICT (user_id) DO UPDATE SET n = c.n + excluded.n RETURNING n - ?`
	_, err = one(ctx, s.write.NewRaw(query, user, count, count), &before)
	return before, err
}
