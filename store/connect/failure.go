package connect

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"regexp"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"taskql/models"
)

// failure is what an error of PostgreSQL or the network means for a statement.
type failure int

const (
	other failure = iota
	// conflict: the server has rolled the statement back in favour of another one.
	conflict
	// stale: the connection leads to a server that accepts no writes. The statement was not done.
	stale
	// unsent: the connection was lost. The statement was not sent, or at least not done.
	unsent
	// lost: the connection was lost. Whether the statement was done is not known.
	lost
	// full: the server, or the pooler before it, accepts no connection now. The statement was not done.
	full
	// late: the statement took too long, and was not done.
	late
)

// codes are PostgreSQL's errors by their SQLSTATE.
var codes = map[string]failure{
	"40001": conflict, // serialization_failure
	"40P01": conflict, // deadlock_detected
	"25006": stale,    // read_only_sql_transaction: of a server that was primary before
	// admin_shutdown ends the session with an error in place of the result, which a statement that was committed has had before.
	"57P01": unsent,
	"57P02": lost, // crash_shutdown
	"57P05": lost, // idle_session_timeout
	"25P03": lost, // idle_in_transaction_session_timeout
	"57P03": full, // cannot_connect_now
	"53300": full, // too_many_connections
	"53400": full, // configuration_limit_exceeded
	"57014": late, // query_canceled: by statement_timeout
	"55P03": late, // lock_not_available: by lock_timeout
}

// poolerFull matches what PgBouncer says while it, or the server behind it, accepts no more connections. It has one code for all errors: 08P01, protocol_violation.
var poolerFull = regexp.MustCompile(`no more connections allowed|client connections exceeded|query_wait_timeout|server_login_retry|too many (clients|connections)|remaining connection slots`)

func classify(err error) failure {
	if err == nil { // before the variables, which are allocated
		return other
	}
	var refused *pgconn.PgError
	var network net.Error
	switch {
	case errors.As(err, &refused):
		if f, known := codes[refused.Code]; known {
			return f
		}
		if refused.Code == "08P01" && poolerFull.MatchString(refused.Message) {
			return full
		}
		if strings.HasPrefix(refused.Code, "08") { // connection_exception, also PgBouncer's
			return lost
		}
		return other
	case errors.Is(err, driver.ErrBadConn), pgconn.SafeToRetry(err):
		return unsent
	case errors.As(err, &network), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return lost
	default:
		return other
	}
}

// repeatable reports whether a statement may be run again on a fresh connection. reads is whether it changes nothing.
func (f failure) repeatable(reads bool) bool {
	return f == conflict || f == stale || f == unsent || f == lost && reads
}

// queue waits between attempts to get a connection from a server that is full.
type queue struct {
	since time.Time
	pause time.Duration
}

// wait waits, longer each time. It reports false if ctx has ended or the caller has waited for longer than patience.
func (q *queue) wait(ctx context.Context, patience time.Duration) bool {
	if q.since.IsZero() {
		q.since, q.pause = time.Now(), minPause
	}
	if time.Since(q.since) > patience {
		return false
	}
	select {
	case <-time.After(q.pause/2 + rand.N(q.pause)):
	case <-ctx.Done():
	}
	q.pause = min(2*q.pause, maxPause)
	return ctx.Err() == nil
}

// Passing reports whether a transaction that has failed with err before its commit may succeed on a fresh connection. It has changed
// nothing.
func Passing(err error) bool {
	return errors.Is(err, models.ErrUnavailable) && classify(err).repeatable(true)
}

// explained returns err with what it means for the caller: the error of a context that has ended, of a deadline, or models.ErrUnavailable.
func explained(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	switch f := classify(err); {
	case ctx.Err() != nil:
		// PostgreSQL and the network report that in their own words.
		return fmt.Errorf("%w: %w", ctx.Err(), err)
	case f == other:
		return err
	case f == late:
		return fmt.Errorf("%w: %w", context.DeadlineExceeded, err)
	default:
		return fmt.Errorf("%w: %w", models.ErrUnavailable, err)
	}
}
