package connect

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sync/semaphore"

	"taskql/models"
)

// maxWaiting is how many statements of a user may wait for a connection. It bounds the memory that they need.
const maxWaiting = 1000

// shares bound how many connections of a pool the requests of one user have at once, so that the others find some, however
// many requests that user sends and however long they take. Who must wait gets a connection in the order of arrival.
type shares struct {
	// user returns the user whose request a context belongs to, or "". It may be nil. Statements of no user have no limit.
	user func(context.Context) string
	each int64

	mu    sync.Mutex
	users map[string]*share // those who have connections or wait
}

type share struct {
	free  *semaphore.Weighted
	count int // of connections and of those who wait
}

func newShares(user func(context.Context) string, each int) *shares {
	return &shares{user: user, each: int64(each), users: map[string]*share{}}
}

// take waits until the user of ctx may have another connection. It fails with models.CodeRateLimited if too many wait, or if the
// deadline of ctx ends the wait.
func (s *shares) take(ctx context.Context) (release func(), err error) {
	if s.user == nil {
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
	if err := own.free.Acquire(ctx, 1); err != nil {
		s.leave(user, own)
		if errors.Is(err, context.DeadlineExceeded) {
			// Unlike a statement that takes too long, this one was not sent.
			return nil, fmt.Errorf("%w: %w", &models.Error{Code: models.CodeRateLimited, Message: "Your other requests kept the database busy until this one's time was over. Try again later."}, err)
		}
		return nil, err
	}
	return func() {
		own.free.Release(1)
		s.leave(user, own)
	}, nil
}

func (s *shares) enter(user string) (*share, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	own := s.users[user]
	if own == nil {
		own = &share{free: semaphore.NewWeighted(s.each)}
		s.users[user] = own
	}
	if own.count >= maxWaiting {
		return nil, &models.Error{Code: models.CodeRateLimited, Message: "Too many of your requests are waiting for the database. Try again later."}
	}
	own.count++
	return own, nil
}

func (s *shares) leave(user string, own *share) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if own.count--; own.count == 0 {
		delete(s.users, user)
	}
}
