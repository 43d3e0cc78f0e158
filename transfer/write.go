package transfer

import (
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"taskql/models"
)

// Format is a format that Writer writes. Its text is also the file name extension, without the dot.
type Format string

const (
	// JSON is an array with one task on each line. A task has the fields of the REST dialect seed, and also due_kind
	// and completed_at.
	JSON Format = "json"
	// CSV has the same fields as columns (RFC 4180, UTF-8). The first row contains their names. The cell of a task
	// without a description is empty. An apostrophe precedes an empty description and each text that a spreadsheet
	// would run as a formula. File removes these apostrophes.
	CSV Format = "csv"
)

// MediaType returns the value of the Content-Type header for files in this format.
func (f Format) MediaType() string {
	if f == CSV {
		return "text/csv; charset=utf-8; header=present"
	}
	return "application/json"
}

// Writer writes tasks to a file one at a time. It does not buffer them. Close must be called to complete the file.
type Writer struct {
	w      io.Writer
	format Format
	tasks  int
}

// NewWriter returns a Writer that writes to w. It writes nothing before the first call of Write or Close.
func NewWriter(w io.Writer, format Format) *Writer { return &Writer{w: w, format: format} }

// Write adds a task to the file. It returns the errors of the underlying writer.
func (w *Writer) Write(t *models.Task) error {
	if err := w.begin(); err != nil {
		return err
	}
	w.tasks++
	if w.format == CSV {
		return w.row(newRecord(t).cells())
	}
	text, err := json.Marshal(newRecord(t), jsontext.AllowInvalidUTF8(true)) // another program may have written it to the database
	if err == nil {
		_, err = w.w.Write(text)
	}
	return err
}

// begin writes the text that precedes the next task: the start of the file or a separator.
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

// row writes a line of CSV. It does not use encoding/csv, which changes line endings within cells. It quotes every
// user text, so that a program that splits at another character than the comma does not split within the text.
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

// Close writes the end of the file. It does not close the underlying writer.
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
