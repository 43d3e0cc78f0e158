// Package transfer has the files in which tasks leave taskql and enter it.
package transfer

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"taskql/fastapi"
	"taskql/models"
)

// columns are the fields of a task in our files, in their order. The first ten are REST's, and so are their texts.
var columns = []string{
	"id", "user_id", "title", "description", "priority", "tags", "due_date", "completed", "created_at", "updated_at",
	"due_kind", "completed_at",
}

// textColumns are the columns whose cells are texts of users. They are quoted and guarded against formulas.
var textColumns = []string{"user_id", "title", "description", "tags"}

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
		strconv.FormatInt(r.ID, 10), guarded(&r.UserID), guarded(&r.Title), guarded(r.Description), string(r.Priority), guarded(&r.Tags),
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

// Spreadsheets run a cell that begins with one of these as a formula.
const formulaStarts = "=+-@＝＋－＠"

// separators are where a program that splits at other characters than the comma sees the beginning of a cell.
const separators = ";|\t\r\n"

// ignored reports whether a character may stand before a formula: apostrophes, quotation marks, blanks and characters
// without a width, such as a byte order mark.
func ignored(r rune) bool {
	return r == '\'' || r == '"' || unicode.In(r, unicode.Zs, unicode.Cf)
}

// startsFormula reports whether a text begins with one of the characters, or is nothing at all, after what is ignored.
func startsFormula(text, characters string) bool {
	text = strings.TrimLeftFunc(text, ignored)
	first, _ := utf8.DecodeRuneInString(text)
	return text == "" || strings.ContainsRune(characters, first)
}

// startsInnerFormula reports whether a formula begins where a text, which follows a separator, begins.
func startsInnerFormula(text string) bool {
	text = strings.TrimLeftFunc(text, ignored)
	return text != "" && startsFormula(text, formulaStarts)
}

// guarded is the cell of a text. It has an apostrophe wherever a formula would begin, and in front of an empty text,
// because an empty cell is no text. plain removes what guarded has added and nothing else, because guarded also adds an
// apostrophe to a text that has one there already.
func guarded(text *string) string {
	if text == nil {
		return ""
	}
	cell := eachPart(*text, func(part string) string {
		if startsInnerFormula(part) {
			return "'" + part
		}
		return part
	})
	if startsFormula(*text, formulaStarts+"\t\r\n") {
		return "'" + cell
	}
	return cell
}

func plain(cell string) string {
	if text, ok := strings.CutPrefix(cell, "'"); ok && startsFormula(text, formulaStarts+"\t\r\n") {
		cell = text
	}
	return eachPart(cell, func(part string) string {
		if text, ok := strings.CutPrefix(part, "'"); ok && startsInnerFormula(text) {
			return text
		}
		return part
	})
}

// eachPart changes the parts of a text that follow a separator.
func eachPart(text string, change func(string) string) string {
	var all strings.Builder
	for first := true; ; first = false {
		end := strings.IndexAny(text, separators) + 1
		part := text
		if end > 0 {
			part = text[:end]
		}
		if first {
			all.WriteString(part)
		} else {
			all.WriteString(change(part))
		}
		if end == 0 {
			return all.String()
		}
		text = text[end:]
	}
}
