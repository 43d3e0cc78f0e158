package transfer

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"taskql/fastapi"
	"taskql/models"
)

// fields are the texts of a task's fields by the names of the columns. What is null or empty is not among them.
type fields struct {
	texts  map[string]string
	faults []string
}

func (f *fields) fail(column, format string, args ...any) {
	f.faults = append(f.faults, column+": "+fmt.Sprintf(format, args...))
}

// task is the task that the fields make, or all that is wrong with their form. The rules come later.
func (f *fields) task(known occurrences) (models.ImportTaskInput, error) {
	var in models.ImportTaskInput
	in.Title = f.texts["title"]
	if text, ok := f.texts["description"]; ok {
		in.Description = &text
	}
	in.Priority = models.PriorityMedium
	if word, ok := f.texts["priority"]; ok {
		if in.Priority = models.Priority(strings.ToUpper(word)); !in.Priority.IsValid() {
			f.fail("priority", "%s is none of HIGH, MEDIUM and LOW", short(word))
		}
	}
	in.Tags = f.tags()
	in.Due = f.due()
	if word, ok := f.texts["completed"]; ok {
		done, err := strconv.ParseBool(word)
		if err != nil {
			f.fail("completed", "%s is neither true nor false", short(word))
		}
		in.Completed = done
	}
	in.CreatedAt, in.UpdatedAt, in.CompletedAt = f.time("created_at"), f.time("updated_at"), f.time("completed_at")
	in.Source = f.source(known, &in)
	if f.faults != nil {
		return in, fmt.Errorf("%s", strings.Join(f.faults, "; "))
	}
	return in, nil
}

// source names the task: with an id by whose it was, the id and when it was made, so that tasks of two databases
// are two; without one by what it holds.
func (f *fields) source(known occurrences, in *models.ImportTaskInput) string {
	text, ok := f.texts["id"]
	if !ok {
		texts := make([]string, len(columns))
		for i, column := range columns {
			texts[i] = f.texts[column]
		}
		return known.sourceOf(append(texts, "task")...)
	}
	id, ok := models.ParseID(text)
	if !ok {
		f.fail("id", "%s is no task's id", short(text))
	}
	in.ID = id
	made := ""
	if in.CreatedAt != nil {
		made = strconv.FormatInt(in.CreatedAt.UnixMicro(), 10)
	}
	return digest("id", f.texts["user_id"], text, made)
}

// tags reads a JSON array of strings.
func (f *fields) tags() []string {
	tags := []string{}
	if text, ok := f.texts["tags"]; ok && json.Unmarshal([]byte(text), &tags) != nil {
		f.fail("tags", `%s is no JSON array of texts such as ["home", "garden"]`, short(text))
	}
	return tags
}

// due reads a due date by its kind or, without one, by its form, as REST does.
func (f *fields) due() *models.DueInput {
	text, ok := f.texts["due_date"]
	if !ok {
		return nil
	}
	at, ok := fastapi.ParseTime(text)
	if !ok {
		f.fail("due_date", "%s is no date such as 2030-03-01, 2030-03-01T17:00:00 or 2030-03-01T17:00:00Z", short(text))
		return nil
	}
	kind := models.DueKind(strings.ToUpper(f.texts["due_kind"]))
	switch kind {
	case "":
		return at.Due()
	case models.DueDay:
		day := models.NewDate(at.At.Date())
		return &models.DueInput{Date: &day}
	case models.DueLocal:
		return &models.DueInput{Local: &at.At}
	case models.DueInstant:
		return &models.DueInput{At: &at.At}
	}
	f.fail("due_kind", "%s is none of DATE, LOCAL and INSTANT", short(string(kind)))
	return nil
}

func (f *fields) time(column string) *time.Time {
	text, ok := f.texts[column]
	if !ok {
		return nil
	}
	at, ok := fastapi.ParseTime(text)
	if !ok {
		f.fail(column, "%s is no time such as 2030-03-01T17:00:00Z", short(text))
		return nil
	}
	return &at.At
}

// short quotes a text for people.
func short(text string) string {
	if r := []rune(text); len(r) > 40 {
		text = string(r[:40]) + "…"
	}
	return strconv.Quote(text)
}
