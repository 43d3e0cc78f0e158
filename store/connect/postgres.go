package connect

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgxpool"

	"taskql/share"
)

// postgresConns is the default size of the pool: enough for two dozen concurrent requests, small enough for several processes on
// a small server.
const postgresConns = 16

// postgresExecMode sends each query as an unnamed statement in one round trip. Bun renders arguments into the text, so that all
// texts differ. pgx's default would prepare each of them, use the server's memory, and take twice as long. See prepared for those
// that are bound.
const postgresExecMode = pgx.QueryExecModeExec

const (
	// connectTimeout is enough for a sleeping Neon database, which needs a few seconds.
	connectTimeout = 10 * time.Second
	// pingTimeout is how long an idle connection may take to prove that it is alive before another one is used.
	pingTimeout = 2 * time.Second
	// idleFor is how long an unused connection stays open.
	idleFor = 5 * time.Minute
	// lifetime and its jitter end connections to a server that the address no longer names, not all at once.
	lifetime, lifetimeJitter = 30 * time.Minute, 10 * time.Minute

	// rollbackTimeout is how long a rollback may take. It has no other bound, because the context of the transaction may have ended.
	rollbackTimeout = 900 * time.Millisecond
	// renewPause is how often the pool replaces its connections at most.
	renewPause = 5 * time.Second
	// minPause and maxPause are between attempts to connect to a server that accepts no more connections.
	minPause, maxPause = 50 * time.Millisecond, time.Second
	// maxRefused is how many connections of one caller may be refused because of the limits, or fail.
	maxRefused = 3
	// closeTimeout is how long Close waits for connections in use.
	closeTimeout = 2 * time.Second
)

// Pool is a pool of connections to a PostgreSQL server. It also works through PgBouncer in transaction mode: it depends on no
// session state.
//
// The pool makes connections under a context of its own, and keeps a connection whose caller has given up. A request that is
// canceled therefore costs the server what a finished one costs.
type Pool struct {
	// Writer runs statements and transactions. Reader runs only statements that change nothing: they are repeated if the
	// connection is lost.
	Reader, Writer *sql.DB
	reader, writer *connector

	pool   *pgxpool.Pool
	limits limits
	shares *share.Shares
	// prepared decides which statements are prepared.
	prepared *prepared
	observe  Observe
	// waiting is how many wait for a connection.
	waiting atomic.Int64
	// patience is how long a caller waits for a server that accepts no connections, if its context does not end before.
	patience time.Duration
	// pooler is set if the address is a pooler's that does not pass the limits on.
	pooler atomic.Bool

	mu      sync.Mutex
	renewed time.Time
}

// Options bound what a pool is used for.
type Options struct {
	// Conns is the largest number of connections to PostgreSQL. 0 means that of the address, or 16.
	Conns int
	// Timeout is how long a request takes at most. Statements end soon after it, and locks are not waited for longer. 0 is for
	// work that may take long.
	Timeout time.Duration
	// User returns the user whose request a context belongs to, or "". Each user has an eighth of the connections at most. It may
	// be nil.
	User func(context.Context) string
	// Unprepared turns prepared statements off.
	Unprepared bool
	// Observe is called when a statement is sent; see Observe. It may be nil.
	Observe Observe
}

// Postgres opens a pool. It does not connect.
func Postgres(address Address, options Options) (*Pool, error) {
	config, err := pgxpool.ParseConfig(address.DSN)
	if err != nil {
		return nil, errors.New("the address is not a valid postgres:// URL")
	}
	conn := config.ConnConfig
	conn.DefaultQueryExecMode, conn.StatementCacheCapacity = postgresExecMode, maxPrepared
	conn.ConnectTimeout = cmp.Or(conn.ConnectTimeout, connectTimeout)
	conn.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler { return &canceler{conn: c} }
	// Bun writes strings with doubled quotes, which is not enough where a backslash escapes.
	conn.RuntimeParams["standard_conforming_strings"] = "on"
	if conn.RuntimeParams["application_name"] == "" {
		conn.RuntimeParams["application_name"] = "taskql"
	}
	conns := cmp.Or(options.Conns, address.Conns, postgresConns)
	config.MaxConns = int32(conns)
	config.MaxConnIdleTime, config.MaxConnLifetime, config.MaxConnLifetimeJitter = idleFor, lifetime, lifetimeJitter
	config.PingTimeout = pingTimeout
	config.ShouldPing = func(_ context.Context, p pgxpool.ShouldPingParams) bool {
		return p.IdleDuration > time.Second || !silent(p.Conn.PgConn().Conn())
	}
	p := &Pool{
		limits:   newLimits(options.Timeout).without(conn.RuntimeParams),
		shares:   share.New(options.User, max(1, conns/8)),
		patience: cmp.Or(options.Timeout, connectTimeout),
		prepared: newPrepared(options.Unprepared),
		observe:  options.Observe,
	}
	config.BeforeConnect = p.beforeConnect
	config.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		if p.pooler.Load() {
			return nil
		}
		held, err := p.limits.hold(ctx, conn)
		if !held && err == nil {
			p.pooler.Store(true)
		}
		return err
	}
	if p.pool, err = pgxpool.NewWithConfig(context.Background(), config); err != nil {
		return nil, errors.New("the address is not a valid postgres:// URL")
	}
	p.reader, p.writer = &connector{pool: p, reads: true}, &connector{pool: p}
	p.Reader, p.Writer = sql.OpenDB(p.reader), sql.OpenDB(p.writer)
	for _, db := range []*sql.DB{p.Reader, p.Writer} {
		db.SetMaxIdleConns(0) // the pool keeps them
	}
	return p, nil
}

// Size returns the largest number of connections of the pool.
func (p *Pool) Size() int { return int(p.pool.Config().MaxConns) }

// Usage returns how many connections are open, how many of them are in use, and how many statements and transactions wait for one.
func (p *Pool) Usage() (open, used, waiting int) {
	stat := p.pool.Stat()
	return int(stat.TotalConns()), int(stat.AcquiredConns()), int(p.waiting.Load())
}

// Query runs a query outside of a transaction, straight on a connection: database/sql would start a goroutine for it, make a context,
// and put each value into memory of its own. reads is whether the query changes nothing, as those of Reader.
func (p *Pool) Query(ctx context.Context, reads bool, query string, values ...any) (*Rows, error) {
	from := p.writer
	if reads {
		from = p.reader
	}
	c, err := from.take(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := c.query(ctx, query, values)
	if err != nil {
		_ = c.Close() // it does not fail
		return nil, err
	}
	rows.conn = c
	return rows, nil
}

// Share waits until the user of ctx may have another connection, as each statement and each transaction does. Those within the context that it
// returns do not wait for that again, and must run one after another. The caller calls release at their end.
func (p *Pool) Share(ctx context.Context) (within context.Context, release func(), err error) {
	return p.shares.Hold(ctx)
}

// Conn returns a new connection outside the pool, which the caller closes. The end of a context closes it at once.
func (p *Pool) Conn(ctx context.Context) (*pgx.Conn, error) {
	config := p.pool.Config().ConnConfig
	if err := p.beforeConnect(ctx, config); err != nil {
		return nil, err
	}
	config.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.DeadlineContextWatcherHandler{Conn: c.Conn()}
	}
	return pgx.ConnectConfig(ctx, config)
}

func (p *Pool) beforeConnect(_ context.Context, config *pgx.ConnConfig) error {
	if !p.pooler.Load() {
		maps.Copy(config.RuntimeParams, p.limits)
	}
	return nil
}

// close closes all connections; see closeSoon.
func (p *Pool) close() { closeSoon(p.pool.Close) }

// closeSoon calls closePool. It does not wait long for connections in use, which are closed when their statements have ended.
func closeSoon(closePool func()) {
	closed := make(chan struct{})
	go func() {
		closePool()
		close(closed)
	}()
	select {
	case <-closed:
	case <-time.After(closeTimeout):
	}
}
