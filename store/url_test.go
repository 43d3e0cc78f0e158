package store

import "testing"

func TestParseURL(t *testing.T) {
	for _, tt := range []struct {
		url  string
		want address
	}{
		{"postgres://u:p@h:5432/d", address{true, "postgres://u:p@h:5432/d"}},
		{"postgresql://u:p@h/d?sslmode=require&channel_binding=require", address{true, "postgres://u:p@h/d?sslmode=require&channel_binding=require"}},
		{"postgresql+asyncpg://u:p@h/d", address{true, "postgres://u:p@h/d"}},
		{"postgresql+asyncpg://u:p@h/d?ssl=require", address{true, "postgres://u:p@h/d?sslmode=require"}},
		{"POSTGRESQL+psycopg2://u:p@h/d", address{true, "postgres://u:p@h/d"}},
		{"postgres://u:p%40%2F@h/d", address{true, "postgres://u:p%40%2F@h/d"}},
		{"sqlite:taskql.db", address{false, "taskql.db"}},
		{"sqlite:/var/lib/taskql.db", address{false, "/var/lib/taskql.db"}},
		{"sqlite:///./taskql.db", address{false, "./taskql.db"}},
		{"sqlite:////var/lib/taskql.db", address{false, "/var/lib/taskql.db"}},
		{"sqlite+aiosqlite:///taskql.db", address{false, "taskql.db"}},
		{"file:tasks/taskql.db", address{false, "tasks/taskql.db"}},
		{"file:///var/lib/taskql.db", address{false, "/var/lib/taskql.db"}},
		{"file:/var/lib/my tasks%.db", address{false, "/var/lib/my tasks%.db"}},
	} {
		if got, err := parseURL(tt.url); err != nil || got != tt.want {
			t.Errorf("parseURL(%q) = %+v, %v, want %+v", tt.url, got, err, tt.want)
		}
	}
	for _, url := range []string{
		"", "taskql.db", "mysql://u:p@h/d", "postgres:", "sqlite:", "sqlite://", "sqlite:///", "sqlite://host/taskql.db", "file://host/taskql.db",
		"sqlite::memory:", "sqlite:///:memory:", "sqlite:x.db?mode=ro", "postgres://u:p@h:port/d", "postgres://%zz",
	} {
		if got, err := parseURL(url); err == nil {
			t.Errorf("parseURL(%q) = %+v, want an error", url, got)
		}
	}
}
