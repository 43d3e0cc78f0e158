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
	"taskql/share"
)

const maxTurns = 4

// executed are the ways in which operations are executed, each over a transport. It writes the response.
func executed(t *testing.T) map[string]func(turns *share.Turns, e graphql.GraphExecutor, w http.ResponseWriter, r *http.Request) {
	return map[string]func(turns *share.Turns, e graphql.GraphExecutor, w http.ResponseWriter, r *http.Request){
		"JSON": func(turns *share.Turns, e graphql.GraphExecutor, w http.ResponseWriter, r *http.Request) {
			overHTTP{turns, nil}.Do(w, r, e)
		},
		"events": func(turns *share.Turns, e graphql.GraphExecutor, w http.ResponseWriter, r *http.Request) {
			overEvents{stopping: context.Background(), turns: turns}.Do(w, r, e)
		},
		"socket": func(_ *share.Turns, e graphql.GraphExecutor, w http.ResponseWriter, r *http.Request) {
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
	}
}

// TestTurns has many operations of one user wait for each other, over each transport, and none of another user.
func TestTurns(t *testing.T) {
	for name, over := range executed(t) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				turns := share.NewTurns(auth.ID, maxTurns, time.Minute)
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
				for range 3 * maxTurns {
					send("greedy")
				}
				synctest.Wait()
				if got := running.Load(); got != int64(maxTurns) {
					t.Errorf("%d operations of one user run at once, want %d", got, maxTurns)
				}
				send("quiet")
				synctest.Wait()
				close(begun)
				all.Wait()
				if got := running.Load(); got != int64(3*maxTurns) {
					t.Errorf("%d operations have run, want %d", got, 3*maxTurns)
				}
			})
		})
	}
}

// TestLateTurns has an operation of each transport wait for a turn until its time is over. Another one may follow soon.
func TestLateTurns(t *testing.T) {
	for name, over := range executed(t) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				turns := share.NewTurns(auth.ID, 1, time.Minute)
				e := executor.New(NewExecutableSchema(Config{Schema: schema(), Resolvers: &Resolver{}}))
				e.AroundOperations(newSockets(nil, time.Minute, newStreams(1, 1), turns, nil).limited)
				ctx := graphql.StartOperationTrace(auth.NewContext(context.Background(), &auth.User{ID: "greedy"}))
				done, err := turns.Take(ctx)
				if err != nil {
					t.Fatal(err)
				}
				send := func() *httptest.ResponseRecorder {
					r := httptest.NewRequestWithContext(ctx, "POST", "/graphql", strings.NewReader(`{"query": "{ __typename }"}`))
					r.Header.Set("Content-Type", "application/json")
					w := httptest.NewRecorder()
					over(turns, e, w, r)
					return w
				}
				late := send()
				if body := late.Body.String(); !strings.Contains(body, `"code":"TIMEOUT"`) || !strings.Contains(body, `"retryAfter":1`) {
					t.Errorf("the answer is %s", body)
				}
				if name != "socket" && (late.Code != http.StatusServiceUnavailable || late.Header().Get("Retry-After") != "1") {
					t.Errorf("its status is %d, %v", late.Code, late.Header())
				}
				done()
				if body := send().Body.String(); !strings.Contains(body, `"__typename":"Query"`) {
					t.Errorf("the next answer is %s", body)
				}
			})
		})
	}
}

// TestReadingTurns has large messages of one user wait for each other, and no small one, and nobody else's.
func TestReadingTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reading := share.NewTurns(auth.ID, 1, time.Minute)
		large, small := make([]byte, largeMessage), []byte(`{"type":"ping"}`)
		of := func(user string) *conn { return &conn{reading: reading, user: &auth.User{ID: user}} }
		first, second := of("greedy"), of("greedy")
		done, err := first.turnFor(large)
		if err != nil {
			t.Fatal(err)
		}
		for c, text := range map[*conn][]byte{second: small, of("quiet"): large, {reading: reading}: large} {
			done, err := c.turnFor(text)
			if err != nil {
				t.Fatal(err)
			}
			done()
		}
		read := make(chan struct{})
		go func() {
			defer close(read)
			if _, err := second.turnFor(large); err != nil {
				t.Error(err)
			}
		}()
		synctest.Wait()
		select {
		case <-read:
			t.Error("two large messages of one user are read at once")
		default:
		}
		done()
		<-read
	})
}
