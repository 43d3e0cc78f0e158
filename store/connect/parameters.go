package connect

import (
	"errors"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// othersParameters are parameters that other clients read from the same address and that mean nothing here: those of Prisma,
// asyncpg, JDBC, node-postgres, pgx's pool, Supabase's workaround and Doctrine. connect_timeout is libpq's own.
var othersParameters = []string{
	"pgbouncer", "pool_timeout", "socket_timeout", "statement_cache_size", "sslaccept", "sslidentity", "single_use_connections",
	"prepared_statement_cache_size", "prepared_statement_name_func", "async_fallback", "command_timeout", "max_inactive_connection_lifetime",
	"prepareThreshold", "reWriteBatchedInserts", "uselibpqcompat", "workaround", "supa", "serverversion", "charset",
	"pool_min_conns", "pool_min_idle_conns", "pool_max_conn_lifetime", "pool_max_conn_lifetime_jitter", "pool_max_conn_idle_time", "pool_health_check_period",
}

// dropOthers removes the parameters of other clients.
func dropOthers(values url.Values) {
	for name := range values {
		for _, other := range append(othersParameters, "connection_limit", "pool_max_conns") {
			if strings.EqualFold(name, other) {
				values.Del(name)
			}
		}
	}
}

// minConns is the smallest pool: one connection may be listening for notifications all the time.
const minConns = 2

var plainName = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)

// readParameters replaces the parameters of a PostgreSQL address that other clients have made up with those of libpq, and returns the size of
// the pool that it asks for, or 0. PostgreSQL itself refuses the ones that remain unknown; see UnknownParameter.
func readParameters(u *url.URL) (conns int, err error) {
	values := u.Query()
	before := len(values)
	for _, name := range []string{"connection_limit", "pool_max_conns"} { // Prisma's and pgx's
		if !values.Has(name) {
			continue
		}
		n, err := strconv.Atoi(values.Get(name))
		if err != nil || n < 1 || n > 10_000 {
			return 0, errors.New("the address has a parameter " + name + " that is no number from 1 to 10000")
		}
		conns = max(n, minConns)
	}
	for _, other := range []struct{ name, libpq string }{
		{"ssl", "sslmode"},               // asyncpg's
		{"schema", "search_path"},        // Prisma's
		{"currentSchema", "search_path"}, // JDBC's, a list of names
	} {
		if !values.Has(other.name) {
			continue
		}
		value := values.Get(other.name)
		if other.libpq == "search_path" {
			value = searchPath(value, other.name == "currentSchema")
		}
		if !values.Has(other.libpq) && value != "" {
			values.Set(other.libpq, value)
		}
		values.Del(other.name)
	}
	switch strings.ToLower(values.Get("sslmode")) { // node-postgres's and asyncpg's words
	case "no-verify", "true", "1":
		values.Set("sslmode", "require")
	case "false", "0":
		values.Set("sslmode", "disable")
	}
	dropOthers(values)
	if len(values) != before || values.Encode() != u.Query().Encode() {
		u.RawQuery = values.Encode()
	}
	return conns, nil
}

// searchPath returns the search path for the name of a schema, or for a list of names.
func searchPath(value string, isList bool) string {
	names := []string{value}
	if isList {
		names = strings.Split(value, ",")
	}
	var quoted []string
	for _, name := range names {
		switch name = strings.TrimSpace(name); {
		case name == "":
		case plainName.MatchString(name) || isList && strings.HasPrefix(name, `"`):
			quoted = append(quoted, name)
		default:
			quoted = append(quoted, `"`+strings.ReplaceAll(name, `"`, `""`)+`"`)
		}
	}
	return strings.Join(quoted, ",")
}

var unknownName = regexp.MustCompile(`(?:unrecognized configuration parameter|unsupported startup parameter:) "?([^" ]+)"?`)

// UnknownParameter explains PostgreSQL's or PgBouncer's refusal of a parameter of the address, and returns nil for any other error.
func UnknownParameter(err error) error {
	match := unknownName.FindStringSubmatch(err.Error())
	if match == nil {
		return nil
	}
	return errors.New("the address has the parameter " + match[1] + ", which the server does not know: remove it from the address")
}
