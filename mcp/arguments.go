package mcp

import (
	stdjson "encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"taskql/fastapi"
	"taskql/jsonlimit"
	"taskql/models"
)

// arguments are those of a call. The first one that is invalid sets err; the values that are read afterwards do not matter.
type arguments struct {
	values map[string]jsontext.Value
	err    error
}

// read reads the arguments of a tool. It fails with CodeBadUserInput for other JSON than an object, and at an argument that the tool
// does not have, so that a misspelt one is not ignored.
func (t tool) read(raw stdjson.RawMessage) (*arguments, error) {
	a := &arguments{values: map[string]jsontext.Value{}}
	if len(raw) == 0 || string(raw) == "null" {
		return a, t.missing(a)
	}
	if len(raw) > maxArguments {
		return nil, &models.Error{Code: models.CodeBadUserInput, Message: fmt.Sprintf("The arguments have more than %d KiB.", maxArguments>>10)}
	}
	if err := jsonlimit.Check(raw); err != nil {
		return nil, &models.Error{Code: models.CodeBadUserInput, Message: "The arguments have " + err.Error() + ".", Path: err.Path}
	}
	if err := json.Unmarshal(raw, &a.values); err != nil {
		return nil, &models.Error{Code: models.CodeBadUserInput, Message: "The arguments must be a JSON object in valid UTF-8, each name once."}
	}
	for name := range a.values {
		if _, known := t.arguments[name]; !known && name != "user_id" {
			return nil, &models.Error{Code: models.CodeBadUserInput, Message: "There is no such argument: " + strings.Join(t.names(), ", ") + " are known.", Path: []string{name}}
		}
	}
	return a, t.missing(a)
}

// missing returns the error for the first required argument that is not there.
func (t tool) missing(a *arguments) error {
	for _, name := range t.required {
		if _, given := a.values[name]; !given {
			return &models.Error{Code: models.CodeBadUserInput, Message: "The argument is required.", Path: []string{name}}
		}
	}
	return nil
}

func (a *arguments) fail(name, format string, args ...any) {
	if a.err == nil {
		a.err = &models.Error{Code: models.CodeBadUserInput, Message: fmt.Sprintf(format, args...), Path: []string{name}}
	}
}

// given reports whether there is an argument, and whether it is null.
func (a *arguments) given(name string) (given, null bool) {
	value, given := a.values[name]
	return given, given && value.Kind() == 'n'
}

// value reads an argument into dest. It reports false if there is none or if it is null.
func (a *arguments) value(name string, dest any, expected string) bool {
	if given, null := a.given(name); !given || null {
		return false
	}
	if err := json.Unmarshal(a.values[name], dest); err != nil {
		a.fail(name, "The argument must be %s.", expected)
		return false
	}
	return true
}

// text returns an argument that is a string, or nil.
func (a *arguments) text(name string) *string {
	var text string
	if a.value(name, &text, "a string") {
		return &text
	}
	return nil
}

// id returns an argument that is the id of a task, as a number or as a string.
func (a *arguments) id(name string) string {
	if value, given := a.values[name]; given && value.Kind() == '0' {
		return string(value)
	}
	var id string
	if !a.value(name, &id, "the id of a task, as a number or a string") && a.err == nil {
		a.fail(name, "The argument must be the id of a task.")
	}
	return id
}

func (a *arguments) boolean(name string) *bool {
	var yes bool
	if a.value(name, &yes, "true or false") {
		return &yes
	}
	return nil
}

func (a *arguments) integer(name string) *int {
	var n int
	if a.value(name, &n, "a whole number") {
		return &n
	}
	return nil
}

func (a *arguments) texts(name string) []string {
	var texts []string
	if a.value(name, &texts, "a list of strings") {
		return texts
	}
	return nil
}

// word returns an argument that is one of some words, in any letter case, or "".
func (a *arguments) word(name string, words []string) string {
	text := a.text(name)
	if text == nil {
		return ""
	}
	for _, word := range words {
		if strings.EqualFold(word, *text) {
			return word
		}
	}
	a.fail(name, "The argument must be one of %s.", strings.Join(words, ", "))
	return ""
}

func (a *arguments) priority(name string) *models.Priority {
	text := a.text(name)
	if text == nil {
		return nil
	}
	priority, ok := fastapi.ParsePriority(*text)
	if !ok {
		a.fail(name, "The argument must be HIGH, MEDIUM or LOW.")
	}
	return &priority
}

func (a *arguments) due(name string) *models.DueInput {
	text := a.text(name)
	if text == nil {
		return nil
	}
	read, ok := fastapi.ParseTime(*text)
	if !ok {
		a.fail(name, "The argument must be a day such as 2026-03-01, a local time such as 2026-03-01T09:00, or an instant such as 2026-03-01T09:00:00Z.")
		return nil
	}
	return read.Due()
}

func (a *arguments) zone(name string) models.TimeZone {
	text := a.text(name)
	if text == nil {
		return models.TimeZone{}
	}
	zone, ok := models.ParseTimeZone(*text)
	if !ok {
		a.fail(name, "The argument must be an IANA time zone such as Europe/Berlin.")
	}
	return zone
}

// names returns the names of a tool's arguments.
func (t tool) names() []string {
	names := make([]string, 0, len(t.arguments))
	for name := range t.arguments {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
