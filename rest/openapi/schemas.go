package openapi

import (
	"maps"
)

// schemas are those that have names.
func (a API) schemas() map[string]*schema {
	all := map[string]*schema{
		"Task":           a.taskSchema(),
		"TaskCreate":     a.taskInput("What a new task is to be. Only the title is required.", "title"),
		"TaskUpdate":     a.taskInput("What is to change. A field that is left out stays as it is."),
		"TaskCompletion": completionInput(),
		"ExportedTask":   exportSchema(),
		"Deleted": answer("Confirms that the task is in the trash.",
			property{"message", text()},
			property{"success", boolean()},
			property{"id", described(long(), "The task's id.")}),
		"Stats": answer("How many tasks the user has.",
			property{"total", count()}, property{"pending", count()}, property{"completed", count()}),
		"User": answer("The user as the token describes them.",
			property{"id", text()},
			property{"email", orNull(text())},
			property{"name", orNull(text())},
			property{"created_at", described(orNull(text()), "When the user signed up, as the token has it.")}),
		"Profile": answer("The user and how many tasks they have.",
			property{"user", answer("",
				property{"id", text()},
				property{"email", orNull(text())},
				property{"name", orNull(text())})},
			property{"stats", answer("",
				property{"total_tasks", count()}, property{"completed_tasks", count()}, property{"pending_tasks", count()})}),
		"Health": answer("Whether the server works.",
			property{"status", named("HealthStatus")},
			property{"service", &schema{Type: "string", Const: "taskql"}}),
		"HTTPError":           answer("Why a request failed, for a person to read.", property{"detail", text()}),
		"HTTPValidationError": validationErrors(),
		"ValidationError":     validationError(),
	}
	maps.Copy(all, a.values())
	for name, schema := range all {
		schema.Title = name
	}
	return all
}

// answer is an object of ours: it has exactly these keys, and always all of them.
func answer(description string, properties ...property) *schema {
	return described(object(), description).others(false).withAll(properties...)
}

func count() *schema { return integer().atLeast(0) }

func listOf(name string) *schema { return list(named(name)) }

// taskSchema is a task as the encoder writes it.
func (a API) taskSchema() *schema {
	tags := described(text(), "A string that holds a JSON array of strings: read it with `JSON.parse`.", `["home","garden"]`)
	if a.Web {
		tags = described(list(text()), "In the order in which they were given.", []any{"home", "garden"})
	}
	schema := answer("A task.",
		property{"id", described(long(), "Given by the server.", 1)},
		property{"user_id", described(text(), "The owner: always the token's user.", "ada")},
		property{"title", described(text().lengths(1, 0), "1 to 200 characters.", "Water the plants")},
		property{"description", described(orNull(text()), "Up to 10,000 characters.")},
		property{"priority", described(named("Priority"), "Medium unless it was given.")},
		property{"tags", tags},
		property{"due_date", named("DueDate")},
		property{"completed", boolean()},
		property{"created_at", described(instant(), "In UTC.", "2026-01-15T17:00:00.123456Z")},
		property{"updated_at", described(instant(), "When it was last changed, in UTC.", "2026-01-15T17:00:00.123456Z")},
	)
	if a.Web {
		schema.withAll(
			property{"is_completed", described(boolean(), "The same as `completed`.")},
			property{"status", described(named("Status"), "`completed` in words.")},
			property{"userId", described(text(), "The same as `user_id`.")},
			property{"dueDate", described(named("DueDate"), "The same as `due_date`.")},
			property{"createdAt", described(instant(), "The same as `created_at`.")},
			property{"updatedAt", described(instant(), "The same as `updated_at`.")},
		)
		schema.with(property{"category", described(text(), "Absent for a task without one.", "work")})
	}
	return schema
}

// validationErrors and validationError have the names that FastAPI gives them.
func validationErrors() *schema {
	list := described(atLeastOne(named("ValidationError")), "One item for each validation error.")
	return answer("What is wrong with a request.", property{"detail", list})
}

func validationError() *schema {
	schema := answer("A validation error, as pydantic 2 writes it.",
		property{"type", described(text(), "The kind of error, for programs.", "string_too_short")},
		property{"loc", described(atLeastOne(named("LocationStep")),
			"Where it is: `body`, `path`, `query` or `header`, then the field, then the place in a list.", []any{"body", "title"})},
		property{"msg", described(text(), "What is wrong, for a person to read.")},
		property{"input", described(anything(), "What was sent there.")})
	return schema.with(property{"ctx", described(object().others(true), "The numbers and words of the message.")})
}
