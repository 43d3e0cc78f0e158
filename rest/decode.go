package rest

import (
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"taskql/models"
)

// maxElements is how many tags are looked at one by one; the rules take fewer.
const maxElements = 1000

// maxBody is how many bytes a body may have.
const maxBody = 1 << 20

// object is a JSON object whose values are still text.
type object map[string]jsontext.Value

// first is the value of the first name that has one, and that name.
func (o object) first(names ...string) (value jsontext.Value, name string, found bool) {
	for _, name := range names {
		if value, found := o[name]; found {
			return value, name, true
		}
	}
	return nil, names[0], false
}

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
	digits := strings.TrimSpace(text)
	unsigned := strings.TrimLeft(digits, "+-")
	number, ok := new(big.Int).SetString(digits, 10)
	if !ok || len(digits)-len(unsigned) > 1 || strings.Trim(unsigned, "0123456789") != "" {
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

// readBody reads the body as JSON, whatever its Content-Type says. It is nil when there is none or null.
func readBody(w http.ResponseWriter, r *http.Request) (jsontext.Value, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, &statusError{http.StatusRequestEntityTooLarge, "Request body is too large"}
	}
	if err != nil {
		return nil, &statusError{http.StatusBadRequest, "Request body did not arrive whole"}
	}
	if len(body) == 0 {
		return nil, nil
	}
	var value jsontext.Value
	// The decoder refuses what would be changed on the way in: repeated keys, invalid UTF-8, lone surrogates.
	if err := json.Unmarshal(body, &value); err != nil {
		return nil, faults{invalidJSON(body, err)}
	}
	if value.Kind() == 'n' {
		return nil, nil
	}
	return value, nil
}

func invalidJSON(body []byte, err error) fault {
	offset, reason := 0, "Expecting value"
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		at := min(max(int(syntax.ByteOffset), 0), len(body))
		offset = utf8.RuneCount(body[:at]) // Python counts characters
		switch {
		case errors.Is(err, jsontext.ErrDuplicateName):
			reason = "Repeated key"
		case !utf8.Valid(body):
			reason = "Invalid UTF-8"
		case strings.Contains(syntax.Err.Error(), "after top-level value"):
			reason = "Extra data"
		}
	}
	return fault{
		Type: "json_invalid", Loc: []any{"body", offset}, Message: "JSON decode error",
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
		return nil, nil, faults{missing(jsontext.Value("null"), "body")}
	}
	var fields object
	if body.Kind() != '{' || json.Unmarshal(body, &fields) != nil {
		return nil, nil, faults{{
			Type: "model_attributes_type", Loc: []any{"body"}, Input: body,
			Message: "Input should be a valid dictionary or object to extract fields from",
		}}
	}
	return fields, body, nil
}

func missing(input jsontext.Value, loc ...any) fault {
	return fault{Type: "missing", Loc: loc, Message: "Field required", Input: input}
}

func readCreate(w http.ResponseWriter, r *http.Request) (models.CreateTaskInput, error) {
	// The title stands in for one that cannot be read, of which the rules are not to complain again.
	input := models.CreateTaskInput{Title: "-", Priority: models.PriorityMedium}
	fields, body, err := readObject(w, r)
	if err != nil {
		return input, err
	}
	d := decoder{body: fields}
	if title, found := fields["title"]; !found {
		d.faults = append(d.faults, missing(body, "body", "title"))
	} else if text, ok := d.text(title, "title"); ok {
		input.Title = text
	}
	input.Description, _ = d.description()
	if priority := d.priority(); priority != nil {
		input.Priority = *priority
	}
	if tags, ok := d.tags(); ok {
		input.Tags = tags
	}
	input.Due, _ = d.due()
	if completed := d.completed(); completed != nil {
		input.Completed = *completed
	}
	// The operation applies the rules as well; here they put all that is wrong into one answer.
	_, errs := input.NewTask("", time.Time{})
	return input, d.result(errs)
}

func readUpdate(w http.ResponseWriter, r *http.Request) (input models.UpdateTaskInput, err error) {
	fields, _, err := readObject(w, r)
	if err != nil {
		return input, err
	}
	d := decoder{body: fields}
	// Null is as if left out where there is nothing to clear.
	if title, found := fields["title"]; found && title.Kind() != 'n' {
		if text, ok := d.text(title, "title"); ok {
			input.Title = graphql.OmittableOf(&text)
		}
	}
	if description, given := d.description(); given {
		input.Description = graphql.OmittableOf(description)
	}
	if priority := d.priority(); priority != nil {
		input.Priority = graphql.OmittableOf(priority)
	}
	if tags, given := d.tags(); given {
		input.Tags = graphql.OmittableOf(tags)
	}
	if due, given := d.due(); given {
		input.Due = graphql.OmittableOf(due)
	}
	if completed := d.completed(); completed != nil {
		input.Completed = graphql.OmittableOf(completed)
	}
	_, errs := input.Apply(&models.Task{}, time.Time{})
	return input, d.result(errs)
}

// readCompleted reads what PATCH …/complete is to set: nil toggles.
func readCompleted(w http.ResponseWriter, r *http.Request) (*bool, error) {
	d := decoder{}
	body, err := readBody(w, r)
	if err != nil {
		return nil, err
	}
	if body != nil {
		if body.Kind() != '{' || json.Unmarshal(body, &d.body) != nil {
			return nil, faults{{
				Type: "model_attributes_type", Loc: []any{"body"}, Input: body,
				Message: "Input should be a valid dictionary or object to extract fields from",
			}}
		}
		if completed := d.completed(); completed != nil || len(d.faults) > 0 {
			return completed, d.result(nil)
		}
	}
	for _, name := range []string{"completed", "is_completed"} {
		if query := r.URL.Query(); query.Has(name) {
			completed := d.boolean(quoted(query.Get(name)), "query", name)
			return completed, d.result(nil)
		}
	}
	return nil, nil
}

// decoder reads the fields of a body and collects what is wrong with them.
type decoder struct {
	body   object
	faults faults
	// elements are the tags one by one, as they were sent.
	elements []jsontext.Value
}

// sent is the value at a path of the body, as it was sent; null where there is none.
func (d *decoder) sent(path []any) jsontext.Value {
	if len(path) == 2 && path[1].(int) < len(d.elements) {
		return d.elements[path[1].(int)]
	}
	if value, found := d.body[path[0].(string)]; found {
		return value
	}
	return jsontext.Value("null")
}

// result is all faults, those that the rules found in what could be read among them, in the order
// of the fields.
func (d *decoder) result(errs models.UserErrors) error {
	all := append(d.faults, ruleFaults(errs, d.sent)...)
	if len(all) == 0 {
		return nil
	}
	fields := []string{"title", "description", "priority", "tags", "due_date", "dueDate", "completed", "is_completed", "status"}
	rank := func(f fault) int {
		if len(f.Loc) < 2 {
			return -1
		}
		name, _ := f.Loc[1].(string)
		if i := slices.Index(fields, name); i >= 0 {
			return i
		}
		return len(fields)
	}
	slices.SortStableFunc(all, func(a, b fault) int { return rank(a) - rank(b) })
	return all
}

func (d *decoder) fail(kind, message string, input jsontext.Value, loc ...any) {
	d.faults = append(d.faults, fault{Type: kind, Loc: loc, Message: message, Input: input})
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
	if priority := models.Priority(strings.ToUpper(text)); priority.IsValid() {
		return &priority
	}
	d.failEnum(value, "priority", "HIGH", "MEDIUM", "LOW")
	return nil
}

func (d *decoder) failEnum(value jsontext.Value, name string, accepted ...string) {
	d.faults = append(d.faults, fault{
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
		var list jsontext.Value
		if json.Unmarshal([]byte(text), &list) != nil || list.Kind() != '[' {
			for tag := range strings.SplitSeq(text, ",") {
				if strings.TrimSpace(tag) != "" {
					tags, d.elements = append(tags, tag), append(d.elements, quoted(tag))
				}
			}
			return tags, true
		}
		value = list
	case '[':
	default:
		d.fail("list_type", "Input should be a valid list", value, "body", "tags")
		return nil, false
	}
	_ = json.Unmarshal(value, &d.elements)
	if len(d.elements) > maxElements {
		// The rules refuse so many at once. Looking at each would make as many faults.
		return make([]string, len(d.elements)), true
	}
	good := true
	for i, element := range d.elements {
		tag, ok := d.text(element, "tags", i)
		tags, good = append(tags, tag), good && ok
	}
	return tags, good
}

// due is nil when it is null or empty.
func (d *decoder) due() (due *models.DueInput, given bool) {
	value, name, found := d.body.first("due_date", "dueDate")
	if !found || value.Kind() == 'n' {
		return nil, found
	}
	var reason string
	switch value.Kind() {
	case '"':
		var text string
		_ = json.Unmarshal(value, &text)
		if strings.TrimSpace(text) == "" {
			return nil, true
		}
		due, reason = parseDue(text)
	case '0':
		due, reason = parseUnix(string(value))
	default:
		d.fail("datetime_type", "Input should be a valid datetime", value, "body", name)
		return nil, false
	}
	if reason != "" {
		d.faults = append(d.faults, fault{
			Type: "datetime_from_date_parsing", Loc: []any{"body", name}, Input: value,
			Message: "Input should be a valid datetime or date, " + reason, Context: map[string]any{"error": reason},
		})
		return nil, false
	}
	return due, true
}

// completed is nil when neither it nor a status is given.
func (d *decoder) completed() *bool {
	for _, name := range []string{"completed", "is_completed"} {
		if value, found := d.body[name]; found && value.Kind() != 'n' {
			return d.boolean(value, "body", name)
		}
	}
	value, found := d.body["status"]
	if !found || value.Kind() == 'n' {
		return nil
	}
	var text string
	if value.Kind() == '"' {
		_ = json.Unmarshal(value, &text)
	}
	accepted := []string{"completed", "pending", "todo", "in_progress"}
	i := slices.Index(accepted, strings.ToLower(text))
	if i < 0 {
		d.failEnum(value, "status", accepted...)
		return nil
	}
	done := i == 0
	return &done
}

// boolean reads what pydantic takes for one.
func (d *decoder) boolean(value jsontext.Value, loc ...any) *bool {
	text := string(value)
	if value.Kind() == '"' {
		_ = json.Unmarshal(value, &text)
	}
	yes := true
	switch value.Kind() {
	case 't':
		return &yes
	case 'f':
		yes = false
		return &yes
	case '"', '0':
		switch strings.ToLower(text) {
		case "true", "yes", "on", "t", "y", "1", "1.0":
			return &yes
		case "false", "no", "off", "f", "n", "0", "0.0":
			yes = false
			return &yes
		}
		d.fail("bool_parsing", "Input should be a valid boolean, unable to interpret input", value, loc...)
	default:
		d.fail("bool_type", "Input should be a valid boolean", value, loc...)
	}
	return nil
}
