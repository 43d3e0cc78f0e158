package graph

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"taskql/models"
)

// TestLargeAnswers asks for descriptions many times. An answer ends with an error once it is too large.
func TestLargeAnswers(t *testing.T) {
	service, ctx := seeded(t)
	notes := strings.Repeat("𐐷", 10_000) // one word of four bytes a character
	var inputs []*models.CreateTaskInput
	for i := range 100 {
		inputs = append(inputs, &models.CreateTaskInput{Title: fmt.Sprint("long ", i), Description: &notes, Priority: models.PriorityLow, Tags: []string{}})
	}
	w, err := service.CreateAll(ctx, inputs, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := service.DeleteAll(ctx, []string{fmt.Sprint(w.Tasks[0].ID)}); err != nil {
		t.Fatal(err)
	}
	h := NewHandler(Options{Service: service, Timeout: time.Minute, Log: slog.New(slog.DiscardHandler)})
	whole := "id userId title description priority tags completed completedAt dueDate dueAt isOverdue position version createdAt updatedAt deletedAt"
	for _, tt := range []struct {
		name, document string
		large          bool
	}{
		{"a page of whole tasks", "{ tasks(first: 100) { nodes { " + whole + " } } }", false},
		{"six pages", "{ " + numbered(6, "a%d: tasks(first: 100) { nodes { description } } ") + "}", false},
		{"twelve pages", "{ " + numbered(12, "a%d: tasks(first: 100) { nodes { description } } ") + "}", true},
		{"one description many times", "{ tasks(first: 1) { nodes { " + numbered(1200, "a%d: description ") + "} } }", true},
		{"descriptions in edges", "{ tasks(first: 100) { edges { node { " + numbered(12, "a%d: description ") + "} } } }", true},
		{"changes", "{ taskChanges(first: 200) { changes { task { " + numbered(12, "a%d: description ") + "} } } }", true},
		{"by gqlgen", "{ tasks(first: 100) { nodes { " + numbered(12, "a%d: description ") + ` dueDate(timeZone: "x") } } }`, true},
		{"the result of a write", fmt.Sprintf(`mutation { restoreTasks(ids: ["%d"]) { tasks { `, w.Tasks[0].ID) + numbered(1200, "a%d: description ") + "} } }", true},
	} {
		r := httptest.NewRequest("POST", "/graphql", strings.NewReader(requestBody(tt.document, ""))).WithContext(ctx)
		r.Header.Set("Content-Type", "application/json")
		answer := httptest.NewRecorder()
		h.sockets.ServeHTTP(answer, r)
		var response struct {
			Errors []struct{ Extensions struct{ Code string } }
		}
		if err := json.Unmarshal(answer.Body.Bytes(), &response); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		large := false
		for _, err := range response.Errors {
			large = large || err.Extensions.Code == "COMPLEXITY_LIMIT"
		}
		if large != tt.large || !large && len(response.Errors) > 0 || answer.Body.Len() > maxAnswer+1<<20 {
			t.Errorf("%s: %d MiB, %.300v, want an error: %v", tt.name, answer.Body.Len()>>20, response.Errors, tt.large)
		}
	}
}
