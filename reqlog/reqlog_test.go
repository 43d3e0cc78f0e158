package reqlog_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"

	"taskql/reqlog"
)

// serve sends a request to a handler and returns the response and the log.
func serve(r *http.Request, handler http.HandlerFunc) (*httptest.ResponseRecorder, string) {
	var lines bytes.Buffer
	w := httptest.NewRecorder()
	reqlog.Handler(slog.New(slog.NewJSONHandler(&lines, nil)), handler, nil).ServeHTTP(w, r)
	return w, lines.String()
}

func mustLine(tb testing.TB, lines string) map[string]any {
	tb.Helper()
	var line map[string]any
	if err := json.Unmarshal([]byte(lines), &line); err != nil || strings.Count(lines, "\n") != 1 {
		tb.Fatalf("log = %q, %v, want one line", lines, err)
	}
	return line
}

func TestOneLine(t *testing.T) {
	for _, tt := range []struct {
		name    string
		handler http.HandlerFunc
		status  float64
		bytes   float64
		level   string
	}{
		{"nothing written", func(http.ResponseWriter, *http.Request) {}, 200, 0, "INFO"},
		{"a body", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }, 200, 5, "INFO"},
		{"a status", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) }, 404, 0, "INFO"},
		{"the first status", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(201); w.WriteHeader(500) }, 201, 0, "INFO"},
		{"a fault of ours", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, 500, 0, "ERROR"},
		{"not available", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503); _, _ = io.WriteString(w, "xy") }, 503, 2, "ERROR"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest("PATCH", "/api/u%20x/tasks?token=TOKEN&q=private", strings.NewReader("BODY"))
			r.Header.Set("Authorization", "Bearer TOKEN")
			w, lines := serve(r, tt.handler)
			line := mustLine(t, lines)
			for name, want := range map[string]any{
				"msg": "request", "level": tt.level, "method": "PATCH", "path": "/api/u x/tasks", "status": tt.status, "bytes": tt.bytes,
				"id": w.Header().Get(reqlog.HeaderID),
			} {
				if line[name] != want {
					t.Errorf("log = %s, want %s %v", lines, name, want)
				}
			}
			if d, ok := line["duration_ms"].(float64); !ok || d < 0 || d > 60_000 {
				t.Errorf("duration_ms = %v, want milliseconds", line["duration_ms"])
			}
			for _, hidden := range []string{"TOKEN", "private", "BODY", "Authorization"} {
				if strings.Contains(lines, hidden) {
					t.Errorf("log = %s, want no %s in it", lines, hidden)
				}
			}
		})
	}
}

func TestIDs(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set(reqlog.HeaderID, "of the client") // ignored
		var inside string
		w, _ := serve(r, func(_ http.ResponseWriter, r *http.Request) { inside = reqlog.ID(r.Context()) })
		id := w.Header().Get(reqlog.HeaderID)
		if len(id) < 16 || id != inside || seen[id] || id == "of the client" {
			t.Fatalf("ID = %q, header %q, want one id of its own for each request", inside, id)
		}
		seen[id] = true
	}
}

func TestOutsideOfARequest(t *testing.T) {
	if got := reqlog.ID(t.Context()); got != "" {
		t.Errorf("ID = %q, want none", got)
	}
	reqlog.Add(t.Context(), slog.String("a", "b")) // does nothing
}

func TestAdd(t *testing.T) {
	_, lines := serve(httptest.NewRequest("GET", "/", nil), func(_ http.ResponseWriter, r *http.Request) {
		reqlog.Add(r.Context(), slog.String("user", "a\nb \"c\""), slog.Int("n", 1))
		reqlog.Add(r.Context())
		reqlog.Add(r.Context(), slog.Bool("last", true))
	})
	line := mustLine(t, lines)
	if line["user"] != "a\nb \"c\"" || line["n"] != 1.0 || line["last"] != true {
		t.Errorf("log = %s, want what was added", lines)
	}
	if a, b := strings.Index(lines, `"bytes"`), strings.Index(lines, `"user"`); a < 0 || b < a || strings.Index(lines, `"last"`) < b {
		t.Errorf("log = %s, want what was added behind, in its order", lines)
	}
}

func TestAddFromSeveralGoroutines(t *testing.T) {
	_, lines := serve(httptest.NewRequest("GET", "/", nil), func(_ http.ResponseWriter, r *http.Request) {
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() { reqlog.Add(r.Context(), slog.Int(fmt.Sprint("n", i), i)) })
		}
		wg.Wait()
	})
	line := mustLine(t, lines)
	for i := range 20 {
		if name := fmt.Sprint("n", i); line[name] != float64(i) {
			t.Errorf("log = %s, want %s %d", lines, name, i)
		}
	}
}

// A goroutine may outlive its request. Attributes that it adds after the line is written are lost.
func TestAddAfterTheLine(t *testing.T) {
	var late *http.Request
	done := make(chan struct{})
	_, lines := serve(httptest.NewRequest("GET", "/", nil), func(_ http.ResponseWriter, r *http.Request) {
		late = r
		go func() {
			defer close(done)
			for range 100 {
				reqlog.Add(r.Context(), slog.Int("n", 1))
			}
		}()
	})
	<-done
	reqlog.Add(late.Context(), slog.String("late", "x"))
	if line := mustLine(t, lines); line["late"] != nil {
		t.Errorf("log = %s, want nothing that came late", lines)
	}
}

func TestRequestsDoNotMix(t *testing.T) {
	var lines bytes.Buffer
	handler := reqlog.Handler(slog.New(slog.NewJSONHandler(&lines, nil)), http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		reqlog.Add(r.Context(), slog.String("of", r.URL.Path))
	}), nil)
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() { handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", fmt.Sprint("/", i), nil)) })
	}
	wg.Wait()
	if n := strings.Count(lines.String(), "\n"); n != 20 {
		t.Errorf("log has %d lines, want 20", n)
	}
	for text := range strings.Lines(lines.String()) {
		if line := mustLine(t, text); line["of"] != line["path"] {
			t.Errorf("log = %s, want each path with its own", text)
		}
	}
}

func TestStreamingStaysPossible(t *testing.T) {
	w, _ := serve(httptest.NewRequest("GET", "/", nil), func(w http.ResponseWriter, _ *http.Request) {
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Errorf("Flush = %v, want it passed on", err)
		}
	})
	if !w.Flushed {
		t.Error("flushed = false, want true")
	}
}

// TestWebSocketStatus logs a connection that becomes a WebSocket with the status of its response.
func TestWebSocketStatus(t *testing.T) {
	var log bytes.Buffer
	logged := make(chan struct{})
	handler := reqlog.Handler(slog.New(slog.NewJSONHandler(&log, nil)), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err == nil {
			err = conn.CloseNow()
		}
		if err != nil {
			t.Error(err)
		}
	}), nil)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler.ServeHTTP(w, r)
		close(logged)
	}))
	defer server.Close()
	conn, _, err := websocket.Dial(t.Context(), server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	<-logged
	if !strings.Contains(log.String(), `"status":101`) {
		t.Errorf("the log has %s, want the status 101", &log)
	}
}
