package connect

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"runtime"
	"time"

	"github.com/jackc/puddle/v2"

	"taskql/share"
)

const (
	// BusyTimeout is how long SQLite waits for a lock that another program holds on the file.
	BusyTimeout = 10 * time.Second
	// maxLog is the size in bytes that the write-ahead log may reach before its content is moved to the file, even if somebody reads
	// all the time. SQLite does so at 4 MB, but can begin again at the start of the log only when nobody reads from it.
	maxLog = 16 << 20
	// logWait is how long the writer waits for the reads that are in the way, and logStep how many bytes it writes before it tries
	// again.
	logWait, logStep = 250 * time.Millisecond, 4 << 20
	// mapped is how many bytes of a file readers map into memory, the most that SQLite allows. Pages that are not copied take half of the
	// time to scan, and a seventh where long descriptions continue on further pages.
	mapped = 0x7fff0000
)

// SQLite opens a pool on a file, which it creates unless readOnly. A pool that writes has one connection, because SQLite has one
// writer at a time: users who wait for it are served in turn. Of the options, User and Observe apply.
func SQLite(path string, readOnly bool, options Options) (*sql.DB, error) {
	query := url.Values{"_pragma": {
		fmt.Sprintf("busy_timeout(%d)", BusyTimeout.Milliseconds()),
		// An acknowledged write survives a power cut.
		"synchronous(FULL)",
		"foreign_keys(1)",
	}}
	if readOnly {
		query.Add("_pragma", "query_only(1)")
		query.Add("_pragma", fmt.Sprintf("mmap_size(%d)", mapped))
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
	name := "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + query.Encode()
	if err := registered(); err != nil {
		return nil, err
	}
	opened, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, err
	}
	f := &file{driver: opened.Driver(), log: path + "-wal", writes: !readOnly, observe: options.Observe}
	_ = opened.Close() // it has no connection yet
	conns, each := 1, 1
	if readOnly {
		conns = max(4, runtime.GOMAXPROCS(0))
		// A read keeps a processor busy. The others are for other users.
		each = max(1, runtime.GOMAXPROCS(0)/2)
	}
	f.shares = share.New(options.User, each)
	f.pool, err = puddle.NewPool(&puddle.Config[*preparing]{
		Constructor: func(context.Context) (*preparing, error) {
			conn, err := f.driver.Open(name)
			if err != nil {
				return nil, err
			}
			return newPreparing(conn.(sqliteConn)), nil
		},
		Destructor: func(conn *preparing) { _ = conn.Close() },
		MaxSize:    int32(conns),
	})
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(f)
	db.SetMaxIdleConns(0) // the pool keeps them
	return db, nil
}

// sqliteConn is what the driver's connections can do.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.Validator
}

// file lends database/sql the connections to an SQLite file, each for one statement or one transaction. Unlike database/sql itself, it
// serves those who wait in order.
type file struct {
	pool   *puddle.Pool[*preparing]
	driver driver.Driver
	shares *share.Shares
	log    string
	writes bool
	// observe may be nil.
	observe Observe
	// kept is the size that the log had when it could not be emptied, or 0. It belongs to the holder of the writing connection.
	kept int64
}

func (f *file) Connect(ctx context.Context) (driver.Conn, error) {
	release, err := f.shares.Take(ctx)
	if err != nil {
		return nil, err
	}
	lent, err := f.pool.Acquire(ctx)
	if err != nil {
		release()
		return nil, share.Waited(err, noneFree)
	}
	return &fileConn{lent.Value(), f, lent, release}, nil
}

func (f *file) Driver() driver.Driver { return f.driver }

// Close is called by the Close of the sql.DB.
func (f *file) Close() error {
	closeSoon(f.pool.Close)
	return nil
}

// fileConn is a connection for as long as a statement or a transaction needs one.
type fileConn struct {
	*preparing
	file    *file
	lent    *puddle.Resource[*preparing]
	release func()
}

// QueryContext runs a query, as preparing does.
func (c *fileConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	return c.file.observe.query(ctx, query, func(ctx context.Context) (driver.Rows, error) { return c.preparing.QueryContext(ctx, query, args) })
}

// ExecContext runs a statement.
func (c *fileConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	return c.file.observe.exec(ctx, query, func(ctx context.Context) (driver.Result, error) { return c.preparing.ExecContext(ctx, query, args) })
}

func (c *fileConn) Close() error {
	defer c.release()
	if !c.IsValid() {
		c.lent.Destroy()
		return nil
	}
	if c.file.writes {
		c.shortenLog()
	}
	c.lent.Release()
	return nil
}

// shortenLog empties the write-ahead log if it is too long. It waits for running reads, and new ones wait for nothing: they read
// from the file.
func (c *fileConn) shortenLog() {
	log, err := os.Stat(c.file.log)
	if err != nil || log.Size() <= maxLog || c.file.kept > 0 && log.Size() < c.file.kept+logStep {
		return
	}
	for _, pragma := range []string{
		fmt.Sprintf("busy_timeout(%d)", logWait.Milliseconds()),
		"wal_checkpoint(TRUNCATE)", // it reports a read that is in the way in its result
		fmt.Sprintf("busy_timeout(%d)", BusyTimeout.Milliseconds()),
	} {
		_, _ = c.ExecContext(context.Background(), "PRAGMA "+pragma, nil)
	}
	c.file.kept = 0
	if log, err := os.Stat(c.file.log); err == nil {
		c.file.kept = log.Size()
	}
}
