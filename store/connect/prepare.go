package connect

import (
	"errors"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/jackc/pgx/v5/pgconn"
)

// PostgreSQL parses and plans a statement each time it arrives, which for short ones takes longer than running them. A prepared
// statement is planned once for each connection. It is a state of the session, which a pooler in transaction mode gives to another
// client after each transaction. Through a pooler nothing is prepared: each statement is sent with its limits in one transaction.

const (
	// maxPrepared is how many statements each connection keeps prepared, and maxText how long their texts are at most, in bytes. A
	// filter takes up to 80 times its text of PostgreSQL's memory: 64 of 2 kB took 10 MB of a connection, 64 of 20 kB 102 MB.
	maxPrepared, maxText = 64, 3 << 10
	// maxSeen is how many texts the pool remembers. A statement is prepared when its text comes for the second time, because
	// preparing takes another round trip.
	maxSeen = 512
	// maxForgotten is how many statements may be forgotten by the server within distrustFor. Then none is prepared for as long.
	maxForgotten, distrustFor = 64, time.Minute
)

// prepared decides which statements are prepared.
type prepared struct {
	off  bool
	seen *lru.Cache[string, struct{}]

	forgotten       atomic.Int32
	since, distrust atomic.Int64 // times in nanoseconds
}

func newPrepared(off bool) *prepared {
	seen, err := lru.New[string, struct{}](maxSeen)
	if err != nil {
		panic(err) // the size is positive
	}
	return &prepared{off: off, seen: seen}
}

// use reports whether a statement is to be prepared.
func (p *prepared) use(query string) bool {
	if p.off || len(query) > maxText {
		return false
	}
	if until := p.distrust.Load(); until != 0 && time.Now().UnixNano() < until {
		return false
	}
	if _, again := p.seen.Get(query); again {
		return true
	}
	p.seen.Add(query, struct{}{})
	return false
}

// forgot reports whether a prepared statement failed because the server does not know it any more, or because the schema has
// changed since. The statement was not done. That also keeps statements right through a pooler that was not noticed.
func (p *prepared) forgot(err error) bool {
	if err == nil { // before the variable, which is allocated
		return false
	}
	var refused *pgconn.PgError
	if !errors.As(err, &refused) {
		return false
	}
	switch refused.Code {
	case "0A000": // feature_not_supported: "cached plan must not change result type"
		return true
	case "26000", "42P05": // invalid_sql_statement_name, duplicate_prepared_statement
	default:
		return false
	}
	now := time.Now()
	if now.Sub(time.Unix(0, p.since.Load())) > distrustFor {
		p.since.Store(now.UnixNano())
		p.forgotten.Store(0)
	}
	if p.forgotten.Add(1) >= maxForgotten {
		p.distrust.Store(now.Add(distrustFor).UnixNano())
	}
	return true
}
