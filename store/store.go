// Package store keeps tasks in Postgres or SQLite.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/dialect/sqlitedialect"
)

// Store is an open database. Its methods may be called at once from many goroutines. Errors that it
// returns are the driver's, with the operation in front: for the log, never for a caller.
type Store struct {
	// write has one connection on SQLite, which allows one writer at a time.
	write *bun.DB
	// read is write on Postgres and a pool of read-only connections on SQLite.
	read *bun.DB
	// migrations is where the schema is changed: the direct address of a pooled Postgres, else write.
	migrations *bun.DB
	postgres   bool
}

// Open opens the database at url, as DATABASE_URL has it: postgres:// or postgresql://, also with
// the driver suffix of SQLAlchemy, or sqlite: or file: with a path. directURL, which may be empty, is an
// unpooled address of the same Postgres, used for migrations. It connects once and fails when
// the database does not answer, but creates no table; see Migrate.
func Open(ctx context.Context, url, directURL string) (*Store, error) {
	address, err := parseURL(url)
	if err != nil {
		return nil, err
	}
	s := &Store{postgres: address.postgres}
	if s.postgres {
		err = s.openPostgres(address, directURL)
	} else {
		err = s.openSQLite(address)
	}
	if err == nil {
		err = s.Ping(ctx)
	}
	if err != nil {
		_ = s.Close() // the first error says more
		return nil, err
	}
	return s, nil
}

func (s *Store) openPostgres(address address, directURL string) error {
	pool, err := connectPostgres(address.dsn)
	if err != nil {
		return err
	}
	s.write = bun.NewDB(pool, pgdialect.New())
	s.read, s.migrations = s.write, s.write
	if directURL == "" {
		return nil
	}
	direct, err := parseURL(directURL)
	if err != nil {
		return err
	}
	if !direct.postgres {
		return errors.New("the direct address must be that of the same PostgreSQL")
	}
	pool, err = connectPostgres(direct.dsn)
	if err != nil {
		return err
	}
	s.migrations = bun.NewDB(pool, pgdialect.New())
	return nil
}

func (s *Store) openSQLite(address address) error {
	pool, err := connectSQLite(address.dsn, false)
	if err != nil {
		return err
	}
	s.write = bun.NewDB(pool, sqlitedialect.New())
	s.read, s.migrations = s.write, s.write
	// The first connection creates the file.
	if _, err := s.write.Exec("SELECT 1"); err != nil {
		return fmt.Errorf("the SQLite file cannot be opened: %w", err)
	}
	pool, err = connectSQLite(address.dsn, true)
	if err != nil {
		return err
	}
	s.read = bun.NewDB(pool, sqlitedialect.New())
	return nil
}

// Close ends all connections. Calls under way fail.
func (s *Store) Close() error {
	var errs []error
	closed := map[*bun.DB]bool{nil: true}
	for _, db := range []*bun.DB{s.read, s.migrations, s.write} {
		if !closed[db] {
			closed[db] = true
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// Ping fails when the database does not answer. Its error is fit for the person who runs the server.
func (s *Store) Ping(ctx context.Context) error {
	catalog := "SELECT count(*) FROM sqlite_master" // which reads the file
	if s.postgres {
		catalog = "SELECT 1"
	}
	if _, err := s.read.ExecContext(ctx, catalog); err != nil {
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
