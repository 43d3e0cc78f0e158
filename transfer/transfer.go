// Package transfer writes the files of exports and reads the files of imports.
package transfer

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"taskql/fastapi"
	"taskql/models"
)

// columns are the fields of a task in exports, in their order. The first ten have the names and formats of REST.
var columns = []string{
	"id", "user_id", "title", "description", "priority", "tags", "due_date", "completed", "created_at", "updated_at",
	"due_kind", "completed_at",
}

// textColumns are the columns with user texts. Their cells are quoted and guarded against formulas.
var textColumns = []string{"user_id", "title", "description", "tags"}

// record is a task in an export. Its JSON is an element of the array.
type record struct {
	fastapi.Task
	DueKind     *models.DueKind `json:"due_kind"`
	CompletedAt *string         `json:"completed_at"`
}

func newRecord(t *models.Task) record {
	r := record{Task: fastapi.NewTask(t), DueKind: t.DueKind}
	if instant := models.DueInstant; t.Due != nil && t.DueKind == nil {
		r.DueKind = &instant
	}
	if t.CompletedAt != nil {
		text := fastapi.TimeText(*t.CompletedAt) + "Z"
		r.CompletedAt = &text
	}
	return r
}

// cells returns the cells of a CSV row, in the order of columns.
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

// formulaStarts are the characters with which a formula begins in spreadsheets.
const formulaStarts = "=+-@＝＋－＠"

// separators are the characters, besides the comma, after which some programs begin a new cell.
const separators = ";|\t\r\n"

// ignored reports whether a character may precede a formula. These are apostrophes, quotation marks, spaces and
// characters without a width, such as a byte order mark.
func ignored(r rune) bool {
	return r == '\'' || r == '"' || unicode.In(r, unicode.Zs, unicode.Cf)
}

// startsFormula skips ignored characters and reports whether the rest is empty or begins with one of the characters.
func startsFormula(text, characters string) bool {
	text = strings.TrimLeftFunc(text, ignored)
	first, _ := utf8.DecodeRuneInString(text)
	return text == "" || strings.ContainsRune(characters, first)
}

// startsInnerFormula reports whether a text that follows a separator begins with a formula.
func startsInnerFormula(text string) bool {
	text = strings.TrimLeftFunc(text, ignored)
	return text != "" && startsFormula(text, formulaStarts)
}

// guarded returns the cell of a text, "" for nil. It inserts an apostrophe wherever a formula would begin, and before
// an empty text, because an empty cell stands for no text. It also inserts one if there is an apostrophe already, so
// that unguarded restores every text.
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

// unguarded returns the text of a cell. It removes the apostrophes that guarded inserts.
func unguarded(cell string) string {
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

// eachPart applies change to each part of a text that follows a separator.
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
