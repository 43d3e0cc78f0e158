package app

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"taskql/config"
)

func TestCORS(t *testing.T) {
	signedIn := map[string]string{"BETTER_AUTH_SECRET": strings.Repeat("s", 32)}
	configured := map[string]string{"BETTER_AUTH_SECRET": strings.Repeat("s", 32), "CORS_ORIGINS": "https://app.example.com"}
	for _, tt := range []struct {
		environ map[string]string
		origin  string
		allowed bool
	}{
		{nil, "http://localhost:3000", true},
		{nil, "http://localhost:3001", true},
		{nil, "http://localhost:5173", true},
		{nil, "https://127.0.0.1:8443", true},
		{nil, "http://[::1]:5173", true},
		{nil, "http://localhost", true},
		{nil, "http://localhost.example.com:3000", false},
		{nil, "http://user@localhost:3000", false},
		{nil, "https://app.example.com", false},
		{nil, "null", false},
		{signedIn, "http://localhost:3000", true},
		{signedIn, "http://127.0.0.1:3000", true},
		{signedIn, "http://localhost:3001", false},
		{configured, "https://app.example.com", true},
		{configured, "http://localhost:3000", false},
	} {
		c, err := config.Load(tt.environ)
		if err != nil {
			t.Fatal(err)
		}
		handler := withCORS(present(c), slog.New(slog.DiscardHandler), http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		for _, method := range []string{"GET", "OPTIONS"} {
			r := httptest.NewRequest(method, "/api/u/tasks", nil)
			r.Header.Set("Origin", tt.origin)
			want, header := "Retry-After, Ratelimit, Ratelimit-Policy", "Access-Control-Expose-Headers"
			if method == "OPTIONS" {
				r.Header.Set("Access-Control-Request-Method", "PATCH")
				want, header = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS", "Access-Control-Allow-Methods"
			}
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			if got := w.Header().Get("Access-Control-Allow-Origin") == tt.origin; got != tt.allowed {
				t.Errorf("%s from %s with %v: allowed = %t, want %t", method, tt.origin, tt.environ, got, tt.allowed)
			}
			if got := w.Header().Get(header); strings.Contains(got, want) != tt.allowed {
				t.Errorf("%s from %s with %v: %s = %q, want %q in it: %t", method, tt.origin, tt.environ, header, got, want, tt.allowed)
			}
		}
	}
}

func present(c config.Config) *atomic.Pointer[config.Config] {
	p := new(atomic.Pointer[config.Config])
	p.Store(&c)
	return p
}
