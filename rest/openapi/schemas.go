package openapi

import (
	"maps"

	"github.com/getkin/kin-openapi/openapi3"
)

// property is a key of an object, in the order in which the reference speaks of it.
type property struct {
	name   string
	schema *openapi3.Schema
}

// schemas are those that have names.
func (a API) schemas() openapi3.Schemas {
	all := map[string]*openapi3.Schema{
		"Task":           a.taskSchema(),
		"TaskCreate":     a.taskInput("What a new task is to be. Only the title is required.", "title"),
		"TaskUpdate":     a.taskInput("What is to change. A field that is left out stays as it is."),
		"TaskCompletion": completionInput(),
		"ExportedTask":   exportSchema(),
		"Deleted": answer("Confirms that the task is in the trash.",
			property{"message", openapi3.NewStringSchema()},
			property{"success", openapi3.NewBoolSchema()},
			property{"id", described(openapi3.NewInt64Schema(), "The task's id.")}),
		"Stats": answer("How many tasks the user has.",
			property{"total", count()}, property{"pending", count()}, property{"completed", count()}),
		"User": answer("The user as the token describes them.",
			property{"id", openapi3.NewStringSchema()},
			property{"email", orNull(openapi3.NewStringSchema())},
			property{"name", orNull(openapi3.NewStringSchema())},
			property{"created_at", described(orNull(openapi3.NewStringSchema()), "When the user signed up, as the token has it.")}),
		"Profile": answer("The user and how many tasks they have.",
			property{"user", answer("",
				property{"id", openapi3.NewStringSchema()},
				property{"email", orNull(openapi3.NewStringSchema())},
				property{"name", orNull(openapi3.NewStringSchema())})},
			property{"stats", answer("",
				property{"total_tasks", count()}, property{"completed_tasks", count()}, property{"pending_tasks", count()})}),
		"Health": answer("Whether the server works.",
			property{"status", named("HealthStatus")},
			property{"service", &openapi3.Schema{Type: &openapi3.Types{openapi3.TypeString}, Const: "taskql"}}),
		"HTTPError":           answer("Why a request failed, for a person to read.", property{"detail", openapi3.NewStringSchema()}),
		"HTTPValidationError": validationErrors(),
		"ValidationError":     validationError(),
	}
	maps.Copy(all, a.values())
	schemas := openapi3.Schemas{}
	for name, schema := range all {
		schema.Title = name
		schemas[name] = schema.NewRef()
	}
	return schemas
}

// answer is an object of ours: it has exactly these keys, and always all of them.
func answer(description string, properties ...property) *openapi3.Schema {
	return withKeys(described(openapi3.NewObjectSchema(), description).WithoutAdditionalProperties(), properties...)
}

func withKeys(schema *openapi3.Schema, properties ...property) *openapi3.Schema {
	for _, p := range properties {
		schema.WithProperty(p.name, p.schema)
		schema.Required = append(schema.Required, p.name)
	}
	return schema
}

func described(schema *openapi3.Schema, description string, examples ...any) *openapi3.Schema {
	schema.Description, schema.Examples = description, examples
	return schema
}

func orNull(schema *openapi3.Schema) *openapi3.Schema {
	return schema.WithTypes(append(schema.Type.Slice(), openapi3.TypeNull)...)
}

func count() *openapi3.Schema { return openapi3.NewIntegerSchema().WithMin(0) }

func listOf(name string) *openapi3.SchemaRef {
	list := openapi3.NewArraySchema()
	list.Items = schemaRef(name)
	return list.NewRef()
}

// taskSchema is a task as the encoder writes it.
func (a API) taskSchema() *openapi3.Schema {
	tags := described(openapi3.NewStringSchema(), "A string that holds a JSON array of strings: read it with `JSON.parse`.", `["home","garden"]`)
	if a.Web {
		tags = described(openapi3.NewArraySchema().WithItems(openapi3.NewStringSchema()), "In the order in which they were given.", []any{"home", "garden"})
	}
	schema := answer("A task.",
		property{"id", described(openapi3.NewInt64Schema(), "Given by the server.", 1)},
		property{"user_id", described(openapi3.NewStringSchema(), "The owner: always the token's user.", "ada")},
		property{"title", described(openapi3.NewStringSchema().WithMinLength(1), "1 to 200 characters.", "Water the plants")},
		property{"description", described(orNull(openapi3.NewStringSchema()), "Up to 10,000 characters.")},
		property{"priority", described(named("Priority"), "Medium unless it was given.")},
		property{"tags", tags},
		property{"due_date", named("DueDate")},
		property{"completed", openapi3.NewBoolSchema()},
		property{"created_at", described(openapi3.NewDateTimeSchema(), "In UTC.", "2026-01-15T17:00:00.123456Z")},
		property{"updated_at", described(openapi3.NewDateTimeSchema(), "When it was last changed, in UTC.", "2026-01-15T17:00:00.123456Z")},
	)
	if a.Web {
		withKeys(schema,
			property{"is_completed", described(openapi3.NewBoolSchema(), "The same as `completed`.")},
			property{"status", described(named("Status"), "`completed` in words.")},
			property{"userId", described(openapi3.NewStringSchema(), "The same as `user_id`.")},
			property{"dueDate", described(named("DueDate"), "The same as `due_date`.")},
			property{"createdAt", described(openapi3.NewDateTimeSchema(), "The same as `created_at`.")},
			property{"updatedAt", described(openapi3.NewDateTimeSchema(), "The same as `updated_at`.")},
		)
		schema.WithProperty("category", described(openapi3.NewStringSchema(), "Absent for a task without one.", "work"))
	}
	return schema
}

// validationErrors and validationError have the names that FastAPI gives them.
func validationErrors() *openapi3.Schema {
	list := described(openapi3.NewArraySchema().WithMinItems(1), "One item for each validation error.")
	list.Items = schemaRef("ValidationError")
	return answer("What is wrong with a request.", property{"detail", list})
}

func validationError() *openapi3.Schema {
	schema := answer("A validation error, as pydantic 2 writes it.",
		property{"type", described(openapi3.NewStringSchema(), "The kind of error, for programs.", "string_too_short")},
		property{"loc", described(openapi3.NewArraySchema().WithMinItems(1).WithItems(named("LocationStep")),
			"Where it is: `body`, `path`, `query` or `header`, then the field, then the place in a list.", []any{"body", "title"})},
		property{"msg", described(openapi3.NewStringSchema(), "What is wrong, for a person to read.")},
		property{"input", described(openapi3.NewSchema(), "What was sent there.")})
	return schema.WithProperty("ctx", described(openapi3.NewObjectSchema().WithAnyAdditionalProperties(), "The numbers and words of the message."))
}
