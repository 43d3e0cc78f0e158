// Package share divides a resource among users: each has a bounded part of it at once, and who asks for more waits in turn.
package share

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"taskql/models"
)

// maxWaiting is how many requests of a user may wait. It bounds the memory that they need.
const maxWaiting = 1000

// Shares bound how many units of a resource the requests of one user have at once, so that the others find some, however
// many requests that user sends and however long they take. Who must wait gets a unit in the order of arrival.
type Shares struct {
	// user returns the user whose request a context belongs to, or "". It may be nil. Requests of no user have no limit.
	user func(context.Context) string
	each int64

	mu    sync.Mutex
	users map[string]*share // those who have units or wait
}

type share struct {
	free  *semaphore.Weighted
	count int // of units and of those who wait
}

// New returns shares of each units. user returns the user whose request a context belongs to, or ""; it may be nil. Requests of no
// user have no limit.
func New(user func(context.Context) string, each int) *Shares {
	return &Shares{user: user, each: int64(each), users: map[string]*share{}}
}

// Take waits until the user of ctx may have another unit, which release gives back. Its errors are that of ctx, which is
// also models.CodeTimeout with RetryAfter if it is an exceeded deadline, and models.CodeRateLimited if too many requests of the user wait.
func (s *Shares) Take(ctx context.Context) (release func(), err error) { return s.take(ctx, 0) }

// Hold is Take for several calls one after another: within the context that it returns, Take takes no other unit.
func (s *Shares) Hold(ctx context.Context) (within context.Context, release func(), err error) {
	release, err = s.Take(ctx)
	if err != nil {
		return nil, nil, err
	}
	return context.WithValue(ctx, s, true), release, nil
}

// take is Take with a limit of the time to wait; 0 is none.
func (s *Shares) take(ctx context.Context, limit time.Duration) (release func(), err error) {
	if s.user == nil || ctx.Value(s) != nil {
		return func() {}, nil
	}
	user := s.user(ctx)
	if user == "" {
		return func() {}, nil
	}
	own, err := s.enter(user)
	if err != nil {
		return nil, err
	}
	// Acquire fails for a ctx that has ended, even where nobody has to wait.
	if !own.free.TryAcquire(1) {
		if limit > 0 { // only here, because a timer is work for each request
			within, cancel := context.WithTimeout(ctx, limit)
			defer cancel()
			ctx = within
		}
		err = own.free.Acquire(ctx, 1)
	}
	if err != nil {
		s.leave(user, own)
		return nil, Waited(err, "Your other requests took all of your share until the time of this one was over.")
	}
	return func() {
		own.free.Release(1)
		s.leave(user, own)
	}, nil
}

// Waited returns the error of a wait for a resource. An exceeded deadline is also models.CodeTimeout with RetryAfter, and reason is the
// beginning of its message. Others are returned as they are. The message warns of a write that may have been done: a request may wait
// again after its write, to read what it returns.
func Waited(err error, reason string) error {
	if !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fmt.Errorf("%w: %w", &models.Error{
		Code: models.CodeTimeout, RetryAfter: 1, Message: reason + " Try again shortly. A write may have been done nevertheless.",
	}, err)
}

func (s *Shares) enter(user string) (*share, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	own := s.users[user]
	if own == nil {
		own = &share{free: semaphore.NewWeighted(s.each)}
		s.users[user] = own
	}
	if own.count >= maxWaiting {
		return nil, &models.Error{Code: models.CodeRateLimited, Message: "Too many of your requests are waiting for each other. Try again later."}
	}
	own.count++
	return own, nil
}

func (s *Shares) leave(user string, own *share) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if own.count--; own.count == 0 {
		delete(s.users, user)
	}
}
