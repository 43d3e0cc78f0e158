package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"
)

// A database that is put back to an earlier copy gives numbers a second time, to other changes. Eras tell the two apart: an
// era names one uninterrupted history of the database, and a change is identified by its number together with the era in which
// the number was given.
//
// Nobody tells the program that a database was put back, so an era begins with everything that might follow from it: each start of
// a program that writes, and on PostgreSQL each change of place (here). A write checks the era in the statement that takes
// its number, so that all servers and pooled connections notice at once. A user's counter enters the era with the
// user's next write; until then the era costs this user nothing. The counter lists from which number on which era holds.
//
// A version is a number without its era. A counter that enters an era therefore leaves out a random quantity of numbers, so that
// versions of a lost history are practically never given again. Only after a plain restart of PostgreSQL the numbers go on:
// this process knows its last write, and if that is still there, nothing before it was lost.

// ChangeID identifies a change of a user. The zero value stands for no change.
type ChangeID struct{ Number, Era int64 }

const (
	// minJump is the least quantity of numbers that a new era leaves out; the most is twice as many. It exceeds what a user
	// writes between a backup and a failure. Versions are 32-bit integers: about 90,000 such eras of a user fit.
	minJump = 1 << 14
	// maxEras is the maximum length of task_counter.eras, about 300 eras. Sync tokens of older ones have expired.
	maxEras = 8000
	// An era is a random number, so that two histories of one backup never share one. Eras without a jump between them differ in
	// the last restartBits only.
	restartBits, maxJumps = 16, 1 << 46
	// maxTries is how often a write tries to take a number while others begin eras.
	maxTries = 100
)

// server and here are the place of the database on PostgreSQL, from a row of task_era. Each process of a server has its own start,
// so that a restart, a failover and a restore of the server change the first. In a copy of the database and after
// pg_restore the row has another file or transaction, which changes the second.
const (
	server = `CAST(extract(epoch FROM pg_postmaster_start_time()) AS text)`
	here   = `concat_ws(' ', pg_relation_filepath(task_era.tableoid), task_era.xmin)`
	// hereNow is here for a row that this transaction writes.
	hereNow = `concat_ws(' ', pg_relation_filepath(CAST('task_era' AS regclass)), CAST(pg_current_xact_id() AS xid))`
)

// place returns the conditions on a row of task_era that the database is at the server and the place where the era began.
func (s *Store) place() (sameServer, unmoved string) {
	if s.postgres {
		return "task_era.server = " + server, "task_era.place = " + here
	}
	return "TRUE", "TRUE"
}

// takeNumbers advances the user's counter by count and returns the new number. It does nothing if the counter does not match where or does
// not exist, or if the database is not in the era; see learnEra. On PostgreSQL it takes the counter into the era if it was in another.
func (s *Store) takeNumbers(era int64, user, count, where string) string {
	entered := "c.era = task_era.era"
	if s.postgres {
		// A statement that waits for the counter still sees the row of task_era as it was, but the counter as it is, which may be in a later era by
		// then. Therefore it may only leave the era in which it saw the counter.
		entered = "(" + entered + " OR c.era = (SELECT era FROM task_counter WHERE user_id = " + user + "))"
	}
	return s.advance(era, user, count, entered+" AND "+where)
}

// advance takes the user's counter into the era and advances it by count.
func (s *Store) advance(era int64, user, count, where string) string {
	const entries = "CASE WHEN c.era = task_era.era THEN c.eras ELSE substr((c.n + 1) || ':' || task_era.era || ',' || c.eras, 1, %d) END"
	jump := fmt.Sprintf("CASE WHEN c.era >> %d = task_era.era >> %[1]d THEN 0 ELSE task_era.jump END", restartBits)
	return "UPDATE task_counter AS c SET n = c.n + " + count + " + " + jump + ", skipped = c.skipped + " + jump + ", era = task_era.era, eras = " +
		fmt.Sprintf(entries, maxEras) + " FROM task_era WHERE c.user_id = " + user + " AND " + s.isEra(era) + " AND " + where + " RETURNING n"
}

// isEra returns the condition on a row of task_era that the database is in the era, and where that began.
func (s *Store) isEra(era int64) string {
	sameServer, unmoved := s.place()
	return fmt.Sprintf("task_era.era = %d AND %s AND %s", era, sameServer, unmoved)
}

// errOtherEra is the error of a transaction that is to begin in the present era, which this process does not know yet.
var errOtherEra = errors.New("the database is in another era")

// lastWrite is a change that this process has committed.
type lastWrite struct {
	user string
	id   ChangeID
}

// lost reports whether the last write of this process is not in the database any more.
func (s *Store) lost(ctx context.Context) (bool, error) {
	last := s.committed.Load()
	if last == nil {
		return false, nil
	}
	feed, err := s.Feed(ctx, last.user)
	return err == nil && !feed.Has(last.id), err
}

// learnEra finds out why takeNumbers returned nothing. It learns the present era, begins one if the database was put back or restarted, and
// makes the user's counter if there is none. It reports whether takeNumbers can return a number now. tried is the era, and where the
// condition with which it was called; args has where's arguments and ?user_id.
func (s *Store) learnEra(ctx context.Context, user string, tried int64, where string, args any) (again bool, err error) {
	var era, of int64
	var sameServer, unmoved bool
	isServer, isHere := s.place()
	found, err := one(ctx, s.read.NewRaw(`SELECT era, `+isServer+`, `+isHere+`, coalesce((SELECT era FROM task_counter WHERE user_id = ?user_id), -1),
		EXISTS (SELECT 1 FROM task_counter WHERE user_id = ?user_id AND `+where+`) FROM task_era`, args), &era, &sameServer, &unmoved, &of, &again)
	here, hasCounter := found && sameServer && unmoved, of >= 0
	if err != nil || here && era == tried && hasCounter && (s.postgres || of == era) {
		return again, err // again if a write at the same time has made the counter match in between
	}
	lost, err := s.lost(ctx)
	if err != nil {
		return false, err
	}
	begin := func(ctx context.Context, tx bun.IDB) (err error) {
		switch {
		case lost:
			err = s.beginEra(ctx, tx, fmt.Sprintf("task_era.era = %d", era))
		case !found || !unmoved:
			err = s.beginEra(ctx, tx, "NOT "+isHere)
		case !sameServer:
			_, err = tx.NewRaw("UPDATE task_era SET era = (era >> ?0 << ?0) + ?1, server = "+server+", place = "+hereNow+" WHERE NOT "+isServer,
				restartBits, rand.Int64N(1<<restartBits)).Exec(ctx)
		}
		if err == nil {
			err = tx.NewRaw("SELECT era FROM task_era").Scan(ctx, &era)
		}
		return err
	}
	switch {
	case here && !lost: // another process has begun the era, or the user's counter is to be made or taken into it
	case s.InTransaction():
		err = begin(ctx, s.write)
	default:
		// The counter is locked first, as by each write within a transaction, so that two writes of a user cannot deadlock. The row of task_era
		// stays locked until the end of the transaction, which is therefore a short one where that is possible: see Transaction.
		err = s.begin(ctx, user, false, func(s *Store) error { return begin(ctx, s.write) })
	}
	if err == nil && !hasCounter {
		_, err = s.write.NewRaw("INSERT INTO task_counter (user_id, n) VALUES (?, 0) ON CONFLICT (user_id) DO NOTHING", user).Exec(ctx)
	}
	if err == nil && !s.postgres {
		// Nothing but such a change tells SQLite to look for lost writes, so that no other statement makes it.
		_, err = s.write.NewRaw(s.advance(era, "?0", "0", "TRUE"), user).Exec(ctx)
	}
	if err != nil {
		return false, fmt.Errorf("learn era: %w", err)
	}
	if s.era.Store(era); lost {
		s.committed.Store(nil) // it says nothing more
	}
	return true, nil
}

// BeginEra begins a new era. Every program that writes tasks calls it when it starts, and a person after putting back the
// database under running servers. In a database in which nothing has been written, the numbers go on.
//
// It does nothing if the database is read-only, as a standby is. Its promotion begins an era.
func (s *Store) BeginEra(ctx context.Context) error {
	err := s.beginEra(ctx, s.writer, "TRUE")
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.Code == readOnlyTransaction {
		return nil
	}
	if err != nil {
		return fmt.Errorf("store: begin era: %w", err)
	}
	return nil
}

// readOnlyTransaction is PostgreSQL's code for a write on a standby or in a read-only session.
const readOnlyTransaction = "25006"

// firstEra begins the era of a database that has just got its table of eras.
func (s *Store) firstEra(ctx context.Context, tx bun.Tx) error { return s.beginEra(ctx, tx, "TRUE") }

// beginEra begins an era with a jump if the present one matches where.
func (s *Store) beginEra(ctx context.Context, db bun.IDB, where string) error {
	place := "'', ''"
	if s.postgres {
		place = server + ", " + hereNow
	}
	_, err := db.NewRaw(`INSERT INTO task_era (id, era, jump, server, place)
		SELECT 1, ?, CASE WHEN EXISTS (SELECT 1 FROM task_counter WHERE era <> 0) THEN ? ELSE 0 END, `+place+` WHERE TRUE
		ON CONFLICT (id) DO UPDATE SET era = excluded.era, jump = excluded.jump, server = excluded.server, place = excluded.place WHERE `+where,
		(1+rand.Int64N(maxJumps-1))<<restartBits, minJump+rand.Int64N(minJump)).Exec(ctx)
	return err
}

// since is an era and the first number that was given in it.
type since struct{ number, era int64 }

// parseEras returns the entries of task_counter.eras, and whether older ones were cut off.
func parseEras(text string) (eras []since, cut bool) {
	cut = len(text) >= maxEras
	for {
		entry, older, whole := strings.Cut(text, ",")
		number, era, _ := strings.Cut(entry, ":")
		first, err := strconv.ParseInt(number, 10, 64)
		named, also := strconv.ParseInt(era, 10, 64)
		if !whole || err != nil || also != nil {
			return eras, cut
		}
		eras, text = append(eras, since{first, named}), older
	}
}

// Has reports whether the change, or the position just after it, is in the history of the feed. It is not if it was lost when the
// database was put back to an earlier copy.
func (f Feed) Has(id ChangeID) bool {
	era, known := f.Era(id.Number)
	return known && era == id.Era && id.Number <= f.Number
}

// Era returns the era in which the feed's number was given. It reports false if that is not known any more.
func (f Feed) Era(number int64) (era int64, known bool) {
	for _, s := range f.eras {
		if s.number <= number {
			return s.era, true
		}
	}
	return 0, !f.cut // before the first era, unless entries were cut off
}
