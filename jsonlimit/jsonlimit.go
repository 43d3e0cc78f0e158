// Package jsonlimit bounds the JSON that clients send, before anything decodes or copies it.
package jsonlimit

import (
	"bytes"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
)

// The limits of one text. The largest requests of the API, 2,000 new tasks with 20 tags each, have 50,000 values and 4,000 objects.
// The deepest, a filter of five levels in the variables of a request, has 17 levels.
const (
	maxDepth  = 32
	maxValues = 50_000
	// Validating an object costs much more memory than any other value.
	maxObjects = 5_000
)

// Error describes the first value beyond a limit.
type Error struct {
	// Path contains the names and indexes that lead to the value.
	Path []string
	// Offset is the position of the value in bytes.
	Offset int
	limit  string
}

// Error returns a phrase such as "more than 32 levels".
func (e *Error) Error() string { return "more than " + e.limit }

// Check returns an error if text has more than maxDepth levels, maxValues values, where a list or an object is a value, too,
// or maxObjects objects.
// It does not report malformed JSON: whatever decodes the text does.
func Check(text []byte) *Error {
	// A value has a byte or more, and each level and object a bracket. Brackets in texts count, too, so that most texts need no more.
	if len(text) <= maxValues && bytes.Count(text, []byte("{"))+bytes.Count(text, []byte("[")) <= maxDepth {
		return nil
	}
	// Repeated names and invalid UTF-8 are reported by the decoder of the text.
	decoder := jsontext.NewDecoder(bytes.NewBuffer(text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	excess := func(format string, limit int) *Error {
		e := &Error{Offset: int(decoder.InputOffset()), limit: fmt.Sprintf(format, limit)}
		for token := range decoder.StackPointer().Tokens() {
			e.Path = append(e.Path, token)
		}
		return e
	}
	for values, objects := 0, 0; ; {
		token, err := decoder.ReadToken()
		if err != nil {
			return nil
		}
		if decoder.StackDepth() > maxDepth {
			return excess("%d levels", maxDepth)
		}
		switch kind := token.Kind(); {
		case kind == '}' || kind == ']':
			continue
		case kind == '"':
			if in, length := decoder.StackIndex(decoder.StackDepth()); in == '{' && length%2 == 1 {
				continue // a name
			}
		case kind == '{':
			if objects++; objects > maxObjects {
				return excess("%d objects", maxObjects)
			}
		}
		if values++; values > maxValues {
			return excess("%d values", maxValues)
		}
	}
}
