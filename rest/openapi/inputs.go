package openapi

import (
	"strings"
	"unicode"

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
		{"priority", a.priorityInput()},
		{"tags", described(openapi3.NewAnyOfSchema(
			openapi3.NewArraySchema().WithMaxItems(models.MaxTags).WithItems(openapi3.NewStringSchema().WithMinLength(1).WithMaxLength(models.MaxTag)),
			described(openapi3.NewStringSchema(), "A JSON array as a string, else a comma list.", "home, garden", `["home","garden"]`),
			null()), "Up to 20 tags of up to 50 characters. Null is none.")},
		{"due_date", described(dueInput(), dueInputDescription)},
		{"dueDate", described(dueInput(), "Another name of `due_date`, which has precedence.")},
	}, completionFields()...) {
		schema.WithProperty(p.name, p.schema)
	}
	return schema
}

func (a API) priorityInput() *openapi3.Schema {
	words := []string{"high", "medium", "low"}
	description := "In any letter case. MEDIUM for a new task that has none; in an update, null counts as absent."
	if a.Web {
		words = append(words, a.PriorityWords...)
		description += " Urgent, critical, P1 and P2 are high; none, normal and P3 are medium; P4 is low."
	}
	return described(openapi3.NewAnyOfSchema(
		openapi3.NewStringSchema().WithEnum(models.PriorityHigh, models.PriorityMedium, models.PriorityLow),
		openapi3.NewStringSchema().WithPattern(anyCase(words...)),
		null(),
	), description)
}

// anyCase is a pattern for the words in any letter case.
func anyCase(words ...string) string {
	var pattern strings.Builder
	for i, word := range words {
		if i > 0 {
			pattern.WriteByte('|')
		}
		for _, letter := range word {
			if lower, upper := unicode.ToLower(letter), unicode.ToUpper(letter); lower != upper {
				pattern.WriteString("[" + string(upper) + string(lower) + "]")
			} else {
				pattern.WriteRune(letter)
			}
		}
	}
	return "^(" + pattern.String() + ")$"
}

const dueInputDescription = "A day, `2030-03-01`; a date and a time, with or without seconds and zone; or Unix time in seconds, " +
	"or milliseconds above 2e10. Midnight without a zone is a day. Null and `\"\"` clear it."

// The bounds of Unix time, in milliseconds: the years 1 to 9999.
const (
	earliestUnix = 62135596800000
	latestUnix   = 253402300799000
)

func dueInput() *openapi3.Schema {
	return openapi3.NewAnyOfSchema(
		described(openapi3.NewStringSchema().WithFormat("date"), "A day."),
		described(openapi3.NewStringSchema().WithFormat("date-time"), "An instant."),
		described(openapi3.NewStringSchema().WithFormat("date-time-local"), "A time without a zone."),
		described(openapi3.NewStringSchema().WithEnum(""), "None."),
		described(openapi3.NewFloat64Schema().WithMin(-earliestUnix).WithMax(latestUnix), "Unix time."),
		null(),
	)
}

func completionInput() *openapi3.Schema {
	schema := described(openapi3.NewObjectSchema(), "The new state of the task. An empty object toggles it.").WithAnyAdditionalProperties()
	for _, p := range completionFields() {
		schema.WithProperty(p.name, p.schema)
	}
	return schema
}

func completionFields() []property {
	return []property{
		{"completed", described(booleanInput(), "Whether it is done.")},
		{"is_completed", described(booleanInput(), "Another name of `completed`, which has precedence.")},
		{"status", described(openapi3.NewAnyOfSchema(
			openapi3.NewStringSchema().WithEnum("completed", "pending", "todo", "in_progress"), null()),
			"Used if `completed` is absent. `completed` means done, the other values mean open.")},
	}
}

// booleanInput is the schema of the values that pydantic reads as a boolean.
func booleanInput() *openapi3.Schema {
	return openapi3.NewAnyOfSchema(
		openapi3.NewBoolSchema(),
		openapi3.NewIntegerSchema().WithEnum(0, 1),
		described(openapi3.NewStringSchema().WithEnum("true", "false", "yes", "no", "on", "off", "t", "f", "y", "n", "1", "0"), "In any letter case."),
		null(),
	)
}

func null() *openapi3.Schema { return openapi3.NewSchema().WithTypes(openapi3.TypeNull) }
