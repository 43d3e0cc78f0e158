package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"taskql/models"
)

// Use is the stored result of the first write with an idempotency key.
type Use struct {
	// Request identifies the operation and its arguments.
	Request string
	// TaskIDs are the tasks that the write returned.
	TaskIDs []int64
	// Number is the number of the user's change, or nil if nothing changed.
	Number *int64
}

// maxRemoved is how many expired keys one new key removes.
const maxRemoved = 100

// Once runs write and returns nil, unless the user has used the key within its lifetime: then it returns that first use. write
// must use only the store passed to it, and returns the use to store. Its changes commit together with the key. If it
// fails, nothing is stored and the key stays free. Of several concurrent requests with one key, one writes and the
// others return its use; see Transaction.
func (s *Store) Once(ctx context.Context, user, key string, now time.Time, write func(*Store) (*Use, error)) (first *Use, err error) {
	args := keyArgs{UserID: user, Key: key, Now: now, Expired: s.before(now, models.IdempotencyKeyLifetime), MaxRemoved: maxRemoved}
	err = s.Transaction(ctx, user, func(inside *Store) error {
		if first, err = args.find(ctx, inside.write); first != nil || err != nil {
			return err
		}
		use, err := write(inside)
		if err != nil {
			return err
		}
		return args.keep(ctx, inside.write, use)
	})
	if err != nil {
		return nil, fmt.Errorf("store: once: %w", err)
	}
	return first, nil
}

// keyArgs is what the statements about a key are made of.
type keyArgs struct {
	UserID, Key string
	Now         time.Time
	Expired     schema.QueryWithArgs
	MaxRemoved  int

	Request, Tasks string
	N              *int64
}

// find returns the use of the key, or nil if it is free.
func (a keyArgs) find(ctx context.Context, tx bun.IDB) (*Use, error) {
	const query = `SELECT request, task_ids, n FROM task_idempotency
		WHERE user_id = ?user_id AND key = ?key AND created_at > ?expired`
	use, ids := new(Use), ""
	if ok, err := one(ctx, tx.NewRaw(query, a), &use.Request, &ids, &use.Number); !ok {
		return nil, err
	}
	return use, json.Unmarshal([]byte(ids), &use.TaskIDs)
}

// keep stores the use of a free key and removes some expired keys.
func (a keyArgs) keep(ctx context.Context, tx bun.IDB, use *Use) error {
	ids, err := json.Marshal(use.TaskIDs)
	if err != nil {
		return err
	}
	a.Request, a.Tasks, a.N = use.Request, string(ids), use.Number
	// Both in one round trip. The key itself may still be stored, but expired.
	const statements = `DELETE FROM task_idempotency WHERE user_id = ?user_id AND key IN (
			SELECT key FROM task_idempotency WHERE user_id = ?user_id AND created_at <= ?expired
			ORDER BY created_at LIMIT ?max_removed);
		INSERT INTO task_idempotency (user_id, key, request, task_ids, n, created_at)
		VALUES (?user_id, ?key, ?request, ?tasks, ?n, ?now)
		ON CONFLICT (user_id, key) DO UPDATE
		SET request = excluded.request, task_ids = excluded.task_ids, n = excluded.n, created_at = excluded.created_at`
	_, err = tx.NewRaw(statements, a).Exec(ctx)
	return err
}

// Imported returns those of the sources that the user has imported before.
func (s *Store) Imported(ctx context.Context, user string, sources []string) (map[string]bool, error) {
	imported := make(map[string]bool, len(sources))
	if len(sources) == 0 {
		return imported, nil
	}
	var found []string
	err := s.read.NewRaw("SELECT source FROM task_import WHERE user_id = ? AND source IN (?)", user, bun.List(sources)).Scan(ctx, &found)
	if err != nil {
		return nil, fmt.Errorf("store: imported: %w", err)
	}
	for _, source := range found {
		imported[source] = true
	}
	return imported, nil
}

// KeepImported stores which task each new source has become, for good. Call it inside Transaction only.
func (s *Store) KeepImported(ctx context.Context, user string, sources []string, ids []int64) error {
	if len(sources) == 0 {
		return nil
	}
	rows, args := make([]string, len(sources)), make([]any, 0, 3*len(sources))
	for i, source := range sources {
		rows[i] = "(?, ?, ?)"
		args = append(args, user, source, ids[i])
	}
	if _, err := s.write.NewRaw("INSERT INTO task_import (user_id, source, task_id) VALUES "+strings.Join(rows, ", "), args...).Exec(ctx); err != nil {
		return fmt.Errorf("store: keep imported: %w", err)
	}
	return nil
}
