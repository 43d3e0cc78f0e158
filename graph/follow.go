package graph

import (
	"context"
	"errors"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"taskql/models"
	"taskql/tasks"
)

type followersKey struct{}

// followers are the running followers of a subscription.
type followers struct {
	sync.WaitGroup
	// refused receives the error of each follower that cannot continue.
	refused chan *models.Error
}

// followed runs a subscription. Its responses end when its followers have ended, and so no longer count for the limit of a
// user. If a follower cannot continue, the last response has its error, as the only one has if it cannot start.
func followed(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	f := &followers{refused: make(chan *models.Error, 1)}
	responses, ended := next(context.WithValue(ctx, followersKey{}, f)), false
	return func(ctx context.Context) *graphql.Response {
		if ended {
			return nil
		}
		response := responses(ctx)
		if response == nil {
			ended = true
			f.Wait()
			select {
			case refused := <-f.refused:
				return &graphql.Response{Errors: gqlerror.List{printed(refused)}}
			default:
			}
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
	all := ctx.Value(followersKey{}).(*followers)
	all.Go(func() {
		defer close(changes)
		defer func() { failed <- errEnded }() // where a panic has kept the other from being sent
		defer recovered(ctx, r.Log)
		err := r.Service.Follow(ctx, since, func() { close(started) }, func(c *tasks.Change) error {
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
		var refused *models.Error
		if errors.As(err, &refused) {
			select {
			case all.refused <- refused: // not sent if the subscription has not started
			default:
			}
		}
		failed <- err
	})
	select {
	case <-started:
		return changes, nil
	case err := <-failed:
		return nil, err
	}
}
