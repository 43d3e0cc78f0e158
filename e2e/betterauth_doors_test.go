package e2e

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// worksThroughBothDoors makes a task through each door and reads it through the other.
func (c *client) worksThroughBothDoors() {
	c.t.Helper()
	var made struct {
		CreateTask struct{ Task struct{ ID, Title string } }
	}
	c.graphql(`mutation { createTask(input: {title: "Through GraphQL"}) { task { id title } userErrors { code } } }`).data(c.t, &made)
	if got := c.send("GET", c.tasks(made.CreateTask.Task.ID), ""); got.status != http.StatusOK || !strings.Contains(got.body, "Through GraphQL") {
		c.t.Fatalf("GET a task made through GraphQL = %d %s", got.status, got.body)
	}
	var posted struct{ ID json.Number }
	response := c.send("POST", c.tasks(), `{"title": "Through REST"}`)
	if response.json(c.t, &posted); response.status != http.StatusCreated {
		c.t.Fatalf("POST = %d %s, want 201", response.status, response.body)
	}
	var read struct{ Task struct{ Title string } }
	if c.graphql(`query($id: ID!) { task(id: $id) { title } }`, "id", posted.ID.String()).data(c.t, &read); read.Task.Title != "Through REST" {
		c.t.Fatalf("a task made through REST has the title %q in GraphQL", read.Task.Title)
	}
}

// wantIdentity checks what both doors say about who is calling; email and name may be nil.
func (c *client) wantIdentity(id string, email, name any) {
	c.t.Helper()
	var viewer struct{ Viewer map[string]any }
	c.graphql(`{ viewer { id email name } }`).data(c.t, &viewer)
	var me map[string]any
	c.send("GET", "/api/users/me", "").json(c.t, &me)
	for door, got := range map[string]map[string]any{"viewer": viewer.Viewer, "GET /api/users/me": me} {
		for field, want := range map[string]any{"id": id, "email": email, "name": name} {
			if value, found := got[field]; !found || value != want {
				c.t.Errorf("%s: %s = %v, want %v", door, field, got[field], want)
			}
		}
	}
}

// doors sends a harmless request through each door.
func (c *client) doors() map[string]answer {
	c.t.Helper()
	return map[string]answer{"GraphQL": c.graphql(`{ viewer { id } }`), "REST": c.send("GET", c.tasks(), "")}
}

func (c *client) wantAccepted(what string) {
	c.t.Helper()
	for door, got := range c.doors() {
		if got.status != http.StatusOK || strings.Contains(got.body, `"errors"`) {
			c.t.Errorf("%s: %s = %d %s, want 200; the log says %q", what, door, got.status, got.body, c.refusals())
		}
	}
}

// wantRefused checks that both doors answer 401, without saying why, and that the log does.
func (c *client) wantRefused(what, logged string) {
	c.t.Helper()
	before := len(c.refusals())
	for door, got := range c.doors() {
		if got.status != http.StatusUnauthorized || got.header.Get("WWW-Authenticate") != `Bearer error="invalid_token"` || strings.Contains(got.body, "reason") {
			c.t.Errorf("%s: %s = %d %s %q, want 401", what, door, got.status, got.body, got.header.Get("WWW-Authenticate"))
		} else if door == "GraphQL" && code(c.t, got, "code") != "UNAUTHENTICATED" {
			c.t.Errorf("%s: %s = %s, want UNAUTHENTICATED", what, door, got.body)
		}
	}
	c.wantLogged(what, before, logged)
	// A token is good until it expires: whoever reads the log must not have it.
	if strings.Contains(c.out.String(), c.token) {
		c.t.Errorf("%s: the token is in the log", what)
	}
}

func (c *client) wantExpired() {
	c.t.Helper()
	for door, got := range c.doors() {
		if got.status != http.StatusUnauthorized || !strings.HasPrefix(got.header.Get("WWW-Authenticate"), `Bearer error="invalid_token"`) {
			c.t.Errorf("an expired token: %s = %d %s, want 401", door, got.status, got.body)
		} else if door == "GraphQL" && code(c.t, got, "reason") != "TOKEN_EXPIRED" {
			c.t.Errorf("an expired token: %s = %s, want the reason TOKEN_EXPIRED", door, got.body)
		}
	}
}

func (c *client) wantUnavailable(what string) {
	c.t.Helper()
	for door, got := range c.doors() {
		if got.status != http.StatusServiceUnavailable || got.header.Get("Retry-After") == "" || got.header.Get("WWW-Authenticate") != "" {
			c.t.Errorf("%s: %s = %d %s %v, want 503 with Retry-After", what, door, got.status, got.body, got.header)
		} else if door == "GraphQL" && code(c.t, got, "code") != "AUTH_UNAVAILABLE" {
			c.t.Errorf("%s: %s = %s, want AUTH_UNAVAILABLE", what, door, got.body)
		}
	}
}

// refusals is why requests were refused, from the log.
func (s *server) refusals() (list []string) {
	for line := range strings.Lines(s.out.String()) {
		var entry struct{ Refused string }
		if json.Unmarshal([]byte(line), &entry) == nil && entry.Refused != "" {
			list = append(list, entry.Refused)
		}
	}
	return list
}

// wantLogged waits for two refusals, one for each door, behind those before. A line may be written
// after its answer was read.
func (s *server) wantLogged(what string, before int, logged string) {
	s.t.Helper()
	count := func() (n int) {
		for _, refusal := range s.refusals()[before:] {
			if strings.Contains(refusal, logged) {
				n++
			}
		}
		return n
	}
	if !within(2*time.Second, func() bool { return count() >= 2 }) {
		s.t.Errorf("%s: the log says %q, want %q in both", what, s.refusals()[before:], logged)
	}
}

// code is an extension of the first error in a GraphQL answer.
func code(t testing.TB, a answer, name string) string {
	t.Helper()
	var response struct {
		Errors []struct{ Extensions map[string]any }
	}
	if a.json(t, &response); len(response.Errors) == 0 {
		return ""
	}
	text, _ := response.Errors[0].Extensions[name].(string)
	return text
}
