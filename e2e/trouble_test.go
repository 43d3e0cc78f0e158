package e2e

import (
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"taskql/app"
	"taskql/config"
	"taskql/events"
	"taskql/store"
	"taskql/store/storetest"
)

// everyRequest has each operation through each door, with good input.
func everyRequest(u *client) map[string]func() answer {
	all := map[string]func() answer{}
	for name, query := range map[string]string{
		"task":         `{ task(id: 1) { id } }`,
		"node":         `{ node(id: 1) { id } }`,
		"tasks":        `{ tasks { nodes { id } } }`,
		"totalCount":   `{ tasks { totalCount } }`,
		"createTask":   `mutation { createTask(input: {title: "x"}) { task { id } } }`,
		"updateTask":   `mutation { updateTask(id: 1, input: {title: "y"}) { task { id } } }`,
		"completeTask": `mutation { completeTask(id: 1) { task { id } } }`,
		"reopenTask":   `mutation { reopenTask(id: 1) { task { id } } }`,
		"toggleTask":   `mutation { toggleTask(id: 1) { task { id } } }`,
		"deleteTask":   `mutation { deleteTask(id: 1) { task { id } } }`,
		"restoreTask":  `mutation { restoreTask(id: 1) { task { id } } }`,
		"moveTask":     `mutation { moveTask(id: 1, placement: {end: LAST}) { task { id } } }`,
		"purgeTask":    `mutation { purgeTask(id: 1) { deletedTaskId } }`,
		"createTasks":  `mutation { createTasks(inputs: [{title: "x"}]) { tasks { id } } }`,
		"updateTasks":  `mutation { updateTasks(ids: [1], input: {title: "x"}) { tasks { id } } }`,
		"deleteTasks":  `mutation { deleteTasks(ids: [1]) { count } }`,
		"restoreTasks": `mutation { restoreTasks(ids: [1]) { tasks { id } } }`,
		"clear":        `mutation { clearCompletedTasks { count } }`,
		"emptyTrash":   `mutation { emptyTrash { count } }`,
	} {
		all[name] = func() answer { return u.graphql(query) }
	}
	for name, request := range map[string][3]string{
		"REST list":     {"GET", u.tasks(), ""},
		"REST create":   {"POST", u.tasks(), `{"title":"x"}`},
		"REST get":      {"GET", u.tasks(1), ""},
		"REST put":      {"PUT", u.tasks(1), `{"title":"y"}`},
		"REST patch":    {"PATCH", u.tasks(1), `{"title":"z"}`},
		"REST complete": {"PATCH", u.tasks(1, "complete"), ""},
		"REST delete":   {"DELETE", u.tasks(1), ""},
	} {
		all[name] = func() answer { return u.send(request[0], request[1], request[2]) }
	}
	return all
}

// checkInternal wants the answer of a server whose database is gone: coded, and without its cause.
func checkInternal(t *testing.T, name string, a answer) {
	t.Helper()
	if strings.HasPrefix(name, "REST") {
		if a.status != 500 || a.body != `{"detail":"Internal server error"}` {
			t.Errorf("%s = %d %s, want 500", name, a.status, a.body)
		}
		return
	}
	if code, _, _ := a.problem(t); a.status != 200 || code != "INTERNAL" || !strings.Contains(a.body, `"requestId":"`+a.header.Get("X-Request-Id")+`"`) {
		t.Errorf("%s = %d %s, want INTERNAL with the request's id", name, a.status, a.body)
	}
	for _, word := range []string{"sql", "database", "driver", "bun", "pgx", "dial", "tcp", "connect", "closed", "store:", "EOF", "127.0.0.1"} {
		shown := strings.ReplaceAll(a.body, a.header.Get("X-Request-Id"), "") // whose letters are random
		if strings.Contains(strings.ToLower(shown), strings.ToLower(word)) {
			t.Errorf("%s shows %q: %s", name, word, a.body)
		}
	}
}

// TestDatabaseClosedUnderTheHandler shows nothing of the driver's text in any answer.
func TestDatabaseClosedUnderTheHandler(t *testing.T) {
	storetest.Each(t, func(t *testing.T, databaseURL string) {
		c, err := config.Load(signedIn(databaseURL))
		if err != nil {
			t.Fatal(err)
		}
		db, err := store.Open(t.Context(), store.Options{URL: c.DatabaseURL})
		if err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		logger := slog.New(slog.NewJSONHandler(&log, nil))
		if _, err := db.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		whole, err := app.New(t.Context(), app.Parts{Config: c, SignIn: c.Auth, Store: db, Bus: events.NewBus(nil, db.Numbers, logger), Log: logger})
		if err != nil {
			t.Fatal(err)
		}
		web := httptest.NewServer(whole.Handler)
		defer web.Close()
		u := (&server{t: t, url: web.URL}).as("u")
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		for name, request := range everyRequest(u) {
			checkInternal(t, name, request())
		}
		if a := u.send("GET", "/health", ""); a.status != 503 || a.body != `{"status":"unhealthy","service":"taskql","version":"`+app.Version()+`"}` {
			t.Errorf("GET /health = %d %s, want 503", a.status, a.body)
		}
		web.Close() // so that the log is written
		if !strings.Contains(log.String(), "database is closed") || strings.Contains(log.String(), u.token) {
			t.Errorf("the log must name the cause, and no token:\n%s", log.String())
		}
	})
}

// TestDatabaseGoesAway has PostgreSQL vanish and come back while the server runs.
func TestDatabaseGoesAway(t *testing.T) {
	databaseURL := storetest.Postgres(t)
	address, err := url.Parse(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	p := newProxy(t, address.Host)
	address.Host = p.listener.Addr().String()
	u := start(t, signedIn(address.String())).as("u")
	if a := u.send("POST", u.tasks(), `{"title":"x"}`); a.status != 201 {
		t.Fatalf("POST = %d %s", a.status, a.body)
	}
	p.cut(true)
	for name, request := range everyRequest(u) {
		checkInternal(t, name, request())
	}
	if a := u.send("GET", "/health", ""); a.status != 503 {
		t.Errorf("GET /health = %d %s, want 503", a.status, a.body)
	}
	p.cut(false)
	if a := u.send("GET", u.tasks(), ""); a.status != 200 || !strings.Contains(a.body, `"title":"x"`) || strings.Contains(a.body, "},{") {
		t.Errorf("GET after the database is back = %d %s, want the one task", a.status, a.body)
	}
	if a := u.send("GET", "/health", ""); a.status != 200 {
		t.Errorf("GET /health = %d %s, want 200", a.status, a.body)
	}
}

// proxy stands between the server and its database, and can be cut.
type proxy struct {
	listener net.Listener
	target   string

	mu    sync.Mutex
	isCut bool
	conns []net.Conn
}

func newProxy(t *testing.T, target string) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: listener, target: target}
	t.Cleanup(func() {
		_ = listener.Close()
		p.cut(true)
	})
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			p.join(conn)
		}
	}()
	return p
}

func (p *proxy) join(conn net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.isCut {
		_ = conn.Close()
		return
	}
	behind, err := net.DialTimeout("tcp", p.target, 5*time.Second)
	if err != nil {
		_ = conn.Close()
		return
	}
	p.conns = append(p.conns, conn, behind)
	for _, pair := range [][2]net.Conn{{conn, behind}, {behind, conn}} {
		go func() {
			_, _ = io.Copy(pair[0], pair[1])
			_ = pair[0].Close()
		}()
	}
}

// cut ends all connections and refuses new ones, or lets them through again.
func (p *proxy) cut(isCut bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.isCut = isCut
	for _, conn := range p.conns {
		_ = conn.Close()
	}
	p.conns = nil
}
