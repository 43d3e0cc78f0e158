package tasks_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"
	"time"

	"taskql/models"
	"taskql/tasks"
)

// follow calls Follow in a goroutine until ctx ends and returns its changes on an unbuffered channel.
func follow(ctx context.Context, t *testing.T, s *tasks.Service, since *string) <-chan *tasks.Change {
	t.Helper()
	changes, started, ended := make(chan *tasks.Change), make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- s.Follow(ctx, since, func() { close(started) }, func(c *tasks.Change) error {
			select {
			case changes <- c:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}()
	select {
	case <-started:
	case err := <-ended:
		t.Fatal(err)
	}
	return changes
}

// TestFollow checks that neither a slow follower nor one that reads nothing delays writes or other followers.
func TestFollow(t *testing.T) {
	eachDB(t, func(t *testing.T, s *tasks.Service, _ *time.Time) {
		ctx, cancel := context.WithCancel(as(t.Context(), "u"))
		defer cancel()
		first := mustCreate(ctx, t, s, "missed")
		since, err := s.Token(ctx, tasks.ChangeID{})
		if err != nil || since != nil {
			t.Fatalf("Token(none) = %v, %v, want none", since, err)
		}
		page, err := s.Changes(ctx, nil, 1)
		if err != nil {
			t.Fatal(err)
		}
		mustCreate(ctx, t, s, "missed as well")
		slow := follow(ctx, t, s, &page.NextToken)
		blocked := follow(ctx, t, s, nil)
		fresh := follow(ctx, t, s, nil)
		var coded *models.Error
		if err := s.Follow(ctx, nil, func() {}, nil); !errors.As(err, &coded) || coded.Code != models.CodeRateLimited {
			t.Errorf("a fourth of three: %v, want RATE_LIMITED", err)
		}
		const writers, rounds = 4, 50
		var wg sync.WaitGroup
		for range writers {
			wg.Go(func() {
				for range rounds {
					if _, err := s.Toggle(ctx, strconv.FormatInt(first.ID, 10), nil, nil); err != nil {
						t.Error(err)
					}
					mustCreate(ctx, t, s, "x")
					mustCreate(as(ctx, "another user"), t, s, "not heard")
				}
			})
		}
		wg.Wait() // no follower has received a change yet
		var number int64
		titles := map[string]int{}
		for c := range slow {
			if c.Task.Version <= number || c.Task.UserID != "u" {
				t.Fatalf("%+v after number %d", c.Task, number)
			}
			number = c.Task.Version
			if titles[c.Task.Title]++; titles["x"] == writers*rounds && number == 2+2*writers*rounds {
				break
			}
			if titles["x"] == writers*rounds && titles["missed"] > 0 {
				break
			}
		}
		// The subscriber may have read the first state of the toggled task before the writers began, but none in between.
		if titles["missed as well"] != 1 || titles["missed"] < 1 || titles["missed"] > 2 {
			t.Errorf("received %v, want the missed one once, and of the other the latest state and at most the first", titles)
		}
		if c := <-fresh; c.Task.Title == "missed as well" {
			t.Error("without a token, an earlier change was received")
		}
		_ = blocked
		cancel()
		// All have gone when as many can follow again.
		free := func() bool {
			ctx, cancel := context.WithCancel(as(t.Context(), "u"))
			defer cancel()
			begun := make(chan bool, 2*s.MaxFollowed)
			for range s.MaxFollowed {
				go func() {
					var refused *models.Error
					err := s.Follow(ctx, nil, func() { begun <- true }, func(*tasks.Change) error { return nil })
					if errors.As(err, &refused) {
						begun <- false
					}
				}()
			}
			all := true
			for range s.MaxFollowed {
				all = <-begun && all
			}
			return all
		}
		deadline := time.After(time.Minute)
		for tick := time.Tick(10 * time.Millisecond); !free(); {
			select {
			case <-tick:
			case <-deadline:
				t.Fatal("the followers have not gone")
			}
		}
	})
}
