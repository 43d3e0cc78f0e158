package transfer

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"taskql/fastapi"
	"taskql/models"
)

// fields holds the texts of a task's fields, keyed by the field's name in exports. Null and empty fields have no key,
// except an empty description, which differs from no description.
type fields struct {
	columns *columnNames
	texts   map[string]string
	// names are the file's names of the columns that the texts come from.
	names    map[string]string
	problems []string // one message for each column that cannot be read
}

// newFields chooses the text of each field: the first of its columns with a text. text returns the text of column i as a
// field, and whether there is one. Columns with another text of the same field are added to lost.
func newFields(names *columnNames, lost *ignoredColumns, text func(f *fields, field string, i int) (string, bool)) *fields {
	f := &fields{columns: names, texts: map[string]string{}, names: map[string]string{}}
	for _, field := range columns {
		for _, i := range names.sources[field] {
			given, found := text(f, field, i)
			first, taken := f.texts[field]
			switch {
			case !found:
			case !taken || first == "":
				f.texts[field], f.names[field] = given, names.names[i]
			case given != "" && !f.same(field, first, given):
				lost.add("%s where %s has another value", names.names[i], f.names[field])
			}
		}
	}
	return f
}

// same reports whether two texts of a field mean the same.
func (f *fields) same(field, a, b string) bool {
	if field == "completed" {
		one, _, oneOK := parseDone(a)
		other, _, otherOK := parseDone(b)
		return oneOK && otherOK && one == other
	}
	return a == b
}

// fail adds a message about a field, under its name in the file.
func (f *fields) fail(field, format string, args ...any) {
	f.failColumn(f.names[field], format, args...)
}

func (f *fields) failColumn(column, format string, args ...any) {
	f.problems = append(f.problems, oneLine(column)+": "+fmt.Sprintf(format, args...))
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
		if in.Priority, ok = parsePriority(word); !ok {
			f.fail("priority", "%s is none of HIGH, MEDIUM and LOW, and no number from 1 to 4", short(word))
		}
	}
	in.Tags = f.tags()
	in.Due = f.due()
	in.CreatedAt, in.UpdatedAt, in.CompletedAt = f.time("created_at"), f.time("updated_at"), f.time("completed_at")
	f.completed(&in)
	in.Source = f.source(known, &in)
	if f.problems != nil {
		return in, fmt.Errorf("%s", strings.Join(f.problems, "; "))
	}
	return in, nil
}

// source returns a key that identifies the task, so that it is imported only once. For a task with an id and a creation
// time, the key comes from the user, the id and the time, which differ between tasks of two databases. For other tasks,
// the key comes from the content.
func (f *fields) source(known occurrences, in *models.ImportTaskInput) string {
	id, ok := models.ParseID(f.texts["id"])
	if !ok || in.CreatedAt == nil {
		texts := make([]string, len(columns))
		for i, column := range columns {
			texts[i] = f.texts[column]
		}
		return known.sourceOf(append(texts, "task")...)
	}
	in.ID = id
	return digest("id", f.texts["user_id"], f.texts["id"], strconv.FormatInt(in.CreatedAt.UnixMicro(), 10))
}

// parsePriority reads the words of REST, the numbers 1 to 4 as P1 to P4, and Planner's word for the second priority.
func parsePriority(word string) (models.Priority, bool) {
	word = strings.TrimSpace(word)
	switch {
	case len(word) == 1:
		word = "P" + word
	case strings.EqualFold(word, "important"):
		word = "P2"
	}
	return fastapi.ParsePriority(word)
}

// tags reads a JSON array of strings, or a list with commas or semicolons.
func (f *fields) tags() []string {
	tags, ok := fastapi.ParseTagList(f.texts["tags"], ",;")
	if !ok {
		f.fail("tags", `%s is no list such as home, garden or ["home", "garden"]`, short(f.texts["tags"]))
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
	at, reason := parseDate(text)
	if reason != "" {
		f.fail("due_date", "%s %s", short(text), reason)
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

// completed reads whether the task is completed, and when. A time of completion alone implies that it is.
func (f *fields) completed(in *models.ImportTaskInput) {
	word, ok := f.texts["completed"]
	if !ok {
		in.Completed = in.CompletedAt != nil
		return
	}
	done, at, ok := parseDone(word)
	if ok {
		in.Completed, in.CompletedAt = done, cmp.Or(in.CompletedAt, at)
		return
	}
	// As in REST, a status that is none is ignored if another column states the completion.
	if len(f.columns.sources["completed_at"]) > 0 && slices.Contains(statusColumns, plain(f.names["completed"])) {
		in.Completed = in.CompletedAt != nil
		return
	}
	f.fail("completed", "%s is neither true nor false, nor a status such as done or open", short(word))
}

// statusColumns are the columns of states, of which users may have their own.
var statusColumns = []string{"status", "taskstatus", "state"}

// states are the words for completed and open tasks beside those of REST, in plain form.
var states = map[string]bool{
	"complete": true, "closed": true, "finished": true, "checked": true, "x": true, "✓": true, "✔": true, "☑": true, "✅": true,
	"notdone": false, "unchecked": false, "notstarted": false, "started": false,
	"needsaction": false, "deferred": false, "waiting": false, "waitingonothers": false, "waitingonsomeoneelse": false, "☐": false,
}

// parseDone reads a boolean, a status, or the time of the completion.
func parseDone(text string) (done bool, at *time.Time, ok bool) {
	word := plain(text)
	if done, ok = fastapi.ParseBool(word); ok {
		return done, nil, true
	}
	if i := slices.IndexFunc(fastapi.Statuses, func(status string) bool { return plain(status) == word }); i >= 0 {
		done, ok = fastapi.ParseStatus(fastapi.Statuses[i])
		return done, nil, ok
	}
	if done, ok = states[word]; ok {
		return done, nil, true
	}
	day, reason := parseDate(text)
	return true, &day.At, reason == ""
}

func (f *fields) time(field string) *time.Time {
	text, ok := f.texts[field]
	if !ok {
		return nil
	}
	at, reason := parseDate(text)
	if reason != "" {
		f.fail(field, "%s %s", short(text), reason)
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

// oneLine is short without the quotation marks.
func oneLine(text string) string {
	quoted := short(text)
	return quoted[1 : len(quoted)-1]
}
