package rest

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"taskql/fastapi"
	"taskql/models"
)

// maxElements is how many tags are validated one by one. The rules allow fewer.
const maxElements = 1000

// The names of fields with several names, in the order of precedence.
var (
	dueNames       = []string{"due_date", "dueDate"}
	completedNames = []string{"completed", "is_completed"}
)

// decoder reads the fields of a body and collects their errors.
type decoder struct {
	dialect Dialect
	body    object
	errs    validationErrors
	// elements are the single tags as the client sent them.
	elements []jsontext.Value
}

// sent returns the value at a path of the body as the client sent it, or null if there is none.
func (d *decoder) sent(path []any) jsontext.Value {
	if len(path) == 2 && path[1].(int) < len(d.elements) {
		return d.elements[path[1].(int)]
	}
	if value, found := d.body[path[0].(string)]; found {
		return value
	}
	return jsontext.Value("null")
}

// result returns all validation errors, with those of the rules, in the order of the fields. It is nil if there are none.
func (d *decoder) result(errs models.UserErrors) error {
	all := append(d.errs, ruleErrors(errs, d.sent)...)
	if len(all) == 0 {
		return nil
	}
	fields := slices.Concat([]string{"title", "description", "priority", "category", "tags"}, dueNames, completedNames, []string{"status"})
	rank := func(f validationError) int {
		if len(f.Loc) < 2 {
			return -1
		}
		name, _ := f.Loc[1].(string)
		if i := slices.Index(fields, name); i >= 0 {
			return i
		}
		return len(fields)
	}
	slices.SortStableFunc(all, func(a, b validationError) int { return rank(a) - rank(b) })
	return all
}

func (d *decoder) fail(kind, message string, input jsontext.Value, loc ...any) {
	d.errs = append(d.errs, validationError{Type: kind, Loc: loc, Message: message, Input: input})
}

func (d *decoder) text(value jsontext.Value, loc ...any) (text string, ok bool) {
	if value.Kind() != '"' || json.Unmarshal(value, &text) != nil {
		d.fail("string_type", "Input should be a valid string", value, append([]any{"body"}, loc...)...)
		return "", false
	}
	return text, true
}

// description is nil when it is null.
func (d *decoder) description() (description *string, given bool) {
	value, found := d.body["description"]
	if !found || value.Kind() == 'n' {
		return nil, found
	}
	text, ok := d.text(value, "description")
	return &text, ok
}

// priority is nil when it is not given or null.
func (d *decoder) priority() *models.Priority {
	value, found := d.body["priority"]
	if !found || value.Kind() == 'n' {
		return nil
	}
	var text string
	if value.Kind() == '"' {
		_ = json.Unmarshal(value, &text)
	}
	if priority, ok := d.dialect.priority(text); ok {
		return &priority
	}
	d.failEnum(value, "priority", "HIGH", "MEDIUM", "LOW")
	return nil
}

func (d *decoder) failEnum(value jsontext.Value, name string, accepted ...string) {
	d.errs = append(d.errs, validationError{
		Type: "enum", Loc: []any{"body", name}, Message: "Input should be " + words(accepted...), Input: value,
		Context: map[string]any{"expected": words(accepted...)},
	})
}

// tags reads an array of strings, or a string that holds one or a comma list. Null is none.
func (d *decoder) tags() (tags []string, given bool) {
	value, found := d.body["tags"]
	if !found {
		return nil, false
	}
	tags = []string{}
	switch value.Kind() {
	case 'n':
		return tags, true
	case '"':
		var text string
		_ = json.Unmarshal(value, &text)
		d.elements = fastapi.ParseTags(text, ",")
	case '[':
		_ = json.Unmarshal(value, &d.elements)
	default:
		d.fail("list_type", "Input should be a valid list", value, "body", "tags")
		return nil, false
	}
	if len(d.elements) > maxElements {
		// The rules refuse a list of this length as a whole. One error for each tag would not help.
		return make([]string, len(d.elements)), true
	}
	good := true
	for i, element := range d.elements {
		tag, ok := d.text(element, "tags", i)
		tags, good = append(tags, tag), good && ok
	}
	return tags, good
}

// due reads the due dates that the body's names for it state, in the order of precedence; nil is none. Names of equal
// value count once.
func (d *decoder) due() (dues []*models.DueInput) {
	for _, name := range dueNames {
		value, found := d.body[name]
		if !found {
			continue
		}
		due, ok := d.dueDate(name, value)
		if ok && !slices.ContainsFunc(dues, func(other *models.DueInput) bool { return sameDue(due, other) }) {
			dues = append(dues, due)
		}
	}
	return dues
}

// dueDate reads one due date: nil when it is null or empty.
func (d *decoder) dueDate(name string, value jsontext.Value) (due *models.DueInput, ok bool) {
	var reason string
	switch value.Kind() {
	case 'n':
		return nil, true
	case '"':
		var text string
		_ = json.Unmarshal(value, &text)
		if strings.TrimSpace(text) == "" {
			return nil, true
		}
		due, reason = fastapi.ParseDue(text)
	case '0':
		due, reason = fastapi.ParseUnix(string(value))
	default:
		d.fail("datetime_type", "Input should be a valid datetime", value, "body", name)
		return nil, false
	}
	if reason != "" {
		d.errs = append(d.errs, badDate(value, reason, "body", name))
		return nil, false
	}
	return due, true
}

func badDate(value jsontext.Value, reason string, loc ...any) validationError {
	return validationError{
		Type: "datetime_from_date_parsing", Loc: loc, Input: value,
		Message: "Input should be a valid datetime or date, " + reason, Context: map[string]any{"error": reason},
	}
}

// completed reads what the body's names for completed state, in the order of precedence. Null states nothing. A status
// that is none is ignored beside another name.
func (d *decoder) completed() (values []bool) {
	add := func(value *bool) {
		if value != nil && !slices.Contains(values, *value) {
			values = append(values, *value)
		}
	}
	before := len(d.errs)
	for _, name := range completedNames {
		if value, found := d.body[name]; found && value.Kind() != 'n' {
			add(d.boolean(value, "body", name))
		}
	}
	value, found := d.body["status"]
	if !found || value.Kind() == 'n' {
		return values
	}
	var text string
	if value.Kind() == '"' {
		_ = json.Unmarshal(value, &text)
	}
	switch done, ok := fastapi.ParseStatus(text); {
	case ok:
		add(&done)
	case len(values) == 0 && len(d.errs) == before:
		d.failEnum(value, "status", fastapi.Statuses...)
	}
	return values
}

// boolean reads the values that pydantic reads as a boolean.
func (d *decoder) boolean(value jsontext.Value, loc ...any) *bool {
	text := string(value)
	if value.Kind() == '"' {
		_ = json.Unmarshal(value, &text)
	}
	switch value.Kind() {
	case 't', 'f', '"', '0':
		if yes, ok := fastapi.ParseBool(text); ok {
			return &yes
		}
		d.fail("bool_parsing", "Input should be a valid boolean, unable to interpret input", value, loc...)
	default:
		d.fail("bool_type", "Input should be a valid boolean", value, loc...)
	}
	return nil
}
