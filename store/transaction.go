package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

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
	for enters := 0; ; enters++ {
		err := s.begin(ctx, user, enters == 0, fn)
		if !errors.Is(err, errOtherEra) {
			return err
		}
		if _, err := s.learnEra(ctx, user, s.era.Load(), "TRUE", struct{ UserID string }{user}); err != nil {
			return err
		}
	}
}

// begin begins a transaction. With check it fails with errOtherEra, and has not called fn, if the database is not in the era that
// this process knows.
func (s *Store) begin(ctx context.Context, user string, check bool, fn func(*Store) error) error {
	for attempt := 1; ; attempt++ {
		begun, err := s.transaction(ctx, user, check, fn)
		// What fn has done cannot be done again: it may have changed its caller's variables. So a conflict in the middle (40001, 40P01) is
		// UNAVAILABLE, and the client sends the request again. Under the lock of the counter, only other programs can cause one.
		if err == nil || begun || attempt == maxBegins || ctx.Err() != nil || !connect.Passing(err) {
			return err
		}
	}
}

// maxBegins is how often a transaction is begun at most.
const maxBegins = 3

// transaction is one attempt of begin. It reports whether it has called fn.
func (s *Store) transaction(ctx context.Context, user string, check bool, fn func(*Store) error) (begun bool, err error) {
	last := new(ChangeID)
	err = s.write.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if s.postgres { // SQLite locks the whole file
			const lock = `WITH locked AS (INSERT INTO task_counter AS c (user_id, n) VALUES (?, 0)
				ON CONFLICT (user_id) DO UPDATE SET n = c.n WHERE FALSE)` // a conflict locks the row even if it updates nothing
			var present bool
			if err := tx.NewRaw(lock+" SELECT EXISTS (SELECT 1 FROM task_era WHERE "+s.isEra(s.era.Load())+")", user).Scan(ctx, &present); err != nil {
				return err
			}
			if check && !present {
				return errOtherEra
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
			before = last - int64(count)
			if s.mergesTerms(before, last) {
				err = s.mergeTerms(ctx, user)
			}
			return before, err
		}
		if again, err = s.learnEra(ctx, user, era, "TRUE", struct{ UserID string }{user}); err != nil {
			return 0, err
		}
	}
	return 0, errors.New("a write took no number")
}

// LastChange returns the last change that this transaction has made, zero without one. Call it inside Transaction only.
func (s *Store) LastChange() ChangeID { return *s.last }

// migrationLock is the first key of PostgreSQL's advisory lock, "tskq" in ASCII. The second key is that of the schema, because
// databases in different schemas of one server are independent.
const migrationLock = 0x74736b71

// exclusively runs fn in a transaction that no other server's migration overlaps, with the connection of that transaction.
func (s *Store) exclusively(ctx context.Context, fn func(tx bun.Tx, conn *sql.Conn) error) error {
	conn, err := s.migrations.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if !s.postgres {
		// As SQLite's page on ALTER TABLE recommends: DROP TABLE first deletes the rows, and with them rows that refer
		// to them. The pragma has no effect inside a transaction.
		if _, err := conn.ExecContext(ctx, "PRAGMA foreign_keys = OFF"); err != nil {
			return err
		}
		defer conn.ExecContext(context.WithoutCancel(ctx), "PRAGMA foreign_keys = ON")
	}
	locked := s.whileWaiting("waiting for another server, which is migrating the database or uses it exclusively")
	defer locked()
	for {
		began := false
		err := conn.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			began = true
			if s.postgres {
				for _, statement := range []string{
					// A large table takes long, and so does waiting for another server.
					"SET LOCAL statement_timeout = 0", "SET LOCAL lock_timeout = 0", "SET LOCAL idle_in_transaction_session_timeout = 0",
					// A session's lock would not survive a pooler.
					fmt.Sprintf("SELECT pg_advisory_xact_lock(%d, hashtext(current_schema()))", migrationLock),
				} {
					if _, err := tx.ExecContext(ctx, statement); err != nil {
						return err
					}
				}
			}
			locked()
			if _, err := tx.NewRaw("CREATE TABLE IF NOT EXISTS task_migration (name text NOT NULL PRIMARY KEY, applied_at timestamptz NOT NULL)").Exec(ctx); err != nil {
				return err
			}
			return fn(tx, conn.Conn)
		})
		// SQLite gives up after connect.BusyTimeout, but the migration of a large table takes longer.
		if began || !isBusy(err) || ctx.Err() != nil {
			return err
		}
	}
}

// waitPatience is how long Migrate waits before it reports that it waits.
const waitPatience = 2 * time.Second

// whileWaiting sends the message as a notice unless the function it returns is called within the store's patience. After that
// function has returned, no notice follows. It may be called twice.
func (s *Store) whileWaiting(message string) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-done:
		case <-time.After(s.patience):
			s.notice(message)
		}
	}()
	return sync.OnceFunc(func() { close(done); <-ended })
}
