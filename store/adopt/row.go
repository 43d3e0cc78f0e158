package adopt

import (
	"cmp"
	"database/sql"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"taskql/models"
)

// oldRow is a row of the old table, with all values as text. A value without a column is NULL.
type oldRow struct {
	ID                                         int64
	UserID, Title, Description, Priority, Tags sql.NullString
	Due, Completed                             sql.NullString
	CreatedAt, UpdatedAt                       sql.NullString
	CompletedAt, DeletedAt                     sql.NullString
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

// task returns the task of a row, without title, description, position and version, which SQL copies or assigns, or all
// reasons why the row is invalid.
func (a *adopter) task(row *oldRow) (t models.Task, reasons []string) {
	a.Rows++
	changed := a.Counts
	defer func() {
		if len(reasons) == 0 { // a refused row becomes nothing
			a.Counts = changed
		}
	}()
	wrong := func(reason string) { reasons = append(reasons, reason) }
	at := func(name string, text sql.NullString) *time.Time {
		if strings.TrimSpace(text.String) == "" {
			return nil
		}
		at, _, ok := parseTime(text.String)
		if !ok {
			wrong(fmt.Sprintf("%s is %s, which is no date", name, quoteShort(text.String)))
		}
		return &at
	}
	t = models.Task{ID: row.ID, UserID: row.UserID.String, Priority: models.PriorityMedium}
	if row.ID <= 0 {
		wrong("ids begin at 1")
	}
	for _, text := range []struct {
		name     string
		value    sql.NullString
		required bool
	}{
		{"user_id", row.UserID, true}, {"title", row.Title, true}, {"description", row.Description, false}, {"tags", row.Tags, false},
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
	if t.Tags, same, ok = parseTags(row.Tags.String); !ok {
		wrong(fmt.Sprintf("tags are %s, which is no list of strings", quoteShort(row.Tags.String)))
	} else if !same {
		changed.Tags++
	}
	if t.Completed, ok = parseFlag(row.Completed.String); !ok {
		wrong(fmt.Sprintf("completed is %s, which is neither true nor false", quoteShort(row.Completed.String)))
	}
	if t.Due = at("due_date", row.Due); t.Due != nil {
		kind := changed.dueKind(*t.Due, row.Due.String)
		t.DueKind = &kind
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
func (c *Counts) dueKind(due time.Time, text string) models.DueKind {
	_, zoned, _ := parseTime(text)
	switch {
	case due.Equal(due.Truncate(24 * time.Hour)):
		c.Days++
		return models.DueDay
	case zoned:
		c.Instants++
		return models.DueInstant
	default:
		c.Times++
		return models.DueLocal
	}
}

var hexUUID = regexp.MustCompile(`^[0-9A-Fa-f]{32}$`)

// parseTime reads the formats of the databases and of Python: a day, or a day and a time, with or without a zone. Without one
// it reads UTC. The year in UTC must be 1 to 9999.
func parseTime(text string) (at time.Time, zoned, ok bool) {
	text = strings.TrimSpace(text)
	layout := "2006-01-02"
	if len(text) > 10 {
		if text[10] == 'T' {
			text = text[:10] + " " + text[11:]
		}
		layout += " 15:04"
		if len(text) > 16 && text[16] == ':' {
			layout += ":05" // and any fraction
		}
		if i := strings.IndexAny(text[10:], "Z+-"); i > 0 {
			zoned = true
			if text[10+i-1] == ' ' {
				layout += " "
			}
			layout += map[int]string{3: "Z07", 5: "Z0700"}[len(text)-10-i]
			if !strings.Contains(layout, "Z") {
				layout += "Z07:00" // and the letter alone
			}
		}
	}
	at, err := time.Parse(layout, text)
	at = models.Timestamp(at)
	return at, zoned, err == nil && at.Year() >= 1 && at.Year() <= 9999
}

// parseTags reads a JSON array of strings or a comma-separated list; NULL and null mean no tags. It drops blank tags and tags that
// differ from an earlier one only in letter case. same reports whether text is a JSON array of exactly the result. Other JSON is
// invalid.
func parseTags(text string) (tags []string, same, ok bool) {
	tags = []string{}
	trimmed := strings.TrimSpace(text)
	if trimmed == "" || trimmed == "null" {
		return tags, false, true
	}
	var list []string
	isJSON := strings.ContainsAny(trimmed[:1], `[{"`)
	if isJSON {
		var strict []*string // pointers, because json reads null as an empty string
		if json.Unmarshal([]byte(trimmed), &strict) != nil {
			return nil, false, false
		}
		for _, tag := range strict {
			if tag == nil || strings.ContainsRune(*tag, 0) {
				return nil, false, false
			}
			list = append(list, *tag)
		}
	} else {
		list = strings.Split(trimmed, ",")
	}
	seen := make(map[string]bool, len(list))
	same = isJSON
	for _, given := range list {
		tag := strings.TrimSpace(given)
		if tag == "" || seen[models.Fold(tag)] {
			same = false
			continue
		}
		same = same && tag == given
		seen[models.Fold(tag)] = true
		tags = append(tags, tag)
	}
	return tags, same, true
}

// parseFlag reads a boolean as either database or Python writes it; NULL means false.
func parseFlag(text string) (on, ok bool) {
	switch strings.ToLower(text) {
	case "true", "t", "1":
		return true, true
	case "false", "f", "0", "":
		return false, true
	default:
		return false, false
	}
}

// quoteShort quotes a value for an error message, shortened to 40 characters.
func quoteShort(s string) string {
	if r := []rune(s); len(r) > 40 {
		s = string(r[:40]) + "…"
	}
	return fmt.Sprintf("%q", s)
}
