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

// fields holds the texts of a task's fields, keyed by column name. Null and empty fields
// have no key, except an empty description, which differs from no description.
type fields struct {
	texts    map[string]string
	problems []string // one message for each field that cannot be read
}

func (f *fields) fail(column, format string, args ...any) {
	f.problems = append(f.problems, column+": "+fmt.Sprintf(format, args...))
}

// task converts the texts to a task. The error lists every field with a malformed text. task does not check the
// rules for tasks, such as the length of a title; the import does.
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
	if f.problems != nil {
		return in, fmt.Errorf("%s", strings.Join(f.problems, "; "))
	}
	return in, nil
}

// source returns a key that identifies the task, so that it is imported only once. For a task with an id, the key
// comes from the user, the id and the creation time, which differ between tasks of two databases. For a task without
// an id, the key comes from the content.
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
	created := ""
	if in.CreatedAt != nil {
		created = strconv.FormatInt(in.CreatedAt.UnixMicro(), 10)
	}
	return digest("id", f.texts["user_id"], text, created)
}

// tags reads a JSON array of strings.
func (f *fields) tags() []string {
	tags := []string{}
	if text, ok := f.texts["tags"]; ok && json.Unmarshal([]byte(text), &tags) != nil {
		f.fail("tags", `%s is no JSON array of texts such as ["home", "garden"]`, short(text))
	}
	return tags
}

// due reads the due date as the kind in due_kind. Without a kind, it infers the kind from the form of the text, as
// REST does.
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

// short quotes a text for a message, and cuts it after 40 characters.
func short(text string) string {
	if r := []rune(text); len(r) > 40 {
		text = string(r[:40]) + "…"
	}
	return strconv.Quote(text)
}
