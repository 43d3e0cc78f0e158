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
	// Line is where it begins, counted from 1.
	Line int
	Task models.ImportTaskInput
	// Notices say, for people, what of the task could not become a field of its own.
	Notices []string
}

// RowError says why a row is no task, in words for people. The rows behind it can be read.
type RowError struct {
	Line   int
	Reason string
}

func (e *RowError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Reason) }

// File reads tasks from a file one by one, and keeps none of them.
type File struct {
	// Kind names the format for people.
	Kind string
	// Listed is set where the first row is the top of a list. In the others the last row is the newest task.
	Listed bool
	rows   rows
	source *source
	// end is what Next returns from the end on.
	end error
}

// rows are a file in one of the formats; see File.Next.
type rows interface{ next() (*Row, error) }

// Understood names the formats that Open knows.
const Understood = "JSON and CSV as taskql exports them, and CSV as Todoist exports it"

// Open tells a file's format by how it begins. It fails, in words for people, when it is none of those understood.
func Open(r io.Reader) (*File, error) {
	in := bufio.NewReaderSize(r, 64<<10)
	begin, err := in.Peek(4096)
	if len(begin) == 0 && err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("the file cannot be read: %w", err)
	}
	if bytes.HasPrefix(begin, []byte("\xFE\xFF")) || bytes.HasPrefix(begin, []byte("\xFF\xFE")) || bytes.IndexByte(begin, 0) >= 0 {
		return nil, errors.New("the file is not UTF-8 but looks like UTF-16 or no text at all: save it as UTF-8")
	}
	if mark := []byte("\xEF\xBB\xBF"); bytes.HasPrefix(begin, mark) {
		_, _ = in.Discard(len(mark)) // they are in memory
		begin = begin[len(mark):]
	}
	begin = bytes.TrimSpace(begin)
	f := &File{source: &source{in: in}}
	switch {
	case len(begin) == 0:
		return nil, errors.New("the file is empty")
	case begin[0] == '[':
		f.Kind, f.rows, err = "JSON", newJSONRows(f.source), nil
	case begin[0] == '{':
		err = errors.New("the file is a JSON object, but must be an array of tasks")
	default:
		err = f.openCSV(begin)
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (f *File) openCSV(begin []byte) error {
	t, err := newTable(f.source, begin)
	if err != nil {
		return err
	}
	switch {
	case t.has("type") && t.has("content"):
		f.Kind, f.Listed, f.rows = "Todoist's CSV", true, &todoistRows{table: t, known: occurrences{}}
	case t.has("title"):
		f.Kind, f.rows = "CSV", &csvRows{table: t, known: occurrences{}}
	default:
		return errors.New("the format is not known: the first line names no column called title, nor TYPE and CONTENT; understood are " + Understood)
	}
	return nil
}

// Next returns the next task, or io.EOF at the end, or a *RowError, after which it goes on. Any other error is the
// end of what can be read, and its text is for people.
func (f *File) Next() (*Row, error) {
	if f.end != nil {
		return nil, f.end
	}
	row, err := f.rows.next()
	if _, goesOn := err.(*RowError); !goesOn {
		f.end = err
	}
	return row, err
}

// Bytes is how much of the file was read.
func (f *File) Bytes() int64 { return f.source.bytes }

// maxRow is about how many bytes a row may have. A task within the rules has less than a tenth.
const maxRow = 1 << 20

var errLongRow = fmt.Errorf("there are more than %d bytes in one row; is there a quotation mark without its twin?", maxRow)

// source is the file's text. It counts, and refuses rows without an end.
type source struct {
	in *bufio.Reader
	// lines and bytes are how many line feeds and bytes were read, row how many bytes since its row began.
	lines, row int
	bytes      int64
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

// occurrences count the rows that are alike, which nothing else tells apart.
type occurrences map[string]int

// sourceOf names a row that has no id by what it holds, and by how many like it stand before it.
func (o occurrences) sourceOf(texts ...string) string {
	o[digest(texts...)]++
	return digest(append(texts, fmt.Sprint(o[digest(texts...)]))...)
}

// digest stands for a list of texts.
func digest(texts ...string) string {
	var all strings.Builder
	for _, text := range texts {
		fmt.Fprintf(&all, "%d:%s", len(text), text)
	}
	sum := sha256.Sum256([]byte(all.String()))
	return hex.EncodeToString(sum[:16])
}
