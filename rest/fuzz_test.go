package rest

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"taskql/fastapi"
	"taskql/models"
)

func FuzzParseDue(f *testing.F) {
	for _, seed := range []string{"2026-03-01", "2026-03-01T00:00", "2026-03-01 17:30:15.5", "2026-03-01T17:30+01:00", "1772384400", "-1.5", "20000000001", "0001-01-01T00:00+01:00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		due, reason := fastapi.ParseDue(s)
		if reason != "" {
			return
		}
		task, errs := models.CreateTaskInput{Title: "x", Priority: models.PriorityLow, Due: due}.NewTask("user", time.Time{})
		if errs != nil || dueWords(due) == "not exactly one" {
			t.Fatalf("fastapi.ParseDue(%q) = %s, %v, want one kind", s, dueWords(due), errs)
		}
		if y := task.Due.Year(); y < 1 || y > 9999 {
			t.Errorf("fastapi.ParseDue(%q) = %v, want a year of four digits", s, task.Due)
		}
		written := *fastapi.NewTask(task).DueDate
		again, reason := fastapi.ParseDue(written)
		if reason != "" {
			t.Fatalf("fastapi.ParseDue(%q), from %q, = %s, want what is written to be readable", written, s, reason)
		}
		other, _ := models.CreateTaskInput{Title: "x", Priority: models.PriorityLow, Due: again}.NewTask("user", time.Time{})
		if !other.Same(task) {
			t.Errorf("fastapi.ParseDue(%q) = %v %s, and from what is written, %q, %v %s", s, task.Due, *task.DueKind, written, other.Due, *other.DueKind)
		}
	})
}

func FuzzReadTags(f *testing.F) {
	for _, seed := range []string{`"a,b"`, `"[\"a\",5]"`, `["a",""]`, `null`, `5`, `"[a"`, `["\u0000"]`, `"[[]]"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		in, err := decodeCreate(`{"title":"x","tags":` + s + `}`)
		if err != nil {
			if got := answered(t, err); got[:4] != "422 " {
				t.Errorf("readCreate(tags %s) = %s, want 422", s, got)
			}
			return
		}
		task, errs := in.NewTask("user", time.Time{})
		if errs != nil {
			t.Fatalf("readCreate(tags %s) = %q, which the rules refuse: %v", s, in.Tags, errs)
		}
		// What is written is read as the same again.
		text, err := json.Marshal(fastapi.NewTask(task).Tags)
		if err != nil {
			t.Fatal(err)
		}
		again, err := decodeCreate(`{"title":"x","tags":` + string(text) + `}`)
		if err != nil || !slices.Equal(again.Tags, task.Tags) {
			t.Errorf("readCreate(tags %s) = %q, %s, want %q as it was written", text, again.Tags, answered(t, err), task.Tags)
		}
	})
}

// Whatever a body holds, it is read or refused with 422.
func FuzzReadBodies(f *testing.F) {
	for _, seed := range []string{`{"title":"x"}`, `{"due_date":1e999,"completed":"maybe"}`, `{"title":"\ud800"}`, `[`, `{"a":1,"a":1}`, "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		_, createErr := decodeCreate(body)
		_, updateErr := decodeUpdate(body)
		for _, err := range []error{createErr, updateErr} {
			if got := answered(t, err); err != nil && got[:4] != "422 " {
				t.Errorf("reading %q = %s, want 422", body, got)
			}
		}
	})
}
