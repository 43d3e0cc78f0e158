package storetest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Save saves the rows of a database. putBack makes the database what it was, as a restored backup does. On SQLite no program
// may have the file open at either time, and the tests of PostgreSQL only lose what has been written to the tables, not
// the tables.
func Save(tb testing.TB, databaseURL string) (putBack func()) {
	tb.Helper()
	if !IsPostgres(databaseURL) {
		file := strings.TrimPrefix(databaseURL, "sqlite:")
		saved := filepath.Join(tb.TempDir(), "saved.db")
		Exec(tb, databaseURL, "VACUUM INTO '"+saved+"'")
		return func() {
			tb.Helper()
			content, err := os.ReadFile(saved)
			for _, suffix := range []string{"-wal", "-shm"} {
				_ = os.Remove(file + suffix) // usually not there
			}
			if err == nil {
				err = os.WriteFile(file, content, 0o600)
			}
			if err != nil {
				tb.Fatal(err)
			}
		}
	}
	const tables = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename NOT LIKE 'saved%' ORDER BY 1"
	// No triggers and foreign keys, so that the order does not matter.
	back := []string{"SET session_replication_role = replica"}
	for _, table := range Query(tb, databaseURL, tables) {
		Exec(tb, databaseURL, fmt.Sprintf("DROP TABLE IF EXISTS saved_%[1]s; CREATE TABLE saved_%[1]s AS TABLE %[1]s", table))
		columns := strings.Join(Query(tb, databaseURL, `SELECT column_name FROM information_schema.columns
			WHERE table_schema = current_schema() AND is_generated = 'NEVER' AND table_name = '`+table+"'"), ", ")
		back = append(back, "DELETE FROM "+table, fmt.Sprintf("INSERT INTO %[1]s (%[2]s) SELECT %[2]s FROM saved_%[1]s", table, columns))
	}
	for _, state := range Query(tb, databaseURL, "SELECT format('setval(%L, %s)', sequencename, coalesce(last_value, 1)) FROM pg_sequences WHERE schemaname = current_schema()") {
		back = append(back, "SELECT "+state)
	}
	return func() {
		tb.Helper()
		Exec(tb, databaseURL, "BEGIN; "+strings.Join(back, "; ")+"; COMMIT")
	}
}
