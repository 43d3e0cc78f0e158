package rest

import (
	"net/http/httptest"
	"testing"
	"time"

	"taskql/fastapi"
	"taskql/models"
)

// fullTask is a task with every field set.
func fullTask() *models.Task {
	notes, kind := "a \"b\" <c> & ä😀", models.DueLocal
	created, due := time.Date(2026, 1, 15, 17, 0, 0, 123456000, time.UTC), time.Date(2026, 2, 1, 9, 30, 0, 0, time.UTC)
	return &models.Task{
		ID: 9007199254740993, UserID: "user", Title: "title", Description: &notes, Priority: models.PriorityHigh, Tags: []string{"a", `b"`},
		Due: &due, DueKind: &kind, Completed: true, CompletedAt: &created, DeletedAt: nil,
		CreatedAt: created, UpdatedAt: created.Add(time.Second).Truncate(time.Second), Position: "h1", Version: 3,
	}
}

func TestTaskAsJSON(t *testing.T) {
	for _, tt := range []struct {
		task *models.Task
		want string
	}{
		{fullTask(), `{"id":9007199254740993,"user_id":"user","title":"title","description":"a \"b\" <c> & ä😀","priority":"HIGH","tags":"[\"a\",\"b\\\"\"]",` +
			`"due_date":"2026-02-01T09:30:00","completed":true,"created_at":"2026-01-15T17:00:00.123456Z","updated_at":"2026-01-15T17:00:01Z"}`},
		{&models.Task{ID: 1, UserID: "u", Title: "t", Priority: models.PriorityLow, CreatedAt: fullTask().CreatedAt, UpdatedAt: fullTask().CreatedAt},
			`{"id":1,"user_id":"u","title":"t","description":null,"priority":"LOW","tags":"[]","due_date":null,"completed":false,` +
				`"created_at":"2026-01-15T17:00:00.123456Z","updated_at":"2026-01-15T17:00:00.123456Z"}`},
	} {
		w := httptest.NewRecorder()
		if err := writeJSON(w, 201, fastapi.NewTask(tt.task)); err != nil {
			t.Fatal(err)
		}
		// Unescaped or not, it must be the same JSON; the order and number of the keys is as given.
		if got := w.Body.String(); got != tt.want || w.Code != 201 || w.Header().Get("Content-Type") != "application/json" {
			t.Errorf("writeJSON = %d %s\nwant %s", w.Code, got, tt.want)
		}
	}
	empty := ""
	if got := fastapi.NewTask(&models.Task{Description: &empty}).Description; got == nil || *got != "" {
		t.Errorf("an empty description = %v, want it as it was sent", got)
	}
}

func TestTaskListIsNeverNull(t *testing.T) {
	w := httptest.NewRecorder()
	if err := writeJSON(w, 200, writer{dialect: Seed}.list(nil)); err != nil || w.Body.String() != "[]" {
		t.Errorf("no tasks = %s, %v, want []", w.Body, err)
	}
}

// A due date is written as it came, and what is written is read as the same again.
func TestDueText(t *testing.T) {
	for in, want := range map[string]string{
		"2026-02-01":                       "2026-02-01T00:00:00",
		"2026-02-01T00:00:00":              "2026-02-01T00:00:00",
		"2026-02-01T09:30":                 "2026-02-01T09:30:00",
		"2026-02-01 09:30:00.25":           "2026-02-01T09:30:00.250000",
		"2026-02-01T09:30:00Z":             "2026-02-01T09:30:00Z",
		"2026-02-01T00:00:00Z":             "2026-02-01T00:00:00Z",
		"2026-02-01T09:30:00+01:00":        "2026-02-01T08:30:00Z",
		"2026-02-01T09:30:00.123456-05:00": "2026-02-01T14:30:00.123456Z",
		"1769938200":                       "2026-02-01T09:30:00Z",
		"1769938200250":                    "2026-02-01T09:30:00.250000Z",
	} {
		written := mustWriteDue(t, in)
		if written != want {
			t.Errorf("the due date of %q = %q, want %q", in, written, want)
		}
		if again := mustWriteDue(t, written); again != written {
			t.Errorf("the due date of %q = %q, want the same again", written, again)
		}
	}
	if got := fastapi.NewTask(&models.Task{}).DueDate; got != nil {
		t.Errorf("dueText without a due date = %q, want nil", *got)
	}
	at := time.Date(2026, 2, 1, 9, 30, 0, 0, time.UTC)
	if got := fastapi.NewTask(&models.Task{Due: &at}).DueDate; got == nil || *got != "2026-02-01T09:30:00Z" {
		t.Errorf("dueText without a kind = %v, want an instant", got)
	}
}

func mustWriteDue(tb testing.TB, text string) string {
	tb.Helper()
	due, reason := fastapi.ParseDue(text)
	if reason != "" {
		tb.Fatalf("fastapi.ParseDue(%q) = %s", text, reason)
	}
	task, errs := models.CreateTaskInput{Title: "x", Priority: models.PriorityLow, Due: due}.NewTask("user", time.Time{})
	if errs != nil {
		tb.Fatal(errs)
	}
	written := fastapi.NewTask(task).DueDate
	if written == nil {
		tb.Fatalf("the due date of %q = nil, want a text", text)
	}
	return *written
}
