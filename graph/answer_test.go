package graph

import (
	"errors"
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
		// A handler for each: the context of the test does not end with the request.
		h := NewHandler(Options{Service: service, Timeout: time.Minute, Log: slog.New(slog.DiscardHandler)})
		r := httptest.NewRequest("POST", "/graphql", strings.NewReader(requestBody(tt.document, ""))).WithContext(ctx)
		r.Header.Set("Content-Type", "application/json")
		answer := httptest.NewRecorder()
		h.sockets.ServeHTTP(answer, r)
		// Decoding the answers takes most of a minute with the race detector.
		large, failed := strings.Contains(answer.Body.String(), `"code":"COMPLEXITY_LIMIT"`), strings.HasPrefix(answer.Body.String(), `{"errors":`)
		if large != tt.large || !large && failed || answer.Body.Len() > maxAnswer+1<<20 {
			t.Errorf("%s: %d MiB, %.300v, want an error: %v", tt.name, answer.Body.Len()>>20, answer.Body, tt.large)
		}
	}
}

// TestAnswersAtOnce has answers that are not sent yet. They bound what their user and all users may get until then.
func TestAnswersAtOnce(t *testing.T) {
	all := &answers{users: map[string]int64{}}
	begin := func(user string, bytes int) (*answer, error) {
		a := &answer{all: all, user: user, ctx: t.Context()}
		return a, a.add(bytes)
	}
	refused := func(err error) bool {
		var public *models.Error
		return errors.As(err, &public) && public.Code == models.CodeRateLimited
	}
	first, err := begin("a", maxAnswer)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := begin("a", maxAnswer); !refused(err) {
		t.Errorf("a second large answer = %v, want RATE_LIMITED", err)
	}
	if _, err := begin("a", answerStep-1); err != nil {
		t.Errorf("a small answer = %v", err)
	}
	var others []*answer
	for i := range maxAnswers/maxAnswer - 1 {
		other, err := begin(fmt.Sprint("other ", i), maxAnswer)
		if err != nil {
			t.Fatal(err)
		}
		others = append(others, other)
	}
	if _, err := begin("b", maxAnswer); !refused(err) {
		t.Errorf("an answer beyond those of all users = %v, want RATE_LIMITED", err)
	}
	first.release()
	if _, err := begin("b", maxAnswer); err != nil {
		t.Errorf("after the first is sent: %v", err)
	}
	for _, other := range others {
		other.release()
	}
	if all.users["a"] != 0 || all.users["other 0"] != 0 {
		t.Errorf("%v is left", all.users)
	}
}
