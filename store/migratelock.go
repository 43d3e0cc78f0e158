package store

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/uptrace/bun"
)

// migrationLock is the first key of PostgreSQL's advisory lock, "tskq" in ASCII. The second key is that of the schema, because
// databases in different schemas of one server are independent.
const migrationLock = 0x74736b71

// exclusively runs fn in a transaction that no other server's migration overlaps.
func (s *Store) exclusively(ctx context.Context, fn func(tx bun.Tx) error) error {
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
			return fn(tx)
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
