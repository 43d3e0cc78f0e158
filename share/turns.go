package share

import (
	"context"
	"sync"
	"time"
)

// Turns are shares of the processors, because a large request takes long to read, to check and to answer. A request has a turn while it is
// executed. A slow client needs none: its request is read before, and a long answer written afterwards. Nil Turns have no limit.
type Turns struct {
	shares  *Shares
	timeout time.Duration
}

// NewTurns returns turns of which each user has a number at once, and for which a request waits until timeout. user is as in New.
func NewTurns(user func(context.Context) string, each int, timeout time.Duration) *Turns {
	return &Turns{New(user, each), timeout}
}

// Take waits for a turn of the user of ctx. The caller calls done at its end, once or more often. The errors are those of Shares.Take.
func (t *Turns) Take(ctx context.Context) (done func(), err error) {
	if t == nil {
		return func() {}, nil
	}
	release, err := t.shares.take(ctx, t.timeout)
	if err != nil {
		return nil, err
	}
	return sync.OnceFunc(release), nil
}
