package openapi

import (
	"github.com/getkin/kin-openapi/openapi3"

	"taskql/models"
)

// taskInput is a body that describes a task, with every spelling that is understood.
func (a API) taskInput(description string, required ...string) *openapi3.Schema {
	schema := described(openapi3.NewObjectSchema(), description+" Other fields, such as `id` and `user_id`, are ignored.").
		WithRequired(required)
	schema.WithAnyAdditionalProperties()
	title := openapi3.NewStringSchema().WithMinLength(1).WithMaxLength(models.MaxTitle)
	if len(required) == 0 {
		title = orNull(title)
	}
	for _, p := range append([]property{
		{"title", described(title, "1 to 200 characters, without the blanks around it.")},
		{"description", described(orNull(openapi3.NewStringSchema()).WithMaxLength(models.MaxDescription), "Up to 10,000 characters.")},
		{"priority", named("PriorityInput")},
		{"tags", named("TagsInput")},
		{"due_date", named("DueDateInput")},
		{"dueDate", described(named("DueDateInput"), "Another name of `due_date`. Send one of them.")},
	}, completionFields()...) {
		schema.WithProperty(p.name, p.schema)
	}
	if a.Web {
		schema.WithProperty("category", described(orNull(openapi3.NewStringSchema()).WithMaxLength(maxCategory), "Up to 41 characters, kept as a tag. Null and blank clear it."))
	}
	return schema
}

// maxCategory is what a tag has left after "category:".
const maxCategory = models.MaxTag - int64(len("category:"))

func completionInput() *openapi3.Schema {
	schema := described(openapi3.NewObjectSchema(), "The new state of the task. An empty object toggles it.").WithAnyAdditionalProperties()
	for _, p := range completionFields() {
		schema.WithProperty(p.name, p.schema)
	}
	return schema
}

func completionFields() []property {
	return []property{
		{"completed", named("CompletedInput")},
		{"is_completed", described(named("CompletedInput"), "Another name of `completed`. Send one of them.")},
		{"status", named("StatusInput")},
	}
}
