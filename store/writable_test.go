package store

import (
	"database/sql"
	"os"
	"strings"
	"testing"
	"time"

	"taskql/store/storetest"

	"github.com/uptrace/bun"
)

func TestWritable(t *testing.T) {
	for _, tt := range []struct {
		name, want string
		harm       func(t *testing.T, s *Store)
	}{
		{"untouched", "", func(*testing.T, *Store) {}},
		{"deleted", "the SQLite file is gone", func(t *testing.T, s *Store) {
			if err := os.Remove(s.path); err != nil {
				t.Fatal(err)
			}
		}},
		{"replaced", "was replaced", func(t *testing.T, s *Store) {
			// Made before the old one goes, so that it is another file to the system.
			if err := os.WriteFile(s.path+".new", nil, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(s.path+".new", s.path); err != nil {
				t.Fatal(err)
			}
		}},
		{"read-only", "cannot be written", func(t *testing.T, s *Store) { mustRun(t, s, "PRAGMA query_only = 1") }},
	} {
		t.Run("SQLite, "+tt.name, func(t *testing.T) {
			s := mustMigrated(t, storetest.SQLite(t))
			tt.harm(t, s)
			wantWritable(t, s, tt.want)
		})
	}
	for _, tt := range []struct{ name, option, want string }{
		{"untouched", "", ""},
		{"read-only", "&default_transaction_read_only=on", "accepts no writes"},
	} {
		t.Run("PostgreSQL, "+tt.name, func(t *testing.T) {
			s, err := Open(t.Context(), Options{URL: storetest.Postgres(t) + tt.option})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			wantWritable(t, s, tt.want)
		})
	}
}

func wantWritable(t *testing.T, s *Store, want string) {
	t.Helper()
	if err := s.Writable(t.Context()); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
		t.Errorf("Writable = %v, want %q", err, want)
	}
}

func mustRun(t *testing.T, s *Store, statement string) {
	t.Helper()
	if _, err := s.writer.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// TestWritableWrites wants a proof to reach the disk, and the next one to rely on it.
func TestWritableWrites(t *testing.T) {
	s := mustMigrated(t, storetest.SQLite(t))
	size := func() int64 {
		t.Helper()
		file, err := os.Stat(s.path + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		return file.Size()
	}
	mustRun(t, s, "PRAGMA wal_checkpoint(TRUNCATE)")
	wantWritable(t, s, "")
	proven := size()
	if proven == 0 {
		t.Error("Writable has written nothing")
	}
	wantWritable(t, s, "")
	if size() != proven {
		t.Error("Writable has written twice at once")
	}
}

// TestMigrateReportsThatItWaits has another server hold the lock until the report arrives.
func TestMigrateReportsThatItWaits(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		first, err := Open(t.Context(), Options{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		defer first.Close()
		notices := make(chan string, 1)
		second, err := Open(t.Context(), Options{URL: url, Notice: func(message string) { notices <- message }})
		if err != nil {
			t.Fatal(err)
		}
		defer second.Close()
		second.patience = time.Millisecond
		done := make(chan error)
		err = first.exclusively(t.Context(), func(bun.Tx, *sql.Conn) error {
			go func() { _, err := second.Migrate(t.Context()); done <- err }()
			if notice := <-notices; !strings.HasPrefix(notice, "waiting for another server") {
				t.Errorf("the notice is %q", notice)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Errorf("Migrate after the wait = %v", err)
		}
	})
}
