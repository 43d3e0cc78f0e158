package connect

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"runtime"
	"time"
)

// BusyTimeout is how long SQLite waits for a lock that another program holds on the file.
const BusyTimeout = 10 * time.Second

// SQLite opens a pool on a file, which it creates unless readOnly. A pool that writes has one connection, because SQLite has one
// writer at a time.
func SQLite(path string, readOnly bool) (*sql.DB, error) {
	query := url.Values{"_pragma": {
		fmt.Sprintf("busy_timeout(%d)", BusyTimeout.Milliseconds()),
		// An acknowledged write survives a power cut.
		"synchronous(FULL)",
		"foreign_keys(1)",
	}}
	if readOnly {
		query.Add("_pragma", "query_only(1)")
	} else {
		// The file remembers it, for the readers too.
		query.Add("_pragma", "journal_mode(WAL)")
		// Take the write lock at BEGIN: upgrading a read transaction can fail without waiting.
		query.Set("_txlock", "immediate")
	}
	if !readOnly {
		// The tasks are the owner's; SQLite itself would make the file readable for all.
		file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return nil, errors.Unwrap(err)
		}
		_ = file.Close()
	}
	pool, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+query.Encode())
	if err != nil {
		return nil, err
	}
	conns := 1
	if readOnly {
		conns = max(4, runtime.GOMAXPROCS(0))
	}
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	return pool, nil
}
