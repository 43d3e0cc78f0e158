package live

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// TestLive subscribes through each transport: first come the missed changes, then every kind of change as it happens.
func TestLive(t *testing.T) {
	t.Parallel()
	harness.EachServer(t, func(t *testing.T, s *harness.Server) {
		harness.EachTransport(t, s, func(t *testing.T, transport string, u *harness.Client) {
			since := u.SyncToken()
			first := u.Add("first")
			second := u.Add("missed")
			f := u.Follow(transport, since)
			f.Want("SAVED "+first+" first", "SAVED "+second+" missed")
			s.As("another user").Add("not received")
			u.GraphQL(`mutation($id: ID!) { updateTask(id: $id, input: {title: "changed"}) { task { id } } }`, "id", first)
			f.Want("SAVED " + first + " changed")
			u.Send("PATCH", u.Tasks(second, "complete"), "")
			u.Send("DELETE", u.Tasks(second), "")
			if c := f.Next(); c.Kind == "SAVED" { // overtaken states may be left out, or not
				f.Want("TRASHED " + second + " missed")
			} else if c.String() != "TRASHED "+second+" missed" {
				t.Errorf("received %s, want task %s trashed", c, second)
			}
			u.GraphQL(`mutation($id: ID!) { restoreTask(id: $id) { task { id } } }`, "id", second)
			f.Want("SAVED " + second + " missed")
			u.GraphQL(`mutation($ids: [ID!]!) { deleteTasks(ids: $ids) { count } }`, "ids", []string{second, first})
			trashed := []string{f.Next().String(), f.Next().String()}
			if got := strings.Join(trashed, ", "); !strings.Contains(got, "TRASHED "+first) || !strings.Contains(got, "TRASHED "+second) {
				t.Errorf("received %s, want both trashed", got)
			}
			u.GraphQL(`mutation($id: ID!) { purgeTask(id: $id) { deletedTaskId } }`, "id", first)
			f.Want("PURGED " + first)
			u.GraphQL(`mutation { emptyTrash { count } }`)
			token := f.Want("PURGED " + second)

			var made struct {
				CreateTasks struct{ Tasks []struct{ ID string } }
			}
			u.GraphQL(`mutation { createTasks(inputs: [{title: "a"}, {title: "b"}, {title: "c"}]) { tasks { id } } }`).Data(t, &made)
			wanted := map[string]bool{}
			for range made.CreateTasks.Tasks {
				wanted[f.Next().Task.Title] = true
			}
			if len(wanted) != 3 {
				t.Errorf("received %v, want a, b and c", wanted)
			}
			f.Stop()

			// The sync token counts, not what was sent after it.
			again := u.Follow(transport, token)
			for range 3 {
				delete(wanted, again.Next().Task.Title)
			}
			if len(wanted) != 0 {
				t.Errorf("%v are missing after the reconnect", wanted)
			}
			id := u.Add("live again")
			again.Want("SAVED " + id + " live again")
		})
	})
}

// TestLiveWithoutSyncToken subscribes without since: only changes after the start arrive.
func TestLiveWithoutSyncToken(t *testing.T) {
	t.Parallel()
	s := harness.Start(t, harness.Env(storetest.SQLite(t)))
	harness.EachTransport(t, s, func(t *testing.T, transport string, u *harness.Client) {
		u.Add("before")
		f := u.Follow(transport, "")
		heard := make(chan harness.Change, 1)
		go func() { heard <- f.Next() }()
		for i := 0; ; i++ { // over a WebSocket nothing says when it has begun
			u.Add(fmt.Sprint("after ", i))
			select {
			case c := <-heard:
				if !strings.HasPrefix(c.Task.Title, "after") {
					t.Errorf("received %s", c)
				}
				return
			case <-time.After(50 * time.Millisecond):
			}
		}
	})
}

// TestLiveFromNow reads the sync token of the moment: changes after it arrive, and none before.
func TestLiveFromNow(t *testing.T) {
	t.Parallel()
	harness.EachServer(t, func(t *testing.T, s *harness.Server) {
		harness.EachTransport(t, s, func(t *testing.T, transport string, u *harness.Client) {
			now := func() string {
				t.Helper()
				var data struct{ SyncToken string }
				u.GraphQL(`{ syncToken }`).Data(t, &data)
				return data.SyncToken
			}
			first := now() // of a user who has not written yet
			id := u.Add("one")
			u.Follow(transport, first).Want("SAVED " + id + " one")
			second := now()
			id = u.Add("two")
			u.Follow(transport, second).Want("SAVED " + id + " two")
			if p := u.Changes(now(), 10); len(p.Changes) != 0 || p.HasMore || p.Reset {
				t.Errorf("after the token of the moment: %+v", p)
			}
		})
	})
}

// TestLastEventID continues a stream with the header that browsers send.
func TestLastEventID(t *testing.T) {
	t.Parallel()
	u := harness.Start(t, harness.Env(storetest.SQLite(t))).As("u")
	since := u.SyncToken()
	first, second := u.Add("first"), u.Add("second")
	f := u.Follow(harness.EventsByGET, "", "Last-Event-ID", since)
	token := f.Want("SAVED "+first+" first", "SAVED "+second+" second")
	third := u.Add("third")
	u.Follow(harness.EventsByPOST, "", "Last-Event-ID", token).Want("SAVED " + third + " third")
	// The argument is what the client asks for now.
	u.Follow(harness.EventsByPOST, token, "Last-Event-ID", since).Want("SAVED " + third + " third")
}

// TestRefusedSubscriptions checks the errors of subscriptions through each transport. They end that subscription only.
func TestRefusedSubscriptions(t *testing.T) {
	t.Parallel()
	env := harness.Env(storetest.SQLite(t))
	env["MAX_SUBSCRIPTIONS_PER_USER"] = "2"
	s := harness.Start(t, env)
	harness.EachTransport(t, s, func(t *testing.T, transport string, u *harness.Client) {
		for _, since := range []string{"x", s.As("another user").SyncToken()} {
			if got := u.Follow(transport, since).End(); !strings.Contains(got, "BAD_SYNC_TOKEN") {
				t.Errorf("since %s: ended with %q, want BAD_SYNC_TOKEN", since, got)
			}
		}
		since := u.SyncToken()
		one, two := u.Follow(transport, since), u.Follow(transport, since)
		id := u.Add("x")
		one.Want("SAVED " + id + " x")
		two.Want("SAVED " + id + " x")
		if got := u.Follow(transport, since).End(); !strings.Contains(got, "RATE_LIMITED") {
			t.Errorf("the third of two ended with %q, want RATE_LIMITED", got)
		}
		s.Within(t).As("yet another").SyncToken()
		one.Stop()
		harness.Eventually(t, "another subscription is allowed again", func() bool {
			f := u.Follow(transport, since)
			defer f.Stop()
			select {
			case <-f.Changes:
				return true
			case <-f.Ended:
				return false
			}
		})
		two.Stop()
	})
}

// TestStreamsEndWithTheServer stops a server with subscriptions: each ends in the way that makes its client connect again.
// TestQuietStreams has the end of the token.
func TestStreamsEndWithTheServer(t *testing.T) {
	t.Parallel()
	harness.EachServer(t, func(t *testing.T, s *harness.Server) {
		u := s.As("u")
		since := u.SyncToken()
		id := u.Add("x")
		var followers []*harness.Follower
		for _, transport := range harness.Transports {
			f := u.Follow(transport, since)
			f.Want("SAVED " + id + " x")
			followers = append(followers, f)
		}
		stopped := make(chan error, 1)
		go func() { stopped <- s.Stop() }()
		for i, f := range followers {
			want := "1001 The server stops."
			if harness.IsEvents(harness.Transports[i]) {
				want = "complete"
			}
			if got := f.End(); got != want {
				t.Errorf("%s ended with %q, want %q", harness.Transports[i], got, want)
			}
		}
		if err := <-stopped; err != nil {
			t.Errorf("the server stopped with %v", err)
		}
	})
}

// TestOperationsOverEvents sends queries and mutations over server-sent events, each of which is answered with one
// event.
func TestOperationsOverEvents(t *testing.T) {
	t.Parallel()
	u := harness.Start(t, harness.Env(storetest.SQLite(t))).As("u")
	const accept = "text/event-stream"
	ask := func(query string) (result struct{ Data, Errors json.RawMessage }) {
		t.Helper()
		a := u.Send("POST", "/graphql", harness.GraphQLBody(query), "Accept", accept)
		body, found := strings.CutPrefix(a.Body, ":\n\nevent: next\ndata: ")
		body, ended := strings.CutSuffix(body, "\n\nevent: complete\ndata:\n\n")
		if a.Status != 200 || !found || !ended || json.Unmarshal([]byte(body), &result) != nil {
			t.Fatalf("%s = %d %q, want one event and complete", query, a.Status, a.Body)
		}
		return result
	}
	for i := range 50 {
		if got := ask(fmt.Sprintf(`mutation { createTask(input: {title: "%d"}) { task { title } } }`, i)); string(got.Data) != fmt.Sprintf(`{"createTask":{"task":{"title":"%d"}}}`, i) {
			t.Fatalf("mutation %d = %s %s", i, got.Data, got.Errors)
		}
	}
	if got := ask(`{ tasks { totalCount } }`); string(got.Data) != `{"tasks":{"totalCount":50}}` {
		t.Errorf("query = %s %s", got.Data, got.Errors)
	}
	for query, code := range map[string]string{`{ nothing }`: "GRAPHQL_VALIDATION_FAILED", `{`: "GRAPHQL_PARSE_FAILED", `{ tasks(first: 0) { totalCount } }`: "BAD_PAGE_SIZE"} {
		if got := ask(query); !strings.Contains(string(got.Errors), code) {
			t.Errorf("%s = %s %s, want %s", query, got.Data, got.Errors, code)
		}
	}
	if a := u.Send("GET", "/graphql?query=mutation%7BemptyTrash%7Bcount%7D%7D", "", "Accept", accept); !strings.Contains(a.Body, "BAD_USER_INPUT") {
		t.Errorf("a mutation by GET = %d %s", a.Status, a.Body)
	}
	if a := u.Anonymous().Send("POST", "/graphql", harness.GraphQLBody(`{ viewer { id } }`), "Accept", accept); a.Status != 401 || !strings.Contains(a.Body, "UNAUTHENTICATED") {
		t.Errorf("without a token = %d %s, want 401", a.Status, a.Body)
	}
	if a := u.Send("POST", "/graphql", `{"query":`, "Accept", accept); a.Status != 400 || !strings.Contains(a.Body, "BAD_USER_INPUT") {
		t.Errorf("half a body = %d %s, want 400", a.Status, a.Body)
	}
	// A client that would rather have JSON, as urql for queries, gets it.
	for _, preference := range []string{"application/json, text/event-stream", "text/event-stream;q=0.5, application/json", "*/*"} {
		if a := u.Send("POST", "/graphql", harness.GraphQLBody(`{ viewer { id } }`), "Accept", preference); a.Body != `{"data":{"viewer":{"id":"u"}}}` {
			t.Errorf("Accept: %s = %s", preference, a.Body)
		}
	}
	// Without events, a subscription is refused at once.
	for _, method := range []string{"GET", "POST"} {
		path, body := "/graphql", harness.GraphQLBody(harness.FollowQuery)
		if method == "GET" {
			path, body = "/graphql?query=subscription%7BtaskChanged%7Btoken%7D%7D", ""
		}
		if a := u.Send(method, path, body); a.Status != 406 || !strings.Contains(a.Body, "text/event-stream") {
			t.Errorf("a subscription by %s = %d %s, want 406", method, a.Status, a.Body)
		}
	}
}
