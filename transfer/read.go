package transfer

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"taskql/models"
)

// Row is a task in a file.
type Row struct {
	// Line is the number of the line where the task begins, counted from 1.
	Line int
	Task models.ImportTaskInput
	// Notices are messages for the user about values that do not fit their field. The description contains them.
	Notices []string
	// columns are the names in the file of the columns that the fields come from.
	columns map[string]string
}

// Column returns the file's name of a field that the user named in camel case, such as completedAt. Without such a column
// it returns the field.
func (r *Row) Column(field string) string {
	for name, column := range r.columns {
		if plain(name) == plain(field) {
			return oneLine(column)
		}
	}
	return field
}

// RowError is the error of a row that cannot be read as a task. Reason is a message for the user. The rows after it
// can still be read.
type RowError struct {
	Line   int
	Reason string
}

func (e *RowError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Reason) }

// File reads tasks from a file one at a time. It does not keep them.
type File struct {
	// Kind is the name of the format, for the user.
	Kind string
	// Listed reports whether the rows are in the order of a list, with the top first. In other files the last row is
	// the newest task.
	Listed  bool
	rows    rows
	source  *source
	read    *counter
	ignored ignoredColumns
	// end is the error that ended the file. Next returns it from then on.
	end error
}

// rows reads the rows of one format, with the contract of File.Next.
type rows interface{ next() (*Row, error) }

// ImportFormats describes the files that Open accepts, for help texts and messages. It completes "the file is …".
const ImportFormats = "JSON or CSV in taskql's export format, or CSV exported from Todoist or another task application"

// Open detects the format of a file from its first bytes. It reads UTF-8, and UTF-16 with a byte order mark, as Excel
// writes it. It fails if the file is empty, not text or in none of the ImportFormats. The text of the error is for the user.
func Open(r io.Reader) (*File, error) {
	f := &File{read: &counter{in: r}}
	in := bufio.NewReaderSize(transform.NewReader(f.read, unicode.BOMOverride(transform.Nop)), 64<<10)
	f.source = &source{in: in}
	start, err := in.Peek(4096)
	if len(start) == 0 && err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("the file cannot be read: %w", err)
	}
	text := bytes.TrimSpace(start)
	switch {
	case len(text) == 0:
		return nil, errors.New("the file is empty")
	case bytes.IndexByte(text, 0) >= 0:
		return nil, errors.New("the file is not UTF-8 but looks like UTF-16 or no text at all: save it as UTF-8")
	case text[0] == '[':
		f.Kind, f.rows = "JSON", newJSONRows(f.source, &f.ignored)
		return f, nil
	case text[0] == '{':
		return nil, errors.New("the file is a JSON object, but must be an array of tasks")
	}
	comma, above, found := findHeader(start)
	if !found {
		return nil, errors.New("the format is not known: no column is named title, name or task; the file must be " + ImportFormats)
	}
	t, err := newTable(f.source, comma, above)
	if err != nil {
		return nil, err
	}
	f.openTable(t)
	return f, nil
}

// openTable recognises the application by the names of the columns.
func (f *File) openTable(t *table) {
	if t.find("type") >= 0 && t.find("content") >= 0 {
		f.Kind, f.Listed, f.rows = "Todoist's CSV", true, &todoistRows{table: t, known: occurrences{}}
		f.ignored.names(t.without(todoistColumns))
		return
	}
	rows := &csvRows{table: t, lost: &f.ignored, known: occurrences{}}
	f.Kind, f.rows = "CSV", rows
	reads := []string{}
	for _, app := range applications {
		if t.find(app.column) >= 0 {
			f.Kind, rows.adapt, reads = app.kind, app.adapt, app.reads
		}
	}
	f.ignored.names(t.without(reads))
}

// Next returns the next task, and io.EOF at the end. After a *RowError, the next call returns the next row. Any other
// error is final: later calls return it again. Its text is for the user.
func (f *File) Next() (*Row, error) {
	if f.end != nil {
		return nil, f.end
	}
	row, err := f.rows.next()
	if _, bad := err.(*RowError); !bad {
		f.end = err
	}
	return row, err
}

// Bytes returns the number of bytes that were read from the file.
func (f *File) Bytes() int64 { return f.read.bytes }

// Ignored names, for the user, the columns that the rows so far have and that are not imported. It is complete at the end.
func (f *File) Ignored() []string { return f.ignored.list }

// counter counts the bytes that are read.
type counter struct {
	in    io.Reader
	bytes int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	c.bytes += int64(n)
	return n, err
}

// maxRow is the approximate limit of a row, in bytes. A valid task has less than a tenth of it.
const maxRow = 1 << 20

var errLongRow = fmt.Errorf("there are more than %d bytes in one row; is there a quotation mark without its twin?", maxRow)

// source reads the text of the file. It counts lines, and fails when a row has more than maxRow bytes.
type source struct {
	in    *bufio.Reader
	lines int // line feeds that were read
	row   int // bytes since the start of the row; the readers of the formats reset it
}

func (s *source) Read(p []byte) (int, error) {
	if s.row > maxRow {
		return 0, errLongRow
	}
	n, err := s.in.Read(p)
	s.row += n
	s.lines += bytes.Count(p[:n], []byte("\n"))
	return n, err
}

// occurrences counts equal rows by their digest. Rows without an id that are equal differ only in their number.
type occurrences map[string]int

// sourceOf returns a key for a row without an id. It comes from the texts and the number of equal rows before it.
func (o occurrences) sourceOf(texts ...string) string {
	o[digest(texts...)]++
	return digest(append(texts, fmt.Sprint(o[digest(texts...)]))...)
}

// digest returns a hash that differs for different lists of texts.
func digest(texts ...string) string {
	var all strings.Builder
	for _, text := range texts {
		fmt.Fprintf(&all, "%d:%s", len(text), text)
	}
	sum := sha256.Sum256([]byte(all.String()))
	return hex.EncodeToString(sum[:16])
}
