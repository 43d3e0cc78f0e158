package graph

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"

	"taskql/auth"
)

// TestTurns has many operations of one user wait for each other, over each transport, and none of another user.
func TestTurns(t *testing.T) {
	for name, over := range map[string]func(turns *turns, e graphql.GraphExecutor, w http.ResponseWriter, r *http.Request){
		"JSON": func(turns *turns, e graphql.GraphExecutor, w http.ResponseWriter, r *http.Request) {
			overHTTP{turns, nil}.Do(w, r, e)
		},
		"events": func(turns *turns, e graphql.GraphExecutor, w http.ResponseWriter, r *http.Request) {
			overEvents{stopping: context.Background(), turns: turns}.Do(w, r, e)
		},
		"socket": func(_ *turns, e graphql.GraphExecutor, w http.ResponseWriter, r *http.Request) {
			ctx := context.WithValue(r.Context(), connKey{}, &conn{})
			operation, errs := e.CreateOperationContext(ctx, &graphql.RawParams{Query: "{ __typename }"})
			if errs != nil {
				t.Error(errs)
				return
			}
			responses, ctx := e.DispatchOperation(ctx, operation)
			body, err := encode(responses(ctx))
			if err != nil {
				t.Error(err)
			}
			_, _ = w.Write(body) // the response recorder returns no error
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				turns := newTurns(time.Minute)
				var running atomic.Int64
				begun := make(chan struct{})
				e := executor.New(NewExecutableSchema(Config{Schema: schema(), Resolvers: &Resolver{}}))
				e.AroundOperations(newSockets(nil, time.Minute, newStreams(1, 1), turns, nil).limited)
				e.AroundResponses(func(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
					if user, err := auth.FromContext(ctx); err == nil && user.ID == "greedy" {
						running.Add(1)
						<-begun
					}
					return next(ctx)
				})
				var all sync.WaitGroup
				send := func(user string) {
					all.Go(func() {
						ctx := graphql.StartOperationTrace(auth.NewContext(context.Background(), &auth.User{ID: user}))
						r := httptest.NewRequestWithContext(ctx, "POST", "/graphql", strings.NewReader(`{"query": "{ __typename }"}`))
						r.Header.Set("Content-Type", "application/json")
						w := httptest.NewRecorder()
						if over(turns, e, w, r); !strings.Contains(w.Body.String(), `"__typename":"Query"`) {
							t.Errorf("the answer to %s is %d %s", user, w.Code, w.Body)
						}
						if user == "quiet" && running.Load() == 0 {
							t.Error("the other user was answered before anybody was in the way")
						}
					})
				}
				for range 3 * maxTurns() {
					send("greedy")
				}
				synctest.Wait()
				if got := running.Load(); got != int64(maxTurns()) {
					t.Errorf("%d operations of one user run at once, want %d", got, maxTurns())
				}
				send("quiet")
				synctest.Wait()
				close(begun)
				all.Wait()
				if got := running.Load(); got != int64(3*maxTurns()) {
					t.Errorf("%d operations have run, want %d", got, 3*maxTurns())
				}
			})
		})
	}
}
