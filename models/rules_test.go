package models_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"taskql/models"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC)

// fields is an input that can be used for a new task and for an existing one.
type fields struct {
	title, description *string
	priority           *models.Priority
	tags               []string
	due                *models.DueInput
	completed          *bool
}

func (f fields) create() (*models.Task, models.UserErrors) {
	in := models.CreateTaskInput{Title: "title", Priority: models.PriorityMedium, Description: f.description, Tags: f.tags, Due: f.due}
	if f.title != nil {
		in.Title = *f.title
	}
	if f.priority != nil {
		in.Priority = *f.priority
	}
	if f.completed != nil {
		in.Completed = *f.completed
	}
	return in.NewTask("user", now)
}

func (f fields) update() (*models.Task, models.UserErrors) {
	var in models.UpdateTaskInput
	if f.title != nil {
		in.Title = graphql.OmittableOf(f.title)
	}
	if f.description != nil {
		in.Description = graphql.OmittableOf(f.description)
	}
	if f.priority != nil {
		in.Priority = graphql.OmittableOf(f.priority)
	}
	if f.tags != nil {
		in.Tags = graphql.OmittableOf(f.tags)
	}
	if f.due != nil {
		in.Due = graphql.OmittableOf(f.due)
	}
	if f.completed != nil {
		in.Completed = graphql.OmittableOf(f.completed)
	}
	return in.Apply(&models.Task{ID: 1, UserID: "user", Title: "old", Priority: models.PriorityLow, Tags: []string{"old"}}, now)
}

// createAndUpdate runs a test with a new task and with an existing one.
func (f fields) createAndUpdate(t *testing.T, test func(t *testing.T, task *models.Task, errs models.UserErrors)) {
	t.Run("NewTask", func(t *testing.T) {
		task, errs := f.create()
		test(t, task, errs)
	})
	t.Run("Apply", func(t *testing.T) {
		task, errs := f.update()
		test(t, task, errs)
	})
}

// summary returns the codes and paths of errors, such as "BLANK input.title".
func summary(errs models.UserErrors) (list []string) {
	for _, err := range errs {
		d := models.Detail(err)
		list = append(list, string(d.Code)+" "+strings.Join(d.Field, "."))
	}
	return list
}

func refused(t *testing.T, task *models.Task, errs models.UserErrors, want ...string) {
	t.Helper()
	if got := summary(errs); !slices.Equal(got, want) {
		t.Errorf("errors = %q, want %q", got, want)
	}
	if (task == nil) != (len(want) > 0) {
		t.Errorf("task = %v, want one exactly when there are no errors (%q)", task, want)
	}
}

// Characters of one to four bytes, and ones that people would count as one but that are several code points.
const (
	combining = "e\u0301"                                         // é, 2 code points
	family    = "👩\u200d👩\u200d👧"                                 // 5 code points
	spaces    = " \t\r\n\v\f\u0085\u00a0\u2003\u3000\u2028\u202f" // all White_Space
)

// texts returns a text of exactly n code points in several scripts.
func texts(n int) map[string]string {
	fill := func(cluster string) string {
		size := len([]rune(cluster))
		return strings.Repeat(cluster, n/size) + strings.Repeat("x", n%size)
	}
	return map[string]string{"ASCII": fill("a"), "Cyrillic": fill("Д"), "CJK": fill("字"), "emoji": fill("😀"), "combining": fill(combining), "family": fill(family)}
}

func TestTextLimits(t *testing.T) {
	for _, field := range []struct {
		name  string
		most  int
		path  string
		build func(string) fields
		read  func(*models.Task) string
	}{
		{"title", 200, "input.title", func(s string) fields { return fields{title: &s} }, func(t *models.Task) string { return t.Title }},
		{"description", 10_000, "input.description", func(s string) fields { return fields{description: &s} }, func(t *models.Task) string { return *t.Description }},
		{"tag", 50, "input.tags.0", func(s string) fields { return fields{tags: []string{s}} }, func(t *models.Task) string { return t.Tags[0] }},
	} {
		for script, text := range texts(field.most) {
			t.Run(field.name+"/"+script+"/at the limit", func(t *testing.T) {
				field.build(text).createAndUpdate(t, func(t *testing.T, task *models.Task, errs models.UserErrors) {
					if refused(t, task, errs); task != nil && field.read(task) != text {
						t.Errorf("%s = %q, want it as given", field.name, field.read(task))
					}
				})
			})
		}
		for script, text := range texts(field.most + 1) {
			t.Run(field.name+"/"+script+"/one over", func(t *testing.T) {
				field.build(text).createAndUpdate(t, func(t *testing.T, task *models.Task, errs models.UserErrors) {
					refused(t, task, errs, "TOO_LONG "+field.path)
					if len(errs) == 1 {
						if limit := models.Detail(errs[0]).Limit; limit == nil || *limit != field.most {
							t.Errorf("limit = %v, want %d", limit, field.most)
						}
					}
				})
			})
		}
	}
}

func TestTitle(t *testing.T) {
	long := strings.Repeat("x", 200)
	for _, tt := range []struct{ name, in, want, err string }{
		{"as given", "Buy milk", "Buy milk", ""},
		{"one character", "x", "x", ""},
		{"spaces around", spaces + "a  b" + spaces, "a  b", ""},
		{"limit counted after trimming", spaces + long + spaces, long, ""},
		{"not normalised", combining, combining, ""},
		{"newline inside", "a\nb", "a\nb", ""},
		{"replacement character", "\ufffd", "\ufffd", ""},
		{"empty", "", "", "BLANK input.title"},
		{"spaces", spaces, "", "BLANK input.title"},
		{"NUL", "a\x00b", "", "INVALID_FORMAT input.title"},
		{"NUL alone", "\x00", "", "INVALID_FORMAT input.title"},
		{"NUL in a long text", long + "\x00", "", "INVALID_FORMAT input.title"},
		{"invalid UTF-8", "a\xff", "", "INVALID_FORMAT input.title"},
		{"surrogate in UTF-8", "\xed\xa0\x80", "", "INVALID_FORMAT input.title"},
		{"cut-off sequence", "a\xe2\x82", "", "INVALID_FORMAT input.title"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fields{title: &tt.in}.createAndUpdate(t, func(t *testing.T, task *models.Task, errs models.UserErrors) {
				if tt.err != "" {
					refused(t, task, errs, tt.err)
				} else if refused(t, task, errs); task != nil && task.Title != tt.want {
					t.Errorf("title of %q = %q, want %q", tt.in, task.Title, tt.want)
				}
			})
		})
	}
}

func TestDescription(t *testing.T) {
	for _, tt := range []struct{ name, in, notes, err string }{
		{"as given", "  two\n\nlines  ", "  two\n\nlines  ", ""},
		{"empty is kept, and read as none", "", "", ""},
		{"blank is kept, and read as none", spaces, "", ""},
		{"NUL", "a\x00", "", "INVALID_FORMAT input.description"},
		{"invalid UTF-8", "\xc3(", "", "INVALID_FORMAT input.description"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fields{description: &tt.in}.createAndUpdate(t, func(t *testing.T, task *models.Task, errs models.UserErrors) {
				if tt.err != "" {
					refused(t, task, errs, tt.err)
					return
				}
				if refused(t, task, errs); task == nil {
					return
				}
				if task.Description == nil || *task.Description != tt.in {
					t.Errorf("description of %q = %v, want it as given", tt.in, task.Description)
				}
				if got := task.Notes(); (got == nil) != (tt.notes == "") || got != nil && *got != tt.notes {
					t.Errorf("Notes of %q = %v, want %q", tt.in, got, tt.notes)
				}
			})
		})
	}
	if task, _ := (fields{}).create(); task.Description != nil || task.Notes() != nil {
		t.Errorf("description = %v, want nil", task.Description)
	}
}

func TestPriority(t *testing.T) {
	for in, want := range map[models.Priority]string{
		models.PriorityLow: "", models.PriorityMedium: "", models.PriorityHigh: "",
		"": "INVALID_FORMAT input.priority", "high": "INVALID_FORMAT input.priority", "URGENT": "INVALID_FORMAT input.priority",
	} {
		t.Run(string(in), func(t *testing.T) {
			fields{priority: &in}.createAndUpdate(t, func(t *testing.T, task *models.Task, errs models.UserErrors) {
				if want != "" {
					refused(t, task, errs, want)
				} else if refused(t, task, errs); task != nil && task.Priority != in {
					t.Errorf("priority = %q, want %q", task.Priority, in)
				}
			})
		})
	}
}
