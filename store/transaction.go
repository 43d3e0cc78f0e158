package store

import (
	"context"
	"errors"

	"github.com/uptrace/bun"

	"taskql/store/connect"
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
	for attempt := 1; ; attempt++ {
		begun, err := s.transaction(ctx, user, fn)
		// What fn has done cannot be done again: it may have changed its caller's variables.
		if err == nil || begun || attempt == maxBegins || ctx.Err() != nil || !connect.Passing(err) {
			return err
		}
	}
}

// maxBegins is how often a transaction is begun at most.
const maxBegins = 3

// transaction is one attempt of Transaction. It reports whether it has called fn.
func (s *Store) transaction(ctx context.Context, user string, fn func(*Store) error) (begun bool, err error) {
	last := new(ChangeID)
	err = s.write.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if s.postgres { // SQLite locks the whole file
			const lock = `INSERT INTO task_counter AS c (user_id, n) VALUES (?, 0)
				ON CONFLICT (user_id) DO UPDATE SET n = c.n WHERE FALSE` // a conflict locks the row even if it updates nothing
			if _, err := tx.NewRaw(lock, user).Exec(ctx); err != nil {
				return err
			}
		}
		inside := *s
		inside.write, inside.read, inside.last = tx, tx, last
		begun = true
		return fn(&inside)
	})
	if err == nil {
		s.commit(user, *last)
	}
	return begun, err
}

// commit notes a committed change; see history.go.
func (s *Store) commit(user string, id ChangeID) {
	if id != (ChangeID{}) {
		s.committed.Store(&lastWrite{user, id})
	}
}

// InTransaction reports whether Transaction passed this store to its fn.
func (s *Store) InTransaction() bool {
	_, inside := s.write.(bun.Tx)
	return inside
}

// nextVersions reserves the user's next count versions and returns the last one before them. Call it inside Transaction only.
func (s *Store) nextVersions(ctx context.Context, user string, count int) (before int64, err error) {
	for tries, again := 0, true; again && tries < maxTries; tries++ {
		era, last := s.era.Load(), int64(0)
		took, err := one(ctx, s.write.NewRaw(s.takeNumbers(era, "?0", "?1", "TRUE"), user, count), &last)
		if err != nil {
			return 0, err
		}
		if took {
			*s.last = ChangeID{last, era}
			return last - int64(count), nil
		}
		if again, err = s.enterEra(ctx, user, era, "TRUE", struct{ UserID string }{user}); err != nil {
			return 0, err
		}
	}
	return 0, errors.New("a write took no number")
}

// LastChange returns the last change that this transaction has made, zero without one. Call it inside Transaction only.
func (s *Store) LastChange() ChangeID { return *s.last }
