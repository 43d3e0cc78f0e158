package operations

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// mustAddress returns the address that the server has logged for its metrics.
func mustAddress(t *testing.T, s *harness.Server) string {
	t.Helper()
	line, found := s.Out.Wait(`"msg":"metrics"`)
	var entry struct{ Address string }
	if err := json.Unmarshal([]byte(line), &entry); err != nil || !found {
		t.Fatalf("the log has no address of the metrics: %v\n%s", err, s.Out)
	}
	return entry.Address
}

func mustScrape(t *testing.T, address string) string {
	t.Helper()
	response, err := http.Get("http://" + address + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != 200 {
		t.Fatalf("GET /metrics = %d, %v", response.StatusCode, err)
	}
	return string(body)
}

// TestScraperThatHangs serves requests, and other scrapers, while some read nothing of what they have asked for. The program ends all the same.
func TestScraperThatHangs(t *testing.T) {
	t.Parallel()
	env := harness.Env(storetest.SQLite(t))
	env["METRICS_ADDRESS"] = "127.0.0.1:0"
	s := harness.Start(t, env)
	address := mustAddress(t, s)
	u := s.As("ada")
	for range 2 {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		// More than the buffers of a connection take. The server answers one after the other, and so it blocks.
		if _, err := io.WriteString(conn, strings.Repeat("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", 500)); err != nil {
			t.Fatal(err)
		}
	}
	for range 50 {
		if got := u.GraphQL(`{ tasks { totalCount } }`); got.Status != 200 {
			t.Fatalf("answer = %d %s", got.Status, got.Body)
		}
	}
	if !strings.Contains(mustScrape(t, address), `type="query"`) {
		t.Error("another scraper does not see the requests")
	}
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
}

// TestMetrics counts what requests of each kind have done, and looks for users' texts and ids, which no metric may contain.
func TestMetrics(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, databaseURL string) {
		t.Parallel()
		env := harness.Env(databaseURL)
		env["METRICS_ADDRESS"] = "127.0.0.1:0"
		s := harness.Start(t, env)
		address := mustAddress(t, s)
		u := s.As("ada@private.example")
		// The first change may be one that the follower catches up with. The second comes while it follows.
		follower := u.Follow(harness.TransportWS, u.SyncToken())
		id := u.Add("a private title")
		follower.Want("SAVED " + id + " a private title")
		more := u.Add("another private title")
		follower.Want("SAVED " + more + " another private title")
		u.GraphQL(`query Mine { tasks(search: "private") { nodes { id } } }`)
		u.GraphQL(`query Mine { tasks(first: 1000) { nodes { id } } }`)
		u.GraphQL(`{ viewer { id } }`)
		for i := range 150 {
			u.GraphQL(fmt.Sprintf(`query N%d { viewer { id } }`, i))
		}
		u.Send("GET", u.Tasks(id), "")
		u.Send("GET", u.Tasks(999999), "")
		s.Anonymous().Send("BREW", "/api/private/tasks", "")
		s.Anonymous().Send("GET", "/private/path", "")
		wanted := []string{
			`taskql_http_request_duration_seconds_count\{code="",method="GET",route="/api/\{user_id\}/tasks/\{id\}",status="200"\} 1\n`,
			`taskql_http_request_duration_seconds_count\{code="NOT_FOUND",method="GET",route="/api/\{user_id\}/tasks/\{id\}",status="404"\} 1\n`,
			`taskql_http_request_duration_seconds_count\{code="",method="other",route="/api/\{user_id\}/tasks",status="405"\} 1\n`,
			`taskql_http_request_duration_seconds_count\{code="",method="GET",route="other",status="404"\} 1\n`,
			`taskql_http_request_duration_seconds_count\{code="BAD_PAGE_SIZE",method="POST",route="/graphql",status="200"\} 1\n`,
			`taskql_graphql_operation_duration_seconds_count\{code="",name="Mine",type="query"\} 1\n`,
			`taskql_graphql_operation_duration_seconds_count\{code="BAD_PAGE_SIZE",name="Mine",type="query"\} 1\n`,
			`taskql_graphql_operation_duration_seconds_count\{code="",name="unnamed",type="query"\} [1-9]`,
			`taskql_graphql_operation_duration_seconds_count\{code="",name="other",type="query"\} 5\d\n`,
			`taskql_graphql_operation_cost_sum\{name="Mine",type="query"\} [1-9]`,
			`taskql_database_statement_duration_seconds_count\{statement="SELECT"\} [1-9]`,
			`taskql_database_connections_used 0\n`,
			`taskql_feed_lag_seconds_count [12]\n`,
			`taskql_subscriptions 1\n`,
			`taskql_streams 1\n`,
			`taskql_token_cache_entries [1-9]`,
			`taskql_document_cache_entries [1-9]`,
			`taskql_build_info\{version=".+"\} 1\n`,
			`go_goroutines [1-9]`,
		}
		var metrics string
		lacks := func(want string) bool { return !regexp.MustCompile(want).MatchString(metrics) }
		complete := harness.WaitUntil(harness.Patience, func() bool { // a request is counted after its answer
			metrics = mustScrape(t, address)
			return !slices.ContainsFunc(wanted, lacks)
		})
		if !complete {
			t.Errorf("the metrics lack %q", slices.DeleteFunc(wanted, func(want string) bool { return !lacks(want) }))
			t.Log(regexp.MustCompile(`(?m)^(go_|process_|#|.*_bucket).*\n`).ReplaceAllString(metrics, ""))
		}
		for _, name := range dashboardMetrics(t) {
			if !strings.Contains(metrics, "\n"+name+"{") && !strings.Contains(metrics, "\n"+name+" ") && name != "taskql_database_errors_total" {
				t.Errorf("the dashboard shows %s, which is no metric", name)
			}
		}
		if strings.Contains(metrics, "private") {
			t.Error("the metrics contain what a user has written")
		}
		if got := s.Anonymous().Send("GET", "/metrics", ""); got.Status != 404 {
			t.Errorf("GET /metrics at the API = %d, want 404", got.Status)
		}
	})
}

// dashboardMetrics returns the names of the metrics in the Grafana dashboard.
func dashboardMetrics(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("../../deploy/grafana/taskql.json")
	if err != nil || !json.Valid(text) {
		t.Fatalf("the dashboard cannot be read: %v", err)
	}
	names := regexp.MustCompile(`\b(taskql|process)_[a-z_]+`).FindAllString(string(text), -1)
	if len(names) < 20 {
		t.Fatalf("the dashboard shows %d metrics only", len(names))
	}
	return names
}

// TestWrongMetrics starts the program with addresses that it cannot listen on.
func TestWrongMetrics(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, address := range []string{"9464", "127.0.0.1", "127.0.0.1:70000", "127.0.0.1:http", taken.Addr().String()} {
		t.Run(address, func(t *testing.T) {
			t.Chdir(t.TempDir())
			if _, err := harness.Command(t, []string{"PORT=0", "METRICS_ADDRESS=" + address}); err == nil || !strings.HasPrefix(err.Error(), "METRICS_ADDRESS") {
				t.Errorf("run = %v, want an error of METRICS_ADDRESS", err)
			}
		})
	}
}
