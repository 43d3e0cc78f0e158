package connect

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// limits are settings of PostgreSQL that hold even if the server process cannot cancel a statement, because it was stopped or cut off.
//
// They are parameters of the connection. Poolers such as PgBouncer refuse or ignore those; then each transaction, and each
// statement outside of one, sets them for itself. A plain SET would stay with the pooler's connection, which others use.
type limits map[string]string

const (
	// statementGrace is by how much a statement may outlast the longest request.
	statementGrace = 500 * time.Millisecond
	// lockTimeout is how long a statement waits for a lock.
	lockTimeout = 10 * time.Second
	// idleTimeout is how long a transaction may do nothing. Then the server that began it has stopped, and its locks go.
	idleTimeout = 5 * time.Second
	// leastTimeout is the shortest limit. A shorter one would end transactions that only wait for their turn on a busy machine.
	leastTimeout = 250 * time.Millisecond
)

// newLimits returns the limits of requests that take at most timeout, or those of unlimited work if it is 0.
func newLimits(timeout time.Duration) limits {
	l := limits{
		"jit": "off", // it compiles for seconds, deaf to cancellation, where a query takes milliseconds
		// The default is that of a spinning disk: with it, PostgreSQL sorts all tasks of a user instead of following an index.
		randomPageCost:                  "1.1",
		"default_transaction_isolation": "read committed",
	}
	if timeout > 0 {
		for name, d := range map[string]time.Duration{
			statementTimeout: timeout + statementGrace, "lock_timeout": min(timeout, lockTimeout),
			"idle_in_transaction_session_timeout": min(timeout, idleTimeout),
		} {
			l[name] = fmt.Sprint(max(d, leastTimeout).Milliseconds())
		}
	}
	return l
}

const (
	statementTimeout = "statement_timeout"
	randomPageCost   = "random_page_cost"
)

// without returns the limits whose names are not parameters of the address.
func (l limits) without(parameters map[string]string) limits {
	rest := maps.Clone(l)
	for name := range parameters {
		delete(rest, name)
	}
	return rest
}

// names returns the names of those that a transaction can set for itself, sorted.
func (l limits) names() []string {
	rest := maps.Clone(l)
	delete(rest, "default_transaction_isolation")
	return slices.Sorted(maps.Keys(rest))
}

// setLocal returns what follows the statement that begins a transaction.
func (l limits) setLocal() string {
	var b strings.Builder
	for _, name := range l.names() {
		b.WriteString("; set local " + name + " = '" + l[name] + "'")
	}
	return b.String()
}

// setConfig returns the statement that sets the limits until the end of the transaction.
func (l limits) setConfig() string {
	calls := l.names()
	for i, name := range calls {
		calls[i] = "set_config('" + name + "', '" + l[name] + "', true)"
	}
	return "SELECT " + strings.Join(calls, ", ")
}

// hold reports whether the connection has the limits.
func (l limits) hold(ctx context.Context, conn *pgx.Conn) (held bool, err error) {
	query := ""
	switch {
	case l[statementTimeout] != "":
		query = "SELECT CAST(current_setting('statement_timeout') AS interval) = CAST('" + l[statementTimeout] + " ms' AS interval)"
	case l[randomPageCost] != "":
		query = "SELECT current_setting('" + randomPageCost + "') = '" + l[randomPageCost] + "'"
	default:
		return true, nil // the address has its own
	}
	err = conn.QueryRow(ctx, query).Scan(&held)
	return held, err
}

// refused reports whether a pooler has refused a connection because of one of the limits.
func (l limits) refused(err error) bool {
	match := unknownName.FindStringSubmatch(err.Error())
	if match == nil {
		return false
	}
	_, ours := l[match[1]]
	return ours
}

// limits reports whether a statement must set the limits itself.
func (c *conn) limits() bool { return c.from.pool.pooler.Load() && !c.inTx }

// limited sends the limits and a query as one transaction in one round trip.
func (c *conn) limited(ctx context.Context, query string, values []any) (pgx.BatchResults, error) {
	batch := &pgx.Batch{}
	batch.Queue(c.from.pool.limits.setConfig())
	batch.Queue(query, values...)
	results := c.lent.SendBatch(ctx, batch)
	if _, err := results.Exec(); err != nil {
		_ = results.Close() // the same error
		return nil, err
	}
	return results, nil
}

func (c *conn) execLimited(ctx context.Context, query string, values []any) (pgconn.CommandTag, error) {
	results, err := c.limited(ctx, query, values)
	if err != nil {
		return pgconn.CommandTag{}, err
	}
	tag, err := results.Exec()
	if closed := results.Close(); err == nil {
		err = closed
	}
	return tag, err
}

func (c *conn) queryLimited(ctx context.Context, query string, values []any) (*Rows, error) {
	results, err := c.limited(ctx, query, values)
	if err != nil {
		return nil, err
	}
	found, _ := results.Query() // newRows returns the error
	return newRows(ctx, found, results, c.lent.Conn().TypeMap())
}
