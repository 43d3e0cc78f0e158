package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"taskql/auth"
	"taskql/store/storetest"
)

// TestLive has everything that can happen to tasks heard through each door, first what was missed.
func TestLive(t *testing.T) {
	eachServer(t, func(t *testing.T, s *server) {
		eachDoorOf(t, s, func(t *testing.T, door string, u *client) {
			since := u.now()
			first := u.add("first")
			second := u.add("missed")
			f := u.follow(door, since)
			f.want("SAVED "+first+" first", "SAVED "+second+" missed")
			s.as("another user").add("not heard")
			u.graphql(`mutation($id: ID!) { updateTask(id: $id, input: {title: "changed"}) { task { id } } }`, "id", first)
			f.want("SAVED " + first + " changed")
			u.send("PATCH", u.tasks(second, "complete"), "")
			u.send("DELETE", u.tasks(second), "")
			if c := f.next(); c.Kind == "SAVED" { // overtaken states may be left out, or not
				f.want("TRASHED " + second + " missed")
			} else if c.String() != "TRASHED "+second+" missed" {
				t.Errorf("heard of %s, want task %s trashed", c, second)
			}
			u.graphql(`mutation($id: ID!) { restoreTask(id: $id) { task { id } } }`, "id", second)
			f.want("SAVED " + second + " missed")
			u.graphql(`mutation($ids: [ID!]!) { deleteTasks(ids: $ids) { count } }`, "ids", []string{second, first})
			trashed := []string{f.next().String(), f.next().String()}
			if got := strings.Join(trashed, ", "); !strings.Contains(got, "TRASHED "+first) || !strings.Contains(got, "TRASHED "+second) {
				t.Errorf("heard of %s, want both trashed", got)
			}
			u.graphql(`mutation($id: ID!) { purgeTask(id: $id) { deletedTaskId } }`, "id", first)
			f.want("PURGED " + first)
			u.graphql(`mutation { emptyTrash { count } }`)
			token := f.want("PURGED " + second)

			var made struct {
				CreateTasks struct{ Tasks []struct{ ID string } }
			}
			u.graphql(`mutation { createTasks(inputs: [{title: "a"}, {title: "b"}, {title: "c"}]) { tasks { id } } }`).data(t, &made)
			wanted := map[string]bool{}
			for range made.CreateTasks.Tasks {
				wanted[f.next().Task.Title] = true
			}
			if len(wanted) != 3 {
				t.Errorf("heard of %v, want a, b and c", wanted)
			}
			f.stop()

			// What was not read yet counts for nothing: the bookmark does.
			again := u.follow(door, token)
			for range 3 {
				delete(wanted, again.next().Task.Title)
			}
			if len(wanted) != 0 {
				t.Errorf("%v are missing after the reconnect", wanted)
			}
			id := u.add("live again")
			again.want("SAVED " + id + " live again")
		})
	})
}

// TestLiveWithoutABookmark hears only what comes after the beginning.
func TestLiveWithoutABookmark(t *testing.T) {
	s := start(t, signedIn(storetest.SQLite(t)))
	eachDoorOf(t, s, func(t *testing.T, door string, u *client) {
		u.add("before")
		f := u.follow(door, "")
		heard := make(chan change, 1)
		go func() { heard <- f.next() }()
		for i := 0; ; i++ { // over a WebSocket nothing says when it has begun
			u.add(fmt.Sprint("after ", i))
			select {
			case c := <-heard:
				if !strings.HasPrefix(c.Task.Title, "after") {
					t.Errorf("heard of %s", c)
				}
				return
			case <-time.After(50 * time.Millisecond):
			}
		}
	})
}

// TestLastEventID takes up a stream of events by the header that browsers send.
func TestLastEventID(t *testing.T) {
	u := start(t, signedIn(storetest.SQLite(t))).as("u")
	since := u.now()
	first, second := u.add("first"), u.add("second")
	f := u.follow("events by GET", "", "Last-Event-ID", since)
	token := f.want("SAVED "+first+" first", "SAVED "+second+" second")
	third := u.add("third")
	u.follow("events by POST", "", "Last-Event-ID", token).want("SAVED " + third + " third")
	// The argument is what the client asks for now.
	u.follow("events by POST", token, "Last-Event-ID", since).want("SAVED " + third + " third")
}

// TestRefusedSubscriptions has each refusal come through each door, with its code, and end the subscription alone.
func TestRefusedSubscriptions(t *testing.T) {
	env := signedIn(storetest.SQLite(t))
	env["MAX_SUBSCRIPTIONS_PER_USER"] = "2"
	s := start(t, env)
	eachDoorOf(t, s, func(t *testing.T, door string, u *client) {
		for _, since := range []string{"x", s.as("another user").now()} {
			if got := u.follow(door, since).end(); !strings.Contains(got, "BAD_SYNC_TOKEN") {
				t.Errorf("since %s: ended with %q, want BAD_SYNC_TOKEN", since, got)
			}
		}
		since := u.now()
		one, two := u.follow(door, since), u.follow(door, since)
		id := u.add("x")
		one.want("SAVED " + id + " x")
		two.want("SAVED " + id + " x")
		if got := u.follow(door, since).end(); !strings.Contains(got, "RATE_LIMITED") {
			t.Errorf("the third of two ended with %q, want RATE_LIMITED", got)
		}
		s.within(t).as("yet another").now()
		one.stop()
		eventually(t, "there is room again", func() bool {
			f := u.follow(door, since)
			defer f.stop()
			select {
			case <-f.changes:
				return true
			case <-f.ended:
				return false
			}
		})
		two.stop()
	})
}

func shortToken(t *testing.T, user string, lifetime time.Duration) (token string, expires time.Time) {
	t.Helper()
	now := time.Now()
	token, err := auth.Sign(auth.Config{Secret: testSecret, Algorithm: "HS256"}, user, now, lifetime)
	if err != nil {
		t.Fatal(err)
	}
	return token, now.Add(lifetime).Truncate(time.Second)
}

// TestStreamsEnd has subscriptions end with their token and with the server, in the way that tells clients to come back.
func TestStreamsEnd(t *testing.T) {
	eachServer(t, func(t *testing.T, s *server) {
		u := s.as("u")
		since := u.now()
		id := u.add("x")
		brief := &client{server: s, user: "u"}
		var expires time.Time
		brief.token, expires = shortToken(t, "u", 3*time.Second)
		how := func(door, socket string) string {
			if strings.HasPrefix(door, "events") {
				return "complete"
			}
			return socket
		}
		var expiring, lasting []*follower
		for _, door := range doors {
			expiring = append(expiring, brief.follow(door, since))
			lasting = append(lasting, u.follow(door, since))
			expiring[len(expiring)-1].want("SAVED " + id + " x")
			lasting[len(lasting)-1].want("SAVED " + id + " x")
		}
		for i, f := range expiring {
			if got, want := f.end(), how(doors[i], "4401 TOKEN_EXPIRED"); got != want {
				t.Errorf("%s ended with %q, want %q", doors[i], got, want)
			}
			if late := time.Since(expires); late < 0 || late > time.Second {
				t.Errorf("%s ended %v after the token", doors[i], late)
			}
		}
		stopped, begin := make(chan error, 1), time.Now()
		go func() { stopped <- s.stop() }()
		for i, f := range lasting {
			if got, want := f.end(), how(doors[i], "1001 The server stops."); got != want {
				t.Errorf("%s ended with %q, want %q", doors[i], got, want)
			}
		}
		if err := <-stopped; err != nil || time.Since(begin) > 2*time.Second {
			t.Errorf("the server stopped after %v: %v", time.Since(begin), err)
		}
	})
}

// TestOperationsOverEvents has queries and mutations answered with one event.
func TestOperationsOverEvents(t *testing.T) {
	u := start(t, signedIn(storetest.SQLite(t))).as("u")
	const accept = "text/event-stream"
	ask := func(query string) (result struct{ Data, Errors json.RawMessage }) {
		t.Helper()
		a := u.send("POST", "/graphql", graphqlBody(query), "Accept", accept)
		body, found := strings.CutPrefix(a.body, ":\n\nevent: next\ndata: ")
		body, ended := strings.CutSuffix(body, "\n\nevent: complete\ndata:\n\n")
		if a.status != 200 || !found || !ended || json.Unmarshal([]byte(body), &result) != nil {
			t.Fatalf("%s = %d %q, want one event and complete", query, a.status, a.body)
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
	if a := u.send("GET", "/graphql?query=mutation%7BemptyTrash%7Bcount%7D%7D", "", "Accept", accept); !strings.Contains(a.body, "BAD_USER_INPUT") {
		t.Errorf("a mutation by GET = %d %s", a.status, a.body)
	}
	if a := (&client{server: u.server}).send("POST", "/graphql", graphqlBody(`{ viewer { id } }`), "Accept", accept); a.status != 401 || !strings.Contains(a.body, "UNAUTHENTICATED") {
		t.Errorf("without a token = %d %s, want 401", a.status, a.body)
	}
	if a := u.send("POST", "/graphql", `{"query":`, "Accept", accept); a.status != 400 || !strings.Contains(a.body, "BAD_USER_INPUT") {
		t.Errorf("half a body = %d %s, want 400", a.status, a.body)
	}
	// A client that would rather have JSON, as urql for queries, gets it.
	for _, preference := range []string{"application/json, text/event-stream", "text/event-stream;q=0.5, application/json", "*/*"} {
		if a := u.send("POST", "/graphql", graphqlBody(`{ viewer { id } }`), "Accept", preference); a.body != `{"data":{"viewer":{"id":"u"}}}` {
			t.Errorf("Accept: %s = %s", preference, a.body)
		}
	}
	// Without events, a subscription is refused at once.
	for _, method := range []string{"GET", "POST"} {
		path, body := "/graphql", graphqlBody(followQuery)
		if method == "GET" {
			path, body = "/graphql?query=subscription%7BtaskChanged%7Btoken%7D%7D", ""
		}
		if a := u.send(method, path, body); a.status != 406 || !strings.Contains(a.body, "text/event-stream") {
			t.Errorf("a subscription by %s = %d %s, want 406", method, a.status, a.body)
		}
	}
}
