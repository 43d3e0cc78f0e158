// Package transfer has the files in which tasks leave taskql and enter it.
package transfer

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"taskql/fastapi"
	"taskql/models"
)

// columns are the fields of a task in our files, in their order. The first ten are REST's, and so are their texts.
var columns = []string{
	"id", "user_id", "title", "description", "priority", "tags", "due_date", "completed", "created_at", "updated_at",
	"due_kind", "completed_at",
}

// record is a task as an element of our JSON.
type record struct {
	ID          int64           `json:"id"`
	UserID      string          `json:"user_id"`
	Title       string          `json:"title"`
	Description *string         `json:"description"`
	Priority    models.Priority `json:"priority"`
	// Tags is a string that holds a JSON array.
	Tags        string          `json:"tags"`
	DueDate     *string         `json:"due_date"`
	Completed   bool            `json:"completed"`
	CreatedAt   string          `json:"created_at"`
	UpdatedAt   string          `json:"updated_at"`
	DueKind     *models.DueKind `json:"due_kind"`
	CompletedAt *string         `json:"completed_at"`
}

func newRecord(t *models.Task) record {
	r := record{
		ID: t.ID, UserID: t.UserID, Title: t.Title, Description: t.Description, Priority: t.Priority, Tags: fastapi.TagsText(t.Tags),
		Completed: t.Completed, CreatedAt: timeText(t.CreatedAt) + "Z", UpdatedAt: timeText(t.UpdatedAt) + "Z",
	}
	if t.Due != nil {
		text, kind := timeText(*t.Due), models.DueInstant
		if t.DueKind != nil {
			kind = *t.DueKind
		}
		if kind == models.DueInstant {
			text += "Z"
		}
		r.DueDate, r.DueKind = &text, &kind
	}
	if t.CompletedAt != nil {
		text := timeText(*t.CompletedAt) + "Z"
		r.CompletedAt = &text
	}
	return r
}

// cells are the texts of the columns.
func (r record) cells() []string {
	return []string{
		strconv.FormatInt(r.ID, 10), guarded(&r.UserID), guarded(&r.Title), guarded(r.Description), string(r.Priority), r.Tags,
		orEmpty(r.DueDate), strconv.FormatBool(r.Completed), r.CreatedAt, r.UpdatedAt, string(orEmpty(r.DueKind)), orEmpty(r.CompletedAt),
	}
}

func orEmpty[T ~string](text *T) T {
	if text == nil {
		return ""
	}
	return *text
}

// timeText writes a time with six digits of a second always, so that a column sorts as text.
func timeText(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000") }

// Spreadsheets take a cell that begins with one of these for a formula and would run it, also behind blanks.
const formulaStarts = "=+-@\t\r\n＝＋－＠"

// startsFormula reports whether a text would begin a formula, or be nothing at all, without the blanks and
// apostrophes before it.
func startsFormula(text string) bool {
	text = strings.TrimLeft(text, "' ")
	first, _ := utf8.DecodeRuneInString(text)
	return text == "" || strings.ContainsRune(formulaStarts, first)
}

// guarded is the cell of a text: it has an apostrophe in front where the text would start a formula, or is empty,
// for an empty cell is no text. plain takes away what guarded has put there and nothing else, because a
// text that begins with an apostrophe like that gets another one.
func guarded(text *string) string {
	switch {
	case text == nil:
		return ""
	case startsFormula(*text):
		return "'" + *text
	}
	return *text
}

func plain(cell string) string {
	if text, ok := strings.CutPrefix(cell, "'"); ok && startsFormula(text) {
		return text
	}
	return cell
}
