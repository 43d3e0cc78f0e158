package tasks

import (
	"context"
	"fmt"
	"time"

	"taskql/auth"
	"taskql/models"
)

// followPage is how many changes are read at once for who follows them.
const followPage = 100

// followTimeout is how long a look at the feed may take, on a connection that is dead without saying so for one.
const followTimeout = 30 * time.Second

// followRetry is how long to wait before a feed that could not be read is read again.
const followRetry = time.Second

// Follow hands the user's changes to send, one after the other, from a bookmark on, or from now on without one,
// until ctx ends or send fails. Nothing is kept for who is slow to take a change:
// it is read from the database when its turn has come, so that a slow reader costs the others nothing. Before
// the first change it calls started; an error before that is models.CodeBadSyncToken, also for a bookmark with which
// Changes would reset, or CodeRateLimited beyond MaxFollowed.
func (s *Service) Follow(ctx context.Context, since *string, started func(), send func(*Change) error) error {
	user, err := auth.FromContext(ctx)
	if err != nil {
		return err
	}
	// Listening begins before the first look, so that no change falls between them.
	hints := s.Events.Listen(user.ID, s.MaxFollowed)
	if hints == nil {
		return &models.Error{
			Code: models.CodeRateLimited, Message: fmt.Sprintf("You have %d subscriptions at once, which is as many as this server allows.", s.MaxFollowed),
		}
	}
	defer hints.Close()
	feed, err := s.Store.Feed(ctx, user.ID)
	if err != nil {
		return err
	}
	at := bookmark{number: feed.Number}
	if since != nil {
		if at, err = s.bookmark(user.ID, *since); err != nil {
			return err
		}
		if at.lost(feed) {
			return &models.Error{
				Code: models.CodeBadSyncToken, Message: "since is too old to carry on from: begin anew with taskChanges.",
			}
		}
	}
	started()
	for {
		look, cancel := context.WithTimeout(ctx, followTimeout)
		changes, next, more, err := s.changes(look, user.ID, at, followPage)
		cancel()
		if err != nil {
			// The client would take an end for the end. It hears of what it missed when the database is back.
			if wait(ctx, nil, followRetry) != nil {
				return ctx.Err()
			}
			continue
		}
		for _, c := range changes {
			if err := send(c); err != nil {
				return err
			}
		}
		at = next
		if more {
			continue
		}
		if wait(ctx, hints.C, 0) != nil {
			return ctx.Err()
		}
	}
}

// wait waits for a hint or, where it is not 0, for a time, and fails when ctx ends.
func wait(ctx context.Context, hint <-chan struct{}, d time.Duration) error {
	var over <-chan time.Time
	if d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		over = timer.C
	}
	select {
	case <-hint:
	case <-over:
	case <-ctx.Done():
	}
	return ctx.Err()
}
