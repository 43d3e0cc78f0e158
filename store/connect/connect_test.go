package connect

import (
	"testing"
)

func TestParseURL(t *testing.T) {
	for _, tt := range []struct {
		url  string
		want Address
	}{
		{"postgres://u:p@h:5432/d", Address{Postgres: true, DSN: "postgres://u:p@h:5432/d"}},
		{"postgresql://u:p@h/d?sslmode=require&channel_binding=require", Address{Postgres: true, DSN: "postgres://u:p@h/d?sslmode=require&channel_binding=require"}},
		{"postgresql+asyncpg://u:p@h/d", Address{Postgres: true, DSN: "postgres://u:p@h/d"}},
		{"postgresql+asyncpg://u:p@h/d?ssl=require", Address{Postgres: true, DSN: "postgres://u:p@h/d?sslmode=require"}},
		{"POSTGRESQL+psycopg2://u:p@h/d", Address{Postgres: true, DSN: "postgres://u:p@h/d"}},
		{"postgres://u:p%40%2F@h/d", Address{Postgres: true, DSN: "postgres://u:p%40%2F@h/d"}},
		{"postgres://u:p@h/d?schema=public&connection_limit=5&pool_timeout=10&connect_timeout=7", Address{Postgres: true, DSN: "postgres://u:p@h/d?connect_timeout=7&search_path=public", Conns: 5}},
		{"postgres://u:p@h/d?pgbouncer=true&connection_limit=1&sslmode=require", Address{Postgres: true, DSN: "postgres://u:p@h/d?sslmode=require", Conns: 2}},
		{"postgres://u:p@h/d?schema=My-App", Address{Postgres: true, DSN: "postgres://u:p@h/d?search_path=%22My-App%22"}},
		{"postgres://u:p@h/d?schema=a&search_path=b", Address{Postgres: true, DSN: "postgres://u:p@h/d?search_path=b"}},
		{"postgres://u:p@h/d?statement_cache_size=0&prepared_statement_cache_size=0&socket_timeout=3&sslaccept=strict", Address{Postgres: true, DSN: "postgres://u:p@h/d"}},
		{"postgres://u:p@h/d?prepareThreshold=0&currentSchema=app", Address{Postgres: true, DSN: "postgres://u:p@h/d?search_path=app"}},
		{"postgres://u:p@h/d?currentSchema=app, public,My-App", Address{Postgres: true, DSN: "postgres://u:p@h/d?search_path=app%2Cpublic%2C%22My-App%22"}},
		{"postgres://u:p@h/d?currentSchema=b&schema=a", Address{Postgres: true, DSN: "postgres://u:p@h/d?search_path=a"}},
		{"postgres://u:p@h/d?ssl=false", Address{Postgres: true, DSN: "postgres://u:p@h/d?sslmode=disable"}},
		{"postgres://u:p@h/d?ssl=1", Address{Postgres: true, DSN: "postgres://u:p@h/d?sslmode=require"}},
		{"postgres://u:p@h/d?sslmode=no-verify&pool_max_conns=9&pool_min_conns=1", Address{Postgres: true, DSN: "postgres://u:p@h/d?sslmode=require", Conns: 9}},
		{"file:./dev.db?connection_limit=1&socket_timeout=10", Address{DSN: "./dev.db"}},
		{"sqlite:taskql.db", Address{DSN: "taskql.db"}},
		{"sqlite:/var/lib/taskql.db", Address{DSN: "/var/lib/taskql.db"}},
		{"sqlite:///./taskql.db", Address{DSN: "./taskql.db"}},
		{"sqlite:////var/lib/taskql.db", Address{DSN: "/var/lib/taskql.db"}},
		{"sqlite+aiosqlite:///taskql.db", Address{DSN: "taskql.db"}},
		{"file:tasks/taskql.db", Address{DSN: "tasks/taskql.db"}},
		{"file:///var/lib/taskql.db", Address{DSN: "/var/lib/taskql.db"}},
		{"file:/var/lib/my tasks%.db", Address{DSN: "/var/lib/my tasks%.db"}},
	} {
		if got, err := Parse(tt.url); err != nil || got != tt.want {
			t.Errorf("Parse(%q) = %+v, %v, want %+v", tt.url, got, err, tt.want)
		}
	}
	for _, url := range []string{
		"", "taskql.db", "mysql://u:p@h/d", "postgres:", "sqlite:", "sqlite://", "sqlite:///", "sqlite://host/taskql.db", "file://host/taskql.db",
		"sqlite::memory:", "sqlite:///:memory:", "sqlite:x.db?mode=ro", "postgres://u:p@h:port/d",
		"postgres://u:p@h/d?connection_limit=0", "postgres://u:p@h/d?connection_limit=many", "file:x.db?connection_limit=1&mode=ro", "postgres://%zz",
	} {
		if got, err := Parse(url); err == nil {
			t.Errorf("Parse(%q) = %+v, want an error", url, got)
		}
	}
}
