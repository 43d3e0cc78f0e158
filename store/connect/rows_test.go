package connect_test

import (
	"database/sql"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5/stdlib"

	"taskql/store/connect"
	"taskql/store/storetest"
)

// scanned keeps the value of a column.
type scanned struct{ value any }

func (s *scanned) ScanValue(v *connect.Value) error {
	s.value = v.Any()
	return nil
}

// TestValues reads values of many types, sent as text and prepared, by database/sql and without it, and compares them with what pgx's own adapter to
// database/sql returns.
func TestValues(t *testing.T) {
	url := storetest.Postgres(t)
	address, err := connect.Parse(url)
	if err != nil {
		t.Fatal(err)
	}
	pool, err := connect.Postgres(address, connect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Writer.Close()
	config, err := pool.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer config.Close(t.Context())
	pgxs := stdlib.OpenDB(*config.Config())
	defer pgxs.Close()

	const instant = "timestamptz '2026-03-01 12:30:00.123456+02'"
	const query = "SELECT %s WHERE $1 <> 'another text'"
	read := func(db *sql.DB, column string) string {
		t.Helper()
		var value any
		if err := db.QueryRowContext(t.Context(), fmt.Sprintf(query, column), "text").Scan(&value); err != nil {
			t.Fatalf("%s: %v", column, err)
		}
		return fmt.Sprintf("%T %v", value, value)
	}
	readDirectly := func(column string) string {
		t.Helper()
		rows, err := pool.Query(t.Context(), true, fmt.Sprintf(query, column), "text")
		if err != nil {
			t.Fatalf("%s: %v", column, err)
		}
		defer rows.Close()
		var got scanned
		if !rows.Next() {
			t.Fatalf("%s: no row: %v", column, rows.Err())
		}
		if err := rows.Scan(&got); err != nil {
			t.Fatalf("%s: %v", column, err)
		}
		return fmt.Sprintf("%T %v", got.value, got.value)
	}
	for _, column := range []string{
		"NULL::text", "true", "false", "'ä'::text", "''::varchar", "'n'::name", "'c'::char(3)", "-1::bigint", "9223372036854775807::bigint", "-2::int", "3::smallint",
		"1.5::float8", "0.25::float4", "12.50::numeric", instant, "timestamptz '1969-12-31 23:59:59.999999Z'", "timestamptz '0001-01-01 00:00:00Z'",
		"timestamptz 'infinity'", "timestamptz '-infinity'", "timestamp '2026-03-01 12:30:00.5'", "date '2026-03-01'", "'\\x00ff'::bytea", "'{\"a\": 1}'::json", "'[1]'::jsonb",
		"ARRAY['a', 'b']", "ARRAY[1, 2]::bigint[]", "'a:1A b'::tsvector", "interval '1 day'", "5::oid", "'7'::xid",
		"'c07a6b5e-0000-4000-8000-000000000001'::uuid", "ROW(1, 'a')", "'r'::\"char\"",
	} {
		want := read(pgxs, column)
		for range 3 { // prepared from the second time on
			for _, got := range []string{read(pool.Reader, column), readDirectly(column)} {
				if got != want {
					t.Errorf("%s = %s, want %s", column, got, want)
				}
			}
		}
	}
}
