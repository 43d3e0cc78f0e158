// Package store stores tasks in PostgreSQL or SQLite.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"taskql/store/connect"
)

// Store is an open database. Its methods may be called concurrently. Its errors are the driver's, prefixed with the operation:
// they are for the log and must not reach a client.
type Store struct {
	// TrashFor is how long tasks stay in the trash. The user's next write purges older ones, or one that follows within an hour, so that
	// no job keeps a sleeping database awake. 0 means for ever.
	TrashFor time.Duration

	// write and read are where queries go: to writer and reader, or within Once to its transaction.
	write, read bun.IDB
	// last is the last change inside Transaction, nil outside.
	last *ChangeID
	// looked is when a write of each user has last looked for tasks that have been in the trash for too long, and found none.
	looked *lru.Cache[string, time.Time]
	// longTexts is how many bytes of long descriptions each user has; see TextsFit.
	longTexts *lru.Cache[string, longTexts]
	// clock is time.Now except in tests.
	clock func() time.Time
	// onBound is called with each bound statement in tests, else nil. Bun's hooks do not see those.
	onBound func(text string, values []any)
	// era is the era of the last write; 0 before the first one.
	era *atomic.Int64
	// committed is the last write of this process, nil before the first one of an era.
	committed *atomic.Pointer[lastWrite]
	// untidy is set if the last tidying after a write has failed.
	untidy *atomic.Bool
	// writer has one connection on SQLite, which allows one writer at a time.
	writer *bun.DB
	// reader runs statements that change nothing: on the connections of writer on Postgres, and on read-only ones on SQLite.
	reader *bun.DB
	// migrations is where the schema is changed: the direct address of a pooled Postgres, else writer.
	migrations *bun.DB
	// replica answers reads; see Read. It is nil without one.
	replica *replica
	// pool has the connections of writer and reader, and direct those of migrations and those that listen. Both are nil on SQLite.
	pool, direct *connect.Pool
	postgres     bool
	path         string // of the SQLite file
	// table is the name of the task table, which queries write as ?task; requestedTable is the configured one.
	table, requestedTable string
	reporter              reporter
	notice                func(message string)
	// patience is how long Migrate waits for another server before it reports that.
	patience time.Duration
	probe    *writeProbe
}

// busyPause is how often an SQLite file that others use is tried again, where SQLite itself does not wait.
const busyPause = 20 * time.Millisecond

func isBusy(err error) bool {
	var failed *sqlite.Error
	return errors.As(err, &failed) && failed.Code()&0xff == sqlite3.SQLITE_BUSY
}

// Close closes all connections. Running calls fail.
func (s *Store) Close() error {
	var errs []error
	if s.replica != nil {
		errs = append(errs, s.replica.close()) // first: a check of the replica needs the reader
	}
	closed := map[*bun.DB]bool{nil: true}
	for _, db := range []*bun.DB{s.reader, s.migrations, s.writer} {
		if !closed[db] {
			closed[db] = true
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// Ping fails if the database does not answer.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.ping(ctx, s.reader); err != nil {
		return fmt.Errorf("the %s database does not answer: %w", s.Kind(), Cause(err))
	}
	return nil
}

func (s *Store) ping(ctx context.Context, db *bun.DB) error {
	query := "SELECT count(*) FROM sqlite_master" // which reads the file
	if s.postgres {
		query = "SELECT 1"
	}
	_, err := db.ExecContext(ctx, query)
	return err
}

// writableFor is how long a successful write proves that the next one works. It limits what a health check costs.
const writableFor = 5 * time.Second

// writeProbe keeps the last proof of Writable.
type writeProbe struct {
	mu     sync.Mutex
	proven time.Time
	file   fs.FileInfo // of the SQLite file when it was opened
}

// Writable fails if the database cannot store anything. It changes no row. Its errors are for the person who runs the server.
//
// On SQLite it fails if the file was deleted or replaced, and then commits a page that does not change, which finds a full disk
// and a file system that became read-only. It waits for a running write, and relies on its last commit for writableFor.
// On PostgreSQL it asks whether the server is a standby or the session read-only. It does not find a full disk there.
func (s *Store) Writable(ctx context.Context) error {
	if s.postgres {
		var readOnly bool
		err := s.writer.NewRaw("SELECT pg_is_in_recovery() OR CAST(current_setting('transaction_read_only') AS boolean)").Scan(ctx, &readOnly)
		switch {
		case err != nil:
			return fmt.Errorf("the PostgreSQL database does not answer: %w", Cause(err))
		case readOnly:
			return errors.New("the PostgreSQL database accepts no writes: it is a standby or read-only")
		}
		return nil
	}
	file, err := os.Stat(s.path)
	if err != nil {
		return fmt.Errorf("the SQLite file is gone: %w", errors.Unwrap(err))
	}
	s.probe.mu.Lock()
	defer s.probe.mu.Unlock()
	if !os.SameFile(file, s.probe.file) {
		return errors.New("the SQLite file was replaced by another: restart the server")
	}
	if !s.probe.proven.IsZero() && time.Since(s.probe.proven) < writableFor {
		return nil
	}
	var version int64
	err = s.writer.NewRaw("PRAGMA user_version").Scan(ctx, &version)
	if err == nil {
		_, err = s.writer.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", version)) // writes the first page
	}
	if err != nil {
		return fmt.Errorf("the SQLite file cannot be written: %w", err)
	}
	s.probe.proven = time.Now()
	return nil
}

// Cause returns the part of a database error that helps a person: PostgreSQL's own message or the network's, without the
// address that was connected to, or that the SQLite file is locked.
func Cause(err error) error {
	var refused *pgconn.PgError
	var network *net.OpError
	var name *net.DNSError
	switch {
	case isBusy(err):
		return errors.New("another program keeps the SQLite file locked")
	case errors.As(err, &refused):
		return errors.New(refused.Message)
	case errors.As(err, &name):
		return name
	case errors.As(err, &network):
		return network
	default:
		return err
	}
}

// Kind names the database for people: PostgreSQL or SQLite.
func (s *Store) Kind() string {
	if s.postgres {
		return "PostgreSQL"
	}
	return "SQLite"
}

// one scans the only row of a query into dest. It reports false if there is no row.
func one(ctx context.Context, query *bun.RawQuery, dest ...any) (bool, error) {
	err := query.Scan(ctx, dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}
