package storetest

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver pgx
	_ "modernc.org/sqlite"             // the driver sqlite
)

// IsPostgres reports which kind of database an address is of.
func IsPostgres(databaseURL string) bool { return strings.HasPrefix(databaseURL, "postgres") }

func open(tb testing.TB, databaseURL string) *sql.DB {
	tb.Helper()
	driver, address := "sqlite", strings.TrimPrefix(databaseURL, "sqlite:")
	if IsPostgres(databaseURL) {
		// As psql would send it: one text may have many statements.
		driver, address = "pgx", databaseURL+"&default_query_exec_mode=simple_protocol"
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		tb.Fatal(err)
	}
	return db
}

// Exec runs statements as another program would that uses the same database.
func Exec(tb testing.TB, databaseURL string, statements ...string) {
	tb.Helper()
	db := open(tb, databaseURL)
	defer db.Close()
	for _, statement := range statements {
		if _, err := db.ExecContext(context.Background(), statement); err != nil {
			tb.Fatalf("%v\n%s", err, statement)
		}
	}
}

// Query returns the rows of a query, each as its values with bars between; NULL is -.
func Query(tb testing.TB, databaseURL, query string) []string {
	tb.Helper()
	db := open(tb, databaseURL)
	defer db.Close()
	rows, err := db.QueryContext(context.Background(), query)
	if err != nil {
		tb.Fatalf("%v\n%s", err, query)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		tb.Fatal(err)
	}
	values, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	var all []string
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			tb.Fatal(err)
		}
		texts := make([]string, len(values))
		for i, value := range values {
			if texts[i] = value.String; !value.Valid {
				texts[i] = "-"
			}
		}
		all = append(all, strings.Join(texts, "|"))
	}
	if err := rows.Err(); err != nil {
		tb.Fatal(err)
	}
	return all
}

// Dump returns everything that a database holds, but for the tables and functions of these names, in which * stands
// for anything, as text: their definitions, indexes and rows, and the state of its sequences.
func Dump(tb testing.TB, databaseURL string, without ...string) string {
	tb.Helper()
	if IsPostgres(databaseURL) {
		return dumpPostgres(tb, databaseURL, without)
	}
	keep := func(column string) string {
		condition := "TRUE"
		for _, pattern := range without {
			condition += " AND " + column + " NOT GLOB '" + pattern + "'"
		}
		return condition
	}
	all := Query(tb, databaseURL, "SELECT type, name, sql FROM sqlite_master WHERE "+keep("tbl_name")+" AND name <> 'sqlite_sequence' ORDER BY type, name")
	for _, table := range Query(tb, databaseURL, "SELECT name FROM sqlite_master WHERE type = 'table' AND "+keep("name")+" ORDER BY name") {
		// Value by value with its type, so that 1 is not '1'.
		columns := Query(tb, databaseURL, fmt.Sprintf("SELECT 'quote(\"' || name || '\")' FROM pragma_table_xinfo('%s')", table))
		query := fmt.Sprintf(`SELECT %s FROM "%s" ORDER BY 1`, strings.Join(columns, ", "), table)
		if table == "sqlite_sequence" {
			query = "SELECT quote(name), quote(seq) FROM sqlite_sequence WHERE " + keep("name") + " ORDER BY name"
		}
		for _, row := range Query(tb, databaseURL, query) {
			all = append(all, table+": "+row)
		}
	}
	return strings.Join(all, "\n")
}

func dumpPostgres(tb testing.TB, databaseURL string, without []string) string {
	address, err := url.Parse(databaseURL)
	if err != nil {
		tb.Fatal(err)
	}
	query := address.Query()
	schema := query.Get("search_path")
	query.Del("search_path")
	address.RawQuery = query.Encode()
	args := []string{"--dbname=" + address.String(), "--schema=" + schema, "--inserts"}
	for _, table := range without {
		args = append(args, "--exclude-table="+schema+"."+table)
	}
	command := exec.Command("pg_dump", args...)
	var stderr strings.Builder
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		tb.Fatalf("pg_dump: %v\n%s", err, &stderr)
	}
	var text strings.Builder
	left := false
	for line := range strings.Lines(string(out)) {
		// The option for tables does not leave out functions.
		if name, header := strings.CutPrefix(line, "-- Name: "); header {
			name, _, _ = strings.Cut(strings.TrimPrefix(name, "FUNCTION "), "(")
			left = slices.ContainsFunc(without, func(pattern string) bool { match, _ := path.Match(pattern, name); return match })
		} else if strings.HasPrefix(line, "SET ") || strings.HasPrefix(line, "-- PostgreSQL database dump complete") {
			left = false
		}
		if left || line == "--\n" {
			continue
		}
		// Each dump has a random key of its own.
		if !strings.HasPrefix(line, `\restrict`) && !strings.HasPrefix(line, `\unrestrict`) {
			text.WriteString(line)
		}
	}
	return text.String()
}
