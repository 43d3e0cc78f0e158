package adopt

import (
	"cmp"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"taskql/fastapi"
	"taskql/models"
)

// task returns the task of a row, without position and version, or all reasons why the row is invalid.
func (a *adopter) task(row *oldRow) (t models.Task, reasons []string) {
	a.Rows++
	r := reading{adopter: a, row: row, changed: a.Counts}
	r.task = models.Task{ID: row.ID, UserID: row.UserID.String, Title: row.Title.String, Priority: models.PriorityMedium}
	if !a.unnumbered && row.ID <= 0 {
		r.wrong("ids begin at 1")
	}
	if a.renumbered {
		r.readOldID()
	}
	r.readTexts()
	r.readPriority()
	r.readTags()
	r.readCompleted()
	r.readDue()
	r.readTimes()
	if len(r.reasons) == 0 { // a refused row becomes nothing
		a.Counts = r.changed
	}
	return r.task, r.reasons
}

// reading is a row that becomes a task.
type reading struct {
	*adopter
	row  *oldRow
	task models.Task
	// changed are the counts of all rows if this one is not refused, and reasons are why it is.
	changed Counts
	reasons []string
}

func (r *reading) wrong(format string, args ...any) {
	r.reasons = append(r.reasons, fmt.Sprintf(format, args...))
}

func (r *reading) readTexts() {
	if r.row.Description.Valid {
		description := r.row.Description.String
		r.task.Description = &description
	}
	for _, text := range []struct {
		name     string
		value    sql.NullString
		required bool
	}{
		{"user_id", r.row.UserID, true}, {"title", r.row.Title, true}, {"description", r.row.Description, false},
	} {
		switch {
		case text.required && !text.value.Valid:
			r.wrong("%s is NULL", text.name)
		case !utf8.ValidString(text.value.String):
			r.wrong("%s is not valid UTF-8", text.name)
		case strings.ContainsRune(text.value.String, 0):
			r.wrong("%s contains a NUL character", text.name)
		}
	}
	if r.undashed {
		if id, ok := dashed(r.task.UserID); ok {
			r.task.UserID = id
			r.changed.UserIDs++
		}
	}
}

func (r *reading) readPriority() {
	text := r.row.Priority
	if text.Valid {
		priority, ok := fastapi.ParsePriority(text.String)
		switch r.task.Priority = priority; {
		case !ok:
			r.wrong("priority is %s, which is none of HIGH, MEDIUM and LOW and no other word for one", quoteShort(text.String))
		case !strings.EqualFold(text.String, string(priority)):
			r.changed.PriorityWords++
		}
	}
	if string(r.task.Priority) != text.String {
		r.changed.Priorities++
	}
}

// readTags reads the tags, and adds those by which REST's dialect web keeps a category and a word for a priority.
func (r *reading) readTags() {
	tags, same, ok := uniqueTags(r.row.Tags.String)
	switch r.task.Tags = tags; {
	case !ok:
		r.wrong("tags are %s, which is no list of strings", quoteShort(r.row.Tags.String))
	case !same:
		r.changed.Tags++
	}
	category := strings.TrimSpace(r.row.Category.String)
	switch {
	case category == "":
	case !utf8.ValidString(category) || strings.ContainsRune(category, 0):
		r.wrong("category is not valid UTF-8, or contains a NUL character")
	case utf8.RuneCountInString(category) > fastapi.MaxCategory:
		r.changed.LongCategories++
	default:
		r.changed.Categories++
		keepInTag(&r.task, fastapi.CategoryTag+category)
	}
	if word := fastapi.KeptPriority(r.row.Priority.String); word != "" {
		keepInTag(&r.task, fastapi.PriorityTag+word)
	}
}

func keepInTag(t *models.Task, tag string) {
	if !slices.ContainsFunc(t.Tags, func(other string) bool { return models.Fold(other) == models.Fold(tag) }) {
		t.Tags = append(t.Tags, tag)
	}
}

// readCompleted sets whether the task is completed: by the column for that, or, in a table without one, by the status.
func (r *reading) readCompleted() {
	var ok bool
	if r.task.Completed, ok = fastapi.ParseBool(r.row.Completed.String); !ok && r.row.Completed.String != "" {
		r.wrong("completed is %s, which is neither true nor false", quoteShort(r.row.Completed.String))
	}
	status := r.row.Status.String
	if strings.TrimSpace(status) == "" {
		return
	}
	completed, more, ok := fastapi.ParseStoredStatus(status)
	if !ok {
		completed, ok = fastapi.ParseBool(status)
	}
	switch {
	case r.flagged && ok && completed != r.task.Completed:
		r.changed.Contradictions++
	case r.flagged:
	case !ok:
		r.wrong("status is %s, which says neither that the task is open nor that it is completed", quoteShort(status))
	default:
		r.task.Completed = completed
		if more {
			r.changed.Statuses++
		}
	}
}

// date reads a date, or returns nil for a blank one.
func (r *reading) date(name string, text sql.NullString) *fastapi.Time {
	if strings.TrimSpace(text.String) == "" {
		return nil
	}
	date, ok := fastapi.ParseTime(text.String)
	if !ok {
		r.wrong("%s is %s, which is no date", name, quoteShort(text.String))
	}
	return &date
}

func (r *reading) readDue() {
	if due := r.date("due_date", r.row.Due); due != nil {
		kind := r.changed.dueKind(due)
		r.task.Due, r.task.DueKind = &due.At, &kind
	}
}

// readTimes reads the times of what was done with the task. It needs to know whether the task is completed.
func (r *reading) readTimes() {
	at := func(name string, text sql.NullString) *time.Time {
		if date := r.date(name, text); date != nil {
			return &date.At
		}
		return nil
	}
	t, row := &r.task, r.row
	created, updated := at("created_at", row.CreatedAt), at("updated_at", row.UpdatedAt)
	t.CreatedAt = *cmp.Or(created, updated, &r.now)
	t.UpdatedAt = *cmp.Or(updated, created, &r.now)
	t.CompletedAt, t.DeletedAt = at("completed_at", row.CompletedAt), at("deleted_at", row.DeletedAt)
	if t.DeletedAt == nil {
		// In the trash from now on, so that it is not purged at once.
		if deleted, ok := fastapi.ParseBool(row.Deleted.String); ok && deleted {
			t.DeletedAt = &r.now
		} else if !ok { // a time, or nothing
			t.DeletedAt = at(deletedColumn, row.Deleted)
		}
	}
	if t.DeletedAt != nil {
		r.changed.Trashed++
	}
	switch {
	case !t.Completed:
		t.CompletedAt = nil
	case t.CompletedAt == nil:
		updated := t.UpdatedAt
		t.CompletedAt = &updated
	}
}

// dueKind returns and counts the kind of a due date. Midnight, with or without a zone, is how a whole day was stored.
func (c *Counts) dueKind(due *fastapi.Time) models.DueKind {
	switch {
	case due.At.Equal(due.At.Truncate(24 * time.Hour)):
		c.Days++
		return models.DueDay
	case due.Zoned:
		c.Instants++
		return models.DueInstant
	default:
		c.Times++
		return models.DueLocal
	}
}

// uniqueTags reads the text of tags, without blank ones and those that differ from an earlier one only in letter case. same reports
// whether the text is a JSON array of exactly the result.
func uniqueTags(text string) (tags []string, same, ok bool) {
	given, ok := fastapi.ParseTagList(text, ",")
	same = strings.HasPrefix(strings.TrimSpace(text), "[")
	tags, seen := make([]string, 0, len(given)), make(map[string]bool, len(given))
	for _, text := range given {
		tag := strings.TrimSpace(text)
		if tag == "" || seen[models.Fold(tag)] {
			same = false
			continue
		}
		ok = ok && !strings.ContainsRune(tag, 0)
		same = same && tag == text
		seen[models.Fold(tag)] = true
		tags = append(tags, tag)
	}
	return tags, same, ok
}

// quoteShort quotes a value for an error message, shortened to 40 characters.
func quoteShort(s string) string {
	if r := []rune(s); len(r) > 40 {
		s = string(r[:40]) + "…"
	}
	return fmt.Sprintf("%q", s)
}
