package hostile

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// request is one request of a user, by GraphQL unless it has a path.
type request struct {
	body         string
	method, path string
	// begun is called when an answer begins to arrive, or nil.
	begun func()
}

func graphQL(query string, variables ...any) request {
	return request{body: harness.GraphQLBody(query, variables...), method: "POST", path: "/graphql"}
}

// send sends a request until ctx ends, and returns the status and the first error code of the response; "" is none. The body is
// read and discarded, so that the test needs no memory for it.
func (r request) send(ctx context.Context, c *harness.Client) (status int, code string, bytes int64, err error) {
	call, err := c.NewRequest(r.method, r.path, r.body)
	if err != nil {
		return 0, "", 0, err
	}
	// Otherwise the clients, which share the processors with the server, would spend more on unpacking than the server on the answer.
	call.Header.Set("Accept-Encoding", "identity")
	response, err := c.Do(call.WithContext(ctx))
	if err != nil {
		return 0, "", 0, err
	}
	defer response.Body.Close()
	if r.begun != nil {
		r.begun()
	}
	head, err := io.ReadAll(io.LimitReader(response.Body, 64<<10))
	if err != nil {
		return 0, "", 0, err
	}
	rest, err := io.Copy(io.Discard, response.Body)
	if err != nil {
		return 0, "", 0, err
	}
	return response.StatusCode, firstCode(string(head)), int64(len(head)) + rest, nil
}

// firstCode returns the first error code in a GraphQL response.
func firstCode(body string) string {
	_, after, found := strings.Cut(body, `"code":"`)
	if !found || !strings.HasPrefix(body, `{"errors":`) && !strings.Contains(body, `"errors":[`) {
		return ""
	}
	code, _, _ := strings.Cut(after, `"`)
	return code
}

// load is a request that many clients repeat.
type load struct {
	answered atomic.Int64
	// begun is set once an answer begins to arrive. A list of 100,000 tasks takes minutes until its end beside 47 others.
	begun atomic.Bool
	// served counts answers without an error.
	served atomic.Int64
	// failed counts answers that are INTERNAL and requests without an answer.
	failed atomic.Int64
	stop   func()
}

// clients is how many clients repeat a request: many more than the connections of a pool.
const clients = 48

// start repeats a request until the load is stopped.
func start(c *harness.Client, r request) *load {
	ctx, cancel := context.WithCancel(context.Background())
	l := &load{}
	r.begun = func() { l.begun.Store(true) }
	var running sync.WaitGroup
	for range clients {
		running.Go(func() {
			for ctx.Err() == nil {
				status, code, _, err := r.send(ctx, c)
				switch {
				case err != nil && ctx.Err() != nil:
					return
				case err == nil && code == "" && status == http.StatusOK:
					l.served.Add(1)
				case err != nil || code == "INTERNAL":
					l.failed.Add(1)
				}
				l.answered.Add(1)
			}
		})
	}
	l.stop = sync.OnceFunc(func() {
		cancel()
		running.Wait()
	})
	return l
}

// overtaken reads count times as another user, one after the other, and returns the median of how many requests of the load were
// answered during one read. It is a measure of fairness that does not depend on the speed of the machine.
func (l *load) overtaken(t *testing.T, quiet *harness.Client, count int) int64 {
	t.Helper()
	during := make([]int64, count)
	for i := range during {
		before := l.answered.Load()
		status, code, _, err := quietRead.send(t.Context(), quiet)
		if err != nil || status != http.StatusOK || code != "" {
			t.Fatalf("the other user's read = %d %s, %v", status, code, err)
		}
		during[i] = l.answered.Load() - before
	}
	slices.Sort(during)
	return during[count/2]
}

// quietRead is what a front end shows first.
var quietRead = graphQL(`{ tasks(first: 20, filter: {completed: false}) { nodes { id title priority tags dueDate completed } pageInfo { hasNextPage endCursor } } }`)

// hostileServer is the program as a process of its own, with a user "hostile" who has many tasks and a user "quiet" who has some.
type hostileServer struct {
	*harness.Server
	process *os.Process
	// backends returns the ids of the server's backends in PostgreSQL that meet a condition; none on SQLite.
	backends func(condition string) []string
	peak     atomic.Int64
}

func server(t testing.TB, databaseURL string, many int) *hostileServer {
	t.Helper()
	s := &hostileServer{backends: func(string) []string { return nil }}
	if storetest.IsPostgres(databaseURL) {
		address, err := url.Parse(databaseURL)
		if err != nil {
			t.Fatal(err)
		}
		query := address.Query()
		name := query.Get("search_path")
		query.Set("application_name", name)
		plain := databaseURL
		address.RawQuery = query.Encode()
		databaseURL = address.String()
		s.backends = func(condition string) []string {
			return storetest.Query(t, plain, fmt.Sprintf("SELECT pid FROM pg_stat_activity WHERE application_name = '%s' AND %s", name, condition))
		}
	}
	env := harness.Env(databaseURL)
	env["RATE_LIMIT"] = "off" // these loads are far beyond it
	s.Server, s.process = harness.StartProcess(t, env)
	fill(t, s.As("quiet"), 40)
	fill(t, s.As("hostile"), many)
	s.watchMemory(t)
	return s
}

// active returns how many statements of the server run in PostgreSQL.
func (s *hostileServer) active() int { return len(s.backends("state <> 'idle'")) }

// work returns the processor time of the server and its backends in PostgreSQL, which must run on this machine.
func (s *hostileServer) work(t testing.TB) (sum time.Duration) {
	t.Helper()
	for _, pid := range append(s.backends("TRUE"), strconv.Itoa(s.process.Pid)) {
		// One for each thread: Go keeps them all, PostgreSQL has one. The first number is nanoseconds.
		files, err := filepath.Glob("/proc/" + pid + "/task/*/schedstat")
		if err != nil || len(files) == 0 {
			t.Fatalf("the processor time of %s: %v", pid, err)
		}
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			spent, err := strconv.ParseInt(strings.Fields(string(content))[0], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			sum += time.Duration(spent)
		}
	}
	return sum
}

// watchMemory keeps the peak of the memory that belongs to the process. Files that it maps are not part of it.
func (s *hostileServer) watchMemory(t testing.TB) {
	ticker, done := time.NewTicker(20*time.Millisecond), make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
				status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.process.Pid)) // peakMemory fails if there is none
				for line := range strings.Lines(string(status)) {
					if rest, found := strings.CutPrefix(line, "RssAnon:"); found {
						kib, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
						s.peak.Store(max(s.peak.Load(), kib/1024))
					}
				}
			}
		}
	})
	t.Cleanup(func() {
		ticker.Stop()
		close(done)
		watching.Wait()
	})
}

// peakMemory returns the most memory that the process has used since its users had their tasks, in MiB.
func (s *hostileServer) peakMemory(t *testing.T) int64 {
	t.Helper()
	peak := s.peak.Load()
	if peak == 0 {
		t.Fatal("the memory of the process is not known")
	}
	return peak
}

// manyWords are the words of each title, more than a search rates one by one.
const manyWords = "weekly report of all that is to do in a b c e f g h j k l m n p q r s u v w x y"

// longText is a description of the greatest length.
var longText = strings.Repeat("lorem ipsum dolor ", 10_000/18)

// fill creates tasks, each tenth of them with a long description.
func fill(t testing.TB, c *harness.Client, count int) {
	t.Helper()
	create(t, c, count, 100, func(i int) map[string]any {
		input := map[string]any{
			"title": fmt.Sprintf("task %d for the work: %s", i, manyWords), "tags": []string{fmt.Sprint("tag", i%50), "work"},
		}
		if i%10 == 0 {
			input["description"] = longText
		}
		if i%2 == 0 {
			input["due"] = map[string]any{"date": fmt.Sprintf("2026-%02d-%02d", i%12+1, i%28+1)}
		}
		return input
	})
}

// fillWhole creates tasks with the greatest lengths of all texts, as far as a user may have so many. Each second text repeats one letter.
func fillWhole(t testing.TB, c *harness.Client, count int) {
	t.Helper()
	create(t, c, count, 85, func(i int) map[string]any {
		title, notes, tags := longText[:200], longText, make([]string, 20)
		if i%2 == 0 {
			title, notes = strings.Repeat("a", 200), strings.Repeat("a", 10_000)
		}
		if i >= 10_000 {
			notes = notes[:1000] // the quota of long descriptions is used up
		}
		for j := range tags {
			tags[j] = fmt.Sprintf("%s %5d", strings.Repeat("a", 44), i%100*20+j)
		}
		return map[string]any{"title": title, "description": notes, "tags": tags, "due": map[string]any{"date": "2026-05-06"}}
	})
}

// create creates tasks with a bulk write for each of so many.
func create(t testing.TB, c *harness.Client, count, atOnce int, task func(i int) map[string]any) {
	t.Helper()
	const query = `mutation($inputs: [CreateTaskInput!]!) { createTasks(inputs: $inputs) { userErrors { code message } } }`
	for from := 0; from < count; from += atOnce {
		var inputs []map[string]any
		for i := from; i < min(count, from+atOnce); i++ {
			input := task(i)
			input["priority"], input["completed"] = []string{"LOW", "MEDIUM", "HIGH"}[i%3], i%4 == 0
			inputs = append(inputs, input)
		}
		var data struct {
			CreateTasks struct{ UserErrors []json.RawMessage }
		}
		c.GraphQL(query, "inputs", inputs).Data(t, &data)
		if len(data.CreateTasks.UserErrors) > 0 {
			t.Fatalf("createTasks: %s", data.CreateTasks.UserErrors[0])
		}
	}
}
