// Package connect opens the connection pools of a database address.
package connect

import (
	"cmp"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// postgresConns is the default size of the pool: enough for two dozen concurrent requests, small enough for several processes on
// a small server.
const postgresConns = 16

// postgresExecMode sends each query as an unnamed statement in one round trip. Bun renders arguments into the text, so that all
// texts differ. pgx's default would prepare each of them, use the server's memory, and take twice as long.
const postgresExecMode = pgx.QueryExecModeExec

// BusyTimeout is how long SQLite waits for a lock that another program holds on the file.
const BusyTimeout = 10 * time.Second

// Address is a parsed database address.
type Address struct {
	Postgres bool   // else SQLite
	DSN      string // a URL for Postgres, a path for SQLite
	Conns    int    // the size of the pool that the address asks for, or 0
}

// Parse reads a DATABASE_URL. Its errors never quote the address, which may hold a password.
func Parse(raw string) (Address, error) {
	scheme, rest, found := strings.Cut(raw, ":")
	if !found || rest == "" {
		return Address{}, errors.New("the address must begin with postgres://, postgresql://, sqlite: or file: as its scheme")
	}
	// SQLAlchemy writes the driver into the scheme: postgresql+asyncpg, sqlite+aiosqlite.
	scheme, _, _ = strings.Cut(strings.ToLower(scheme), "+")
	switch scheme {
	case "postgres", "postgresql":
		u, err := url.Parse("postgres:" + rest)
		if err != nil {
			return Address{}, errors.New("the address is not a valid postgres:// URL")
		}
		conns, err := readParameters(u)
		if err != nil {
			return Address{}, err
		}
		return Address{Postgres: true, DSN: u.String(), Conns: conns}, nil
	case "sqlite", "file":
		if after, ok := strings.CutPrefix(rest, "//"); ok {
			if !strings.HasPrefix(after, "/") {
				return Address{}, errors.New("the address names a host: write the path behind sqlite: or, absolute, file:///")
			}
			rest = after
			// SQLAlchemy's form: three slashes before a relative path, four before an absolute one.
			if scheme == "sqlite" {
				rest = after[1:]
			}
		}
		if path, query, found := strings.Cut(rest, "?"); found {
			if values, err := url.ParseQuery(query); err == nil {
				if dropOthers(values); len(values) == 0 {
					rest = path
				}
			}
		}
		if rest == "" || strings.ContainsAny(rest, "?#\x00") || rest == ":memory:" {
			return Address{}, errors.New("the address must name a file, without parameters, such as sqlite:taskql.db")
		}
		return Address{DSN: rest}, nil
	default:
		return Address{}, errors.New("the address must begin with postgres://, postgresql://, sqlite: or file: as its scheme")
	}
}

// Postgres opens a pool that also works through PgBouncer in transaction mode: it depends on no session state.
func Postgres(address Address) (*sql.DB, error) {
	config, err := pgx.ParseConfig(address.DSN)
	if err != nil {
		return nil, errors.New("the address is not a valid postgres:// URL")
	}
	config.DefaultQueryExecMode = postgresExecMode
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 10 * time.Second // a sleeping Neon database needs a few seconds
	}
	// Bun writes strings with doubled quotes, which is not enough where a backslash escapes.
	config.RuntimeParams["standard_conforming_strings"] = "on"
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "taskql"
	}
	pool := stdlib.OpenDB(*config)
	conns := cmp.Or(address.Conns, postgresConns)
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	return pool, nil
}

// SQLite opens a pool on a file, which it creates unless readOnly. A pool that writes has one connection, because SQLite has one
// writer at a time.
func SQLite(path string, readOnly bool) (*sql.DB, error) {
	query := url.Values{"_pragma": {
		fmt.Sprintf("busy_timeout(%d)", BusyTimeout.Milliseconds()),
		// An acknowledged write survives a power cut.
		"synchronous(FULL)",
		"foreign_keys(1)",
	}}
	if readOnly {
		query.Add("_pragma", "query_only(1)")
	} else {
		// The file remembers it, for the readers too.
		query.Add("_pragma", "journal_mode(WAL)")
		// Take the write lock at BEGIN: upgrading a read transaction can fail without waiting.
		query.Set("_txlock", "immediate")
	}
	if !readOnly {
		// The tasks are the owner's; SQLite itself would make the file readable for all.
		file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return nil, errors.Unwrap(err)
		}
		_ = file.Close()
	}
	pool, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+query.Encode())
	if err != nil {
		return nil, err
	}
	conns := 1
	if readOnly {
		conns = max(4, runtime.GOMAXPROCS(0))
	}
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	return pool, nil
}
