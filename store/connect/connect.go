// Package connect opens the connection pools of a database address.
package connect

import (
	"errors"
	"net/url"
	"strings"
)

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

// noneFree is the reason of a request that has waited for a connection until its time was over.
const noneFree = "No connection to the database was free until the time of this request was over."
