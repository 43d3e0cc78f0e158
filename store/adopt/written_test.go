package adopt_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"taskql/store"
	"taskql/store/copydb"
	"taskql/store/storetest"
	"taskql/store/storetest/opened"
)

// TestAdoptedTablesAreCompact compares the size of what a takeover leaves with the size of the same after it is written again. On PostgreSQL
// the tables must be analysed, and their pages marked as visible to all, so that no VACUUM writes them again.
func TestAdoptedTablesAreCompact(t *testing.T) {
	n := storetest.Scale(5000, 1_000_000)
	storetest.Each(t, func(t *testing.T, url string) {
		makeMany(t, url, n)
		s := opened.Store(t, url)
		if _, err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		size, again := "SELECT page_count FROM pragma_page_count()", "VACUUM"
		tables := []string{"the file"}
		if storetest.IsPostgres(url) {
			size, tables = "SELECT pg_relation_size('%s')", []string{"task", "task_search", "task_counter"}
			tables = append(tables, storetest.Query(t, url, "SELECT indexrelid::regclass FROM pg_index WHERE indrelid IN ('task'::regclass, 'task_search'::regclass)")...)
			for _, table := range tables[:2] {
				const facts = "SELECT reltuples, relallvisible = relpages, (SELECT count(*) > 0 FROM pg_stats WHERE schemaname = current_schema AND tablename = relname) FROM pg_class WHERE oid = '%s'::regclass"
				if got := storetest.Query(t, url, fmt.Sprintf(facts, table))[0]; got != strconv.Itoa(n)+"|true|true" {
					t.Errorf("rows of %s, whether all is visible, whether it is analysed: %s", table, got)
				}
			}
			again = "VACUUM FULL task; VACUUM FULL task_search; VACUUM FULL task_counter"
		}
		sizeOf := func(table string) int {
			bytes, err := strconv.Atoi(storetest.Query(t, url, strings.Replace(size, "%s", table, 1))[0])
			if err != nil {
				t.Fatal(err)
			}
			return bytes
		}
		before := map[string]int{}
		for _, table := range tables {
			before[table] = sizeOf(table)
		}
		for _, statement := range strings.Split(again, "; ") {
			storetest.Exec(t, url, statement)
		}
		for _, table := range tables {
			needs := sizeOf(table)
			t.Logf("%s: %d, needs %d", table, before[table], needs)
			// Of the smallest, a page more or less says nothing.
			if before[table] > needs*6/5+2*8192 {
				t.Errorf("the size of %s is %d, and it needs %d", table, before[table], needs)
			}
		}
	})
}

// TestAdoptedTablesAreOrdered wants the rows of a user to be neighbours.
func TestAdoptedTablesAreOrdered(t *testing.T) {
	url := storetest.Postgres(t)
	makeMany(t, url, 2500) // of 1,000 users in turn
	mustMigrate(t, url)
	for _, table := range []string{"task", "task_search"} {
		query := "SELECT count(*), count(*) FILTER (WHERE user_id <> before) FROM (SELECT t.user_id, lag(t.user_id) OVER (ORDER BY place.ctid) AS before " +
			"FROM task AS t JOIN " + table + " AS place ON place.%s = t.id) AS rows"
		query = fmt.Sprintf(query, map[string]string{"task": "id", "task_search": "task_id"}[table])
		if got := storetest.Query(t, url, query); !slices.Equal(got, []string{"2500|999"}) {
			t.Errorf("the rows of %s, and how many are beside those of another user: %q", table, got)
		}
	}
}

// TestAdoptedAsWritten compares what a takeover stores with what other writes store of the same tasks, in every column: a copy computes derived columns
// and search terms again.
func TestAdoptedAsWritten(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		makeMany(t, url, 2500)
		storetest.Exec(t, url, "INSERT INTO task (user_id, title, description, priority, tags, due_date, completed, created_at, updated_at) "+
			`SELECT 'ä	\u', 'Tab	ÄÖ \N \', '  ', 'low', '["Ä\t\\","x"]', '2026-03-01 00:00:00', completed, created_at, updated_at FROM task WHERE id <= 10`)
		mustMigrate(t, url)
		copied := sameKind(t, url)
		if _, err := copydb.Copy(t.Context(), url, copied, func(store.Progress) {}); err != nil {
			t.Fatal(err)
		}
		terms := "SELECT * FROM task_search ORDER BY task_id"
		if !storetest.IsPostgres(url) {
			for _, url := range []string{url, copied} {
				storetest.Exec(t, url, "CREATE VIRTUAL TABLE terms USING fts5vocab(task_search, instance)")
			}
			terms = "SELECT * FROM terms ORDER BY doc, term, col, offset"
		}
		columns := "id, user_id, title, description, priority, tags, due_date, completed, created_at, updated_at, due_kind, completed_at, deleted_at, position, version, "
		for _, query := range []string{
			"SELECT " + columns + "title_lower, notes_lower, tags_lower, due_end FROM task ORDER BY id", terms, "SELECT * FROM task_counter ORDER BY user_id",
		} {
			got, want := storetest.Query(t, url, query), storetest.Query(t, copied, query)
			if len(want) < 1000 || !slices.Equal(got, want) {
				t.Errorf("%s\nreturns %d rows that differ from the %d of a copy", query, len(got), len(want))
			}
		}
	})
}

// TestKeptValues wants the values of unknown columns to stay as they are, whatever their type and the settings of the role.
func TestKeptValues(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		as, columns := url, []string{"a", "b", "c", "d"}
		create := "a BLOB, b, c DATETIME, d DECIMAL(10, 2)"
		values := `(x'00ff5c0a', 1, '1/2/2026', 0.1 + 0.2), (NULL, '1', 1767225600, 5), (x'', x'31', '2026-01-01 00:00:00', 'x')`
		show := "quote(%s)"
		if storetest.IsPostgres(url) {
			as = storetest.As(t, url, "extra_float_digits = 0")
			storetest.Exec(t, as, `CREATE TYPE mood AS ENUM ('so', 'NULL', '\N')`)
			columns = append(columns, "e", "f", "g", "h")
			create = `a BYTEA, b DOUBLE PRECISION, c TIMESTAMP, d INTERVAL, e TEXT[], f JSON, g mood, "h" TEXT`
			values = `('\x00ff5c0a'::bytea, 0.1::float8 + 0.2::float8, '2026-01-02 03:04:05.678901'::timestamp, '-1 year 2 days 3.5 s'::interval,
					ARRAY[E'a\tb', NULL, '\'], '{"a":  "\n"}'::json, '\N'::mood, '\N'),
				(NULL, 'NaN', 'infinity', NULL, '{}', NULL, 'NULL', ''), ('', NULL, NULL, '1 mon', NULL, '1', NULL, E'a\tb\nc\rd\\')`
			show = "%s::text"
		}
		storetest.Exec(t, as, "CREATE TABLE task (id INTEGER PRIMARY KEY, user_id TEXT DEFAULT 'u', title TEXT DEFAULT 't', completed BOOLEAN, "+create+")",
			"INSERT INTO task (id, "+strings.Join(columns, ", ")+") SELECT row_number() OVER (), v.* FROM (VALUES "+values+") AS v")
		query := "SELECT id"
		for _, column := range columns {
			query += ", " + strings.Replace(show, "%s", column, 1)
		}
		before := storetest.Query(t, url, query+" FROM task ORDER BY id")
		mustMigrate(t, as)
		if after := storetest.Query(t, url, query+" FROM task ORDER BY id"); len(before) != 3 || !slices.Equal(after, before) {
			t.Errorf("the values are\n%q\nwant\n%q", after, before)
		}
	})
}

// TestAdoptFailsLate has an obstacle that shows only when the rows have been written: two values of a unique column become the same.
func TestAdoptFailsLate(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		plainTable(t, url)
		storetest.Exec(t, url, "CREATE TABLE note (task_id INTEGER REFERENCES task (id))", "INSERT INTO note VALUES (99)",
			"CREATE UNIQUE INDEX once ON task (user_id, priority)", "UPDATE task SET priority = CASE id WHEN 1 THEN 'high' ELSE 'HIGH' END")
		before := storetest.Dump(t, url)
		if steps, err := opened.Store(t, url).Migrate(t.Context()); err == nil || len(steps) > 0 {
			t.Errorf("Migrate = %v, %v, want an error", steps, err)
		}
		wantSame(t, url, before)
	})
}

// TestReferenceOfAnotherRole wants a table refused whose foreign keys cannot be created again.
func TestReferenceOfAnotherRole(t *testing.T) {
	url := storetest.Postgres(t)
	as := storetest.As(t, url, "lock_timeout = 0")
	storetest.Exec(t, as, "CREATE TABLE task (id INTEGER PRIMARY KEY, user_id VARCHAR, title VARCHAR, completed BOOLEAN)")
	storetest.Exec(t, url, "CREATE TABLE note (task_id INTEGER REFERENCES task (id))")
	wantRefused(t, as, "the table note refers to it, and belongs to another role")
	mustMigrate(t, url) // as the owner of all
}
