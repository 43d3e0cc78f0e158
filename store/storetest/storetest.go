// Package storetest gives tests an empty database of each kind.
package storetest

import (
	"context"
	"crypto/rand"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Each runs a test once on SQLite and once on Postgres, each time with the address of an empty
// database of its own, in the form of DATABASE_URL.
func Each(t *testing.T, test func(t *testing.T, databaseURL string)) {
	t.Run("SQLite", func(t *testing.T) { test(t, SQLite(t)) })
	t.Run("PostgreSQL", func(t *testing.T) { test(t, Postgres(t)) })
}

// SQLite returns the address of a new SQLite file.
func SQLite(tb testing.TB) string {
	return "sqlite:" + filepath.Join(tb.TempDir(), "taskql.db")
}

// Postgres returns the address of a new schema in the database at TEST_DATABASE_URL, which is
// dropped when the test ends.
func Postgres(tb testing.TB) string {
	tb.Helper()
	base := os.Getenv("TEST_DATABASE_URL")
	if base == "" {
		tb.Fatal("TEST_DATABASE_URL is not set: run `make test`, which starts a PostgreSQL, or set it to one that tests may write to")
	}
	address, err := url.Parse(base)
	if err != nil {
		tb.Fatal("TEST_DATABASE_URL is not a URL")
	}
	schema := "test_" + strings.ToLower(rand.Text()[:12])
	exec := func(sql string) {
		tb.Helper()
		ctx := context.Background() // the test's own has ended when it cleans up
		conn, err := pgx.Connect(ctx, base)
		if err != nil {
			tb.Fatal(err)
		}
		defer conn.Close(ctx)
		if _, err := conn.Exec(ctx, sql); err != nil {
			tb.Fatal(err)
		}
	}
	exec("CREATE SCHEMA " + schema)
	tb.Cleanup(func() { exec("DROP SCHEMA " + schema + " CASCADE") })
	query := address.Query()
	query.Set("search_path", schema)
	address.RawQuery = query.Encode()
	return address.String()
}

// As returns the address of a database for a new role, whose sessions have a setting such as "default_transaction_isolation = 'repeatable
// read'", or which has a property such as "CONNECTION LIMIT 3". The role owns the schema and is dropped when the test ends.
func As(tb testing.TB, databaseURL, property string) string {
	tb.Helper()
	address, err := url.Parse(databaseURL)
	if err != nil {
		tb.Fatal(err)
	}
	role, schema := "role_"+strings.ToLower(rand.Text()[:12]), address.Query().Get("search_path")
	if strings.Contains(property, "=") {
		property = "SET " + property
	}
	Exec(tb, databaseURL, "CREATE ROLE "+role+" LOGIN PASSWORD 'x'", "ALTER SCHEMA "+schema+" OWNER TO "+role, "ALTER ROLE "+role+" "+property)
	tb.Cleanup(func() {
		Exec(tb, databaseURL, "REASSIGN OWNED BY "+role+" TO CURRENT_USER", "DROP OWNED BY "+role, "DROP ROLE "+role)
	})
	address.User = url.UserPassword(role, "x")
	return address.String()
}
