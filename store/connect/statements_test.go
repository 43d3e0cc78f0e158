package connect

import (
	"fmt"
	"path/filepath"
	"testing"
)

// TestStatements runs statements with arguments: again and again, while their rows are read, while they are evicted, and after another
// connection has changed the schema.
func TestStatements(t *testing.T) {
	path := filepath.Join(t.TempDir(), "statements.db")
	db, err := SQLite(path, false, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("CREATE TABLE n (i INTEGER); INSERT INTO n VALUES (1), (2), (3)"); err != nil {
		t.Fatal(err)
	}
	tx, err := db.Begin() // on one connection
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	const query = "SELECT i FROM n WHERE i > ? ORDER BY i"
	outer, err := tx.Query(query, 0)
	if err != nil {
		t.Fatal(err)
	}
	var got []int
	for outer.Next() {
		var i, inner int
		if err := outer.Scan(&i); err != nil {
			t.Fatal(err)
		}
		got = append(got, i)
		if err := tx.QueryRow(query, 2).Scan(&inner); err != nil || inner != 3 {
			t.Errorf("the same statement, while its rows are read = %d, %v, want 3", inner, err)
		}
		for k := range maxStatements + 1 {
			if err := tx.QueryRow(fmt.Sprintf("SELECT %d + ?", k), 1).Scan(&inner); err != nil || inner != k+1 {
				t.Errorf("statement %d = %d, %v", k, inner, err)
			}
		}
	}
	if err := outer.Err(); err != nil || fmt.Sprint(got) != "[1 2 3]" {
		t.Errorf("rows of an evicted statement = %v, %v, want 1 to 3", got, err)
	}
	_ = outer.Close()
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}

	reader, err := SQLite(path, true, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	reader.SetMaxOpenConns(1)
	const all = "SELECT * FROM n WHERE i = ?"
	for columns := 1; columns < 4; columns++ {
		rows, err := reader.Query(all, 1)
		if err != nil {
			t.Fatal(err)
		}
		names, _ := rows.Columns()
		if !rows.Next() || len(names) != columns {
			t.Errorf("columns = %v, want %d of them: %v", names, columns, rows.Err())
		}
		_ = rows.Close()
		if _, err := db.Exec(fmt.Sprintf("ALTER TABLE n ADD COLUMN c%d TEXT", columns)); err != nil {
			t.Fatal(err)
		}
	}
}
