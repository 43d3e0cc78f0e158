package agents

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

var accept = []string{"Accept", "application/json, text/event-stream", "Content-Type", "application/json"}

const ping = `{"jsonrpc": "2.0", "id": 1, "method": "ping"}`

// sendTo sends a request for another host than the server's.
func sendTo(u *harness.Client, host, method, path, body string, headers ...string) harness.Answer {
	u.T.Helper()
	r, err := u.NewRequest(method, path, body, headers...)
	if err != nil {
		u.T.Fatal(err)
	}
	r.Host = host
	response, err := u.Do(r)
	if err != nil {
		u.T.Fatal(err)
	}
	got, err := harness.ReadAnswer(response)
	if err != nil {
		u.T.Fatal(err)
	}
	return got
}

// TestHost sends requests as a proxy on the same machine passes them on, and as the browser of a page whose name leads to the server (DNS
// rebinding).
func TestHost(t *testing.T) {
	t.Parallel()
	s := harness.Start(t, harness.Env(storetest.SQLite(t)))
	u := s.As("ada")
	if got := sendTo(u, "tasks.example.com", "POST", "/mcp", ping, append(accept, "X-Forwarded-Proto", "https")...); got.Status != http.StatusOK {
		t.Errorf("POST for another host = %d %s", got.Status, got.Body)
	}
	if got := sendTo(u, "evil.example", "POST", "/mcp", ping, append(accept, "Origin", "http://evil.example")...); got.Status != http.StatusForbidden {
		t.Errorf("POST from a page of another name of the server = %d %s, want 403", got.Status, got.Body)
	}
}

// TestPublicURL wants the configured address, whatever the requests say.
func TestPublicURL(t *testing.T) {
	t.Parallel()
	env := harness.Env(storetest.SQLite(t))
	env["PUBLIC_URL"] = "https://Tasks.example.com:443/"
	s := harness.Start(t, env)
	const resource, metadata = "https://tasks.example.com/mcp", "/.well-known/oauth-protected-resource/mcp"
	if got := s.Anonymous().Send("GET", metadata, ""); !strings.Contains(got.Body, `"resource":"`+resource+`"`) {
		t.Errorf("the metadata = %s", got.Body)
	}
	want := `Bearer resource_metadata="https://tasks.example.com` + metadata + `"`
	if got := sendTo(s.Anonymous(), "evil.example", "POST", "/mcp", ping, accept...).Header.Get("WWW-Authenticate"); got != want {
		t.Errorf("WWW-Authenticate = %s, want %s", got, want)
	}
	for origin, status := range map[string]int{"https://tasks.example.com": http.StatusOK, s.URL: http.StatusForbidden} {
		if got := s.As("ada").Send("POST", "/mcp", ping, append(accept, "Origin", origin)...); got.Status != status {
			t.Errorf("POST from a page of %s = %d %s, want %d", origin, got.Status, got.Body, status)
		}
	}
}

// TestRevisions begins with every revision of the protocol, and with some that the server does not speak. Then it calls a tool without that
// beginning, as in a session that was never opened.
func TestRevisions(t *testing.T) {
	t.Parallel()
	u := harness.Start(t, harness.Env(storetest.SQLite(t))).As("ada")
	for _, tt := range []struct {
		revision, answered string
		status             int
	}{
		{"2024-10-07", "2025-11-25", 400}, {"2024-11-05", "2024-11-05", 200}, {"2025-03-26", "2025-03-26", 200},
		{"2025-06-18", "2025-06-18", 200}, {"2025-11-25", "2025-11-25", 200}, {"2999-01-01", "2025-11-25", 400},
	} {
		var answer struct {
			Result struct{ ProtocolVersion string }
		}
		got := u.Send("POST", "/mcp", `{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "`+tt.revision+`", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}}`, accept...)
		if got.JSON(t, &answer); answer.Result.ProtocolVersion != tt.answered || got.Header.Get("Mcp-Session-Id") != "" {
			t.Errorf("initialize with %s = %d %s, want %s and no session", tt.revision, got.Status, got.Body, tt.answered)
		}
		got = u.Send("POST", "/mcp", `{"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "task_stats"}}`,
			append(accept, "MCP-Protocol-Version", tt.revision, "Mcp-Session-Id", "never-opened")...)
		if got.Status != tt.status || strings.Contains(got.Body, `"total":0`) != (tt.status == http.StatusOK) {
			t.Errorf("task_stats with %s = %d %s, want %d", tt.revision, got.Status, got.Body, tt.status)
		}
	}
}

// TestRefusals wants an error of JSON-RPC with a code for each request that is none of the protocol, without the texts of the request and of
// the programs behind the answer.
func TestRefusals(t *testing.T) {
	t.Parallel()
	s := harness.Start(t, harness.Env(storetest.SQLite(t)))
	u := s.As("ada")
	params := func(method, params string) string {
		return `{"jsonrpc": "2.0", "id": 1, "method": "` + method + `", "params": ` + params + `}`
	}
	for _, tt := range []struct {
		name, method, body string
		status             int
		headers            []string
	}{
		{"a stream", "GET", "", 405, nil},
		{"the end of a session", "DELETE", "", 405, nil},
		{"a form", "POST", "secret=1", 415, []string{"Content-Type", "application/x-www-form-urlencoded"}},
		{"nothing accepted", "POST", ping, 400, []string{"Accept", "text/html"}},
		{"no streams accepted", "POST", ping, 400, []string{"Accept", "application/json"}},
		{"streams alone accepted", "POST", ping, 400, []string{"Accept", "text/event-stream"}},
		{"an unknown version", "POST", ping, 400, []string{"MCP-Protocol-Version", "1999-01-01"}},
		{"no JSON", "POST", "secret", 400, nil},
		{"no message", "POST", `"secret"`, 400, nil},
		{"no messages", "POST", `[]`, 400, nil},
		{"an id that is none", "POST", `{"jsonrpc": "2.0", "id": {"secret": 1}, "method": "ping"}`, 400, nil},
		{"a text of half a character", "POST", `{"jsonrpc": "2.0", "id": 1, "method": "` + "\xff" + `"}`, 400, nil},
		{"depth", "POST", params("ping", strings.Repeat("[", 1000)+strings.Repeat("]", 1000)), 400, nil},
		{"length", "POST", params("ping", `"`+strings.Repeat("x", 4<<20)+`"`), 413, nil},
		{"messages", "POST", "[" + strings.Repeat(ping+",", 20) + ping + "]", 400, nil},
		{"a subscription", "POST", params("subscriptions/listen", "{}"), 400, []string{"MCP-Protocol-Version", "2026-07-28"}},
		{"an unknown method", "POST", params("secret", "{}"), 400, nil},
		{"params in a list", "POST", params("tools/call", `["secret"]`), 200, nil},
		{"a name that is none", "POST", params("tools/call", `{"name": ["secret"]}`), 200, nil},
		{"a version that is none", "POST", params("initialize", `{"protocolVersion": {"secret": 5}}`), 200, nil},
		{"one of several", "POST", "[" + `{"jsonrpc": "2.0", "id": 2, "method": "ping"}` + "," + params("tools/call", `["secret"]`) + "]", 200, nil},
	} {
		got := u.Send(tt.method, "/mcp", tt.body, append(accept, tt.headers...)...)
		list := got.Body
		if !strings.HasPrefix(list, "[") {
			list = "[" + list + "]"
		}
		type refusal struct {
			Error struct {
				Code    int
				Message string
				Data    struct{ Code string }
			}
		}
		var answers []refusal // in any order
		if err := json.Unmarshal([]byte(list), &answers); err != nil {
			t.Errorf("%s = %d %q, want JSON", tt.name, got.Status, got.Body)
			continue
		}
		var answer refusal
		if i := slices.IndexFunc(answers, func(a refusal) bool { return a.Error.Code != 0 }); i >= 0 {
			answer = answers[i]
		}
		if e := answer.Error; got.Status != tt.status || e.Code == 0 || e.Message == "" || e.Data.Code != "BAD_USER_INPUT" {
			t.Errorf("%s = %d %s, want %d and a code", tt.name, got.Status, got.Body, tt.status)
		}
		for _, private := range []string{"secret", "unmarshal", "json:", "mcp.", "Go "} {
			if strings.Contains(got.Body, private) {
				t.Errorf("%s = %s, which has %q", tt.name, got.Body, private)
			}
		}
		if cache := got.Header.Get("Cache-Control"); cache != "private, no-store" {
			t.Errorf("%s has Cache-Control %q", tt.name, cache)
		}
	}
}

// TestBudget spends a budget on calls, also on those that are refused, and on messages that call no tool.
func TestBudget(t *testing.T) {
	t.Parallel()
	env := harness.Env(storetest.SQLite(t))
	env["RATE_LIMIT"] = "10/1h"
	s := harness.Start(t, env)
	for name, body := range map[string]string{
		"ping": ping, "list": `{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}`, "refused": `{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "add_task"}}`,
		"called":  `{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "get_task", "arguments": {"task_id": 1}}}`,
		"unknown": `{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "x"}}`, "malformed": `{`, "several": "[" + ping + "," + ping + "]",
	} {
		u, sent := s.As(name), 10
		if name == "several" {
			sent = 5
		}
		for i := range sent {
			if got := u.Send("POST", "/mcp", body, accept...); strings.Contains(got.Body, "RATE_LIMITED") {
				t.Fatalf("%s, request %d = %d %s", name, i+1, got.Status, got.Body)
			}
		}
		got := u.Send("POST", "/mcp", body, accept...)
		if !strings.Contains(got.Body, "RATE_LIMITED") || name != "refused" && name != "called" && (got.Status != http.StatusTooManyRequests || got.Header.Get("Retry-After") == "") {
			t.Errorf("%s beyond the budget = %d %s", name, got.Status, got.Body)
		}
	}
	u := s.As("log")
	if got := u.Send("POST", "/mcp", `{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "task_stats"}}`, accept...); got.Status != http.StatusOK {
		t.Errorf("task_stats = %d %s", got.Status, got.Body)
	}
	if _, ok := s.Out.Wait(`"user":"log","tool":"task_stats","cost":`); !ok {
		t.Errorf("the log has no cost:\n%s", s.Out)
	}
}
