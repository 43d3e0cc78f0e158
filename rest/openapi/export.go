package openapi

import (
	"net/http"

	"github.com/go-json-experiment/json/jsontext"
)

func (a API) exportTasks() *operation {
	format := withSchema(inQuery("format"), &schema{Ref: named("ExportFormat").Ref, Default: "json"},
		"What the file holds, in any letter case.", "csv")
	files := content(listOf("ExportedTask"), Example{"tasks", "A file", jsontext.Value(a.ExportJSON)})
	files["text/csv"] = &mediaType{Schema: text(), Examples: map[string]example{"tasks": {Summary: "A file", Value: a.ExportCSV}}}
	return &operation{
		OperationID: "exportTasks", Tags: []string{tagTasks},
		Summary: "Export all tasks",
		Description: "All tasks outside the trash as a file that `taskql import` reads without loss. It is sent while it is read: however many " +
			"tasks there are, the response begins immediately. If the connection is cut, the file is incomplete.",
		Parameters: append(uses("user_id"), format),
		Responses: answers(
			http.StatusOK, "The file.", files, []string{"Content-Disposition"},
			a.Invalid["exportTasks"],
			http.StatusUnauthorized, http.StatusForbidden,
		),
	}
}

// exportSchema is a task as a file holds it, the same in every dialect.
func exportSchema() *schema {
	schema := API{}.taskSchema()
	schema.with(property{"priority", named("ExportedPriority")})
	schema.withAll(
		property{"due_kind", described(orNull(text()), "What `due_date` is: `DATE`, `LOCAL` or `INSTANT`.", "DATE")},
		property{"completed_at", described(orNull(text()), "When it was last done, in UTC.")},
	)
	return schema
}
