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

// table reads CSV whose first row names the columns.
type table struct {
	in     *csv.Reader
	source *source
	names  []string // in lower case
	line   int      // where the last row begins
}

// newTable reads the first row. start is the start of the file's text, from which newTable detects the separator.
func newTable(s *source, start []byte) (*table, error) {
	text := &quotedReturns{in: bufio.NewReader(s), comma: ',', opens: true}
	// Spreadsheets separate cells with semicolons in locales where the comma is the decimal separator.
	if first, _, _ := bytes.Cut(start, []byte("\n")); !bytes.Contains(first, []byte(",")) && bytes.Contains(first, []byte(";")) {
		text.comma = ';'
	}
	t := &table{source: s, in: csv.NewReader(text)}
	t.in.Comma, t.in.FieldsPerRecord, t.in.ReuseRecord = rune(text.comma), -1, true
	names, err := t.in.Read()
	if err != nil {
		return nil, errors.New("the format is not known: the file is neither CSV nor JSON; the file must be " + ImportFormats)
	}
	for _, name := range names {
		t.names = append(t.names, strings.ToLower(strings.TrimSpace(name)))
	}
	return t, nil
}

func (t *table) has(name string) bool { return slices.Contains(t.names, name) }

// next returns the texts of the next row, keyed by column name, and sets t.line. It skips rows without any text.
func (t *table) next() (map[string]string, error) {
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
		cells := map[string]string{}
		for i, cell := range record {
			if i < len(t.names) && cell != "" {
				cells[t.names[i]] = cell
			}
		}
		if len(record) > len(t.names) && strings.Join(record[len(t.names):], "") != "" {
			return nil, &RowError{t.line, fmt.Sprintf("it has %d cells, and the first line names %d columns", len(record), len(t.names))}
		}
		if len(cells) > 0 {
			return cells, nil
		}
	}
}

// csvRows reads CSV in taskql's export format.
type csvRows struct {
	table *table
	known occurrences
}

func (r *csvRows) next() (*Row, error) {
	cells, err := r.table.next()
	if err != nil {
		return nil, err
	}
	for _, column := range textColumns {
		if cell, ok := cells[column]; ok {
			cells[column] = unguarded(cell)
		}
	}
	row := &Row{Line: r.table.line}
	if row.Task, err = (&fields{texts: cells}).task(r.known); err != nil {
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
