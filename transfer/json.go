package transfer

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// jsonRows reads a JSON array of tasks.
type jsonRows struct {
	source  *source
	in      *jsontext.Decoder
	known   occurrences
	lost    *ignoredColumns
	columns columnNames // those of the last object
	started bool
}

func newJSONRows(s *source, lost *ignoredColumns) *jsonRows {
	// A repeated name or invalid UTF-8 in one task must not end the import. fields reports both.
	in := jsontext.NewDecoder(s, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	return &jsonRows{source: s, in: in, known: occurrences{}, lost: lost}
}

func (r *jsonRows) next() (*Row, error) {
	if !r.started {
		r.started = true
		_, _ = r.in.ReadToken() // the opening bracket, which Open has checked
	}
	r.source.row = 0
	if r.in.PeekKind() == ']' {
		_, _ = r.in.ReadToken()
		if _, err := r.in.ReadToken(); !errors.Is(err, io.EOF) {
			return nil, r.broken(0, "there is something behind the end of the array")
		}
		return nil, io.EOF
	}
	value, err := r.in.ReadValue()
	switch {
	case errors.Is(err, errLongRow):
		return nil, r.broken(0, err.Error())
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		return nil, r.broken(len(r.in.UnreadBuffer()), "the file ends in the middle of the array: it did not arrive whole")
	case err != nil:
		var syntax *jsontext.SyntacticError
		if !errors.As(err, &syntax) {
			return nil, fmt.Errorf("the file cannot be read: %w", err)
		}
		return nil, r.broken(int(syntax.ByteOffset-r.in.InputOffset()), "from here on it is no JSON")
	}
	row := &Row{Line: r.line() - bytes.Count(value, []byte("\n"))}
	fields, err := r.fields(value)
	if err == nil {
		row.columns = fields.names
		row.Task, err = fields.task(r.known)
	}
	if err != nil {
		return nil, &RowError{row.Line, err.Error()}
	}
	return row, nil
}

// line returns the number of the line that the decoder has reached.
func (r *jsonRows) line() int {
	return 1 + r.source.lines - bytes.Count(r.in.UnreadBuffer(), []byte("\n"))
}

// broken returns an error with the line of a problem that is ahead bytes after the position of the decoder.
func (r *jsonRows) broken(ahead int, reason string) error {
	unread := r.in.UnreadBuffer()
	return fmt.Errorf("line %d: %s", r.line()+bytes.Count(unread[:min(max(ahead, 0), len(unread))], []byte("\n")), reason)
}

// fields returns the texts of a JSON object's fields. A field whose value has the wrong kind becomes a problem of
// the result. The error is for a value that is no object, repeats a key or is not UTF-8.
func (r *jsonRows) fields(value jsontext.Value) (*fields, error) {
	var object map[string]jsontext.Value
	switch err := json.Unmarshal(value, &object); {
	case value.Kind() != '{':
		return nil, errors.New("it is no JSON object")
	case errors.Is(err, jsontext.ErrDuplicateName):
		return nil, errors.New("a key is there twice")
	case err != nil:
		return nil, errors.New("the text is not valid UTF-8")
	}
	if keys := slices.Sorted(maps.Keys(object)); !slices.Equal(keys, r.columns.names) {
		r.columns = newColumnNames(keys)
		r.lost.names(r.columns.unknown)
	}
	return newFields(&r.columns, r.lost, func(f *fields, field string, i int) (text string, found bool) {
		key := r.columns.names[i]
		value := object[key]
		kinds := "\""
		switch field {
		case "id", "priority":
			kinds += "0"
		case "completed":
			kinds += "tf0"
		case "tags":
			kinds += "["
		}
		text = string(value)
		switch {
		case value.Kind() == 'n':
			return "", false
		case !slices.Contains([]byte(kinds), byte(value.Kind())):
			f.failColumn(key, "%s is a value of the wrong kind", short(text))
			return "", false
		case value.Kind() == '"':
			_ = json.Unmarshal(value, &text) // cannot fail: the object was decoded above
			return text, text != "" || field == "description"
		}
		return text, true
	}), nil
}
