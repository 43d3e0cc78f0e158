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

	"taskql/models"
)

// Row is a task in a file.
type Row struct {
	// Line is the number of the line where the task begins, counted from 1.
	Line int
	Task models.ImportTaskInput
	// Notices are messages for the user about values that do not fit their field. The description contains them.
	Notices []string
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
	Listed bool
	rows   rows
	source *source
	// end is the error that ended the file. Next returns it from then on.
	end error
}

// rows reads the rows of one format, with the contract of File.Next.
type rows interface{ next() (*Row, error) }

// ImportFormats describes the files that Open accepts, for help texts and messages. It completes "the file is …".
const ImportFormats = "JSON or CSV in taskql's export format, or CSV exported from Todoist"

// Open detects the format of a file from its first bytes. It fails if the file is empty, not UTF-8 or in none of the
// ImportFormats. The text of the error is for the user.
func Open(r io.Reader) (*File, error) {
	in := bufio.NewReaderSize(r, 64<<10)
	start, err := in.Peek(4096)
	if len(start) == 0 && err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("the file cannot be read: %w", err)
	}
	if bytes.HasPrefix(start, []byte("\xFE\xFF")) || bytes.HasPrefix(start, []byte("\xFF\xFE")) || bytes.IndexByte(start, 0) >= 0 {
		return nil, errors.New("the file is not UTF-8 but looks like UTF-16 or no text at all: save it as UTF-8")
	}
	if bom := []byte("\xEF\xBB\xBF"); bytes.HasPrefix(start, bom) {
		_, _ = in.Discard(len(bom)) // cannot fail: Peek has buffered the bytes
		start = start[len(bom):]
	}
	start = bytes.TrimSpace(start)
	f := &File{source: &source{in: in}}
	switch {
	case len(start) == 0:
		return nil, errors.New("the file is empty")
	case start[0] == '[':
		f.Kind, f.rows, err = "JSON", newJSONRows(f.source), nil
	case start[0] == '{':
		err = errors.New("the file is a JSON object, but must be an array of tasks")
	default:
		err = f.openCSV(start)
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (f *File) openCSV(start []byte) error {
	t, err := newTable(f.source, start)
	if err != nil {
		return err
	}
	switch {
	case t.has("type") && t.has("content"):
		f.Kind, f.Listed, f.rows = "Todoist's CSV", true, &todoistRows{table: t, known: occurrences{}}
	case t.has("title"):
		f.Kind, f.rows = "CSV", &csvRows{table: t, known: occurrences{}}
	default:
		return errors.New("the format is not known: the first line has neither the column title nor the columns TYPE and CONTENT; the file must be " + ImportFormats)
	}
	return nil
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
func (f *File) Bytes() int64 { return f.source.bytes }

// maxRow is the approximate limit of a row, in bytes. A valid task has less than a tenth of it.
const maxRow = 1 << 20

var errLongRow = fmt.Errorf("there are more than %d bytes in one row; is there a quotation mark without its twin?", maxRow)

// source reads the file. It counts lines and bytes, and fails when a row has more than maxRow bytes.
type source struct {
	in    *bufio.Reader
	lines int   // line feeds that were read
	bytes int64 // bytes that were read
	row   int   // bytes since the start of the row; the readers of the formats reset it
}

func (s *source) Read(p []byte) (int, error) {
	if s.row > maxRow {
		return 0, errLongRow
	}
	n, err := s.in.Read(p)
	s.row += n
	s.bytes += int64(n)
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
