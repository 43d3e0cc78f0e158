package transfer

import (
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"taskql/models"
)

// Format is a format that files are written in; its text ends their names.
type Format string

// The formats.
const (
	// JSON is an array with one task on each line, with the fields that REST gives them in its dialect seed and two
	// more: due_kind and completed_at.
	JSON Format = "json"
	// CSV has the same fields as columns, by RFC 4180 in UTF-8, the first row naming them. No description is an empty
	// cell. A text that a spreadsheet would take for a formula, and an empty description, has an apostrophe in front,
	// which File takes away again.
	CSV Format = "csv"
)

// MediaType is the format's, for HTTP.
func (f Format) MediaType() string {
	if f == CSV {
		return "text/csv; charset=utf-8; header=present"
	}
	return "application/json"
}

// Writer writes a file task by task, and keeps none of them.
type Writer struct {
	w      io.Writer
	format Format
	tasks  int
}

// NewWriter begins a file.
func NewWriter(w io.Writer, format Format) *Writer { return &Writer{w: w, format: format} }

// Write adds a task. Its error is w's.
func (w *Writer) Write(t *models.Task) error {
	if err := w.begin(); err != nil {
		return err
	}
	w.tasks++
	if w.format == CSV {
		return w.row(newRecord(t).cells())
	}
	text, err := json.Marshal(newRecord(t), jsontext.AllowInvalidUTF8(true)) // which a database of others may hold
	if err == nil {
		_, err = w.w.Write(text)
	}
	return err
}

// begin writes what stands before the next task.
func (w *Writer) begin() (err error) {
	switch {
	case w.format == JSON && w.tasks == 0:
		_, err = io.WriteString(w.w, "[\n")
	case w.format == JSON:
		_, err = io.WriteString(w.w, ",\n")
	case w.tasks == 0:
		err = w.row(columns)
	}
	return err
}

// row writes a line of CSV. encoding/csv would change the ends of lines within cells. Texts are always quoted, so
// that no character in them ends a cell for a program that honours quotation marks.
func (w *Writer) row(cells []string) error {
	var line strings.Builder
	for i, cell := range cells {
		if i > 0 {
			line.WriteByte(',')
		}
		if w.tasks > 0 && cell != "" && slices.Contains(textColumns, columns[i]) {
			cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
		}
		line.WriteString(cell)
	}
	line.WriteString("\r\n")
	_, err := io.WriteString(w.w, line.String())
	return err
}

// Close ends the file. It does not close w.
func (w *Writer) Close() (err error) {
	switch {
	case w.format == CSV && w.tasks == 0:
		err = w.row(columns)
	case w.format == JSON && w.tasks == 0:
		_, err = io.WriteString(w.w, "[]\n")
	case w.format == JSON:
		_, err = io.WriteString(w.w, "\n]\n")
	}
	return err
}
