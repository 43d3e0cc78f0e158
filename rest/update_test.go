package rest

import (
	"net/http/httptest"
	"testing"
	"time"

	"taskql/models"
)

// TestNamesThatDisagree sends back a task with one of several names of a field changed.
func TestNamesThatDisagree(t *testing.T) {
	kinds := []models.DueKind{models.DueDay, models.DueLocal, models.DueInstant}
	at := time.Date(2026, 12, 24, 10, 0, 0, 0, time.UTC)
	day := time.Date(2026, 12, 24, 0, 0, 0, 0, time.UTC)
	open, done := &models.Task{Due: &day, DueKind: &kinds[0]}, &models.Task{Completed: true}
	local, instant := &models.Task{Due: &at, DueKind: &kinds[1]}, &models.Task{Due: &at, DueKind: &kinds[2]}
	for _, tt := range []struct {
		stored     *models.Task
		body, want string
	}{
		{open, `{"due_date":"2026-12-24T00:00:00","dueDate":"2026-12-31"}`, "due=DATE 2026-12-31T00:00:00"},
		{open, `{"due_date":"2026-12-31","dueDate":"2026-12-24T00:00:00"}`, "due=DATE 2026-12-31T00:00:00"},
		{open, `{"dueDate":"2026-12-31","due_date":"2027-01-01"}`, "due=DATE 2027-01-01T00:00:00"},
		{open, `{"due_date":"2026-12-24T00:00:00","dueDate":null}`, "due=none"},
		{open, `{"due_date":null,"dueDate":"2026-12-24T00:00:00"}`, "due=none"},
		{open, `{"due_date":"2026-12-24T00:00:00","dueDate":""}`, "due=none"},
		{open, `{"due_date":"2026-12-24T00:00:00","dueDate":"2026-12-24"}`, "due=DATE 2026-12-24T00:00:00"},
		{local, `{"due_date":"2026-12-24T10:00:00","dueDate":"2026-12-24T11:00"}`, "due=LOCAL 2026-12-24T11:00:00"},
		{local, `{"due_date":"2026-12-24T10:00:00","dueDate":"2026-12-24T10:00:00Z"}`, "due=INSTANT 2026-12-24T10:00:00"},
		{instant, `{"due_date":"2026-12-24T11:00:00+01:00","dueDate":"2026-12-25"}`, "due=DATE 2026-12-25T00:00:00"},
		{done, `{"due_date":null,"dueDate":"2026-12-31"}`, "due=DATE 2026-12-31T00:00:00"},
		{open, `{"completed":false,"is_completed":true}`, "completed=true"},
		{open, `{"completed":true,"is_completed":false}`, "completed=true"},
		{open, `{"completed":false,"is_completed":false,"status":"completed"}`, "completed=true"},
		{done, `{"completed":true,"is_completed":true,"status":"pending"}`, "completed=false"},
		{done, `{"completed":false,"status":"completed"}`, "completed=false"},
		{done, `{"completed":null,"is_completed":false,"status":"nonsense"}`, "completed=false"},
		{done, `{"completed":true,"is_completed":"1","status":"completed"}`, "completed=true"},
	} {
		change, err := Seed.readUpdate(httptest.NewRecorder(), newRequest("PUT", tt.body))
		change.settle(tt.stored)
		if got := updateWords(change.UpdateTaskInput); err != nil || got != tt.want {
			t.Errorf("readUpdate(%s) = %s, %v, want %s", tt.body, got, err, tt.want)
		}
	}
	for body, want := range map[string]string{
		`{"due_date":"2026-12-24","dueDate":"tomorrow"}`: badDue("dueDate", `"tomorrow"`, "input is too short"),
		`{"completed":true,"is_completed":"perhaps"}`:    badBoolean("is_completed", `"perhaps"`),
	} {
		if _, err := decodeUpdate(body); answered(t, err) != `422 {"detail":[`+want+`]}` {
			t.Errorf("readUpdate(%s) = %s, want %s", body, answered(t, err), want)
		}
	}
}
