package graph

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
)

// TestRequestThatHasEnded checks the response to a request whose context has ended before its operation runs.
func TestRequestThatHasEnded(t *testing.T) {
	e := executor.New(NewExecutableSchema(Config{Schema: schema(), Resolvers: &Resolver{}}))
	e.AroundOperations(newSockets(nil, time.Minute, newStreams(1, 1), nil, nil).limited)
	expired, stop := context.WithDeadline(context.Background(), time.Unix(0, 0))
	defer stop()
	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	for _, tt := range []struct {
		name       string
		ctx        context.Context
		accept     string
		status     int
		code, none string
	}{
		{"timeout", expired, "application/json", 504, `"code":"TIMEOUT"`, "INTERNAL"},
		{"timeout of events", expired, "text/event-stream", 200, `"code":"TIMEOUT"`, "INTERNAL"},
		{"canceled", canceled, "application/json", 200, "", "{"},
	} {
		r := httptest.NewRequest("POST", "/graphql", strings.NewReader(`{"query": "{ __typename }"}`)).WithContext(graphql.StartOperationTrace(tt.ctx))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", tt.accept)
		w := httptest.NewRecorder()
		if IsStream(r) {
			overEvents{stopping: context.Background(), turns: nil}.Do(w, r, e)
		} else {
			overHTTP{nil, nil}.Do(w, r, e)
		}
		if body := w.Body.String(); w.Code != tt.status || !strings.Contains(body, tt.code) || strings.Contains(body, tt.none) {
			t.Errorf("%s: %d %s, want %d with %q and without %q", tt.name, w.Code, body, tt.status, tt.code, tt.none)
		}
	}
}
