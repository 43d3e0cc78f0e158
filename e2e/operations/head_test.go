package operations

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"taskql/e2e/harness"
)

// TestLongHeads sends requests with long addresses and headers. Each API refuses them in its own form.
func TestLongHeads(t *testing.T) {
	t.Parallel()
	s := harness.Start(t, harness.Env("sqlite:"+filepath.Join(t.TempDir(), "taskql.db")))
	u := s.As("u")
	const (
		detail  = `{"detail":"Request headers are too large"}`
		errors  = `{"errors":[{"message":"The address and the headers of the request are too large.","extensions":{"code":"BAD_USER_INPUT"}}]}`
		graphQL = "POST /graphql"
		body    = `{"query":"{ viewer { id } }"}`
	)
	for _, tt := range []struct {
		name, line, header string
		status             int
		media, body        string
	}{
		{"REST", "GET /api/u/tasks", one(62 << 10), 200, "application/json", "[]"},
		{"REST", "GET /api/u/tasks", one(65 << 10), 431, "application/json", detail},
		{"REST with a header nearly twice as long", "GET /api/u/tasks", one(125 << 10), 431, "application/json", detail},
		{"REST with many headers", "GET /api/u/tasks", strings.Repeat("A: b\r\n", 12<<10), 431, "application/json", detail},
		{"REST with a long address", "GET /api/u/tasks?search=" + strings.Repeat("x", 65<<10), "", 431, "application/json", detail},
		{"a write", "POST /api/u/tasks", one(65 << 10), 431, "application/json", detail},
		{"an unknown path", "GET /nothing", one(65 << 10), 431, "application/json", detail},
		{"GraphQL", graphQL, one(62 << 10), 200, "application/json; charset=utf-8", `{"data":{"viewer":{"id":"u"}}}`},
		{"GraphQL", graphQL, one(65 << 10), 431, "application/json; charset=utf-8", errors},
		{"GraphQL with its media type", graphQL, "Accept: application/graphql-response+json\r\n" + one(65<<10), 431, "application/graphql-response+json; charset=utf-8", errors},
		{"GraphQL with a long address", "GET /graphql?query=" + strings.Repeat("x", 65<<10), "", 431, "application/json; charset=utf-8", errors},
		{"a WebSocket", "GET /graphql", "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" + one(65<<10), 431, "application/json; charset=utf-8", errors},
	} {
		got := raw(t, s, fmt.Sprintf("%s HTTP/1.1\r\nHost: test\r\nOrigin: http://localhost:3000\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%s\r\n%s",
			tt.line, u.Token, len(body), tt.header, body))
		if got.Status != tt.status || got.Body != tt.body || got.Header.Get("Content-Type") != tt.media {
			t.Errorf("%s = %d %s %q, want %d %s %q", tt.name, got.Status, got.Header.Get("Content-Type"), got.Body, tt.status, tt.media, tt.body)
		}
		if got.Header.Get("Access-Control-Allow-Origin") == "" {
			t.Errorf("%s: the page of another origin cannot read the response", tt.name)
		}
	}
}

// TestEndlessHead sends headers without an end. The server answers before it has kept many of them.
func TestEndlessHead(t *testing.T) {
	t.Parallel()
	s := harness.Start(t, harness.Env("sqlite:"+filepath.Join(t.TempDir(), "taskql.db")))
	if got := raw(t, s, "GET / HTTP/1.1\r\nHost: test\r\n"+strings.Repeat(one(1<<10), 140)); got.Status != 431 {
		t.Errorf("the answer is %d %s, want 431", got.Status, got.Body)
	}
}

// one returns a header line of about so many bytes.
func one(size int) string { return "X-Long: " + strings.Repeat("x", size) + "\r\n" }

// raw sends a request as it is and returns the response.
func raw(t *testing.T, s *harness.Server, request string) harness.Answer {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(request)); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := harness.ReadAnswer(response)
	if err != nil {
		t.Fatal(err)
	}
	return got
}
