package durability

import (
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// batchSize is the number of tasks in a batch.
const batchSize = 20

// createBatch creates a batch of tasks with the same title, key, in one write. It returns the response body, and false
// if there was no response or the database could not be used.
func createBatch(u *harness.Client, key string) (body string, ok bool) {
	inputs := make([]map[string]string, batchSize)
	for i := range inputs {
		inputs[i] = map[string]string{"title": key}
	}
	a, err := u.Try("POST", "/graphql", harness.GraphQLBody(`mutation($inputs: [CreateTaskInput!]!, $key: String!) {
		createTasks(inputs: $inputs, idempotencyKey: $key) { tasks { id version } userErrors { code } } }`, "inputs", inputs, "key", key))
	if err == nil && !strings.Contains(a.Body, `"userErrors":[]`) && !strings.Contains(a.Body, "UNAVAILABLE") {
		u.T.Errorf("createTasks = %d %s", a.Status, a.Body)
	}
	return a.Body, err == nil && strings.Contains(a.Body, `"userErrors":[]`)
}

// checkBatches checks that each batch is stored once and whole or not at all, and that acknowledged batches are stored.
func checkBatches(t *testing.T, u *harness.Client, sent map[string]bool) {
	t.Helper()
	var list []struct {
		ID    int64
		Title string
	}
	u.Send("GET", u.Tasks(), "").JSON(t, &list)
	found := map[string]int{}
	for _, task := range list {
		found[task.Title]++
	}
	for key, n := range found {
		if _, ours := sent[key]; n != batchSize || !ours {
			t.Errorf("%d tasks of %s, want %d", n, key, batchSize)
		}
	}
	for key, acknowledged := range sent {
		if acknowledged && found[key] == 0 {
			t.Errorf("%s was acknowledged and is gone", key)
		}
	}
}

// repeat sends every batch again and wants the response to the first write where that was applied.
func repeat(t *testing.T, u *harness.Client, sent map[string]bool) {
	t.Helper()
	for key := range sent {
		first, ok := createBatch(u, key)
		second, again := createBatch(u, key)
		if !ok || !again || first != second {
			t.Errorf("%s again = %s, and again %s", key, first, second)
		}
		sent[key] = true
	}
	checkBatches(t, u, sent)
}

// TestKillDuringBulkWrites ends the program with SIGKILL while writers create tasks in batches of twenty.
func TestKillDuringBulkWrites(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, databaseURL string) {
		server, process := harness.StartProcess(t, harness.Env(databaseURL))
		u := server.As("u")
		var mu sync.Mutex
		sent := map[string]bool{}
		var count atomic.Int32
		enough := make(chan struct{})
		var wg sync.WaitGroup
		for w := range 8 {
			wg.Go(func() {
				for r := 0; ; r++ {
					key := fmt.Sprintf("writer %d, request %d", w, r)
					_, ok := createBatch(u, key)
					mu.Lock()
					sent[key] = ok
					mu.Unlock()
					if !ok {
						return // the server is gone
					}
					if count.Add(1) == 20 {
						close(enough)
					}
				}
			})
		}
		<-enough
		if err := process.Kill(); err != nil {
			t.Fatal(err)
		}
		wg.Wait()
		server, _ = harness.StartProcess(t, harness.Env(databaseURL))
		u = server.As("u")
		checkBatches(t, u, sent)
		repeat(t, u, sent)
	})
}

// TestCutDuringBulkWrites cuts the connection to PostgreSQL before each message of a bulk write, and before each
// response.
func TestCutDuringBulkWrites(t *testing.T) {
	t.Parallel()
	databaseURL := storetest.Postgres(t)
	address, err := url.Parse(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	scissors := newScissors(t, address.Host)
	address.Host = scissors.listener.Addr().String()
	u := harness.Start(t, harness.Env(address.String())).As("u")
	if _, ok := createBatch(u, "a whole batch to begin with"); !ok {
		t.Fatal("createTasks fails before anything is cut")
	}
	sent := map[string]bool{"a whole batch to begin with": true}
	refused := 0
	for after := range 20 {
		for _, answered := range []bool{false, true} {
			key := fmt.Sprintf("cut after %d, answered %v", after, answered)
			scissors.arm(after, answered)
			_, ok := createBatch(u, key)
			cut := scissors.disarm()
			if sent[key] = ok; !ok {
				refused++
			}
			if ok && !cut { // the write needs no more messages than that
				checkBatches(t, u, sent)
				repeat(t, u, sent)
				t.Logf("%d writes were cut", refused)
				if refused < 6 {
					t.Errorf("%d writes were cut, want at least one for each statement", refused)
				}
				return
			}
		}
	}
	t.Error("a bulk write sends more than twenty messages")
}

// scissors is a proxy that cuts a connection after a number of messages.
type scissors struct {
	listener net.Listener

	mu       sync.Mutex
	armed    bool
	left     int
	answered bool // cut the answer to the last message, not the message
	cut      bool
}

func newScissors(t *testing.T, target string) *scissors {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	s := &scissors{listener: listener}
	go func() {
		for {
			front, err := listener.Accept()
			if err != nil {
				return
			}
			behind, err := net.Dial("tcp", target)
			if err != nil {
				_ = front.Close()
				continue
			}
			go s.pass(behind, front, func() bool { return s.snip(false) })
			go s.pass(front, behind, func() bool { return s.snip(true) })
		}
	}()
	return s
}

// pass forwards messages until cut reports true.
func (s *scissors) pass(to, from net.Conn, cut func() bool) {
	defer to.Close()
	defer from.Close()
	buffer := make([]byte, 1<<20)
	for {
		n, err := from.Read(buffer)
		if err != nil || cut() {
			return
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// snip reports whether a message is lost.
func (s *scissors) snip(answer bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.armed || s.cut {
		return s.cut
	}
	if s.left > 0 {
		if !answer {
			s.left--
		}
		return false
	}
	s.cut = answer == s.answered
	return s.cut
}

// arm makes the proxy cut after a number of messages from the server: before the next message, or before the response
// to the last.
func (s *scissors) arm(after int, answered bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.armed, s.left, s.answered, s.cut = true, after, answered, false
}

// disarm makes the proxy forward everything again and reports whether it has cut a connection.
func (s *scissors) disarm() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	cut := s.cut
	s.armed, s.cut = false, false
	return cut
}
