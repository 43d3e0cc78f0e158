package rest

import (
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/go-json-experiment/json"

	"taskql/models"
)

// creation is the task that a body describes.
type creation struct {
	models.CreateTaskInput
	// sign is what webSign says of the body.
	sign string
}

func (dialect Dialect) readCreate(w http.ResponseWriter, r *http.Request) (input creation, err error) {
	// This title replaces one that cannot be read, so that the rules do not report it a second time.
	input.CreateTaskInput = models.CreateTaskInput{Title: "-", Priority: models.PriorityMedium, Tags: []string{}}
	fields, body, err := readObject(w, r)
	if err != nil {
		return input, err
	}
	input.sign = webSign(fields)
	d := decoder{dialect: dialect, body: fields}
	if title, found := fields["title"]; !found {
		d.errs = append(d.errs, missing(body, "body", "title"))
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
	if tags, ok := (change{category: d.category(), priority: d.keptPriority(fields["priority"])}).of(&models.Task{Tags: input.Tags}).ValueOK(); ok {
		input.Tags = tags
	}
	for _, due := range d.due() {
		if input.Due == nil { // skip names without a date
			input.Due = due
		}
	}
	if completed := d.completed(); len(completed) > 0 {
		input.Completed = completed[0]
	}
	// The operation applies the rules again. Applying them here puts all errors into one response.
	_, errs := input.NewTask("", time.Time{})
	return input, d.result(errs)
}

func (dialect Dialect) readUpdate(w http.ResponseWriter, r *http.Request) (input update, err error) {
	fields, _, err := readObject(w, r)
	if err != nil {
		return input, err
	}
	input.sign = webSign(fields)
	d := decoder{dialect: dialect, body: fields}
	// Null counts as absent for fields that cannot be cleared.
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
		input.tags = tags
	}
	input.category, input.priority = d.category(), d.keptPriority(fields["priority"])
	input.keeps = dialect == Web && !input.empty()
	if input.dues = d.due(); len(input.dues) > 0 {
		input.Due = graphql.OmittableOf(input.dues[0])
	}
	if input.completions = d.completed(); len(input.completions) > 0 {
		input.Completed = graphql.OmittableOf(&input.completions[0])
	}
	_, errs := input.Apply(&models.Task{}, time.Time{})
	return input, d.result(errs)
}

// readCompleted reads the value that PATCH …/complete sets. It returns nil if the request toggles.
func readCompleted(w http.ResponseWriter, r *http.Request) (*bool, error) {
	d := decoder{}
	body, err := readBody(w, r)
	if err != nil {
		return nil, err
	}
	if body != nil {
		if body.Kind() != '{' || json.Unmarshal(body, &d.body) != nil {
			return nil, notAnObject(body)
		}
		switch completed := d.completed(); {
		case len(d.errs) > 0:
			return nil, d.result(nil)
		case len(completed) == 1:
			return &completed[0], nil
		case len(completed) > 1: // one of them is the change, as in update.settle
			return nil, nil
		}
	}
	q := query{values: r.URL.Query()}
	completed := q.completed()
	if len(q.errs) > 0 {
		return nil, q.errs
	}
	return completed, nil
}
