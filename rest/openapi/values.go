package openapi

import (
	"strings"
	"unicode"

	"taskql/models"
)

// values are the enums and the unions. Each has a name, because client generators invent names for those without, and
// the names for due_date and dueDate would be the same.
func (a API) values() map[string]*schema {
	all := map[string]*schema{
		"ExportFormat":     described(oneWordOf("json", "csv"), "What an exported file holds."),
		"Priority":         described(oneWordOf(a.priorities()...), "The priority of a task."),
		"ExportedPriority": described(oneWordOf(API{}.priorities()...), "The priority of a task in a file."),
		"PriorityInput":    a.priorityInput(),
		"DueDate": described(orNull(text()).matching(duePattern), dueDescription,
			"2030-03-01T00:00:00", "2030-03-01T17:00:00", "2030-03-01T16:00:00Z"),
		"DueDateInput":   dueInput(),
		"TagsInput":      tagsInput(),
		"StatusInput":    statusInput(),
		"CompletedInput": completedInput(),
		"BooleanWord":    described(oneWordOf("true", "false", "yes", "no", "on", "off", "t", "f", "y", "n", "1", "0"), "A boolean in words, in any letter case."),
		"HealthStatus":   oneWordOf("healthy", "unhealthy"),
		"LocationStep": described(anyOf(text(), integer()),
			"A field, or a place in a list."),
	}
	if a.Web {
		all["Status"] = described(oneWordOf("completed", a.OpenStatus), "Whether a task is done, in words.")
	}
	return all
}

// priorities are the priorities of tasks, as they are written.
func (a API) priorities() []any {
	if a.Web {
		words := []any{"high", "medium", "low"}
		for _, word := range a.PriorityWords {
			words = append(words, word)
		}
		return words
	}
	return []any{models.PriorityHigh, models.PriorityMedium, models.PriorityLow}
}

const (
	duePattern     = `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z?$`
	dueDescription = "A day is its midnight without a zone, a local time has no zone, and an instant is in UTC, with `Z`."
)

func tagsInput() *schema {
	return described(anyOf(
		&schema{Type: "array", MaxItems: models.MaxTags, Items: text().lengths(1, models.MaxTag)},
		described(text(), "A JSON array as a string, else a comma list.", "home, garden", `["home","garden"]`),
		null(),
	), "Up to 20 tags of up to 50 characters. Null is none.")
}

func (a API) priorityInput() *schema {
	words := []string{"high", "medium", "low"}
	description := "In any letter case. MEDIUM for a new task that has none; in an update, null counts as absent."
	if a.Web {
		words = append(words, a.PriorityWords...)
		description += " Urgent, critical, P1 and P2 are high for filters and sorting; none, normal and P3 are medium; P4 is low. The task keeps the word."
	}
	return described(anyOf(
		oneWordOf(models.PriorityHigh, models.PriorityMedium, models.PriorityLow),
		text().matching(anyCase(words...)),
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

func dueInput() *schema {
	return described(anyOf(
		described(formatted("date"), "A day."),
		described(formatted("date-time"), "An instant."),
		described(formatted("date-time-local"), "A time without a zone."),
		described(oneWordOf(""), "None."),
		described((&schema{Type: "number"}).atLeast(-earliestUnix).atMost(latestUnix), "Unix time."),
		null(),
	), dueInputDescription)
}

func statusInput() *schema {
	return described(anyOf(
		oneWordOf("completed", "done", "pending", "todo", "in_progress", "incomplete", "active", "open"),
		null(),
	), "Used if `completed` is absent. `completed` and `done` mean done, the other values mean open.")
}

// completedInput is the schema of the values that pydantic reads as a boolean.
func completedInput() *schema {
	return described(anyOf(
		boolean(),
		&schema{Type: "integer", Enum: []any{0, 1}},
		named("BooleanWord"),
		null(),
	), "Whether the task is done. Null counts as absent.")
}
