package models_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"taskql/models"
)

func given[T any](v T) graphql.Omittable[*T] { return graphql.OmittableOf(&v) }

func null[T any]() graphql.Omittable[*T] { return graphql.OmittableOf[*T](nil) }

// full returns a task with every field set. Calls share no memory.
func full() *models.Task {
	day, kind, notes := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), models.DueDay, "notes"
	done := now.Add(-time.Hour)
	return &models.Task{
		ID: 7, UserID: "user", Title: "title", Description: &notes, Priority: models.PriorityHigh, Tags: []string{"a", "b"},
		Due: &day, DueKind: &kind, Completed: true, CompletedAt: &done,
		CreatedAt: now.Add(-2 * time.Hour), UpdatedAt: now.Add(-time.Hour), Position: "h1", Version: 3,
	}
}

func TestApplyAbsentNullValue(t *testing.T) {
	at := time.Date(2026, 4, 1, 10, 0, 0, 123456789, time.FixedZone("", 3600))
	micros, instant := time.Date(2026, 4, 1, 9, 0, 0, 123456000, time.UTC), models.DueInstant
	words := "new notes"
	for _, tt := range []struct {
		name string
		in   models.UpdateTaskInput
		want func(*models.Task) // what differs from full besides UpdatedAt
		err  string
	}{
		{"nothing", models.UpdateTaskInput{}, func(*models.Task) {}, ""},
		{"title", models.UpdateTaskInput{Title: given(" new ")}, func(t *models.Task) { t.Title = "new" }, ""},
		{"title null", models.UpdateTaskInput{Title: null[string]()}, nil, "NULL_NOT_ALLOWED input.title"},
		{"title empty", models.UpdateTaskInput{Title: given("")}, nil, "BLANK input.title"},
		{"description", models.UpdateTaskInput{Description: given(words)}, func(t *models.Task) { t.Description = &words }, ""},
		{"description null", models.UpdateTaskInput{Description: null[string]()}, func(t *models.Task) { t.Description = nil }, ""},
		{"priority", models.UpdateTaskInput{Priority: given(models.PriorityLow)}, func(t *models.Task) { t.Priority = models.PriorityLow }, ""},
		{"priority null", models.UpdateTaskInput{Priority: null[models.Priority]()}, nil, "NULL_NOT_ALLOWED input.priority"},
		{"tags", models.UpdateTaskInput{Tags: graphql.OmittableOf([]string{"c"})}, func(t *models.Task) { t.Tags = []string{"c"} }, ""},
		{"tags empty", models.UpdateTaskInput{Tags: graphql.OmittableOf([]string{})}, func(t *models.Task) { t.Tags = []string{} }, ""},
		{"tags null", models.UpdateTaskInput{Tags: graphql.OmittableOf[[]string](nil)}, nil, "NULL_NOT_ALLOWED input.tags"},
		{"due", models.UpdateTaskInput{Due: given(models.DueInput{At: &at})}, func(t *models.Task) { t.Due, t.DueKind = &micros, &instant }, ""},
		{"due null", models.UpdateTaskInput{Due: null[models.DueInput]()}, func(t *models.Task) { t.Due, t.DueKind = nil, nil }, ""},
		{"completed false", models.UpdateTaskInput{Completed: given(false)}, func(t *models.Task) { t.Completed, t.CompletedAt = false, nil }, ""},
		{"completed true again", models.UpdateTaskInput{Completed: given(true)}, func(*models.Task) {}, ""},
		{"completed null", models.UpdateTaskInput{Completed: null[bool]()}, nil, "NULL_NOT_ALLOWED input.completed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			task := full()
			got, errs := tt.in.Apply(task, now)
			if !reflect.DeepEqual(task, full()) {
				t.Errorf("the original became %+v, want it as it was", task)
			}
			if tt.err != "" {
				refused(t, got, errs, tt.err)
				return
			}
			want := full()
			want.UpdatedAt = now
			tt.want(want)
			if refused(t, got, errs); !reflect.DeepEqual(got, want) {
				t.Errorf("Apply = %+v\nwant %+v", got, want)
			}
		})
	}
}

func TestApplyLeavesFieldsThatAreNotGivenUnchecked(t *testing.T) {
	task := full()
	task.Title = texts(300)["ASCII"] // kept from before there were limits
	if got, errs := (models.UpdateTaskInput{Priority: given(models.PriorityLow)}).Apply(task, now); errs != nil || got.Title != task.Title {
		t.Errorf("Apply = %v, %q, want the long title left alone", got, summary(errs))
	}
	_, errs := models.UpdateTaskInput{Title: given(task.Title)}.Apply(task, now)
	refused(t, nil, errs, "TOO_LONG input.title")
}

func TestCompleting(t *testing.T) {
	open := full()
	open.Completed, open.CompletedAt = false, nil
	got, errs := models.UpdateTaskInput{Completed: given(true)}.Apply(open, now)
	if errs != nil || !got.Completed || got.CompletedAt == nil || !got.CompletedAt.Equal(now) {
		t.Errorf("Apply(completed) = %+v, %v, want done at %v", got, errs, now)
	}
	if got, errs := (models.UpdateTaskInput{Completed: given(false)}).Apply(open, now); errs != nil || got.Completed || got.CompletedAt != nil {
		t.Errorf("Apply(not completed) = %+v, %v, want open", got, errs)
	}
	for _, done := range []bool{false, true} {
		task, errs := fields{completed: &done}.create()
		if errs != nil || task.Completed != done || (task.CompletedAt != nil) != done || done && !task.CompletedAt.Equal(now) {
			t.Errorf("NewTask(completed %v) = %+v, %v, want completedAt set exactly when done", done, task, errs)
		}
	}
}

func TestNewTask(t *testing.T) {
	got, errs := fields{}.create()
	want := &models.Task{UserID: "user", Title: "title", Priority: models.PriorityMedium, Tags: []string{}, CreatedAt: now, UpdatedAt: now}
	if errs != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("NewTask = %+v, %v\nwant %+v", got, errs, want)
	}
}

func TestAllFaultyFieldsInOrder(t *testing.T) {
	bad, priority, done := "\x00", models.Priority("x"), true
	all := fields{title: &bad, description: &bad, priority: &priority, tags: append(numbered(21), ""), completed: &done}
	all.createAndUpdate(t, func(t *testing.T, task *models.Task, errs models.UserErrors) {
		refused(t, task, errs, "INVALID_FORMAT input.title", "INVALID_FORMAT input.description", "INVALID_FORMAT input.priority",
			"BLANK input.tags.21", "TOO_MANY input.tags")
	})
	nulls := models.UpdateTaskInput{
		Title: null[string](), Description: null[string](), Priority: null[models.Priority](), Tags: graphql.OmittableOf[[]string](nil),
		Due: null[models.DueInput](), Completed: null[bool](),
	}
	task, errs := nulls.Apply(full(), now)
	refused(t, task, errs, "NULL_NOT_ALLOWED input.title", "NULL_NOT_ALLOWED input.priority", "NULL_NOT_ALLOWED input.tags", "NULL_NOT_ALLOWED input.completed")
}

func TestSame(t *testing.T) {
	other, empty, kind, later := "other", "", models.DueLocal, now.Add(time.Microsecond)
	elsewhere := full().Due.In(time.FixedZone("", 3600))
	for _, tt := range []struct {
		name   string
		change func(*models.Task)
		want   bool
	}{
		{"nothing", func(*models.Task) {}, true},
		{"what the store writes", func(t *models.Task) { t.UpdatedAt, t.Version, t.Position, t.CompletedAt = later, 9, "z", &later }, true},
		{"due in another zone", func(t *models.Task) { t.Due = &elsewhere }, true},
		{"title", func(t *models.Task) { t.Title = "Title" }, false},
		{"description", func(t *models.Task) { t.Description = &other }, false},
		{"description gone", func(t *models.Task) { t.Description = nil }, false},
		{"description empty", func(t *models.Task) { t.Description = &empty }, false},
		{"priority", func(t *models.Task) { t.Priority = models.PriorityLow }, false},
		{"order of the tags", func(t *models.Task) { t.Tags = []string{"b", "a"} }, false},
		{"letter case of a tag", func(t *models.Task) { t.Tags = []string{"A", "b"} }, false},
		{"fewer tags", func(t *models.Task) { t.Tags = []string{"a"} }, false},
		{"no tags", func(t *models.Task) { t.Tags = nil }, false},
		{"due", func(t *models.Task) { t.Due = &later }, false},
		{"due gone", func(t *models.Task) { t.Due, t.DueKind = nil, nil }, false},
		{"kind of due", func(t *models.Task) { t.DueKind = &kind }, false},
		{"completed", func(t *models.Task) { t.Completed, t.CompletedAt = false, nil }, false},
	} {
		changed := full()
		tt.change(changed)
		if got, back := full().Same(changed), changed.Same(full()); got != tt.want || back != tt.want {
			t.Errorf("Same with %s changed = %v, and the other way round %v, want %v", tt.name, got, back, tt.want)
		}
	}
	empty1, empty2 := &models.Task{Tags: []string{}}, &models.Task{Tags: []string{""}}
	if empty1.Same(empty2) {
		t.Error("Same(no tags, one empty tag) = true, want false")
	}
}
