package connect

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"

	"taskql/store/storetest"
)

// mustOpenFile opens both pools of a new SQLite file.
func mustOpenFile(t *testing.T) (path string, reader, writer *sql.DB) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "x.db")
	var both []*sql.DB
	for _, readOnly := range []bool{false, true} {
		db, err := SQLite(path, readOnly, Options{User: userOf})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		if !readOnly {
			mustExec(t, db, "CREATE TABLE x (n int, b blob)")
		}
		both = append(both, db)
	}
	return path, both[1], both[0]
}

// TestMappedFile has readers map a file into memory, also while it grows and after it has shrunk.
func TestMappedFile(t *testing.T) {
	t.Parallel()
	_, reader, writer := mustOpenFile(t)
	var mapped int64
	if err := reader.QueryRow("PRAGMA mmap_size").Scan(&mapped); err != nil || mapped < 1<<30 {
		t.Errorf("readers map %d bytes, %v", mapped, err)
	}
	sum := func(want int) {
		t.Helper()
		var sum int
		if err := reader.QueryRow("SELECT sum(length(b)) FROM x").Scan(&sum); err != nil || sum != want {
			t.Errorf("a reader finds %d bytes, %v, want %d", sum, err, want)
		}
	}
	for range 3 {
		mustExec(t, writer, "WITH RECURSIVE g(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM g WHERE i < 100) INSERT INTO x SELECT i, randomblob(20000) FROM g")
		mustExec(t, writer, "PRAGMA wal_checkpoint(TRUNCATE)")
		sum(2_000_000)
		mustExec(t, writer, "DELETE FROM x WHERE n > 1")
		mustExec(t, writer, "VACUUM")
		mustExec(t, writer, "PRAGMA wal_checkpoint(TRUNCATE)")
		sum(20_000)
		mustExec(t, writer, "DELETE FROM x")
	}
}

// TestLogOfOverlappingReads writes while there is always somebody who reads.
func TestLogOfOverlappingReads(t *testing.T) {
	t.Parallel()
	path, reader, writer := mustOpenFile(t)
	mustExec(t, writer, "INSERT INTO x VALUES (1, NULL), (2, NULL)")
	read := func() *sql.Rows {
		rows, err := reader.QueryContext(t.Context(), "SELECT n FROM x LIMIT 2")
		if err != nil || !rows.Next() {
			t.Fatal(err)
		}
		return rows
	}
	done := make(chan struct{})
	var reads sync.WaitGroup
	first := read()
	reads.Go(func() {
		last := first
		for {
			next := read()
			_ = last.Close()
			last = next
			select {
			case <-done:
				_ = last.Close()
				return
			default:
			}
		}
	})
	written := storetest.Scale(48, 512) << 20
	for range written >> 20 {
		mustExec(t, writer, "INSERT INTO x VALUES (3, zeroblob(1048576))")
	}
	close(done)
	reads.Wait()
	log, err := os.Stat(path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d MB were written, and the log has %d MB", written>>20, log.Size()>>20)
	if log.Size() > 2*maxLog {
		t.Errorf("the log has %d bytes after %d were written", log.Size(), written)
	}
}

// TestWritersTakeTurns has one user send many writes and another one. That is not the last to be done.
func TestWritersTakeTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, testTurns)
}

func testTurns(t *testing.T) {
	_, _, writer := mustOpenFile(t)
	held, err := writer.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	order := make(chan string, 100)
	var writes sync.WaitGroup
	write := func(user string) {
		writes.Go(func() {
			if _, err := writer.ExecContext(as(context.Background(), user), "INSERT INTO x VALUES (1, NULL)"); err != nil {
				t.Error(err)
			}
			order <- user
		})
	}
	for range 20 {
		write("greedy")
		synctest.Wait() // until it waits
	}
	write("quiet")
	synctest.Wait()
	if err := held.Commit(); err != nil {
		t.Fatal(err)
	}
	writes.Wait()
	close(order)
	place := 0
	for user := range order {
		if place++; user == "quiet" && place > 5 {
			t.Errorf("the quiet user's write is number %d of 21", place)
		}
	}
}

type userKey struct{}

// as returns a context of a user's request.
func as(ctx context.Context, user string) context.Context {
	return context.WithValue(ctx, userKey{}, user)
}

func userOf(ctx context.Context) string {
	user, _ := ctx.Value(userKey{}).(string)
	return user
}

// TestTextFunctions compares the functions of texts with SQLite's own.
func TestTextFunctions(t *testing.T) {
	t.Parallel()
	_, reader, _ := mustOpenFile(t)
	for _, text := range []any{"", "a", "abc", "aab", "äöü", "a\nb", "日本語", "x日本", nil, 5} {
		for _, part := range []string{"", "a", "ab", "b", "c", "ü", "日本", "\n", "abcd"} {
			var contains, ends, wantContains, wantEnds sql.NullBool
			err := reader.QueryRowContext(t.Context(), "SELECT "+Contains+"(?1, ?2), "+HasEnd+"(?1, ?2), instr(?1, ?2) > 0, ?2 = '' OR substr(?1, -length(?2)) = ?2", text, part).
				Scan(&contains, &ends, &wantContains, &wantEnds)
			if err != nil {
				t.Fatal(err)
			}
			if _, isText := text.(string); !isText {
				wantContains, wantEnds = sql.NullBool{Valid: true}, sql.NullBool{Valid: true}
			}
			if contains != wantContains || ends != wantEnds {
				t.Errorf("%q in %v: %v at its end %v, want %v and %v", part, text, contains, ends, wantContains, wantEnds)
			}
		}
	}
}
