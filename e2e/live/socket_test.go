package live

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// TestSocketProtocol sends invalid messages over sockets and checks the close codes.
func TestSocketProtocol(t *testing.T) {
	t.Parallel()
	s := harness.Start(t, harness.Env(storetest.SQLite(t)))
	bystander := s.As("u")
	other := bystander.Follow(harness.TransportWS, bystander.SyncToken())
	defer func() { // whatever happened on the other sockets
		id := bystander.Add("x")
		other.Want("SAVED " + id + " x")
	}()
	good := harness.InitMessage(harness.Token(t, "u"))
	query := func(id, query string) string {
		payload, _ := json.Marshal(map[string]string{"query": query})
		return fmt.Sprintf(`{"type":"subscribe","id":%q,"payload":%s}`, id, payload)
	}
	cases := []struct {
		name     string
		messages []string
		want     string
	}{
		{"no token", []string{`{"type":"connection_init"}`}, "4401 UNAUTHENTICATED"},
		{"null for a payload", []string{`{"type":"connection_init","payload":null}`}, "4401 UNAUTHENTICATED"},
		{"text for a payload", []string{`{"type":"connection_init","payload":"x"}`}, "4401 UNAUTHENTICATED"},
		{"a list for a payload", []string{`{"type":"connection_init","payload":[]}`}, "4401 UNAUTHENTICATED"},
		{"an invalid token", []string{harness.InitMessage("x.y.z")}, "4401 UNAUTHENTICATED"},
		{"an operation before the token", []string{query("1", "{ viewer { id } }")}, "4401 Unauthorized"},
		{"two tokens", []string{good, good}, "4429 Too many initialisation requests"},
		{"no JSON", []string{"hello"}, "4400 Invalid message"},
		{"no JSON behind the token", []string{good, "hello"}, "4400 Invalid message"},
		{"a type that is none", []string{good, `{"type":"explode"}`}, "4400 Invalid message"},
		{"a repeated name", []string{good, `{"type":"subscribe","id":"1","payload":{"query":"{ viewer { id } }","query":"x"}}`}, "4400 Invalid message"},
		{"half a surrogate pair", []string{good, `{"type":"subscribe","id":"1","payload":{"query":"query($i: ID!) { task(id: $i) { id } }","variables":{"i":"\ud83d"}}}`}, "4400 Invalid message"},
		{"no id", []string{good, `{"type":"subscribe","payload":{"query":"{ viewer { id } }"}}`}, "4400 Invalid message"},
		{"no payload", []string{good, `{"type":"subscribe","id":"1"}`}, "4400 Invalid message"},
		{"an id twice", []string{good, query("1", "subscription { taskChanged { token } }"), query("1", "{ viewer { id } }")}, "4409 Subscriber for this id already exists"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			socket := s.Socket(t, harness.TransportWS)
			for _, message := range c.messages {
				socket.Send(message)
			}
			if got := socket.Receive(); got != c.want {
				t.Errorf("the socket closed with %q, want %q", got, c.want)
			}
		})
	}
	t.Run("too large", func(t *testing.T) {
		socket := s.Socket(t, harness.TransportWS)
		socket.Send(good)
		_ = socket.Conn.Write(t.Context(), websocket.MessageText, []byte(strings.Repeat(" ", 10<<20))) // it may be cut off on the way
		ctx, cancel := context.WithTimeout(t.Context(), harness.Patience)
		defer cancel()
		for {
			if _, _, err := socket.Conn.Read(ctx); err != nil {
				if ctx.Err() != nil {
					t.Error("the socket took a message of 10 MB")
				}
				return
			}
		}
	})
}

// TestOtherSubprotocols opens sockets with unknown subprotocols or none.
func TestOtherSubprotocols(t *testing.T) {
	t.Parallel()
	s := harness.Start(t, harness.Env(storetest.SQLite(t)))
	for _, protocols := range [][]string{nil, {"graphql-sse"}, {"chat", "graphql"}} {
		ws, _, err := websocket.Dial(t.Context(), s.URL+"/graphql", &websocket.DialOptions{Subprotocols: protocols})
		if err != nil {
			t.Fatal(err)
		}
		socket := harness.NewSocket(t, ws)
		if got := socket.Receive(); got != "4406 Subprotocol not acceptable" {
			t.Errorf("%q: closed with %q, want 4406", protocols, got)
		}
		_ = ws.CloseNow() // it is closed already
	}
}

// TestOperationsThatEnd checks that an operation that fails, or that the client ends, leaves the others on the socket
// running, and that its id can be used again at once.
func TestOperationsThatEnd(t *testing.T) {
	t.Parallel()
	s := harness.Start(t, harness.Env(storetest.SQLite(t)))
	u := s.As("u")
	since := u.SyncToken()
	for protocol, words := range map[string][2]string{harness.TransportWS: {"complete", "next"}, harness.LegacyWS: {"stop", "data"}} {
		socket := s.Socket(t, protocol)
		socket.SignIn(u.Token)
		socket.Operate("large", `subscription { taskChanged { token `+strings.Repeat("task { id title version } ", 10_001)+` } }`)
		if got := socket.Receive("error", words[1]); !strings.Contains(got, "GRAPHQL_PARSE_FAILED") || !strings.Contains(got, `"id":"large"`) {
			t.Errorf("%s: %s, want the large one refused", protocol, got)
		}
		var deep any = map[string]any{}
		for range 40 {
			deep = map[string]any{"not": deep}
		}
		socket.Operate("deep", `query($f: TaskFilter) { tasks(filter: $f) { totalCount } }`, "f", deep)
		if got := socket.Receive("error", words[1]); !strings.Contains(got, "more than 32 levels") || !strings.Contains(got, `"path":["variable","f","not","not"`) || !strings.Contains(got, `"id":"deep"`) {
			t.Errorf("%s: %s, want the deep variable refused", protocol, got)
		}
		socket.Operate("two", `subscription { one: taskChanged { token } two: taskChanged { token } }`)
		if got := socket.Receive("error", words[1]); !strings.Contains(got, "GRAPHQL_VALIDATION_FAILED") || !strings.Contains(got, `"id":"two"`) {
			t.Errorf("%s: %s, want two fields refused", protocol, got)
		}
		socket.Operate("none", `subscription { taskChanged @skip(if: true) { token } }`)
		if got := socket.Receive("error", words[1]); !strings.Contains(got, "GRAPHQL_VALIDATION_FAILED") || !strings.Contains(got, `"id":"none"`) {
			t.Errorf("%s: %s, want no field refused", protocol, got)
		}
		socket.Operate("follows", harness.FollowQuery, "since", since)
		for i := range 50 { // more than a user may have at once
			if i > 0 {
				socket.SendMessage(words[0], "again", nil)
			}
			socket.Operate("again", harness.FollowQuery, "since", since)
		}
		u.Add(protocol)
		heard := map[string]bool{}
		for !heard["follows"] || !heard["again"] {
			text := socket.Receive(words[1], "complete", "error")
			var message struct{ ID, Type string }
			if err := json.Unmarshal([]byte(text), &message); err != nil || message.ID == "follows" && message.Type != words[1] {
				t.Fatalf("%s: %s, want the change", protocol, text)
			}
			if strings.Contains(text, `"title":"`+protocol+`"`) {
				heard[message.ID] = true
			}
		}
	}
}

func TestOperationsOverASocket(t *testing.T) {
	t.Parallel()
	s := harness.Start(t, harness.Env(storetest.SQLite(t)))
	for protocol, words := range map[string][2]string{harness.TransportWS: {"subscribe", "next"}, harness.LegacyWS: {"start", "data"}} {
		socket := s.Socket(t, protocol)
		socket.Send(harness.InitMessage(harness.Token(t, "ada")))
		if got := socket.Receive("connection_ack"); !strings.Contains(got, "connection_ack") {
			t.Fatalf("%s: %s", protocol, got)
		}
		// More than run at once, of which none is lost. Every other one is so large that reading it needs a turn.
		for i := range 100 {
			socket.Send(fmt.Sprintf(`{"type":%q,"id":"%d","payload":{"query":"mutation { createTask(input: {title: \"%s %d\"}) { task { title userId } } }%s"}}`,
				words[0], i, protocol, i, strings.Repeat(" ", i%2*5_000)))
		}
		done := map[string]bool{}
		for len(done) < 100 {
			var message struct {
				ID      string
				Payload struct {
					Data struct {
						CreateTask struct {
							Task struct{ Title, UserID string }
						}
					}
				}
			}
			text := socket.Receive(words[1])
			if err := json.Unmarshal([]byte(text), &message); err != nil || message.Payload.Data.CreateTask.Task.UserID != "ada" || done[message.ID] {
				t.Fatalf("%s: %s", protocol, text)
			}
			done[message.ID] = true
		}
		socket.Send(fmt.Sprintf(`{"type":%q,"id":"bad","payload":{"query":"{ nope }"}}`, words[0]))
		if got := socket.Receive("error"); !strings.Contains(got, "GRAPHQL_VALIDATION_FAILED") {
			t.Errorf("%s: %s", protocol, got)
		}
	}
	var data struct{ Tasks struct{ TotalCount int } }
	s.As("ada").GraphQL(`{ tasks { totalCount } }`).Data(t, &data)
	if data.Tasks.TotalCount != 200 {
		t.Errorf("%d tasks, want 200", data.Tasks.TotalCount)
	}
}

// TestSocketsEndWithTheServer stops a server with sockets: with a token, and before it.
func TestSocketsEndWithTheServer(t *testing.T) {
	t.Parallel()
	s := harness.Start(t, harness.Env(storetest.SQLite(t)))
	signedIn, silent := s.Socket(t, harness.TransportWS), s.Socket(t, harness.TransportWS)
	signedIn.SignIn(harness.Token(t, "u"))
	stopped := make(chan error, 1)
	go func() { stopped <- s.Stop() }()
	for name, socket := range map[string]*harness.Socket{"with a token": signedIn, "without a token": silent} {
		if got := socket.Receive(); got != "1001 The server stops." {
			t.Errorf("the socket %s closed with %q", name, got)
		}
	}
	if err := <-stopped; err != nil {
		t.Errorf("run = %v", err)
	}
}

// TestZoneOfASocket checks that the X-Time-Zone of the handshake counts for the operations.
func TestZoneOfASocket(t *testing.T) {
	t.Parallel()
	s := harness.Start(t, harness.Env(storetest.SQLite(t)))
	open := func(zone string) (*websocket.Conn, *http.Response, error) {
		return websocket.Dial(t.Context(), s.URL+"/graphql", &websocket.DialOptions{
			Subprotocols: []string{harness.TransportWS}, HTTPHeader: http.Header{"X-Time-Zone": {zone}},
		})
	}
	ws, _, err := open("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	defer ws.CloseNow()
	socket := harness.NewSocket(t, ws)
	socket.Send(harness.InitMessage(harness.Token(t, "u")))
	socket.Receive("connection_ack")
	socket.Send(`{"type":"subscribe","id":"1","payload":{"query":"mutation { createTask(input: {title: \"x\", due: {at: \"2026-01-01T23:30:00Z\"}}) { task { dueDate } } }"}}`)
	if got := socket.Receive("next"); !strings.Contains(got, `"dueDate":"2026-01-02"`) {
		t.Errorf("%s, want the day in Tokyo", got)
	}
	if _, response, err := open("Nowhere/At_all"); err == nil || response == nil || response.StatusCode != 400 {
		t.Errorf("a socket in a zone that is none: %v, want 400", err)
	}
}

// TestClientThatDoesNotRead sends queries and reads no response: the socket ends all the same, but not before its token.
// TestWriteAtExpiry in graph has the exact time.
func TestClientThatDoesNotRead(t *testing.T) {
	t.Parallel()
	s := harness.Start(t, harness.Env(storetest.SQLite(t)))
	u := s.As("u")
	u.MustCreate(map[string]any{"title": "x", "description": strings.Repeat("x", 10_000)})
	var socket *harness.Socket
	var expires time.Time
	for lifetime, accepted := 3*time.Second, false; !accepted; lifetime *= 2 { // a busy machine needs more time
		var token string
		token, expires = harness.ShortToken(t, "u", lifetime)
		socket = s.Socket(t, harness.TransportWS)
		socket.Send(harness.InitMessage(token))
		accepted = strings.Contains(socket.Receive("connection_ack"), "connection_ack")
	}
	ctx, cancel := context.WithTimeout(t.Context(), harness.Patience)
	defer cancel()
	for i := 0; ; i++ {
		message := fmt.Sprintf(`{"type":"subscribe","id":"%d","payload":{"query":"{ tasks { nodes { description } } }"}}`, i)
		if err := socket.Conn.Write(ctx, websocket.MessageText, []byte(message)); ctx.Err() != nil {
			t.Fatal("the server neither reads more nor closes the socket")
		} else if err != nil {
			break // the socket was cut
		}
	}
	if early := time.Until(expires); early > 0 {
		t.Errorf("the socket was cut %v before its token's end", early)
	}
}

// TestOtherUpgrades sends requests for other protocols and incomplete handshakes: the server may ignore the upgrade,
// but never the token.
func TestOtherUpgrades(t *testing.T) {
	t.Parallel()
	u := harness.Start(t, harness.Env(storetest.SQLite(t))).As("u")
	stranger := u.Anonymous()
	query := `{"query":"{ viewer { id } }"}`
	for _, headers := range [][]string{
		{"Connection", "Upgrade, HTTP2-Settings", "Upgrade", "h2c", "HTTP2-Settings", "AAMAAABkAAQAAP__"},
		{"Connection", "Upgrade", "Upgrade", "websocket"},
		{"Upgrade", "websocket", "Sec-WebSocket-Version", "13"},
	} {
		if a := u.Send("POST", "/graphql", query, headers...); a.Status != 200 || a.Body != `{"data":{"viewer":{"id":"u"}}}` {
			t.Errorf("POST with %v = %d %s", headers, a.Status, a.Body)
		}
		for _, request := range [][2]string{{"POST", query}, {"GET", ""}} {
			if a := stranger.Send(request[0], "/graphql?query=%7Bviewer%7Bid%7D%7D", request[1], headers...); a.Status != 401 {
				t.Errorf("%s with %v and no token = %d %s, want 401", request[0], headers, a.Status, a.Body)
			}
		}
	}
	// A handshake that is one but for its key.
	conn, err := net.Dial("tcp", strings.TrimPrefix(u.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "GET /graphql HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n")
	if status := mustStatus(t, conn); status < 400 || status >= 500 {
		t.Errorf("a handshake without a key = %d, want 4xx", status)
	}
}

func mustStatus(t *testing.T, conn net.Conn) (status int) {
	t.Helper()
	if _, err := fmt.Fscanf(conn, "HTTP/1.1 %d", &status); err != nil {
		t.Fatal(err)
	}
	return status
}

// TestSocketsLeaveNothing opens and ends sockets in many ways and checks that no goroutines are left.
func TestSocketsLeaveNothing(t *testing.T) {
	env := harness.Env(storetest.SQLite(t))
	env["MAX_SUBSCRIPTIONS_PER_USER"] = "1000"
	s := harness.Start(t, env)
	u := s.As("u")
	since := u.SyncToken()
	u.Add("x")
	before := runtime.NumGoroutine()
	good := harness.InitMessage(harness.Token(t, "u"))
	for _, end := range []func(*harness.Socket){
		func(c *harness.Socket) { c.Send(`{"type":"connection_init","payload":"x"}`); c.Receive() },
		func(*harness.Socket) {},
		func(c *harness.Socket) { c.Send(good); c.Receive("connection_ack") },
		func(c *harness.Socket) {
			c.Send(good)
			c.Receive("connection_ack")
			_ = c.Conn.Close(websocket.StatusNormalClosure, "") // what the server answers is not the point
		},
		func(c *harness.Socket) {
			c.Send(good)
			c.Receive("connection_ack")
			c.Operate("1", harness.FollowQuery, "since", since)
			c.Receive("next")
		},
	} {
		for range 50 {
			socket := s.Socket(t, harness.TransportWS)
			end(socket)
			_ = socket.Conn.CloseNow() // it may be closed already
		}
	}
	for range 50 {
		f := u.Follow(harness.EventsByPOST, since)
		f.Next()
		f.Stop()
	}
	if !harness.WaitUntil(harness.Patience, func() bool { return runtime.NumGoroutine() <= before+5 }) {
		t.Fatalf("%d goroutines after 300 streams, %d before", runtime.NumGoroutine(), before)
	}
}

// TestBusySocket runs as many operations on a socket as it allows: the server must go on reading.
func TestBusySocket(t *testing.T) {
	t.Parallel()
	const most = 100
	env := harness.Env(storetest.SQLite(t))
	env["MAX_SUBSCRIPTIONS_PER_USER"] = "1000"
	s := harness.Start(t, env)
	token := harness.Token(t, "u")
	for protocol, words := range map[string][2]string{harness.TransportWS: {"complete", "next"}, harness.LegacyWS: {"stop", "data"}} {
		socket := s.Socket(t, protocol)
		socket.SignIn(token)
		for i := range most {
			socket.Operate(fmt.Sprint(i), `subscription { taskChanged { token } }`)
		}
		query := func(id string) string {
			t.Helper()
			socket.Operate(id, `{ viewer { id } }`)
			return socket.Receive(words[1], "error")
		}
		if got := query("more"); !strings.Contains(got, `"type":"error"`) || !strings.Contains(got, `"id":"more"`) || !strings.Contains(got, "RATE_LIMITED") {
			t.Errorf("%s: operation %d = %s, want RATE_LIMITED", protocol, most+1, got)
		}
		if protocol == harness.TransportWS { // the other has no ping
			socket.SendMessage("ping", "", map[string]any{"n": 1})
			if got := socket.Receive("pong"); !strings.Contains(got, `{"n":1}`) {
				t.Errorf("%s, want a pong", got)
			}
		}
		socket.SendMessage(words[0], "0", nil)
		harness.Eventually(t, "the place of the ended operation is free", func() bool { return strings.Contains(query("more"), `"viewer":{"id":"u"}`) })
	}
}

// TestMalformedOperations sends payloads that are no requests until the user's budget is empty.
func TestMalformedOperations(t *testing.T) {
	t.Parallel()
	env := harness.Env(storetest.SQLite(t))
	env["RATE_LIMIT"] = "4/1h"
	s := harness.Start(t, env)
	socket := s.Socket(t, harness.TransportWS)
	socket.SignIn(harness.Token(t, "u"))
	for i, payload := range []string{`{"query":5}`, `{"variables":[]}`, `{"query":"{ viewer { id } }","variables":"x"}`, `{"query":"{ viewer { id } }","extensions":[]}`} {
		socket.Send(fmt.Sprintf(`{"type":"subscribe","id":"%d","payload":%s}`, i, payload))
		if got := socket.Receive("error", "next"); !strings.Contains(got, `"code":"BAD_USER_INPUT"`) {
			t.Errorf("%s = %s", payload, got)
		}
	}
	socket.Send(`{"type":"subscribe","id":"more","payload":{"query":5}}`)
	if got := socket.Receive("error", "next"); !strings.Contains(got, `"code":"RATE_LIMITED"`) {
		t.Errorf("a payload beyond the budget = %s", got)
	}
}
