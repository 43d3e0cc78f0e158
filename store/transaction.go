package store

import (
	"context"

	"github.com/uptrace/bun"
)

// Transaction runs fn on a store whose reads and writes are stored together when fn returns nil, and
// else not at all. fn works on that store and on no other. Within a transaction it is part of that one.
//
// From the beginning no other write of the user runs: its row in task_counter is locked first, as in
// every write, so that what fn reads of the user's stays as it is, and no two writes can wait for each other.
func (s *Store) Transaction(ctx context.Context, user string, fn func(*Store) error) error {
	if s.Inside() {
		return fn(s)
	}
	return s.write.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if s.postgres { // on SQLite the transaction itself is the lock
			const lock = `INSERT INTO task_counter AS c (user_id, n) VALUES (?, 0)
				ON CONFLICT (user_id) DO UPDATE SET n = c.n WHERE FALSE` // which locks the row all the same
			if _, err := tx.NewRaw(lock, user).Exec(ctx); err != nil {
				return err
			}
		}
		inside := *s
		inside.write, inside.read = tx, tx
		return fn(&inside)
	})
}

// Inside reports whether the store is one that Transaction has handed out.
func (s *Store) Inside() bool {
	_, inside := s.write.(bun.Tx)
	return inside
}

// take takes the user's next count numbers and returns the one before them. It is for transactions.
func (s *Store) take(ctx context.Context, user string, count int) (before int64, err error) {
	const query = `INSERT INTO task_counter AS c (user_id, n) VALUES (?, ?)
		ON CONFLICT (user_id) DO UPDATE SET n = c.n + excluded.n RETURNING n - ?`
	_, err = one(ctx, s.write.NewRaw(query, user, count, count), &before)
	return before, err
}
