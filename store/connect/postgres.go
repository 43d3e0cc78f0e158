package connect

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
)

// postgresConns is the default size of the pool: enough for two dozen concurrent requests, small enough for several processes on
// a small server.
const postgresConns = 16

// postgresExecMode sends each query as an unnamed statement in one round trip. Bun renders arguments into the text, so that all
// texts differ. pgx's default would prepare each of them, use the server's memory, and take twice as long.
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

	// cancelDelay is how long a statement goes on after its context has ended. Most statements are done by then, so that the
	// connection can be used again. A cancel request needs a connection of its own, and PostgreSQL a process for it.
	cancelDelay = 300 * time.Millisecond
	// deadlineDelay is when the connection is given up after the context of its statement has ended.
	deadlineDelay = 900 * time.Millisecond
	// rollbackTimeout is how long a rollback may take. It has no other bound, because the context of the transaction may have ended.
	rollbackTimeout = 900 * time.Millisecond
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

	pool  *pgxpool.Pool
	inner driver.Connector

	mu      sync.Mutex
	renewed time.Time
}

// Postgres opens a pool. It does not connect.
func Postgres(address Address) (*Pool, error) {
	config, err := pgxpool.ParseConfig(address.DSN)
	if err != nil {
		return nil, errors.New("the address is not a valid postgres:// URL")
	}
	conn := config.ConnConfig
	conn.DefaultQueryExecMode = postgresExecMode
	conn.ConnectTimeout = cmp.Or(conn.ConnectTimeout, connectTimeout)
	conn.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: c, CancelRequestDelay: cancelDelay, DeadlineDelay: deadlineDelay}
	}
	// Bun writes strings with doubled quotes, which is not enough where a backslash escapes.
	conn.RuntimeParams["standard_conforming_strings"] = "on"
	if conn.RuntimeParams["application_name"] == "" {
		conn.RuntimeParams["application_name"] = "taskql"
	}
	config.MaxConns = int32(cmp.Or(address.Conns, postgresConns))
	config.MaxConnIdleTime, config.MaxConnLifetime, config.MaxConnLifetimeJitter = idleFor, lifetime, lifetimeJitter
	config.PingTimeout = pingTimeout
	config.ShouldPing = func(_ context.Context, p pgxpool.ShouldPingParams) bool {
		return p.IdleDuration > time.Second || !silent(p.Conn.PgConn().Conn())
	}
	p := &Pool{}
	if p.pool, err = pgxpool.NewWithConfig(context.Background(), config); err != nil {
		return nil, errors.New("the address is not a valid postgres:// URL")
	}
	p.inner = stdlib.GetPoolConnector(p.pool)
	open := func(reads bool) *sql.DB {
		db := sql.OpenDB(&connector{pool: p, reads: reads})
		db.SetMaxIdleConns(0) // the pool keeps them
		return db
	}
	p.Reader, p.Writer = open(true), open(false)
	return p, nil
}

// Size returns the largest number of connections of the pool.
func (p *Pool) Size() int { return int(p.pool.Config().MaxConns) }

// Conn returns a new connection outside the pool, which the caller closes. The end of a context closes it at once.
func (p *Pool) Conn(ctx context.Context) (*pgx.Conn, error) {
	config := p.pool.Config().ConnConfig
	config.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.DeadlineContextWatcherHandler{Conn: c.Conn()}
	}
	return pgx.ConnectConfig(ctx, config)
}

// close closes all connections. It does not wait long for those in use, which are closed when their statements have ended.
func (p *Pool) close() {
	closed := make(chan struct{})
	go func() {
		p.pool.Close()
		close(closed)
	}()
	select {
	case <-closed:
	case <-time.After(closeTimeout):
	}
}

// connector lends database/sql the connections of a pool, each for one statement or one transaction.
type connector struct {
	pool  *Pool
	reads bool
}

func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	inner, err := c.pool.inner.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &conn{Conn: inner.(*stdlib.Conn), from: c}, nil
}

func (c *connector) Driver() driver.Driver { return c.pool.inner.Driver() }

// Close is called by the Close of the sql.DB.
func (c *connector) Close() error {
	if !c.reads {
		c.pool.close()
	}
	return nil
}
