package rest

import (
	"strings"
	"testing"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// TestElsewhere checks that requests which belong to the auth server or the old backend are told so, in FastAPI's shape.
func TestElsewhere(t *testing.T) {
	t.Parallel()
	s := harness.Start(t, harness.Env(storetest.SQLite(t)))
	const accounts, profiles = `{"detail":"taskql has no accounts: `, `{"detail":"taskql stores no profiles: `
	for _, tt := range []struct {
		method, path string
		token        bool
		status       int
		want         string
	}{
		{"POST", "/api/auth/signup", false, 404, accounts},
		{"POST", "/api/auth/login", false, 404, accounts},
		{"POST", "/api/auth/login/", true, 404, accounts},
		{"GET", "/api/auth/token", false, 404, accounts},
		{"POST", "/auth/register", false, 404, accounts},
		{"POST", "/web/api/auth/sign-in/email", false, 404, accounts},
		{"POST", "/seed/auth/login", false, 404, accounts},
		{"POST", "/api/authors/login", false, 404, `{"detail":"Not Found"}`},
		{"CONNECT", "", false, 404, `{"detail":"Not Found"}`},
		{"POST", "/authority", false, 404, `{"detail":"Not Found"}`},
		{"PUT", "/api/users/profile", true, 501, profiles},
		{"PATCH", "/web/api/users/me", true, 501, profiles},
		{"DELETE", "/api/users/me/", true, 501, profiles},
		{"PUT", "/api/ada/profile", true, 501, profiles},
		{"PATCH", "/api/auth/me", true, 501, profiles},
		{"POST", "/api/users/change-password", true, 501, profiles},
		{"PUT", "/api/users/password", true, 501, profiles},
		{"PUT", "/api/users/profile", false, 401, `{"detail":"Invalid or missing token"}`},
		{"GET", "/api/users/profile", true, 200, `{"id":"ada",`},
		{"GET", "/api/auth/tasks", true, 403, `{"detail":"Not authorized`}, // a user may have the id auth
	} {
		client := s.Anonymous()
		if tt.token {
			client = s.As("ada")
		}
		if got := client.Send(tt.method, tt.path, `{"name":"Ada","password":"x"}`); got.Status != tt.status || !strings.HasPrefix(got.Body, tt.want) {
			t.Errorf("%s %s = %d %s, want %d %s", tt.method, tt.path, got.Status, got.Body, tt.status, tt.want)
		}
	}
	if got := s.As("auth").Send("GET", "/api/auth/tasks", ""); got.Status != 200 {
		t.Errorf("GET of the tasks of the user auth = %d %s", got.Status, got.Body)
	}
}
