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

// oldRow is a row of the old table, with all values as text. A value without a column is NULL.
type oldRow struct {
	// Key is NULL if it is the ID.
	Key sql.NullString
	// ID is 0 if the source has no ids.
	ID int64
	// OldID is the id of a row that is renumbered.
	OldID                                      sql.NullString
	UserID, Title, Description, Priority, Tags sql.NullString
	Due, Completed, Status, Category, Deleted  sql.NullString
	CreatedAt, UpdatedAt                       sql.NullString
	CompletedAt, DeletedAt                     sql.NullString
	// Others are the additional columns of a rowSource.
	Others []sql.NullString
}

// name is the id of the row as people know it.
func (r *oldRow) name() string {
	if r.OldID.Valid {
		return r.OldID.String
	}
	return fmt.Sprint(r.key())
}

// key is the row's value of the key of its source.
func (r *oldRow) key() any {
	if r.Key.Valid {
		return r.Key.String
	}
	return r.ID
}

// adopter converts rows to tasks and counts what it changes.
type adopter struct {
	// now is the time of creation of a row that has none.
	now time.Time
	// undashed is true if user ids are UUIDs as SQLAlchemy stores them on SQLite, without dashes.
	undashed bool
	// undashedIDs is true if old ids are such UUIDs.
	undashedIDs bool
	// renumbered is true if the rows have old ids, and unnumbered if they have no new ones yet.
	renumbered, unnumbered bool
	// flagged is true if the table has a column completed, whatever its status says.
	flagged bool
	Counts
}

// Counts states what taking over a table changes in its rows: the number of rows, how many values of each field get another
// text, and how many due dates become each kind. A row that is refused counts in Rows only.
type Counts struct {
	Rows, UserIDs, Priorities, Tags int64
	Days, Times, Instants           int64
	// PriorityWords are those of the Priorities that are other words than HIGH, MEDIUM and LOW.
	PriorityWords int64
	// Trashed are in the trash.
	Trashed int64
	// Categories are kept in tags, and LongCategories are too long for that.
	Categories, LongCategories int64
	// Statuses are open rows whose status says more. Contradictions are those whose status says the opposite of their completed.
	Statuses, Contradictions int64
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
	if !a.unnumbered && row.ID <= 0 {
		wrong("ids begin at 1")
	}
	if a.renumbered {
		a.readOldID(row, wrong)
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
	if a.undashed {
		if id, ok := dashed(t.UserID); ok {
			t.UserID = id
			changed.UserIDs++
		}
	}
	var same, ok bool
	if row.Priority.Valid {
		switch t.Priority, ok = fastapi.ParsePriority(row.Priority.String); {
		case !ok:
			wrong(fmt.Sprintf("priority is %s, which is none of HIGH, MEDIUM and LOW and no other word for one", quoteShort(row.Priority.String)))
		case !strings.EqualFold(row.Priority.String, string(t.Priority)):
			changed.PriorityWords++
		}
	}
	if string(t.Priority) != row.Priority.String {
		changed.Priorities++
	}
	if t.Tags, same, ok = uniqueTags(row.Tags.String); !ok {
		wrong(fmt.Sprintf("tags are %s, which is no list of strings", quoteShort(row.Tags.String)))
	} else if !same {
		changed.Tags++
	}
	keepInTags(&t, row, &changed, wrong)
	if t.Completed, ok = fastapi.ParseBool(row.Completed.String); !ok && row.Completed.String != "" {
		wrong(fmt.Sprintf("completed is %s, which is neither true nor false", quoteShort(row.Completed.String)))
	}
	a.readStatus(&t, row, &changed, wrong)
	if due := date("due_date", row.Due); due != nil {
		kind := changed.dueKind(due)
		t.Due, t.DueKind = &due.At, &kind
	}
	created, updated := at("created_at", row.CreatedAt), at("updated_at", row.UpdatedAt)
	t.CreatedAt = *cmp.Or(created, updated, &a.now)
	t.UpdatedAt = *cmp.Or(updated, created, &a.now)
	t.CompletedAt, t.DeletedAt = at("completed_at", row.CompletedAt), at("deleted_at", row.DeletedAt)
	if t.DeletedAt == nil {
		// In the trash from now on, so that it is not purged at once.
		if deleted, ok := fastapi.ParseBool(row.Deleted.String); ok && deleted {
			t.DeletedAt = &a.now
		} else if !ok { // a time, or nothing
			t.DeletedAt = at(deletedColumn, row.Deleted)
		}
	}
	if t.DeletedAt != nil {
		changed.Trashed++
	}
	switch {
	case !t.Completed:
		t.CompletedAt = nil
	case t.CompletedAt == nil:
		t.CompletedAt = &t.UpdatedAt
	}
	return t, reasons
}

// readStatus sets whether the task is completed by its status, unless the table has a column for that.
func (a *adopter) readStatus(t *models.Task, row *oldRow, changed *Counts, wrong func(string)) {
	if strings.TrimSpace(row.Status.String) == "" {
		return
	}
	completed, more, ok := fastapi.ParseStoredStatus(row.Status.String)
	if !ok {
		completed, ok = fastapi.ParseBool(row.Status.String)
	}
	switch {
	case a.flagged && ok && completed != t.Completed:
		changed.Contradictions++
	case a.flagged:
	case !ok:
		wrong(fmt.Sprintf("status is %s, which says neither that the task is open nor that it is completed", quoteShort(row.Status.String)))
	default:
		t.Completed = completed
		if more {
			changed.Statuses++
		}
	}
}

// keepInTags adds the tags by which REST's dialect web keeps a category and a word for a priority.
func keepInTags(t *models.Task, row *oldRow, changed *Counts, wrong func(string)) {
	category := strings.TrimSpace(row.Category.String)
	switch {
	case category == "":
	case !utf8.ValidString(category) || strings.ContainsRune(category, 0):
		wrong("category is not valid UTF-8, or contains a NUL character")
	case utf8.RuneCountInString(category) > fastapi.MaxCategory:
		changed.LongCategories++
	default:
		changed.Categories++
		keepInTag(t, fastapi.CategoryTag+category)
	}
	if word := fastapi.KeptPriority(row.Priority.String); word != "" {
		keepInTag(t, fastapi.PriorityTag+word)
	}
}

func keepInTag(t *models.Task, tag string) {
	if !slices.ContainsFunc(t.Tags, func(other string) bool { return models.Fold(other) == models.Fold(tag) }) {
		t.Tags = append(t.Tags, tag)
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
