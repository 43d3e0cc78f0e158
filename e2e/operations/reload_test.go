package operations

import (
	"bufio"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"taskql/auth"
	"taskql/e2e/harness"
	"taskql/store/storetest"
)

const (
	oldSecret = "the old secret of more than 32 bytes"
	newSecret = "the new secret with 32 bytes or more"
)

// TestReload changes the settings of a running server and sends it SIGHUP.
func TestReload(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) { mustWrite(t, filepath.Join(dir, name), text) }
	write("queries.json", `{"one": "{ viewer { id } }"}`)
	write(".env", "BETTER_AUTH_SECRET='"+oldSecret+"'\nCORS_ORIGINS=https://one.example\nTRUSTED_DOCUMENTS=queries.json\n")
	s, process := harness.StartProcessIn(t, dir, map[string]string{"DATABASE_URL": storetest.SQLite(t), "HOST": "127.0.0.1", "FRONTEND_URL": "https://unused.example"})
	reload := func(settings, want string) {
		t.Helper()
		write(".env", settings)
		if err := process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		if _, ok := s.Out.Wait(want); !ok {
			t.Fatalf("the log has no line with %q:\n%s", want, s.Out)
		}
	}
	older, newer := s.With("u", signed(t, oldSecret)), s.With("u", signed(t, newSecret))
	status := func(c *harness.Client, want int) {
		t.Helper()
		if a := c.GraphQL("{ viewer { id } }"); a.Status != want {
			t.Errorf("a request = %d %s, want %d", a.Status, a.Body, want)
		}
	}
	allowed := func(origin string, want bool) {
		t.Helper()
		if got := newer.Send("GET", "/health", "", "Origin", origin).Header.Get("Access-Control-Allow-Origin") == origin; got != want {
			t.Errorf("%s is allowed: %v, want %v", origin, got, want)
		}
	}
	document := func(c *harness.Client, id, want string) {
		t.Helper()
		if a := c.Send("POST", "/graphql", `{"documentId": "`+id+`"}`); !strings.Contains(a.Body, want) {
			t.Errorf("the document %s = %s, want %s", id, a.Body, want)
		}
	}
	status(older, 200)
	status(newer, 401)
	document(older, "one", `"id":"u"`)
	allowed("https://one.example", true)
	socket := s.Socket(t, harness.TransportWS)
	socket.SignIn(older.Token)
	events := bufio.NewScanner(older.Events(t, `subscription { taskChanged { token } }`).Body)
	for events.Scan() && events.Text() != ":" { // which the server sends at once
	}

	// Both secrets are accepted, the new origins and the new documents. What is open stays open.
	write("queries.json", `{"one": "{ viewer { id } }", "two": "{ viewer { name } }"}`)
	const common = "TRUSTED_DOCUMENTS=queries.json\n"
	settings := common + "BETTER_AUTH_SECRETS=2:" + newSecret + ",1:" + oldSecret + "\nCORS_ORIGINS=https://two.example\nMAX_STREAMS=7\nREST_DIALECT=web\n"
	reload(settings, `1 → 2 secrets, 1 new, 0 removed; CORS_ORIGINS: https://two.example; TRUSTED_DOCUMENTS: 1 → 2 documents, 1 new, 0 removed","fixed_by_environment":"FRONTEND_URL"`)
	if _, ok := s.Out.Wait(`"settings":"MAX_STREAMS, REST_DIALECT"`); !ok {
		t.Errorf("the log names no settings that need a restart:\n%s", s.Out)
	}
	status(older, 200)
	status(newer, 200)
	allowed("https://one.example", false)
	allowed("https://two.example", true)
	document(newer, "two", `"name":null`)
	socket.Operate("1", "{ viewer { id } }")
	if got := socket.Receive("next"); !strings.Contains(got, `"id":"u"`) {
		t.Errorf("a query on the WebSocket = %s", got)
	}

	// Wrong values change nothing, not even those beside them.
	write("queries.json", `{"three": "{ viewer { nothing } }"}`)
	const wrong = "the settings are wrong, and the old ones stay in use"
	reload("BETTER_AUTH_SECRET="+newSecret+"\n"+common, wrong+`","error":"TRUSTED_DOCUMENTS: queries.json: the document \"three\"`)
	write("queries.json", `{"two": "{ viewer { name } }"}`)
	reload("BETTER_AUTH_SECRET="+newSecret+"\nCORS_ORIGINS=*\n", wrong+`","error":"CORS_ORIGINS contains`)
	reload("BETTER_AUTH_SECRETS=1:short\n", wrong+`","error":"the secret 1 of BETTER_AUTH_SECRETS has 5 bytes`)
	reload("A='no end", wrong+`","error":"the file .env`)
	reload("", wrong+`","error":"there is no sign-in any more`)
	status(older, 200)
	status(newer, 200)
	document(newer, "one", `"id":"u"`)
	allowed("https://two.example", true)

	// The old secret is gone: its tokens are refused, those of the cache, too, and its streams end.
	reload(common+"BETTER_AUTH_SECRET="+newSecret+"\nCORS_ORIGINS=https://two.example\nTRUSTED_DOCUMENTS_ONLY=true\n",
		"2 → 1 secrets, 0 new, 1 removed; TRUSTED_DOCUMENTS: 2 → 1 documents, 0 new, 1 removed; TRUSTED_DOCUMENTS_ONLY: true")
	status(older, 401)
	status(newer, 200)
	document(newer, "one", "PERSISTED_QUERY_NOT_FOUND")
	if got := socket.Closed(); got != "4401 UNAUTHENTICATED" {
		t.Errorf("the WebSocket of the old secret closed with %q, want 4401", got)
	}
	complete := false
	for events.Scan() {
		complete = complete || events.Text() == "event: complete"
	}
	if !complete {
		t.Error("the event stream of the old secret has not completed")
	}
	reload(common+"BETTER_AUTH_SECRET="+newSecret+"\nCORS_ORIGINS=https://two.example\nTRUSTED_DOCUMENTS_ONLY=true\n", `"changed":"nothing"`)
	if text := s.Out.String(); strings.Contains(text, oldSecret) || strings.Contains(text, newSecret) {
		t.Errorf("the log contains a secret:\n%s", text)
	}
	if err := s.Stop(); err != nil {
		t.Errorf("stop = %v", err)
	}
}

// TestHangup sends SIGHUP to a server in development mode, as a terminal does that closes. It ends.
func TestHangup(t *testing.T) {
	t.Parallel()
	s, process := harness.StartProcess(t, nil)
	if err := process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	if line, found := s.Out.Wait("no such line"); found { // it waits for the end
		t.Errorf("the log has %s", line)
	}
	if err := s.Stop(); err == nil {
		t.Error("the server has not ended by the signal")
	}
}

func signed(t *testing.T, secret string) (token string) {
	t.Helper()
	token, err := auth.Sign(auth.Config{Secrets: []string{secret}, Algorithm: "HS256"}, "u", time.Now(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return token
}
