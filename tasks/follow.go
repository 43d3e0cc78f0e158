package tasks

import (
	"context"
	"fmt"
	"time"

	"taskql/auth"
	"taskql/models"
)

// followPage is the maximum number of changes that Follow reads at once.
const followPage = 100

// followTimeout is the time limit for one read of the feed. Without it, a connection that died silently would block the
// follower.
const followTimeout = 30 * time.Second

// followRetry is the delay before the feed is read again after an error.
const followRetry = time.Second

// Follow calls send for each of the user's changes in turn, from the sync token since on, or from now on if it is nil. It
// returns when ctx ends or send fails. It queues no changes for a slow follower but reads them from the database
// when send has returned, so that a slow follower costs others nothing.
//
// Follow calls started before the first change. Before that it fails with models.CodeBadSyncToken, also for a token
// for which Changes would return Reset, or with CodeRateLimited if the user already follows MaxFollowed times.
func (s *Service) Follow(ctx context.Context, since *string, started func(), send func(*Change) error) error {
	user, err := auth.FromContext(ctx)
	if err != nil {
		return err
	}
	// Listen before the first read of the feed, so that no change between the two is missed.
	listener := s.Events.Listen(user.ID, s.MaxFollowed)
	if listener == nil {
		return &models.Error{
			Code: models.CodeRateLimited, Message: fmt.Sprintf("You have %d subscriptions at once, which is as many as this server allows.", s.MaxFollowed),
		}
	}
	defer listener.Close()
	var at feedPosition
	if since == nil {
		at, err = s.feedEnd(ctx, user.ID)
	} else {
		at, err = s.parseToken(user.ID, *since)
	}
	if err != nil {
		return err
	}
	for begun, live := false, false; ; {
		readCtx, cancel := context.WithTimeout(ctx, followTimeout)
		part, err := s.read(readCtx, s.Store, user.ID, at, followPage) // a replica has not yet got what was just announced
		cancel()
		switch {
		case err != nil && !begun:
			return err
		case err != nil:
			// Returning would tell the client that the subscription is complete. It receives the missed changes when the
			// database is available again.
			if wait(ctx, nil, followRetry) != nil {
				return ctx.Err()
			}
			continue
		case part.expired && begun:
			return &models.Error{
				Code: models.CodeBadSyncToken, Message: "The changes that follow are not known, because the database was put back to an earlier state: begin anew with taskChanges.",
			}
		case part.expired:
			return &models.Error{
				Code: models.CodeBadSyncToken, Message: "since is too old to carry on from, or from a state that the database no longer has: begin anew with taskChanges.",
			}
		case !begun:
			begun = true
			started()
		}
		listener.Seen(part.last)
		for _, c := range part.changes {
			if err := send(c); err != nil {
				return err
			}
			if live && s.FeedLag != nil && c.Task != nil {
				s.FeedLag(s.Now().Sub(c.Task.UpdatedAt))
			}
		}
		at = part.next
		if part.more {
			continue
		}
		live = true
		if wait(ctx, listener.C, 0) != nil {
			return ctx.Err()
		}
	}
}

// feedEnd returns the position after the user's last change.
func (s *Service) feedEnd(ctx context.Context, user string) (at feedPosition, err error) {
	feed, err := s.Store.Feed(ctx, user)
	at.number = feed.Number
	at.era, _ = feed.Era(feed.Number)
	return at, err
}

// wait returns after a notification or, unless timeout is 0, after the timeout. It returns the error of ctx if that has ended.
func wait(ctx context.Context, notified <-chan struct{}, timeout time.Duration) error {
	var expired <-chan time.Time
	if timeout > 0 {
		timer := time.NewTimer(timeout)
		defer timer.Stop()
		expired = timer.C
	}
	select {
	case <-notified:
	case <-expired:
	case <-ctx.Done():
	}
	return ctx.Err()
}
