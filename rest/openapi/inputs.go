package openapi

import (
	"taskql/models"
)

// taskInput is a body that describes a task, with every spelling that is understood.
func (a API) taskInput(description string, required ...string) *schema {
	schema := described(object(), description+" Other fields, such as `id` and `user_id`, are ignored.").others(true)
	schema.Required = required
	title := text().lengths(1, models.MaxTitle)
	if len(required) == 0 {
		title = orNull(title)
	}
	for _, p := range append([]property{
		{"title", described(title, "1 to 200 characters, without the blanks around it.")},
		{"description", described(orNull(text()).lengths(0, models.MaxDescription), "Up to 10,000 characters.")},
		{"priority", named("PriorityInput")},
		{"tags", named("TagsInput")},
		{"due_date", named("DueDateInput")},
		{"dueDate", described(named("DueDateInput"), "Another name of `due_date`. Send one of them.")},
	}, completionFields()...) {
		schema.with(p)
	}
	if a.Web {
		schema.with(property{"category", described(orNull(text()).lengths(0, maxCategory), "Up to 41 characters, kept as a tag. Null and blank clear it.")})
	}
	return schema
}

// maxCategory is what a tag has left after "category:".
const maxCategory = models.MaxTag - len("category:")

func completionInput() *schema {
	schema := described(object(), "The new state of the task. An empty object toggles it.").others(true)
	for _, p := range completionFields() {
		schema.with(p)
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
