package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"taskql/store/adopt"
)

// writableFor is how long a successful write proves that the next one works. It limits what a health check costs.
const writableFor = 5 * time.Second

// writeProbe keeps the last proof of Writable.
type writeProbe struct {
	mu     sync.Mutex
	proven time.Time
	file   fs.FileInfo // of the SQLite file when it was opened
}

// Writable fails if the database cannot store anything. It changes no row. Its errors are for the person who runs the server.
//
// On SQLite it fails if the file was deleted or replaced, and then commits a page that does not change, which finds a full disk
// and a file system that became read-only. It waits for a running write, and relies on its last commit for writableFor.
// On PostgreSQL it asks whether the server is a standby or the session read-only. It does not find a full disk there.
func (s *Store) Writable(ctx context.Context) error {
	if s.postgres {
		var readOnly bool
		err := s.writer.NewRaw("SELECT pg_is_in_recovery() OR CAST(current_setting('transaction_read_only') AS boolean)").Scan(ctx, &readOnly)
		switch {
		case err != nil:
			return fmt.Errorf("the PostgreSQL database does not answer: %w", Cause(err))
		case readOnly:
			return errors.New("the PostgreSQL database accepts no writes: it is a standby or read-only")
		}
		return nil
	}
	file, err := os.Stat(s.path)
	if err != nil {
		return fmt.Errorf("the SQLite file is gone: %w", errors.Unwrap(err))
	}
	s.probe.mu.Lock()
	defer s.probe.mu.Unlock()
	if !os.SameFile(file, s.probe.file) {
		return errors.New("the SQLite file was replaced by another: restart the server")
	}
	if !s.probe.proven.IsZero() && time.Since(s.probe.proven) < writableFor {
		return nil
	}
	var version int64
	err = s.writer.NewRaw("PRAGMA user_version").Scan(ctx, &version)
	if err == nil {
		_, err = s.writer.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", version)) // writes the first page
	}
	if err != nil {
		return fmt.Errorf("the SQLite file cannot be written: %w", err)
	}
	s.probe.proven = time.Now()
	return nil
}

// freeDisk returns the free space of the SQLite file's file system in bytes, or -1 if it cannot be known.
func (s *Store) freeDisk() int64 {
	if s.postgres {
		return -1
	}
	if free, err := adopt.FreeBytes(s.path); err == nil {
		return free
	}
	return -1
}
