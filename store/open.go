package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"taskql/store/connect"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/dialect/sqlitedialect"
)

// AddressError states, for the person who runs the server, why a database cannot be opened. It does not contain the address,
// which may contain a password.
type AddressError struct {
	// Direct is true if it concerns the direct address, Replica if that of the replica.
	Direct, Replica bool
	err             error
}

func (e *AddressError) Error() string { return e.err.Error() }
func (e *AddressError) Unwrap() error { return e.err }

// Options select the database and how to open it.
type Options struct {
	// URL is the address as DATABASE_URL has it: postgres:// or postgresql://, also with the driver suffix
	// of SQLAlchemy, or sqlite: or file: with a path.
	URL string
	// DirectURL, which may be empty, is an unpooled connect.Address of the same Postgres, used for migrations.
	DirectURL string
	// ReplicaURL, which may be empty, is the connect.Address of a replica of the same Postgres; see Store.Read.
	ReplicaURL string
	// Table is the name of the task table to take over or to create. Migrate chooses it if it is empty. A database that is
	// migrated already has its own.
	Table string
	// Limits bound what requests use of the database. The zero value is for commands, whose work may take long.
	Limits Limits
	// ReadOnly makes all writes fail and leaves every byte of an SQLite file unchanged, as Plan needs.
	ReadOnly bool
	// Progress, which may be nil, receives the progress of a long migration every few seconds.
	Progress func(Progress)
	// Notice, which may be nil, receives a sentence for people when Migrate waits for another server or begins a long
	// operation, and when the replica fails or works again. It is called from several goroutines.
	Notice func(message string)
}

// Limits is connect.Options.
type Limits = connect.Options

// Usage is how many connections are in use.
type Usage struct {
	// Open connections may be idle. Open and Waiting are 0 on SQLite, where Used counts those that wait, too.
	Open, Used, Waiting int
}

// Usage returns what requests use at the moment.
func (s *Store) Usage() Usage {
	if s.pool != nil {
		open, used, waiting := s.pool.Usage()
		return Usage{open, used, waiting}
	}
	calls := s.reader.Stats().InUse
	if s.writer != s.reader {
		calls += s.writer.Stats().InUse
	}
	return Usage{Used: calls}
}

// Connections returns how many connections the store opens at most, and how many PostgreSQL accepts in all, but for those that are
// reserved for administrators. Both are 0 on SQLite.
func (s *Store) Connections(ctx context.Context) (own, accepted int, err error) {
	if !s.postgres {
		return 0, 0, nil
	}
	err = s.reader.NewRaw("SELECT CAST(current_setting('max_connections') AS int) - CAST(current_setting('superuser_reserved_connections') AS int)").Scan(ctx, &accepted)
	if err != nil {
		return 0, 0, fmt.Errorf("store: connections: %w", err)
	}
	return s.pool.Size(), accepted, nil
}

// Open opens a database. It connects once and fails with an *AddressError if the database does not answer. It creates no table;
// see Migrate.
func Open(ctx context.Context, options Options) (*Store, error) {
	address, err := connect.Parse(options.URL)
	if err != nil {
		return nil, &AddressError{err: err}
	}
	s := &Store{
		postgres: address.Postgres, requestedTable: options.Table,
		reporter: reporter{report: options.Progress}, notice: options.Notice, patience: waitPatience,
		probe: &writeProbe{}, clock: time.Now,
		era: new(atomic.Int64), committed: new(atomic.Pointer[lastWrite]), untidy: new(atomic.Bool),
	}
	if s.looked, err = lru.New[string, time.Time](maxLooked); err != nil {
		return nil, err
	}
	if s.longTexts, err = lru.New[string, longTexts](maxLooked); err != nil {
		return nil, err
	}
	if s.notice == nil {
		s.notice = func(string) {}
	}
	if s.postgres {
		err = s.openPostgres(ctx, address, options)
	} else {
		err = s.openSQLite(ctx, address, options)
	}
	if err != nil {
		_ = s.Close() // the first error says more
		return nil, err
	}
	table, err := s.setting(ctx, s.reader, settingTable)
	if err != nil {
		_ = s.Close()
		return nil, fmt.Errorf("store: open: %w", err)
	}
	s.useTable(cmp.Or(table, defaultTable))
	return s, nil
}

func (s *Store) openPostgres(ctx context.Context, pooled connect.Address, options Options) error {
	open := func(to connect.Address, limits connect.Options) (reader, writer *bun.DB, err error) {
		pool, err := connect.Postgres(to, limits)
		if err != nil {
			return nil, nil, err
		}
		if s.pool == nil {
			s.pool = pool
		}
		s.direct = pool
		reader, writer = bun.NewDB(pool.Reader, pgdialect.New()), bun.NewDB(pool.Writer, pgdialect.New())
		if err = s.ping(ctx, reader); err != nil {
			return reader, writer, cmp.Or(connect.UnknownParameter(err), fmt.Errorf("the PostgreSQL database does not answer: %w", Cause(err)))
		}
		return reader, writer, checkSchema(ctx, reader)
	}
	var err error
	if s.reader, s.writer, err = open(pooled, options.Limits); err != nil {
		return &AddressError{err: err}
	}
	s.migrations = s.writer
	if options.ReplicaURL != "" {
		if s.replica, err = openReplica(options); err != nil {
			return &AddressError{Replica: true, err: err}
		}
	}
	if options.DirectURL == "" {
		return nil
	}
	direct, err := connect.Parse(options.DirectURL)
	if err == nil && !direct.Postgres {
		err = errors.New("it must be the address of the same PostgreSQL")
	}
	if err == nil {
		_, s.migrations, err = open(direct, connect.Options{Conns: 2})
	}
	if err != nil {
		return &AddressError{Direct: true, err: err}
	}
	return nil
}

// checkSchema fails if no schema of the search path exists. PostgreSQL itself reports it only when a table is created.
func checkSchema(ctx context.Context, db *bun.DB) error {
	var path string
	var missing bool
	if err := db.NewRaw("SELECT current_setting('search_path'), current_schema() IS NULL").Scan(ctx, &path, &missing); err != nil {
		return fmt.Errorf("the PostgreSQL database does not answer: %w", Cause(err))
	}
	if missing {
		return fmt.Errorf("the search path is %s, but no such schema exists that this user may use: create it, or correct the address", path)
	}
	return nil
}

var errPostgresOnly = errors.New("it applies to PostgreSQL only: remove it with SQLite")

func (s *Store) openSQLite(ctx context.Context, address connect.Address, options Options) error {
	if options.DirectURL != "" {
		return &AddressError{Direct: true, err: errPostgresOnly}
	}
	if options.ReplicaURL != "" {
		return &AddressError{Replica: true, err: errPostgresOnly}
	}
	s.path = address.DSN
	open := func(readOnly bool) (*bun.DB, error) {
		pool, err := connect.SQLite(address.DSN, readOnly, options.Limits)
		if err != nil {
			return nil, fmt.Errorf("the SQLite file cannot be opened: %w", err)
		}
		db := bun.NewDB(pool, sqlitedialect.New())
		// Switching to the write-ahead log fails at once if another server does so at the same time.
		for start := time.Now(); ; time.Sleep(busyPause) {
			if err = s.ping(ctx, db); !isBusy(err) || time.Since(start) > connect.BusyTimeout {
				break
			}
		}
		if err != nil {
			return db, fmt.Errorf("the SQLite file cannot be opened: %w", Cause(err))
		}
		return db, nil
	}
	var err error
	if options.ReadOnly {
		if _, err = os.Stat(address.DSN); err == nil {
			s.reader, err = open(true)
		} else {
			err = fmt.Errorf("the SQLite file cannot be opened: %w", errors.Unwrap(err))
		}
		s.writer, s.migrations = s.reader, s.reader
		if err != nil {
			return &AddressError{err: err}
		}
		return nil
	}
	// The writer first, because it creates the file.
	if s.writer, err = open(false); err == nil {
		s.migrations = s.writer
		s.reader, err = open(true)
	}
	if err == nil {
		s.probe.file, err = os.Stat(s.path)
	}
	if err != nil {
		return &AddressError{err: err}
	}
	return nil
}
