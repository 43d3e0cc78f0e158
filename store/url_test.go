package store

import (
	"strings"
	"testing"

	"taskql/store/storetest"
)

func TestParseURL(t *testing.T) {
	for _, tt := range []struct {
		url  string
		want address
	}{
		{"postgres://u:p@h:5432/d", address{postgres: true, dsn: "postgres://u:p@h:5432/d"}},
		{"postgresql://u:p@h/d?sslmode=require&channel_binding=require", address{postgres: true, dsn: "postgres://u:p@h/d?sslmode=require&channel_binding=require"}},
		{"postgresql+asyncpg://u:p@h/d", address{postgres: true, dsn: "postgres://u:p@h/d"}},
		{"postgresql+asyncpg://u:p@h/d?ssl=require", address{postgres: true, dsn: "postgres://u:p@h/d?sslmode=require"}},
		{"POSTGRESQL+psycopg2://u:p@h/d", address{postgres: true, dsn: "postgres://u:p@h/d"}},
		{"postgres://u:p%40%2F@h/d", address{postgres: true, dsn: "postgres://u:p%40%2F@h/d"}},
		{"postgres://u:p@h/d?schema=public&connection_limit=5&pool_timeout=10&connect_timeout=7", address{postgres: true, dsn: "postgres://u:p@h/d?connect_timeout=7&search_path=public", conns: 5}},
		{"postgres://u:p@h/d?pgbouncer=true&connection_limit=1&sslmode=require", address{postgres: true, dsn: "postgres://u:p@h/d?sslmode=require", conns: 2}},
		{"postgres://u:p@h/d?schema=My-App", address{postgres: true, dsn: "postgres://u:p@h/d?search_path=%22My-App%22"}},
		{"postgres://u:p@h/d?schema=a&search_path=b", address{postgres: true, dsn: "postgres://u:p@h/d?search_path=b"}},
		{"postgres://u:p@h/d?statement_cache_size=0&prepared_statement_cache_size=0&socket_timeout=3&sslaccept=strict", address{postgres: true, dsn: "postgres://u:p@h/d"}},
		{"postgres://u:p@h/d?prepareThreshold=0&currentSchema=app", address{postgres: true, dsn: "postgres://u:p@h/d?search_path=app"}},
		{"postgres://u:p@h/d?sslmode=no-verify&pool_max_conns=9&pool_min_conns=1", address{postgres: true, dsn: "postgres://u:p@h/d?sslmode=require", conns: 9}},
		{"file:./dev.db?connection_limit=1&socket_timeout=10", address{dsn: "./dev.db"}},
		{"sqlite:taskql.db", address{dsn: "taskql.db"}},
		{"sqlite:/var/lib/taskql.db", address{dsn: "/var/lib/taskql.db"}},
		{"sqlite:///./taskql.db", address{dsn: "./taskql.db"}},
		{"sqlite:////var/lib/taskql.db", address{dsn: "/var/lib/taskql.db"}},
		{"sqlite+aiosqlite:///taskql.db", address{dsn: "taskql.db"}},
		{"file:tasks/taskql.db", address{dsn: "tasks/taskql.db"}},
		{"file:///var/lib/taskql.db", address{dsn: "/var/lib/taskql.db"}},
		{"file:/var/lib/my tasks%.db", address{dsn: "/var/lib/my tasks%.db"}},
	} {
		if got, err := parseURL(tt.url); err != nil || got != tt.want {
			t.Errorf("parseURL(%q) = %+v, %v, want %+v", tt.url, got, err, tt.want)
		}
	}
	for _, url := range []string{
		"", "taskql.db", "mysql://u:p@h/d", "postgres:", "sqlite:", "sqlite://", "sqlite:///", "sqlite://host/taskql.db", "file://host/taskql.db",
		"sqlite::memory:", "sqlite:///:memory:", "sqlite:x.db?mode=ro", "postgres://u:p@h:port/d",
		"postgres://u:p@h/d?connection_limit=0", "postgres://u:p@h/d?connection_limit=many", "file:x.db?connection_limit=1&mode=ro", "postgres://%zz",
	} {
		if got, err := parseURL(url); err == nil {
			t.Errorf("parseURL(%q) = %+v, want an error", url, got)
		}
	}
}

// TestUnknownParameter wants the parameter named, and no password.
func TestUnknownParameter(t *testing.T) {
	url := storetest.Postgres(t)
	s, err := Open(t.Context(), Options{URL: url + "&secret_colour=hidden"})
	if err == nil {
		_ = s.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "the address has the parameter secret_colour") || strings.Contains(err.Error(), "hidden") {
		t.Errorf("Open with an unknown parameter = %v", err)
	}
}

// TestSchemaParameter opens a database by the parameters that Prisma writes.
func TestSchemaParameter(t *testing.T) {
	url := strings.Replace(storetest.Postgres(t), "search_path=", "schema=", 1) + "&connection_limit=1&pgbouncer=true"
	s := mustMigrated(t, url)
	mustStore(t, s, "u", "x", "")
	var schema string
	if err := s.reader.NewRaw("SELECT current_schema()").Scan(t.Context(), &schema); err != nil || !strings.HasPrefix(schema, "test_") {
		t.Errorf("current_schema = %q, %v, want the one of the address", schema, err)
	}
	if got := s.writer.Stats().MaxOpenConnections; got != minConns {
		t.Errorf("the pool has up to %d connections, want %d", got, minConns)
	}
}
