package e2e

import (
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"taskql/store/storetest"
)

// TestTimeoutOfOperations has REQUEST_TIMEOUT bound what works through any door, and leave subscriptions alone.
func TestTimeoutOfOperations(t *testing.T) {
	databaseURL := storetest.Postgres(t)
	env := signedIn(databaseURL)
	env["REQUEST_TIMEOUT"] = "1s"
	s := start(t, env)
	u := s.as("u")
	since := u.now()
	var followers []*follower
	for _, door := range doors {
		followers = append(followers, u.follow(door, since))
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
	socket := s.socket(t, transportWS)
	socket.signIn(u.token)
	socket.operate("1", mutation)
	answers := make(chan string, 3)
	go func() { answers <- socket.receive("next", "error") }()
	for _, accept := range []string{"text/event-stream", "application/json"} {
		go func() {
			a, err := u.try("POST", "/graphql", graphqlBody(mutation), "Accept", accept)
			if err != nil {
				t.Error(err)
			}
			answers <- a.body
		}()
	}
	for range cap(answers) {
		if got := <-answers; !strings.Contains(got, `"INTERNAL"`) {
			t.Errorf("a mutation that cannot work = %s, want INTERNAL", got)
		}
	}
	if took := time.Since(begin); took < time.Second || took > 5*time.Second {
		t.Errorf("they were answered after %v, want a second", took)
	}
	if err := held.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	u.add("y")
	for _, f := range followers {
		for f.next().Task.Title != "y" { // nobody knows what became of the others
		}
	}
}

// TestMutationsAtTheEnd has a server stop while mutations work: they are finished and answered through each door.
func TestMutationsAtTheEnd(t *testing.T) {
	databaseURL := storetest.Postgres(t)
	name := "at_the_end_" + rand.Text()[:8]
	s := start(t, signedIn(databaseURL+"&application_name="+name))
	u := s.as("u")
	u.add("the user has a counter then")
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
	socket := s.socket(t, transportWS)
	socket.signIn(u.token)
	socket.operate("0", followQuery)
	socket.operate("1", mutation)
	answers := make(chan string, 3)
	ended := make(chan string, 1)
	go func() {
		for got := ""; !strings.Contains(got, `"id":"1"`); {
			got = socket.receive("next", "error")
			if strings.Contains(got, `"id":"1"`) {
				answers <- got
			}
		}
		ended <- socket.receive()
	}()
	for _, accept := range []string{"text/event-stream", "application/json"} {
		go func() {
			a, err := u.try("POST", "/graphql", graphqlBody(mutation), "Accept", accept)
			if err != nil {
				t.Error(err)
			}
			answers <- a.body
		}()
	}
	eventually(t, "all three wait", func() bool {
		var waiting int
		query(t, databaseURL, "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = '"+name+"'", &waiting)
		return waiting == cap(answers)
	})
	stopped := make(chan error, 1)
	go func() { stopped <- s.stop() }()
	if _, ok := s.out.wait(`"msg":"stopping"`); !ok {
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

// TestFeedThatCannotBeRead has a database in trouble: subscriptions wait until it is well again, and miss nothing.
func TestFeedThatCannotBeRead(t *testing.T) {
	databaseURL := storetest.Postgres(t)
	u := start(t, signedIn(databaseURL)).as("u")
	since := u.now()
	followers := map[string]*follower{}
	for _, door := range doors {
		followers[door] = u.follow(door, since)
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
	id := u.add("x")
	if got := u.follow(transportWS, "made-up").end(); !strings.Contains(got, "BAD_SYNC_TOKEN") { // in which time the others look
		t.Errorf("ended with %q", got)
	}
	rename("elsewhere", "task_tombstone")
	for _, f := range followers {
		f.want("SAVED " + id + " x")
	}
}
