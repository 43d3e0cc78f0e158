package rest

import (
	"strings"
	"testing"

	"taskql/e2e/harness"
)

// TestUserIDsInPaths has users whose ids mean something in a path: percent-encoded, they reach all of their routes.
func TestUserIDsInPaths(t *testing.T) {
	harness.EachServer(t, func(t *testing.T, s *harness.Server) {
		for _, user := range []string{
			"https://idp.example/u/1", "a//b", ".", "..", "a/../b", "a%2Fb", "%2E", "auth0|5f7c8ec7c33c6c004bbafe82", "ä b?c#d", "tasks/export", "x/tasks/1",
		} {
			u := s.As(user)
			created := u.Send("POST", u.Tasks(), `{"title":"mine"}`)
			if created.Status != 201 {
				t.Errorf("POST as %q = %d %s, want 201", user, created.Status, created.Body)
				continue
			}
			path := created.Header.Get("Location")
			for _, request := range [][2]string{
				{"GET", path}, {"GET", u.Tasks()}, {"GET", u.Tasks() + "/"}, {"GET", u.Tasks("export")}, {"PATCH", path + "/complete"},
				{"GET", strings.TrimSuffix(u.Tasks(), "tasks") + "stats"}, {"GET", strings.TrimSuffix(u.Tasks(), "tasks") + "profile"}, {"DELETE", path},
			} {
				if a := u.Send(request[0], request[1], ""); a.Status != 200 {
					t.Errorf("%s %s as %q = %d %s, want 200", request[0], request[1], user, a.Status, a.Body)
				}
			}
			if a := s.As("another").Send("GET", u.Tasks(), ""); a.Status != 403 {
				t.Errorf("GET %s as another = %d %s, want 403", u.Tasks(), a.Status, a.Body)
			}
			preflight := s.Anonymous().Send("OPTIONS", u.Tasks(), "", "Origin", "http://localhost:3000", "Access-Control-Request-Method", "POST")
			if preflight.Status != 204 {
				t.Errorf("preflight of %s = %d", u.Tasks(), preflight.Status)
			}
		}
	})
}
