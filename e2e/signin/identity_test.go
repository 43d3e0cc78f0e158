package signin

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"taskql/e2e/harness"
)

// worksInBothAPIs creates a task through each API and reads it through the other.
func worksInBothAPIs(c *harness.Client) {
	c.T.Helper()
	var made struct {
		CreateTask struct{ Task struct{ ID, Title string } }
	}
	c.GraphQL(`mutation { createTask(input: {title: "Through GraphQL"}) { task { id title } userErrors { code } } }`).Data(c.T, &made)
	if got := c.Send("GET", c.Tasks(made.CreateTask.Task.ID), ""); got.Status != http.StatusOK || !strings.Contains(got.Body, "Through GraphQL") {
		c.T.Fatalf("GET a task made through GraphQL = %d %s", got.Status, got.Body)
	}
	var posted struct{ ID json.Number }
	response := c.Send("POST", c.Tasks(), `{"title": "Through REST"}`)
	if response.JSON(c.T, &posted); response.Status != http.StatusCreated {
		c.T.Fatalf("POST = %d %s, want 201", response.Status, response.Body)
	}
	var read struct{ Task struct{ Title string } }
	if c.GraphQL(`query($id: ID!) { task(id: $id) { title } }`, "id", posted.ID.String()).Data(c.T, &read); read.Task.Title != "Through REST" {
		c.T.Fatalf("a task made through REST has the title %q in GraphQL", read.Task.Title)
	}
}

// wantIdentity checks the user that both APIs return; email and name may be nil.
func wantIdentity(c *harness.Client, id string, email, name any) {
	c.T.Helper()
	var viewer struct{ Viewer map[string]any }
	c.GraphQL(`{ viewer { id email name } }`).Data(c.T, &viewer)
	var me map[string]any
	c.Send("GET", "/api/users/me", "").JSON(c.T, &me)
	for api, got := range map[string]map[string]any{"viewer": viewer.Viewer, "GET /api/users/me": me} {
		for field, want := range map[string]any{"id": id, "email": email, "name": name} {
			if value, found := got[field]; !found || value != want {
				c.T.Errorf("%s: %s = %v, want %v", api, field, got[field], want)
			}
		}
	}
}

// callBothAPIs sends a harmless request through each API.
func callBothAPIs(c *harness.Client) map[string]harness.Answer {
	c.T.Helper()
	return map[string]harness.Answer{"GraphQL": c.GraphQL(`{ viewer { id } }`), "REST": c.Send("GET", c.Tasks(), "")}
}

func wantAccepted(c *harness.Client, what string) {
	c.T.Helper()
	for api, got := range callBothAPIs(c) {
		if got.Status != http.StatusOK || strings.Contains(got.Body, `"errors"`) {
			c.T.Errorf("%s: %s = %d %s, want 200; the log says %q", what, api, got.Status, got.Body, refusals(c.Server))
		}
	}
}

// wantRefused checks that both APIs return 401 without a reason, and that the log has the reason.
func wantRefused(c *harness.Client, what, logged string) {
	c.T.Helper()
	before := len(refusals(c.Server))
	for api, got := range callBothAPIs(c) {
		if got.Status != http.StatusUnauthorized || got.Header.Get("WWW-Authenticate") != `Bearer error="invalid_token"` || strings.Contains(got.Body, "reason") {
			c.T.Errorf("%s: %s = %d %s %q, want 401", what, api, got.Status, got.Body, got.Header.Get("WWW-Authenticate"))
		} else if api == "GraphQL" && code(c.T, got, "code") != "UNAUTHENTICATED" {
			c.T.Errorf("%s: %s = %s, want UNAUTHENTICATED", what, api, got.Body)
		}
	}
	wantLogged(c.Server, what, before, logged)
	// A token is good until it expires: whoever reads the log must not have it.
	if strings.Contains(c.Out.String(), c.Token) {
		c.T.Errorf("%s: the token is in the log", what)
	}
}

func wantExpired(c *harness.Client) {
	c.T.Helper()
	for api, got := range callBothAPIs(c) {
		if got.Status != http.StatusUnauthorized || !strings.HasPrefix(got.Header.Get("WWW-Authenticate"), `Bearer error="invalid_token"`) {
			c.T.Errorf("an expired token: %s = %d %s, want 401", api, got.Status, got.Body)
		} else if api == "GraphQL" && code(c.T, got, "reason") != "TOKEN_EXPIRED" {
			c.T.Errorf("an expired token: %s = %s, want the reason TOKEN_EXPIRED", api, got.Body)
		}
	}
}

func wantUnavailable(c *harness.Client, what string) {
	c.T.Helper()
	for api, got := range callBothAPIs(c) {
		if got.Status != http.StatusServiceUnavailable || got.Header.Get("Retry-After") == "" || got.Header.Get("WWW-Authenticate") != "" {
			c.T.Errorf("%s: %s = %d %s %v, want 503 with Retry-After", what, api, got.Status, got.Body, got.Header)
		} else if api == "GraphQL" && code(c.T, got, "code") != "AUTH_UNAVAILABLE" {
			c.T.Errorf("%s: %s = %s, want AUTH_UNAVAILABLE", what, api, got.Body)
		}
	}
}

// refusals returns the reasons of refused requests in the log.
func refusals(s *harness.Server) (list []string) {
	for line := range strings.Lines(s.Out.String()) {
		var entry struct{ Refused string }
		if json.Unmarshal([]byte(line), &entry) == nil && entry.Refused != "" {
			list = append(list, entry.Refused)
		}
	}
	return list
}

// wantLogged waits for two refusals with a text, one of each API, after those before. A line may be written after the
// response.
func wantLogged(s *harness.Server, what string, before int, logged string) {
	s.T.Helper()
	count := func() (n int) {
		for _, refusal := range refusals(s)[before:] {
			if strings.Contains(refusal, logged) {
				n++
			}
		}
		return n
	}
	if !harness.WaitUntil(harness.Patience, func() bool { return count() >= 2 }) {
		s.T.Errorf("%s: the log says %q, want %q in both", what, refusals(s)[before:], logged)
	}
}

// code returns an extension of the first error in a GraphQL response.
func code(t testing.TB, a harness.Answer, name string) string {
	t.Helper()
	var response struct {
		Errors []struct{ Extensions map[string]any }
	}
	if a.JSON(t, &response); len(response.Errors) == 0 {
		return ""
	}
	text, _ := response.Errors[0].Extensions[name].(string)
	return text
}
