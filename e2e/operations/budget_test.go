package operations

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// limited starts a server with a rate limit. With a time of an hour a budget hardly grows during a test.
func limited(t *testing.T, rate string, more ...string) *harness.Server {
	t.Helper()
	env := harness.Env(storetest.SQLite(t))
	env["RATE_LIMIT"] = rate
	for i := 0; i < len(more); i += 2 {
		env[more[i]] = more[i+1]
	}
	return harness.Start(t, env)
}

// left returns r of an answer's RateLimit.
func left(t *testing.T, a harness.Answer) int {
	t.Helper()
	_, after, _ := strings.Cut(a.Header.Get("RateLimit"), ";r=")
	text, _, _ := strings.Cut(after, ";")
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("RateLimit = %q of %d %s", a.Header.Get("RateLimit"), a.Status, a.Body)
	}
	return n
}

const introspection = `{ __schema { queryType { name } types { name fields { name } } } }`

// TestBudgetOfAUser spends a budget of 10 over all transports until each of them refuses the next request.
func TestBudgetOfAUser(t *testing.T) {
	t.Parallel()
	s := limited(t, "10/1h")
	u := s.As("u")
	socket := s.Socket(t, harness.TransportWS)
	socket.SignIn(u.Token)
	const read = `{ task(id: 1) { title } }`
	for _, step := range []struct {
		name string
		send func() harness.Answer
		left int
	}{
		{"a write", func() harness.Answer {
			return u.GraphQL(`mutation { createTask(input: {title: "x"}) { task { id } } }`)
		}, 8},
		{"a write by REST", func() harness.Answer { return u.Send("POST", u.Tasks(), `{"title": "x"}`) }, 6},
		{"a read", func() harness.Answer { return u.GraphQL(read) }, 5},
		{"a read by GET", func() harness.Answer { return u.Send("GET", "/graphql?query=%7Btask(id:1)%7Btitle%7D%7D", "") }, 4},
		{"an event stream", func() harness.Answer {
			return u.Send("POST", "/graphql", harness.GraphQLBody(read), "Accept", "text/event-stream")
		}, 3},
		{"an introspection", func() harness.Answer { return u.GraphQL(introspection) }, 3},
		{"a document that is refused", func() harness.Answer { return u.GraphQL(`{ nothing }`) }, 2},
		{"a body that is refused", func() harness.Answer { return u.Send("POST", "/graphql", `{`) }, 1},
	} {
		a := step.send()
		if got := left(t, a); got != step.left || a.Status == http.StatusTooManyRequests {
			t.Errorf("after %s %d are left, want %d: %d %s", step.name, got, step.left, a.Status, a.Body)
		}
		if got := a.Header.Get("RateLimit-Policy"); got != `"default";q=10;w=3600` {
			t.Errorf("%s: RateLimit-Policy = %s", step.name, got)
		}
	}
	if a := u.Send("POST", u.Tasks(), `{"title": "x"}`); a.Status != 429 || left(t, a) != 1 {
		t.Errorf("a write of 2 when 1 is left = %d %s, %d left", a.Status, a.Body, left(t, a))
	}
	socket.Operate("1", read)
	if got := socket.Receive("next", "error"); !strings.Contains(got, `"title":"x"`) {
		t.Errorf("the last read over the WebSocket = %s", got)
	}

	for name, a := range map[string]harness.Answer{
		"POST":                   u.GraphQL(read),
		"POST as graphql":        u.Send("POST", "/graphql", harness.GraphQLBody(read), "Accept", "application/graphql-response+json"),
		"GET":                    u.Send("GET", "/graphql?query=%7Btask(id:1)%7Btitle%7D%7D", ""),
		"an event stream":        u.Send("POST", "/graphql", harness.GraphQLBody(read), "Accept", "text/event-stream"),
		"a subscription":         u.Send("POST", "/graphql", harness.GraphQLBody(`subscription { taskChanged { token } }`), "Accept", "text/event-stream"),
		"a new document":         u.GraphQL(`{ task(id: 2) { title } }`),
		"beside introspection":   u.GraphQL(`{ __schema { queryType { name } } task(id: 2) { title } }`),
		"a document with faults": u.GraphQL(`{ nothing }`),
		"aliases":                u.GraphQL(`{ __schema { types { name a: description b: description } } }`),
		"an alias of the schema": u.GraphQL(`{ a: __schema { queryType { name } } }`),
		"an alias in a fragment": u.GraphQL(`{ __type(name: "Task") { ...F } } fragment F on __Type { a: description }`),
		"a malformed body":       u.Send("POST", "/graphql", `{`),
	} {
		code, message, _ := a.Problem(t)
		after := a.Header.Get("Retry-After")
		if a.Status != 429 || code != "RATE_LIMITED" || !strings.Contains(message, after+" s") || !strings.Contains(a.Body, `"retryAfter":`+after+`}`) {
			t.Errorf("%s = %d, Retry-After %q: %s", name, a.Status, after, a.Body)
		}
		if got, want := a.Header.Get("RateLimit"), `"default";r=0;t=`+after; got != want {
			t.Errorf("%s: RateLimit = %s, want %s", name, got, want)
		}
	}
	for _, path := range []string{u.Tasks(), u.Tasks(1), u.Tasks("export"), "/api/u/stats", "/api/users/me", u.Tasks() + "?page=x"} {
		a := u.Send("GET", path, "")
		if a.Status != 429 || a.Body != `{"detail":"Too many requests"}` || a.Header.Get("Retry-After") == "" || left(t, a) != 0 {
			t.Errorf("GET %s = %d %s, %v", path, a.Status, a.Body, a.Header)
		}
	}
	socket.Operate("2", read)
	if got := socket.Receive("next", "error"); !strings.Contains(got, `"code":"RATE_LIMITED"`) || !strings.Contains(got, `"retryAfter":`) {
		t.Errorf("a read over the WebSocket = %s, want RATE_LIMITED", got)
	}

	// Introspection and health checks are free, and others have budgets of their own.
	socket.Operate("3", introspection)
	if got := socket.Receive("next", "error"); strings.Contains(got, `"errors"`) {
		t.Errorf("an introspection over the WebSocket = %s", got)
	}
	for name, a := range map[string]harness.Answer{
		"introspection":      u.GraphQL(introspection),
		"one type":           u.GraphQL(`{ __type(name: "Task") { name __typename } }`),
		"health":             u.Send("GET", "/health", ""),
		"readiness":          u.Send("GET", "/ready", ""),
		"a preflight":        u.Send("OPTIONS", "/graphql", "", "Origin", "http://localhost:3000", "Access-Control-Request-Method", "POST"),
		"another user":       s.As("v").GraphQL(`{ tasks { nodes { id } } }`),
		"another user again": s.As("v").Send("GET", "/api/v/tasks", ""),
	} {
		if a.Status >= 300 || strings.Contains(a.Body, `"errors"`) {
			t.Errorf("%s = %d %s", name, a.Status, a.Body)
		}
	}
}

// TestBudgetOfAnAddress sends requests without a token through a proxy that names the clients.
func TestBudgetOfAnAddress(t *testing.T) {
	t.Parallel()
	s := limited(t, "6/1h", "TRUSTED_PROXIES", "127.0.0.0/8,::1", "PLAYGROUND", "on")
	from := func(c *harness.Client, address, method, path string) harness.Answer {
		return c.Send(method, path, "", "X-Forwarded-For", "192.0.2.1, "+address)
	}
	hostile, stranger := "198.51.100.1", s.Anonymous()
	bad := s.With("u", "no.token.atall")
	for _, step := range []struct {
		client       *harness.Client
		method, path string
		want         int
	}{
		{stranger, "GET", "/api/u/tasks", 401}, {bad, "GET", "/graphql?query={viewer{id}}", 401}, {stranger, "GET", "/openapi.json", 200},
		{stranger, "GET", "/", 200}, {stranger, "GET", "/nothing", 404}, {stranger, "DELETE", "/api/u/tasks", 405},
	} {
		if a := from(step.client, hostile, step.method, step.path); a.Status != step.want {
			t.Errorf("%s %s = %d %s, want %d", step.method, step.path, a.Status, a.Body, step.want)
		}
	}
	for _, c := range []*harness.Client{stranger, bad} {
		for _, path := range []string{"/api/u/tasks", "/graphql", "/openapi.json", "/schema.graphql", "/docs", "/redoc", "/", "/docs/assets/x.js", "/nothing"} {
			a := from(c, hostile, "GET", path)
			if a.Status != 429 || a.Header.Get("Retry-After") == "" || a.Header.Get("RateLimit") != "" {
				t.Errorf("GET %s = %d %.100s, %v", path, a.Status, a.Body, a.Header)
			}
			if path == "/graphql" && !strings.Contains(a.Body, `"code":"RATE_LIMITED"`) || path != "/graphql" && a.Body != `{"detail":"Too many requests"}` {
				t.Errorf("GET %s = %s", path, a.Body)
			}
		}
	}
	_, response, err := websocket.Dial(t.Context(), s.URL+"/graphql", &websocket.DialOptions{
		Subprotocols: []string{harness.TransportWS}, HTTPHeader: http.Header{"X-Forwarded-For": {hostile}},
	})
	if err == nil || response == nil || response.StatusCode != 429 {
		t.Errorf("a WebSocket is opened: %v, %v", err, response)
	}
	// Health checks are free; a valid token is served from the same address, and so are other addresses.
	for name, a := range map[string]harness.Answer{
		"health": from(stranger, hostile, "GET", "/health"), "readiness": from(stranger, hostile, "GET", "/ready"), "a token": from(s.As("u"), hostile, "GET", "/api/u/tasks"),
		"another address": from(stranger, "198.51.100.2", "GET", "/openapi.json"),
	} {
		if a.Status != 200 {
			t.Errorf("%s = %d %s", name, a.Status, a.Body)
		}
	}
}

// TestCostsOfREST compares the costs of REST with those of the same requests in GraphQL.
func TestCostsOfREST(t *testing.T) {
	t.Parallel()
	s := limited(t, "3000/24h") // which grows by 1 in half a minute
	u := s.As("u")
	const fields = `{ id userId title description priority tags dueAt completed createdAt updatedAt }`
	for range 3 {
		for range 100 {
			u.Add("x")
		}
	}
	cost := func(send func() harness.Answer) int {
		before := left(t, u.GraphQL(introspection))
		if a := send(); a.Status >= 300 || strings.Contains(a.Body, `"errors"`) {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
		return before - left(t, u.GraphQL(introspection))
	}
	pages := func() (last harness.Answer) {
		after := "null"
		for range 3 {
			last = u.GraphQL(`{ tasks(first: 100, after: ` + after + `) { nodes ` + fields + ` pageInfo { endCursor } } }`)
			var data struct {
				Tasks struct{ PageInfo struct{ EndCursor string } }
			}
			last.Data(t, &data)
			after = fmt.Sprintf("%q", data.Tasks.PageInfo.EndCursor)
		}
		return last
	}
	for _, tt := range []struct {
		name, method, path, body string
		twin                     func() harness.Answer
	}{
		{"get", "GET", u.Tasks(1), "", func() harness.Answer { return u.GraphQL(`{ task(id: 1) ` + fields + ` }`) }},
		{"create", "POST", u.Tasks(), `{"title": "y"}`, func() harness.Answer {
			return u.GraphQL(`mutation { createTask(input: {title: "y"}) { task ` + fields + ` } }`)
		}},
		{"toggle", "PATCH", u.Tasks(1, "complete"), "", func() harness.Answer {
			return u.GraphQL(`mutation { toggleTask(id: 1) { task ` + fields + ` } }`)
		}},
		{"a page", "GET", u.Tasks() + "?limit=20&status=pending", "", func() harness.Answer {
			return u.GraphQL(`{ tasks(first: 20, filter: {completed: false}) { totalCount nodes ` + fields + ` } }`)
		}},
		{"a search", "GET", u.Tasks() + "?limit=20&search=x", "", func() harness.Answer {
			return u.GraphQL(`{ tasks(first: 20, filter: {or: [{title: {contains: "x"}}, {description: {contains: "x"}}]}) { totalCount nodes ` + fields + ` } }`)
		}},
		{"counts", "GET", "/api/u/stats", "", func() harness.Answer { return u.GraphQL(`{ taskStats { total open completed } }`) }},
		{"all tasks", "GET", u.Tasks(), "", pages},
		{"an export", "GET", u.Tasks("export"), "", pages},
	} {
		rest := cost(func() harness.Answer { return u.Send(tt.method, tt.path, tt.body) })
		twin := cost(tt.twin)
		t.Logf("%s: %d by REST, %d by GraphQL", tt.name, rest, twin)
		if rest < 1 || rest > twin+1+twin/5 || twin > rest+1+rest/5 {
			t.Errorf("%s costs %d by REST and %d by GraphQL", tt.name, rest, twin)
		}
	}
}

// TestSignInAttempts has an address try passwords with the form of the playground. Its attempts are limited even without a limit of the others.
func TestSignInAttempts(t *testing.T) {
	t.Parallel()
	s := harness.Start(t, map[string]string{"DATABASE_URL": storetest.SQLite(t), "PLAYGROUND": "on", "BETTER_AUTH_URL": "http://127.0.0.1:1", "RATE_LIMIT": "off", "TRUSTED_PROXIES": "127.0.0.0/8,::1"})
	attempt := func(from string) harness.Answer {
		return s.Anonymous().Send("POST", "/playground/sign-in", `{"address": "http://127.0.0.1:1/api/auth", "email": "ada@example.com", "password": "x"}`,
			"Content-Type", "application/json", "Sec-Fetch-Site", "same-origin", "X-Forwarded-For", from)
	}
	const allowed, every = 10, 6 * time.Second // the second is how often one more is allowed
	since := time.Now()
	for n := 1; ; n++ {
		a := attempt("192.0.2.1")
		if a.Status == 429 && a.Header.Get("Retry-After") != "" && n > allowed {
			break
		}
		if a.Status != 422 || !strings.Contains(a.Body, "cannot be reached") {
			t.Fatalf("attempt %d = %d %s", n, a.Status, a.Body)
		}
		if n > allowed+int(time.Since(since)/every) {
			t.Fatalf("attempt %d = %d %s, want 429 with Retry-After", n, a.Status, a.Body)
		}
	}
	if a := attempt("192.0.2.2"); a.Status != 422 {
		t.Errorf("an attempt from another address = %d %s", a.Status, a.Body)
	}
}
