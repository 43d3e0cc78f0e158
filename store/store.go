// Package store keeps tasks in Postgres or SQLite.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Store is an open database. Its methods may be called at once from many goroutines. Errors that it
// returns are the driver's, with the operation in front: for the log, never for a caller.
type Store struct {
	// TrashFor is how long tasks lie in the trash. What has lain there longer is removed for good by the
	// user's next writes, so that no job has to keep a sleeping database awake. 0 is for ever.
	TrashFor time.Duration

	// write and read are where queries go: to writer and reader, or within Once to its transaction.
	write, read bun.IDB
	// writer has one connection on SQLite, which allows one writer at a time.
	writer *bun.DB
	// reader is writer on Postgres and a pool of read-only connections on SQLite.
	reader *bun.DB
	// migrations is where the schema is changed: the direct address of a pooled Postgres, else writer.
	migrations *bun.DB
	postgres   bool
	// table is the name of the table of tasks, which queries write as ?task.
	table string
}

// AddressError says why a database cannot be opened, in words for the person who runs the server
// and without the address, which may hold a password.
type AddressError struct {
	// Direct is set when it is about the direct address.
	Direct bool
	err    error
}

func (e *AddressError) Error() string { return e.err.Error() }
func (e *AddressError) Unwrap() error { return e.err }

// Open opens the database at url, as DATABASE_URL has it: postgres:// or postgresql://, also with
// the driver suffix of SQLAlchemy, or sqlite: or file: with a path. directURL, which may be empty, is an
// unpooled address of the same Postgres, used for migrations. It connects once and fails with an
// *AddressError when the database does not answer, but creates no table; see Migrate.
func Open(ctx context.Context, url, directURL string) (*Store, error) {
	address, err := parseURL(url)
	if err != nil {
		return nil, &AddressError{err: err}
	}
	s := &Store{postgres: address.postgres}
	if s.postgres {
		err = s.openPostgres(ctx, address, directURL)
	} else {
		err = s.openSQLite(ctx, address, directURL)
	}
	if err != nil {
		_ = s.Close() // the first error says more
		return nil, err
	}
	s.useTable(defaultTable)
	return s, nil
}

// defaultTable is the name that SQLModel gives the table of a class Task.
const defaultTable = "task"

// useTable has queries keep tasks in the table of that name: an adopted database may have given it another.
func (s *Store) useTable(name string) {
	s.table = name
	named := map[*bun.DB]*bun.DB{}
	for _, db := range []**bun.DB{&s.writer, &s.reader, &s.migrations} {
		if named[*db] == nil {
			named[*db] = (*db).WithNamedArg("task", bun.Ident(name))
		}
		*db = named[*db]
	}
	s.write, s.read = s.writer, s.reader
}

func (s *Store) openPostgres(ctx context.Context, address address, directURL string) error {
	connect := func(dsn string) (*bun.DB, error) {
		pool, err := connectPostgres(dsn)
		if err != nil {
			return nil, err
		}
		db := bun.NewDB(pool, pgdialect.New())
		return db, s.ping(ctx, db)
	}
	var err error
	if s.writer, err = connect(address.dsn); err != nil {
		return &AddressError{err: err}
	}
	s.reader, s.migrations = s.writer, s.writer
	if directURL == "" {
		return nil
	}
	direct, err := parseURL(directURL)
	if err == nil && !direct.postgres {
		err = errors.New("it must be the address of the same PostgreSQL")
	}
	if err == nil {
		s.migrations, err = connect(direct.dsn)
	}
	if err != nil {
		return &AddressError{Direct: true, err: err}
	}
	return nil
}

func (s *Store) openSQLite(ctx context.Context, address address, directURL string) error {
	if directURL != "" {
		return &AddressError{Direct: true, err: errors.New("it is for PostgreSQL: leave it out with SQLite")}
	}
	connect := func(readOnly bool) (*bun.DB, error) {
		pool, err := connectSQLite(address.dsn, readOnly)
		if err != nil {
			return nil, fmt.Errorf("the SQLite file cannot be opened: %w", err)
		}
		db := bun.NewDB(pool, sqlitedialect.New())
		// Turning on the write-ahead log fails at once when another server does so, too.
		for start := time.Now(); ; time.Sleep(busyPause) {
			if err = s.ping(ctx, db); !isBusy(err) || time.Since(start) > busyTimeout {
				break
			}
		}
		if err != nil {
			return db, fmt.Errorf("the SQLite file cannot be opened: %w", err)
		}
		return db, nil
	}
	var err error
	// The writer first, because it creates the file.
	if s.writer, err = connect(false); err == nil {
		s.migrations = s.writer
		s.reader, err = connect(true)
	}
	if err != nil {
		return &AddressError{err: err}
	}
	return nil
}

// How long to wait for others that use the same SQLite file, and how often to look when SQLite does not.
const (
	busyTimeout = 10 * time.Second
	busyPause   = 20 * time.Millisecond
)

func isBusy(err error) bool {
	var failed *sqlite.Error
	return errors.As(err, &failed) && failed.Code()&0xff == sqlite3.SQLITE_BUSY
}

// Close ends all connections. Calls under way fail.
func (s *Store) Close() error {
	var errs []error
	closed := map[*bun.DB]bool{nil: true}
	for _, db := range []*bun.DB{s.reader, s.migrations, s.writer} {
		if !closed[db] {
			closed[db] = true
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// Ping fails when the database does not answer.
func (s *Store) Ping(ctx context.Context) error { return s.ping(ctx, s.reader) }

func (s *Store) ping(ctx context.Context, db *bun.DB) error {
	query := "SELECT count(*) FROM sqlite_master" // which reads the file
	if s.postgres {
		query = "SELECT 1"
	}
	if _, err := db.ExecContext(ctx, query); err != nil {
		return fmt.Errorf("the %s database does not answer: %w", s.Kind(), cause(err))
	}
	return nil
}

// cause finds the part of a connection error that helps: Postgres's own words or the network's.
func cause(err error) error {
	var refused *pgconn.PgError
	var network *net.OpError
	var name *net.DNSError
	switch {
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

// one scans the only row of a query into dest, and reports false when there is none.
func one(ctx context.Context, query *bun.RawQuery, dest ...any) (bool, error) {
	err := query.Scan(ctx, dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}
