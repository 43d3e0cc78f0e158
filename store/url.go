package store

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

// address is a parsed database address.
type address struct {
	postgres bool
	dsn      string // a URL for Postgres, a path for SQLite
	conns    int    // the size of the pool that the address asks for, or 0
}

// parseURL reads a DATABASE_URL. Its errors never quote the address, which may hold a password.
func parseURL(raw string) (address, error) {
	scheme, rest, found := strings.Cut(raw, ":")
	if !found || rest == "" {
		return address{}, errors.New("the address must begin with postgres://, postgresql://, sqlite: or file: as its scheme")
	}
	// SQLAlchemy writes the driver into the scheme: postgresql+asyncpg, sqlite+aiosqlite.
	scheme, _, _ = strings.Cut(strings.ToLower(scheme), "+")
	switch scheme {
	case "postgres", "postgresql":
		u, err := url.Parse("postgres:" + rest)
		if err != nil {
			return address{}, errors.New("the address is not a valid postgres:// URL")
		}
		conns, err := readParameters(u)
		if err != nil {
			return address{}, err
		}
		return address{postgres: true, dsn: u.String(), conns: conns}, nil
	case "sqlite", "file":
		if after, ok := strings.CutPrefix(rest, "//"); ok {
			if !strings.HasPrefix(after, "/") {
				return address{}, errors.New("the address names a host: write the path behind sqlite: or, absolute, file:///")
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
			return address{}, errors.New("the address must name a file, without parameters, such as sqlite:taskql.db")
		}
		return address{dsn: rest}, nil
	default:
		return address{}, errors.New("the address must begin with postgres://, postgresql://, sqlite: or file: as its scheme")
	}
}

// connectPostgres opens a pool that also works through PgBouncer in transaction mode: it depends on no session state.
func connectPostgres(address address) (*sql.DB, error) {
	config, err := pgx.ParseConfig(address.dsn)
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
	conns := cmp.Or(address.conns, postgresConns)
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	return pool, nil
}

// connectSQLite opens the file, creating it unless readOnly.
func connectSQLite(path string, readOnly bool) (*sql.DB, error) {
	query := url.Values{"_pragma": {
		fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()),
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
