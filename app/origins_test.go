package app

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"taskql/config"
)

// TestRefusedOrigins checks that the log names each origin that CORS refuses once, with the setting, and no other origin.
func TestRefusedOrigins(t *testing.T) {
	c, err := config.Load(map[string]string{"BETTER_AUTH_SECRET": strings.Repeat("s", 32), "ALLOWED_ORIGINS": "https://app.example.com"})
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	handler := withCORS(present(c), slog.New(slog.NewTextHandler(&log, nil)), http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	request := func(origin string, headers ...string) {
		r := httptest.NewRequest("POST", "http://api.example.com/graphql", nil)
		r.Header.Set("Origin", origin)
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		handler.ServeHTTP(httptest.NewRecorder(), r)
	}
	request("https://app.example.com")
	request("")                                                  // a program, not a page
	request("https://api.example.com")                           // a page of this server
	request("https://other.example.com", "Upgrade", "websocket") // whose origin does not matter
	if log.Len() > 0 {
		t.Errorf("accepted requests are logged:\n%s", &log)
	}
	for range 3 {
		request("https://app.example.com:8443")
		request("null")
	}
	for _, want := range []string{`add its origin to ALLOWED_ORIGINS" origin=https://app.example.com:8443`, `serve it over http instead of opening it as a file" origin=null`} {
		if strings.Count(log.String(), want) != 1 {
			t.Errorf("the log has %q not once:\n%s", want, &log)
		}
	}
	for i := range 100 {
		request(fmt.Sprintf("https://%d.%s.example.com", i, strings.Repeat("x", 5000)))
	}
	if lines := strings.Count(log.String(), "\n"); lines != maxRefusedOrigins+1 || log.Len() > maxRefusedOrigins*400 {
		t.Errorf("the log has %d lines and %d bytes after many origins, want %d lines", lines, log.Len(), maxRefusedOrigins+1)
	}
}
