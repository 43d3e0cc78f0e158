package adopt

import (
	"cmp"
	"database/sql"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"taskql/fastapi"
	"taskql/models"
)

// oldRow is a row of the old table, with all values as text. A value without a column is NULL.
type oldRow struct {
	ID                                         int64
	UserID, Title, Description, Priority, Tags sql.NullString
	Due, Completed                             sql.NullString
	CreatedAt, UpdatedAt                       sql.NullString
	CompletedAt, DeletedAt                     sql.NullString
	// Others are the additional columns of a rowSource.
	Others []sql.NullString
}

// adopter converts rows to tasks and counts what it changes.
type adopter struct {
	// now is the time of creation of a row that has none.
	now time.Time
	// undashed is true if user ids are UUIDs as SQLAlchemy stores them on SQLite, without dashes.
	undashed bool
	Counts
}

// Counts states what taking over a table changes in its rows: the number of rows, how many values of each field get another
// text, and how many due dates become each kind. A row that is refused counts in Rows only.
type Counts struct {
	Rows, UserIDs, Priorities, Tags int64
	Days, Times, Instants           int64
}

// task returns the task of a row, without position and version, or all reasons why the row is invalid.
func (a *adopter) task(row *oldRow) (t models.Task, reasons []string) {
	a.Rows++
	changed := a.Counts
	defer func() {
		if len(reasons) == 0 { // a refused row becomes nothing
			a.Counts = changed
		}
	}()
	wrong := func(reason string) { reasons = append(reasons, reason) }
	date := func(name string, text sql.NullString) *fastapi.Time {
		if strings.TrimSpace(text.String) == "" {
			return nil
		}
		date, ok := fastapi.ParseTime(text.String)
		if !ok {
			wrong(fmt.Sprintf("%s is %s, which is no date", name, quoteShort(text.String)))
		}
		return &date
	}
	at := func(name string, text sql.NullString) *time.Time {
		if date := date(name, text); date != nil {
			return &date.At
		}
		return nil
	}
	t = models.Task{ID: row.ID, UserID: row.UserID.String, Title: row.Title.String, Priority: models.PriorityMedium}
	if row.Description.Valid {
		description := row.Description.String
		t.Description = &description
	}
	if row.ID <= 0 {
		wrong("ids begin at 1")
	}
	for _, text := range []struct {
		name     string
		value    sql.NullString
		required bool
	}{
		{"user_id", row.UserID, true}, {"title", row.Title, true}, {"description", row.Description, false},
	} {
		switch {
		case text.required && !text.value.Valid:
			wrong(text.name + " is NULL")
		case !utf8.ValidString(text.value.String):
			wrong(text.name + " is not valid UTF-8")
		case strings.ContainsRune(text.value.String, 0):
			wrong(text.name + " contains a NUL character")
		}
	}
	if a.undashed && hexUUID.MatchString(t.UserID) {
		id := strings.ToLower(t.UserID)
		t.UserID = strings.Join([]string{id[:8], id[8:12], id[12:16], id[16:20], id[20:]}, "-")
		changed.UserIDs++
	}
	if row.Priority.Valid {
		t.Priority = models.Priority(strings.ToUpper(row.Priority.String))
		if !t.Priority.IsValid() {
			wrong(fmt.Sprintf("priority is %s, which is none of HIGH, MEDIUM and LOW", quoteShort(row.Priority.String)))
		}
	}
	if string(t.Priority) != row.Priority.String {
		changed.Priorities++
	}
	var same, ok bool
	if t.Tags, same, ok = uniqueTags(row.Tags.String); !ok {
		wrong(fmt.Sprintf("tags are %s, which is no list of strings", quoteShort(row.Tags.String)))
	} else if !same {
		changed.Tags++
	}
	if t.Completed, ok = fastapi.ParseBool(row.Completed.String); !ok && row.Completed.String != "" {
		wrong(fmt.Sprintf("completed is %s, which is neither true nor false", quoteShort(row.Completed.String)))
	}
	if due := date("due_date", row.Due); due != nil {
		kind := changed.dueKind(due)
		t.Due, t.DueKind = &due.At, &kind
	}
	created, updated := at("created_at", row.CreatedAt), at("updated_at", row.UpdatedAt)
	t.CreatedAt = *cmp.Or(created, updated, &a.now)
	t.UpdatedAt = *cmp.Or(updated, created, &a.now)
	t.CompletedAt, t.DeletedAt = at("completed_at", row.CompletedAt), at("deleted_at", row.DeletedAt)
	switch {
	case !t.Completed:
		t.CompletedAt = nil
	case t.CompletedAt == nil:
		t.CompletedAt = &t.UpdatedAt
	}
	return t, reasons
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

var hexUUID = regexp.MustCompile(`^[0-9A-Fa-f]{32}$`)

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
