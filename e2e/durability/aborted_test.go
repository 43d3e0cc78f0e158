package durability

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"testing"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// TestAbortedRequests has clients disconnect as soon as they have sent their requests, as a type-ahead search does. That may cost
// no connections to PostgreSQL beyond those of the pool.
func TestAbortedRequests(t *testing.T) {
	t.Parallel()
	proxy, databaseURL := harness.NewProxyOf(t, storetest.Postgres(t))
	server := harness.Start(t, harness.Env(databaseURL))
	u := server.As("u")
	for i := range 20 {
		u.Add(fmt.Sprintf("milk and bread %d", i))
	}
	for name, abort := range map[string]func(){
		"health": func() {
			conn, err := net.Dial("tcp", strings.TrimPrefix(server.URL, "http://"))
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = fmt.Fprintf(conn, "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
			_ = conn.(*net.TCPConn).SetLinger(0) // a reset
			_ = conn.Close()
		},
		"search": func() { abort(t, u, `{ tasks(search: "mil bre") { totalCount nodes { id title } } }`) },
		"write": func() {
			abort(t, u, `mutation { updateTasks(ids: [1, 2, 3], input: {title: "milk"}) { tasks { id } } }`)
		},
	} {
		before, requests := proxy.Made(), storetest.Scale(20, 500)
		var clients sync.WaitGroup
		for range 10 {
			clients.Go(func() {
				for range requests {
					abort()
				}
			})
		}
		clients.Wait()
		if a := u.GraphQL(`{ tasks { totalCount } }`); !strings.Contains(a.Body, `"totalCount":20`) {
			t.Errorf("after %s: %s", name, a.Body)
		}
		// The pool has 16. Statements that take long, on a busy machine, are canceled by connections of their own.
		if made := proxy.Made() - before; made > 5*requests {
			t.Errorf("%d aborted requests of the kind %s made %d connections", 10*requests, name, made)
		}
	}
}

// abort sends a GraphQL request and disconnects.
func abort(t *testing.T, u *harness.Client, query string) {
	r, err := u.NewRequest("POST", "/graphql", harness.GraphQLBody(query))
	if err != nil {
		t.Error(err)
		return
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { cancel() }})
	if response, err := http.DefaultClient.Do(r.WithContext(ctx)); err == nil {
		_ = response.Body.Close()
	}
}
