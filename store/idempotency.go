package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"taskql/models"
)

// Use is what is kept of the first write with an idempotency key.
type Use struct {
	// Request stands for the operation and its arguments.
	Request string
	// TaskIDs are the tasks that the write returned.
	TaskIDs []int64
	// Number is that of the user's change, or nil when there was nothing to change.
	Number *int64
}

// maxRemoved is how many keys that have become too old are removed beside a new one.
const maxRemoved = 100

// Once runs write, unless the user has sent the key within its lifetime: then it does nothing and returns
// the first use. write works on the store that it is handed and on no other, and returns what is to be kept of it. Its
// changes are stored together with the key or, when it fails, not at all, and the key stays free.
//
// From the beginning of the transaction no other write of the user runs: its row in task_counter is
// locked first, as in every write, so that of several requests with one key each finds what the first
// has left, and no two writes can wait for each other.
func (s *Store) Once(ctx context.Context, user, key string, now time.Time, write func(*Store) (*Use, error)) (first *Use, err error) {
	args := keyArgs{UserID: user, Key: key, Now: now, Expired: now.Add(-models.IdempotencyKeyLifetime), MaxRemoved: maxRemoved}
	err = s.write.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if s.postgres { // on SQLite the transaction itself is the lock
			const lock = `INSERT INTO task_counter AS c (user_id, n) VALUES (?user_id, 0)
				ON CONFLICT (user_id) DO UPDATE SET n = c.n WHERE FALSE` // which locks the row all the same
			if _, err := tx.NewRaw(lock, args).Exec(ctx); err != nil {
				return err
			}
		}
		if first, err = args.find(ctx, tx); first != nil || err != nil {
			return err
		}
		inside := *s
		inside.write, inside.read = tx, tx
		use, err := write(&inside)
		if err != nil {
			return err
		}
		return args.keep(ctx, tx, use)
	})
	if err != nil {
		return nil, fmt.Errorf("store: once: %w", err)
	}
	return first, nil
}

// keyArgs is what the statements about a key are made of.
type keyArgs struct {
	UserID, Key  string
	Now, Expired time.Time
	MaxRemoved   int

	Request, Tasks string
	N              *int64
}

// find returns the use of the key, or nil when it is free.
func (a keyArgs) find(ctx context.Context, tx bun.Tx) (*Use, error) {
	const query = `SELECT request, task_ids, n FROM task_idempotency
		WHERE user_id = ?user_id AND key = ?key AND created_at > ?expired`
	use, ids := new(Use), ""
	if ok, err := one(ctx, tx.NewRaw(query, a), &use.Request, &ids, &use.Number); !ok {
		return nil, err
	}
	return use, json.Unmarshal([]byte(ids), &use.TaskIDs)
}

// keep stores the use of a free key. Keys that have become too old make room for it, this one among them.
func (a keyArgs) keep(ctx context.Context, tx bun.Tx, use *Use) error {
	ids, err := json.Marshal(use.TaskIDs)
	if err != nil {
		return err
	}
	a.Request, a.Tasks, a.N = use.Request, string(ids), use.Number
	const statements = `DELETE FROM task_idempotency WHERE user_id = ?user_id AND (key = ?key OR key IN (
			SELECT key FROM task_idempotency WHERE user_id = ?user_id AND created_at <= ?expired
			ORDER BY created_at LIMIT ?max_removed));
		INSERT INTO task_idempotency (user_id, key, request, task_ids, n, created_at)
		VALUES (?user_id, ?key, ?request, ?tasks, ?n, ?now)`
	_, err = tx.NewRaw(statements, a).Exec(ctx)
	return err
}
