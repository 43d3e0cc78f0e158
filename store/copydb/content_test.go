package copydb_test

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"taskql/store/storetest/opened"
)

// sqlDB opens a database past the store.
func sqlDB(t *testing.T, address string) *sql.DB {
	t.Helper()
	driver := "pgx"
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		driver, address = "sqlite", path
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func mustExec(t *testing.T, address string, statements ...string) {
	t.Helper()
	db := sqlDB(t, address)
	defer db.Close()
	for _, statement := range statements {
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// tables are the names of all tables with content of users: when steps of the schema were taken is the
// database's own, and so is how it keeps what searches look at.
func tables(t *testing.T, address string) []string {
	t.Helper()
	db := sqlDB(t, address)
	defer db.Close()
	query := "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'task_era' ORDER BY name"
	if !strings.HasPrefix(address, "sqlite:") {
		query = "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND relname <> 'task_era' ORDER BY relname"
	}
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		if name != "task_migration" && !strings.HasPrefix(name, "task_search") {
			names = append(names, name)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return names
}

// content is every row of all tables as text, all columns by name, in the same form for both databases.
func content(t *testing.T, address string) []string {
	t.Helper()
	db := sqlDB(t, address)
	defer db.Close()
	var lines []string
	for _, table := range tables(t, address) {
		rows, err := db.Query("SELECT * FROM " + table)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		names, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			values, places := make([]any, len(names)), make([]any, len(names))
			for i := range values {
				places[i] = &values[i]
			}
			if err := rows.Scan(places...); err != nil {
				t.Fatal(err)
			}
			for i, value := range values {
				switch v := value.(type) { // SQLite has neither times nor booleans
				case time.Time:
					value = v.UTC().Format("2006-01-02 15:04:05.999999+00:00")
				case bool:
					value = int64(map[bool]int{true: 1}[v])
				}
				values[i] = fmt.Sprintf("%s=%#v", names[i], value)
			}
			slices.SortFunc(values, func(a, b any) int { return strings.Compare(a.(string), b.(string)) })
			lines = append(lines, fmt.Sprint(table, values))
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(lines)
	return lines
}

// countRows is how many rows there are to copy.
func countRows(t *testing.T, address string) int64 {
	t.Helper()
	db := sqlDB(t, address)
	defer db.Close()
	var all int64
	for _, table := range tables(t, address) {
		if table == "task_setting" {
			continue
		}
		var rows int64
		if err := db.QueryRow("SELECT count(*) FROM " + table).Scan(&rows); err != nil {
			t.Fatal(err)
		}
		all += rows
	}
	return all
}

func wantSameContent(t *testing.T, from, to string) {
	t.Helper()
	want, got := content(t, from), content(t, to)
	if slices.Equal(got, want) {
		return
	}
	for i := range min(len(want), len(got)) {
		if got[i] != want[i] {
			t.Errorf("the target has\n%s\nwant\n%s", got[i], want[i])
			break
		}
	}
	t.Errorf("the target has %d rows, want the %d of the source", len(got), len(want))
}

// fill makes n tasks of a hundred users, and what else a database in use has.
func fill(t *testing.T, address string, n int) {
	t.Helper()
	_ = opened.Migrated(t, address)
	series := fmt.Sprintf("WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < %d) ", n)
	mustExec(t, address,
		series+`INSERT INTO task (user_id, title, title_lower, created_at, updated_at, position, version)
			SELECT 'user ' || (i % 100), 'task ' || i, 'task ' || i, '2026-01-01 10:00:00.123456+00:00', '2026-01-01 10:00:00+00:00', 'h' || i, i FROM s`,
		series+`INSERT INTO task_tombstone (user_id, version, task_id, purged_at)
			SELECT 'user ' || (i % 100), 1000000 + i, 1000000 + i, '2026-01-01 10:00:00.5+00:00' FROM s WHERE i <= 300`,
		"INSERT INTO task_counter (user_id, n) SELECT user_id, max(version) FROM task_tombstone GROUP BY user_id")
}

// rowsOf is how many rows fill makes of n tasks.
func rowsOf(n int) int64 { return int64(n + min(n, 300) + min(n, 100)) }
