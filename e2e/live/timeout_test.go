package live

import (
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// TestTimeoutOfOperations checks that REQUEST_TIMEOUT limits operations on every transport, but not subscriptions.
func TestTimeoutOfOperations(t *testing.T) {
	t.Parallel()
	databaseURL := storetest.Postgres(t)
	env := harness.Env(databaseURL)
	env["REQUEST_TIMEOUT"] = "1s"
	s := harness.Start(t, env)
	u := s.As("u")
	since := u.SyncToken()
	var followers []*harness.Follower
	for _, transport := range harness.Transports {
		followers = append(followers, u.Follow(transport, since))
	}
	// Before its first read, a subscription is an operation as others are.
	u.Add("begun")
	for _, f := range followers {
		for f.Next().Task.Title != "begun" {
		}
	}
	conn, err := pgx.Connect(t.Context(), databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	held, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := held.Exec(t.Context(), "LOCK TABLE task_counter"); err != nil {
		t.Fatal(err)
	}
	const mutation = `mutation { createTask(input: {title: "x"}) { task { id } } }`
	begin := time.Now()
	socket := s.Socket(t, harness.TransportWS)
	socket.SignIn(u.Token)
	socket.Operate("1", mutation)
	answers := make(chan string, 3)
	go func() { answers <- socket.Receive("next", "error") }()
	for _, accept := range []string{"text/event-stream", "application/json"} {
		go func() {
			a, err := u.Try("POST", "/graphql", harness.GraphQLBody(mutation), "Accept", accept)
			if err != nil {
				t.Error(err)
			}
			answers <- a.Body
		}()
	}
	for range cap(answers) {
		if got := <-answers; !strings.Contains(got, `"TIMEOUT"`) {
			t.Errorf("a mutation that cannot work = %s, want TIMEOUT", got)
		}
	}
	if took := time.Since(begin); took < time.Second {
		t.Errorf("they were answered after %v, want a second or more", took)
	}
	if err := held.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	u.Add("y")
	for _, f := range followers {
		for f.Next().Task.Title != "y" { // nobody knows what became of the others
		}
	}
}

// TestMutationsAtTheEnd stops a server during mutations: they finish and are answered on every transport.
func TestMutationsAtTheEnd(t *testing.T) {
	t.Parallel()
	databaseURL := storetest.Postgres(t)
	name := "at_the_end_" + rand.Text()[:8]
	env := harness.Env(databaseURL + "&application_name=" + name)
	env["DATABASE_MAX_CONNECTIONS"] = "24" // three for the user
	s := harness.Start(t, env)
	u := s.As("u")
	u.Add("the user has a counter then")
	conn, err := pgx.Connect(t.Context(), databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	held, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := held.Exec(t.Context(), "SELECT n FROM task_counter WHERE user_id = 'u' FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	const mutation = `mutation { createTask(input: {title: "x"}) { task { id } } }`
	socket := s.Socket(t, harness.TransportWS)
	socket.SignIn(u.Token)
	socket.Operate("0", harness.FollowQuery)
	socket.Operate("1", mutation)
	answers := make(chan string, 3)
	ended := make(chan string, 1)
	go func() {
		for got := ""; !strings.Contains(got, `"id":"1"`); {
			got = socket.Receive("next", "error")
			if strings.Contains(got, `"id":"1"`) {
				answers <- got
			}
		}
		ended <- socket.Receive()
	}()
	for _, accept := range []string{"text/event-stream", "application/json"} {
		go func() {
			a, err := u.Try("POST", "/graphql", harness.GraphQLBody(mutation), "Accept", accept)
			if err != nil {
				t.Error(err)
			}
			answers <- a.Body
		}()
	}
	harness.Eventually(t, "all three wait", func() bool {
		var waiting int
		query(t, databaseURL, "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = '"+name+"'", &waiting)
		return waiting == cap(answers)
	})
	stopped := make(chan error, 1)
	go func() { stopped <- s.Stop() }()
	if _, ok := s.Out.Wait(`"msg":"stopping"`); !ok {
		t.Fatal("the server does not stop")
	}
	if err := held.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range cap(answers) {
		if got := <-answers; !strings.Contains(got, `{"createTask":{"task":{"id":"`) {
			t.Errorf("a mutation under way = %s, want the task", got)
		}
	}
	if got := <-ended; got != "1001 The server stops." {
		t.Errorf("the socket closed with %q", got)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

// TestFeedThatCannotBeRead makes the feed unreadable for a while: subscriptions wait and miss nothing.
func TestFeedThatCannotBeRead(t *testing.T) {
	t.Parallel()
	databaseURL := storetest.Postgres(t)
	u := harness.Start(t, harness.Env(databaseURL)).As("u")
	since := u.SyncToken()
	followers := map[string]*harness.Follower{}
	for _, transport := range harness.Transports {
		followers[transport] = u.Follow(transport, since)
	}
	conn, err := pgx.Connect(t.Context(), databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	rename := func(from, to string) {
		t.Helper()
		if _, err := conn.Exec(t.Context(), "ALTER TABLE "+from+" RENAME TO "+to); err != nil {
			t.Fatal(err)
		}
	}
	rename("task_tombstone", "elsewhere")
	id := u.Add("x")
	if got := u.Follow(harness.TransportWS, "made-up").End(); !strings.Contains(got, "BAD_SYNC_TOKEN") { // in which time the others look
		t.Errorf("ended with %q", got)
	}
	rename("elsewhere", "task_tombstone")
	for _, f := range followers {
		f.Want("SAVED " + id + " x")
	}
}
