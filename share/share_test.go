package share

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"taskql/models"
)

type userKey struct{}

// as returns a context of a user's request.
func as(ctx context.Context, user string) context.Context {
	return context.WithValue(ctx, userKey{}, user)
}

func userOf(ctx context.Context) string {
	user, _ := ctx.Value(userKey{}).(string)
	return user
}

// TestShares has one user wait while another does not, in order, and wants nothing to be left of either.
func TestShares(t *testing.T) {
	t.Parallel()
	synctest.Test(t, testShares)
}

func testShares(t *testing.T) {
	s := New(userOf, 2)
	greedy, quiet := as(t.Context(), "greedy"), as(t.Context(), "quiet")
	take := func(ctx context.Context) func() {
		t.Helper()
		release, err := s.Take(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return release
	}
	first, second := take(greedy), take(greedy)
	take(quiet)()
	for range 10 {
		defer take(t.Context())() // of nobody
	}
	gone, cancel := context.WithCancel(greedy)
	cancel()
	if _, err := s.Take(gone); !errors.Is(err, context.Canceled) {
		t.Errorf("take with an ended context = %v", err)
	}
	late, cancelLate := context.WithTimeout(greedy, time.Second)
	defer cancelLate()
	var busy *models.Error
	if _, err := s.Take(late); !errors.As(err, &busy) || busy.Code != models.CodeTimeout || busy.RetryAfter == 0 || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("take until the deadline = %v, want TIMEOUT with a time to try again", err)
	}
	var waiting sync.WaitGroup
	order := make(chan int, maxWaiting)
	for i := range maxWaiting - 2 {
		waiting.Go(func() {
			release, err := s.Take(greedy)
			order <- i
			if err != nil {
				t.Error(err)
				return
			}
			release()
		})
		synctest.Wait() // until it waits
	}
	var refused *models.Error
	if _, err := s.Take(greedy); !errors.As(err, &refused) || refused.Code != models.CodeRateLimited {
		t.Errorf("one more = %v, want RATE_LIMITED", err)
	}
	take(quiet)()
	first()
	waiting.Wait()
	close(order)
	want := 0
	for i := range order {
		if i != want {
			t.Errorf("%d was served before %d", i, want)
			break
		}
		want++
	}
	second()
	if len(s.users) != 0 {
		t.Errorf("%d users are left", len(s.users))
	}
}

// TestHold takes units within a held one.
func TestHold(t *testing.T) {
	t.Parallel()
	s, other := New(userOf, 1), New(userOf, 1)
	ctx := as(t.Context(), "u")
	within, release, err := s.Hold(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		again, err := s.Take(within)
		if err != nil {
			t.Fatal(err)
		}
		again()
	}
	if _, err := other.Take(within); err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(within)
	cancel()
	if _, err := other.Take(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("a unit of another resource = %v, want to wait for it", err)
	}
	ended, cancel = context.WithCancel(ctx)
	cancel()
	if _, _, err := s.Hold(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("another held unit = %v, want to wait for it", err)
	}
	release()
	if len(s.users) > 0 {
		t.Errorf("%d users are left", len(s.users))
	}
}

// TestTakeTooLate takes a free unit for a request whose time is over: that is not the error of a request that has waited.
func TestTakeTooLate(t *testing.T) {
	t.Parallel()
	s := New(userOf, 1)
	ctx, cancel := context.WithDeadline(as(t.Context(), "late"), time.Now().Add(-time.Second))
	defer cancel()
	release, err := s.Take(ctx)
	if err != nil {
		t.Fatalf("Take = %v, want the free unit", err)
	}
	if _, err := s.Take(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Take of a second unit = %v, want the end of the time", err)
	}
	release()
	if len(s.users) > 0 {
		t.Errorf("%d users are left", len(s.users))
	}
}
