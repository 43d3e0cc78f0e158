package rest

import (
	"fmt"
	"math/big"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// readID reads the path's id in the form that names a task. One that no task can have, because it is
// zero, negative or huge, is read as well: such a task does not exist.
func readID(r *http.Request) (string, error) {
	number, err := integer(r.PathValue("id"), "path", "id")
	if err != nil {
		return "", err
	}
	return number.String(), nil
}

// maxLimit is how many tasks a list shows at most where it is limited at all.
const maxLimit = 1000

// readLimit reads how many tasks to list; 0 is all.
func readLimit(r *http.Request) (int, error) {
	query := r.URL.Query()
	if !query.Has("limit") {
		return 0, nil
	}
	text := query["limit"][len(query["limit"])-1] // the last counts, as in FastAPI
	number, err := integer(text, "query", "limit")
	if err != nil {
		return 0, err
	}
	bound := func(kind, words, key string, value int) (int, error) {
		return 0, faults{{
			Type: kind, Loc: []any{"query", "limit"}, Message: fmt.Sprintf("Input should be %s %d", words, value),
			Input: quoted(text), Context: map[string]any{key: value},
		}}
	}
	switch {
	case number.Cmp(big.NewInt(1)) < 0:
		return bound("greater_than_equal", "greater than or equal to", "ge", 1)
	case number.Cmp(big.NewInt(maxLimit)) > 0:
		return bound("less_than_equal", "less than or equal to", "le", maxLimit)
	}
	return int(number.Int64()), nil
}

// integer reads a whole number of any size as pydantic does: with blanks around it, a sign and zeros
// in front.
func integer(text string, loc ...any) (*big.Int, error) {
	number, ok := new(big.Int).SetString(strings.TrimSpace(text), 10)
	if !ok {
		return nil, faults{{
			Type: "int_parsing", Loc: loc, Input: quoted(text),
			Message: "Input should be a valid integer, unable to parse string as an integer",
		}}
	}
	return number, nil
}

// quoted is a text of the URL as JSON.
func quoted(text string) jsontext.Value {
	quoted, _ := json.Marshal(strings.ToValidUTF8(text, "\uFFFD")) // valid UTF-8 always encodes
	return quoted
}
