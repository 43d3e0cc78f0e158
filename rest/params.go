package rest

import (
	"math/big"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"taskql/fastapi"
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

// target reads the id of the request's task. It makes the checks that come before the task is looked at, in their
// order: what is invalid, which begins with the id and goes on with the given error, and then the path's user.
func (a *adapter) target(r *http.Request, invalid error) (string, error) {
	id, err := readID(r)
	if err != nil {
		id, err = a.oldTarget(r, err)
	}
	if err := joined(err, invalid); err != nil {
		return "", err
	}
	return id, own(r)
}

// oldTarget reads an id that is no number. It fails with the given error unless the tasks had other ids before their table was taken over: such an
// id names the same task as then, and every other one a task that does not exist.
func (a *adapter) oldTarget(r *http.Request, invalid error) (string, error) {
	id, any, err := a.Service.ByOldID(r.Context(), r.PathValue("id"))
	if err == nil && !any {
		err = invalid
	}
	return id, err
}

// integer reads a whole number of any size.
func integer(text string, loc ...any) (*big.Int, error) {
	number, ok := fastapi.ParseInteger(text)
	if !ok {
		return nil, validationErrors{{
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
