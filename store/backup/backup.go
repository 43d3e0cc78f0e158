// Package backup copies the SQLite file of a database while servers use it, and puts a copy in its place.
package backup

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"taskql/store/connect"
)

// Path returns the path of the SQLite file of an address as DATABASE_URL has it. It fails for PostgreSQL, which has programs of its own
// for backups.
func Path(address string) (string, error) {
	parsed, err := connect.Parse(address)
	if err != nil {
		return "", err
	}
	if parsed.Postgres {
		return "", errors.New("this is for SQLite files; use pg_dump and pg_restore for PostgreSQL, as docs/restoring.md describes")
	}
	return parsed.DSN, nil
}

// progressEach is the interval of calls of progress.
const progressEach = 200 * time.Millisecond

// Copy copies the SQLite file at source to a new file at target, which only its owner can read. Programs may read and write the
// source meanwhile: the copy has its state at the beginning. The copy is compact, on the disk, and checked. Copy fails if target
// exists, and leaves nothing there if it fails. progress gets the bytes that are done, and an estimate of all.
func Copy(ctx context.Context, source, target string, progress func(done, total int64)) (err error) {
	if _, err := os.Stat(source); err != nil {
		return err
	}
	// The name is taken from the beginning. Its file is empty until the copy is whole.
	name, err := os.OpenFile(target, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s exists already, and is not overwritten", target)
	} else if err != nil {
		return err
	}
	_ = name.Close()
	part := target + ".part"
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(target), Remove(part))
		}
	}()
	// The part of a copy that was killed may be there.
	if err := errors.Join(Remove(part), os.WriteFile(part, nil, 0o600)); err != nil {
		return err
	}
	if err := vacuum(ctx, source, part, progress); err != nil {
		return fmt.Errorf("%s cannot be copied: %w", source, err)
	}
	if err := check(ctx, part); err != nil {
		return fmt.Errorf("the copy of %s is not whole: %w", source, err)
	}
	if err := synced(part); err != nil {
		return err
	}
	return renamed(part, target)
}

// vacuum writes the database at source into the empty file target.
func vacuum(ctx context.Context, source, target string, progress func(done, total int64)) error {
	db, err := open(source)
	if err != nil {
		return err
	}
	defer db.Close()
	var total int64
	size := "SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size"
	if err := db.QueryRowContext(ctx, size).Scan(&total); err != nil {
		return err
	}
	path, err := filepath.Abs(target)
	if err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() {
		// It reads one state of the database, in one transaction.
		_, err := db.ExecContext(ctx, "VACUUM INTO ?", path)
		done <- err
	}()
	tick := time.NewTicker(progressEach)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			if err == nil {
				progress(total, total)
			}
			return err
		case <-tick.C:
			if file, err := os.Stat(target); err == nil {
				progress(min(file.Size(), total), total)
			}
		}
	}
}

// check returns an error if the database at path is damaged, or is none of taskql.
func check(ctx context.Context, path string) error {
	db, err := open(path)
	if err != nil {
		return err
	}
	defer db.Close()
	var result string
	if err := db.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&result); err != nil {
		return err
	}
	if result != "ok" {
		return errors.New(result)
	}
	var tables int
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_master WHERE name = 'task_migration'").Scan(&tables); err != nil {
		return err
	}
	if tables == 0 {
		return errors.New("it is no database of taskql")
	}
	return nil
}

// Unused fails if a program has the SQLite file at path open. A file that does not exist is unused. It moves the write-ahead log into
// the file.
func Unused(ctx context.Context, path string) error {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	db, err := open(path)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.QueryRowContext(ctx, "PRAGMA busy_timeout = 0").Scan(new(int)); err != nil {
		return err
	}
	// SQLite ends the use of a write-ahead log only if nobody else has the file open.
	var mode string
	if err := db.QueryRowContext(ctx, "PRAGMA journal_mode = DELETE").Scan(&mode); err != nil {
		var failure *sqlite.Error
		if !errors.As(err, &failure) || failure.Code()&0xff != sqlite3.SQLITE_BUSY {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	if mode != "delete" {
		return fmt.Errorf("%s is in use: stop the server first", path)
	}
	return nil
}

// Remove removes an SQLite file with its logs, as far as they exist.
func Remove(path string) error { return errors.Join(remove(path), removeLogs(path)) }

// removeLogs removes the logs beside an SQLite file. SQLite would apply them to another file with its name.
func removeLogs(path string) error {
	return errors.Join(remove(path+"-wal"), remove(path+"-shm"), remove(path+"-journal"))
}

func remove(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Replace puts the file at path in the place of the SQLite file at target, which must be Unused, with its owner and permissions. It keeps that
// under another name, which it returns; it is "" if there was none.
func Replace(path, target string, now time.Time) (kept string, err error) {
	if before, err := os.Stat(target); err == nil {
		if err := takeOwner(path, before); err != nil {
			return "", err
		}
		kept = target + ".before-" + now.UTC().Format("20060102T150405.000")
		if err := os.Link(target, kept); err != nil { // a file system without links
			if err := os.Rename(target, kept); err != nil {
				return "", err
			}
		}
	}
	if err := removeLogs(target); err != nil { // they are empty, or of a file that is gone
		return kept, err
	}
	return kept, renamed(path, target)
}

func open(path string) (*sql.DB, error) {
	query := url.Values{"mode": {"rw"}, "_pragma": {fmt.Sprintf("busy_timeout(%d)", connect.BusyTimeout.Milliseconds())}}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+query.Encode())
	if err == nil {
		db.SetMaxOpenConns(1)
	}
	return db, err
}

// synced has the content of a file on the disk.
func synced(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

// renamed renames a file, and has the new name on the disk.
func renamed(from, to string) error {
	if err := os.Rename(from, to); err != nil || runtime.GOOS == "windows" { // which cannot sync a folder
		return err
	}
	folder, err := os.Open(filepath.Dir(to))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
