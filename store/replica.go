package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"taskql/models"
	"taskql/store/connect"
)

// A replica is a copy of a PostgreSQL database that follows it, always some time behind. Read decides which of the two answers. It compares
// a state of the user, which names the user's last change and its era: each change has another one, whatever happens to either
// database. So it does not matter how the replica follows, how far it is behind for other users, whether it was promoted, or whether the
// database was put back to a time before the replica's.

// Read calls read with a store that has all changes of the user that were committed before. That is the replica's if there is one that has them,
// else s. It may call read with the replica first, and with s after that has failed: read must return all errors, and start anew when it is called again.
//
// Call it for queries that read more than a few rows: to ask for the state costs the database as much as reading a task.
func (s *Store) Read(ctx context.Context, user string, read func(context.Context, *Store) error) error {
	if s.replica != nil && !s.InTransaction() && s.replica.usable(s) {
		if err := s.readReplica(ctx, user, read); err == nil || ctx.Err() != nil {
			return err
		}
	}
	return read(ctx, s)
}

const (
	// replicaPatience is how long a replica may take to tell its state. Then the database answers.
	replicaPatience = time.Second
	// replicaTimeout is how long a replica may take to prove that it can be used again. A sleeping one needs a few seconds.
	replicaTimeout = 15 * time.Second
	// A replica that failed is tried again at once, then after firstReplicaPause, then twice as long each time, up to lastReplicaPause.
	firstReplicaPause, lastReplicaPause = time.Second, time.Minute
)

// errBehind is the error of a read on a replica that has another state than the database.
var errBehind = errors.New("the replica has another state")

// readReplica calls read with a store of the replica. It fails with errBehind, and has not called read, if the replica has another state of the user.
func (s *Store) readReplica(ctx context.Context, user string, read func(context.Context, *Store) error) error {
	want, err := s.state(ctx, s.read, user)
	if err != nil {
		return err
	}
	within, cancel := context.WithCancel(ctx)
	defer cancel()
	limit := time.AfterFunc(min(replicaPatience, half(ctx)), cancel)
	defer limit.Stop()
	// Waiting for the user's own reads is not the replica's fault: its time starts afterwards.
	within, release, err := s.replica.pool.Share(within)
	if err != nil {
		return err
	}
	defer release()
	limit.Reset(min(replicaPatience, half(ctx)))
	begun := false
	// One snapshot, so that the state is that of what is read: the next statement may reach another one of several replicas.
	err = s.replica.db.RunInTx(within, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}, func(ctx context.Context, tx bun.Tx) error {
		if state, err := s.state(ctx, tx, user); err != nil {
			return err
		} else if state != want {
			return errBehind
		}
		begun = true
		limit.Reset(half(ctx))
		inside := *s
		inside.read, inside.replica = tx, nil
		return read(ctx, &inside)
	})
	switch {
	case err == nil:
		s.replica.served.Add(1)
	case errors.Is(err, errBehind):
		s.replica.behind.Add(1)
	case ctx.Err() == nil && (!begun || within.Err() != nil || errors.Is(err, models.ErrUnavailable)):
		s.replica.suspect(s)
	}
	return err
}

// half returns half of the time that ctx has left. The other half is for the database.
func half(ctx context.Context) time.Duration {
	if deadline, ok := ctx.Deadline(); ok {
		return time.Until(deadline) / 2
	}
	return math.MaxInt64
}

// state returns a text that is the same for two copies of a database if they have the same tasks of the user and the same schema.
func (s *Store) state(ctx context.Context, db bun.IDB, user string) (state string, err error) {
	query := s.read.NewRaw(`SELECT concat_ws(' ', (SELECT value FROM task_setting WHERE name = 'database_id'), (SELECT max(name) FROM task_migration),
		(SELECT concat_ws(' ', n, era) FROM task_counter WHERE user_id = ?))`, user)
	if _, err := s.first(ctx, db, query, &state); err != nil {
		return "", fmt.Errorf("store: state: %w", err)
	}
	return state, nil
}

// replica has the connections to a replica, and knows whether it can be used.
type replica struct {
	db     *bun.DB
	pool   *connect.Pool
	served atomic.Int64
	behind atomic.Int64

	mu sync.Mutex
	// up is set if the replica has answered last. Until the first answer it is not.
	up bool
	// proving is set while prove runs. It runs again after next, pause after it has failed.
	proving bool
	next    time.Time
	pause   time.Duration
	// ctx ends with cancel, when the store is closed. checks are the calls of prove that run.
	ctx    context.Context
	cancel context.CancelFunc
	checks sync.WaitGroup
}

// openReplica does not connect: a server starts without its replica.
func openReplica(options Options) (*replica, error) {
	address, err := connect.Parse(options.ReplicaURL)
	if err == nil && !address.Postgres {
		err = errors.New("it must be the address of a replica of the same PostgreSQL")
	}
	if err != nil {
		return nil, err
	}
	pool, err := connect.Postgres(address, options.Limits)
	if err != nil {
		return nil, err
	}
	r := &replica{db: bun.NewDB(pool.Reader, pgdialect.New()), pool: pool}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	return r, nil
}

func (r *replica) close() error {
	r.mu.Lock()
	r.cancel() // with the lock, so that none begins later
	r.mu.Unlock()
	r.checks.Wait()
	return errors.Join(r.db.Close(), r.pool.Writer.Close())
}

// usable reports whether the replica can be asked. If not, it has it tried in the background when it is time: no request waits for that.
func (r *replica) usable(s *Store) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.up && !r.proving && r.ctx.Err() == nil && !time.Now().Before(r.next) {
		r.proving = true
		r.checks.Go(func() { r.prove(s) })
	}
	return r.up
}

// suspect stops the use of the replica until it has answered again.
func (r *replica) suspect(s *Store) {
	r.mu.Lock()
	r.up = false
	r.mu.Unlock()
	r.usable(s)
}

// prove asks the replica for its state, and notes the result.
func (r *replica) prove(s *Store) {
	ctx, cancel := context.WithTimeout(r.ctx, replicaTimeout)
	defer cancel()
	err := s.CheckReplica(ctx)
	r.mu.Lock()
	failed := r.pause > 0 // before
	r.proving, r.up = false, err == nil
	if r.up {
		r.pause, r.next = 0, time.Time{}
	} else {
		r.pause = min(max(firstReplicaPause, 2*r.pause), lastReplicaPause)
		r.next = time.Now().Add(r.pause)
	}
	r.mu.Unlock()
	switch {
	case r.ctx.Err() != nil: // closed, which is no failure of the replica
	case err != nil && !failed:
		s.notice("reads do not use the replica: " + Cause(err).Error())
	case err == nil && failed:
		s.notice("reads use the replica again")
	}
}

// CheckReplica fails if the replica does not answer, or if it is not a copy of the migrated database or has not its schema yet.
func (s *Store) CheckReplica(ctx context.Context) error {
	const nobody = ""
	want, err := s.state(ctx, s.reader, nobody)
	if err != nil {
		return err
	}
	state, err := s.state(ctx, s.replica.db, nobody)
	if err != nil {
		return fmt.Errorf("the replica does not answer: %w", Cause(err))
	}
	if state != want {
		return errors.New("it is a copy of another database, or has not received the last migrations yet")
	}
	return nil
}

// Replica is how a replica is used.
type Replica struct {
	// Up is set if the replica answers.
	Up bool
	// Served is the number of reads that it has answered, and Behind of those that it did not have the user's last change for.
	Served, Behind int64
}

// Replica returns how the replica is used. It reports false without one.
func (s *Store) Replica() (Replica, bool) {
	if s.replica == nil {
		return Replica{}, false
	}
	s.replica.mu.Lock()
	defer s.replica.mu.Unlock()
	return Replica{s.replica.up, s.replica.served.Load(), s.replica.behind.Load()}, true
}
