package transfer

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// table reads CSV with a row that names the columns.
type table struct {
	columnNames
	in     *csv.Reader
	source *source
	line   int // where the last row begins
}

// maxPreamble is the number of rows in which the names of the columns are searched.
const maxPreamble = 10

// findHeader finds the row that names the columns in the start of a file, as the number of rows above it, and the separator
// with which it names most fields. Spreadsheets separate cells with semicolons in locales where the comma is the decimal
// separator; applications write rows above the header. It reports false if no row names a title.
func findHeader(start []byte) (comma byte, above int, found bool) {
	most := 0
	for _, separator := range []byte(",;\t") {
		in := csv.NewReader(bytes.NewReader(start))
		in.Comma, in.FieldsPerRecord = rune(separator), -1
		least := 1
		for row := range maxPreamble {
			names, err := in.Read()
			if err != nil {
				break
			}
			sources := newColumnNames(names).sources
			if len(sources["title"]) > 0 && len(sources) >= least {
				if len(sources) > most {
					comma, above, most = separator, row, len(sources)
				}
				break
			}
			// A row further down that names one or two fields may be a task, but not below Excel's statement of the separator.
			if !strings.HasPrefix(names[0], "sep=") {
				least = 3
			}
		}
	}
	return comma, above, most > 0
}

// newTable reads the rows up to the header.
func newTable(s *source, comma byte, above int) (*table, error) {
	t := &table{source: s, in: csv.NewReader(&quotedReturns{in: bufio.NewReader(s), comma: comma, opens: true})}
	t.in.Comma, t.in.FieldsPerRecord = rune(comma), -1
	for range above + 1 {
		names, err := t.in.Read()
		if err != nil {
			return nil, fmt.Errorf("the header cannot be read: %w", err)
		}
		t.names = names
	}
	for i, name := range t.names {
		t.names[i] = strings.TrimSpace(name)
	}
	t.columnNames, t.in.ReuseRecord = newColumnNames(t.names), true
	return t, nil
}

// next returns the cells of the next row and sets t.line. The cells are valid until the next call. It skips rows without
// any text.
func (t *table) next() ([]string, error) {
	for {
		t.source.row = 0
		record, err := t.in.Read()
		var wrong *csv.ParseError
		switch {
		case errors.Is(err, errLongRow):
			return nil, fmt.Errorf("after line %d: %w", t.line, err)
		case errors.As(err, &wrong):
			return nil, &RowError{wrong.StartLine, "its quotation marks are not those of CSV: one within a text is written twice, and the text between two"}
		case err != nil && !errors.Is(err, io.EOF):
			return nil, fmt.Errorf("the file cannot be read: %w", err)
		case err != nil:
			return nil, io.EOF
		}
		t.line, _ = t.in.FieldPos(0)
		if len(record) > len(t.names) && strings.Join(record[len(t.names):], "") != "" {
			return nil, &RowError{t.line, fmt.Sprintf("it has %d cells, and the header names %d columns", len(record), len(t.names))}
		}
		if strings.Join(record, "") != "" {
			return record[:min(len(record), len(t.names))], nil
		}
	}
}

// csvRows reads CSV of taskql, spreadsheets and task applications.
type csvRows struct {
	table *table
	adapt func(f *fields, cell func(string) string) // as in application; it may be nil
	lost  *ignoredColumns
	known occurrences
}

func (r *csvRows) next() (*Row, error) {
	cells, err := r.table.next()
	if err != nil {
		return nil, err
	}
	f := newFields(&r.table.columnNames, r.lost, func(_ *fields, field string, i int) (string, bool) {
		if i >= len(cells) || cells[i] == "" {
			return "", false
		}
		if slices.Contains(textColumns, field) {
			return unguarded(cells[i]), true
		}
		return cells[i], true
	})
	if r.adapt != nil {
		r.adapt(f, func(name string) string {
			if i := r.table.find(name); i >= 0 && i < len(cells) {
				return cells[i]
			}
			return ""
		})
	}
	row := &Row{Line: r.table.line, columns: f.names}
	if row.Task, err = f.task(r.known); err != nil {
		return nil, &RowError{row.Line, err.Error()}
	}
	return row, nil
}

// quotedReturns doubles each carriage return before a line feed within quotation marks, because encoding/csv removes
// one there. It detects quoted cells by the same rules as encoding/csv.
type quotedReturns struct {
	in     *bufio.Reader
	comma  byte
	quoted bool // the position is within quotation marks
	opens  bool // a quotation mark at the position would begin or continue a quoted cell
	again  bool // the next byte is the second carriage return
}

func (r *quotedReturns) Read(p []byte) (n int, err error) {
	for ; n < len(p); n++ {
		if r.again {
			p[n], r.again = '\r', false
			continue
		}
		b, err := r.in.ReadByte()
		if err != nil {
			return n, err
		}
		p[n] = b
		switch {
		case b == '"' && r.quoted:
			r.quoted, r.opens = false, true
		case b == '"' && r.opens:
			r.quoted = true
		default:
			r.opens = !r.quoted && (b == r.comma || b == '\n')
		}
		if b == '\r' && r.quoted {
			next, _ := r.in.Peek(1) // ReadByte returns the error next
			r.again = len(next) > 0 && next[0] == '\n'
		}
	}
	return n, nil
}
