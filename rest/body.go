package rest

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"taskql/jsonlimit"
)

// maxBody is how many bytes a body may have.
const maxBody = 1 << 20

// The messages for bodies that cannot be read.
const (
	bodyTooLarge   = "Request body is too large"
	incompleteBody = "Request body did not arrive whole"
)

// object is a JSON object whose values are not decoded yet.
type object map[string]jsontext.Value

// readBody reads the body as JSON and ignores its Content-Type. It returns nil for an empty body and for null.
func readBody(w http.ResponseWriter, r *http.Request) (jsontext.Value, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, &statusError{http.StatusRequestEntityTooLarge, bodyTooLarge}
	}
	if err != nil {
		return nil, &statusError{http.StatusBadRequest, incompleteBody}
	}
	if len(body) == 0 {
		return nil, nil
	}
	if excess := jsonlimit.Check(body); excess != nil {
		return nil, validationErrors{badJSON(body, excess.Offset, "It has "+excess.Error())}
	}
	var value jsontext.Value
	// The decoder refuses what would be changed on the way in: repeated keys, invalid UTF-8, lone surrogates.
	if err := json.Unmarshal(body, &value); err != nil {
		return nil, validationErrors{invalidJSON(body, err)}
	}
	if value.Kind() == 'n' {
		return nil, nil
	}
	return value, nil
}

func invalidJSON(body []byte, err error) validationError {
	offset, reason := 0, "Expecting value"
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		offset = int(syntax.ByteOffset)
		switch {
		case errors.Is(err, jsontext.ErrDuplicateName):
			reason = "Repeated key"
		case !utf8.Valid(body):
			reason = "Invalid UTF-8"
		case strings.Contains(syntax.Err.Error(), "after top-level value"):
			reason = "Extra data"
		}
	}
	return badJSON(body, offset, reason)
}

func badJSON(body []byte, offset int, reason string) validationError {
	at := min(max(offset, 0), len(body))
	return validationError{
		// Python counts characters.
		Type: "json_invalid", Loc: []any{"body", utf8.RuneCount(body[:at])}, Message: "JSON decode error",
		Input: jsontext.Value("{}"), Context: map[string]any{"error": reason},
	}
}

// readObject reads a body that must be an object.
func readObject(w http.ResponseWriter, r *http.Request) (object, jsontext.Value, error) {
	body, err := readBody(w, r)
	if err != nil {
		return nil, nil, err
	}
	if body == nil {
		return nil, nil, validationErrors{missing(jsontext.Value("null"), "body")}
	}
	var fields object
	if body.Kind() != '{' || json.Unmarshal(body, &fields) != nil {
		return nil, nil, notAnObject(body)
	}
	return fields, body, nil
}

func notAnObject(body jsontext.Value) error {
	return validationErrors{{
		Type: "model_attributes_type", Loc: []any{"body"}, Input: body,
		Message: "Input should be a valid dictionary or object to extract fields from",
	}}
}

func missing(input jsontext.Value, loc ...any) validationError {
	return validationError{Type: "missing", Loc: loc, Message: "Field required", Input: input}
}
