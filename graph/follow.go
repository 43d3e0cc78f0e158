package graph

import (
	"context"
	"errors"
	"sync"

	"github.com/99designs/gqlgen/graphql"

	"taskql/tasks"
)

type followersKey struct{}

// followed runs a subscription. Its responses end when its followers have ended, and so no longer count for the limit of a
// user.
func followed(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	followers := new(sync.WaitGroup)
	responses := next(context.WithValue(ctx, followersKey{}, followers))
	return func(ctx context.Context) *graphql.Response {
		response := responses(ctx)
		if response == nil {
			followers.Wait()
		}
		return response
	}
}

var errEnded = errors.New("graph: a subscription has ended")

// follow returns the changes to send to a subscription, until ctx ends. The channel is unbuffered, so that a slow client
// also slows down the reads from the database.
func (r *Resolver) follow(ctx context.Context, since *string) (<-chan *tasks.Change, error) {
	s, _ := ctx.Value(streamKey{}).(*stream)
	if since == nil && s != nil {
		since = s.since
	}
	changes, started, failed := make(chan *tasks.Change), make(chan struct{}), make(chan error, 2)
	ctx.Value(followersKey{}).(*sync.WaitGroup).Go(func() {
		defer close(changes)
		defer func() { failed <- errEnded }() // where a panic has kept the other from being sent
		defer recovered(ctx, r.Log)
		failed <- r.Service.Follow(ctx, since, func() { close(started) }, func(c *tasks.Change) error {
			if s != nil {
				s.push(c.Token())
			}
			select {
			case changes <- c:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	})
	select {
	case <-started:
		return changes, nil
	case err := <-failed:
		return nil, err
	}
}
