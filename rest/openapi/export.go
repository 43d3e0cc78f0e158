package openapi

import (
	"net/http"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/go-json-experiment/json/jsontext"
)

func (a API) exportTasks() *openapi3.Operation {
	format := withSchema(openapi3.NewQueryParameter("format"), named("ExportFormat").WithDefault("json"),
		"What the file holds, in any letter case.", "csv")
	files := content(listOf("ExportedTask"), Example{"tasks", "A file", jsontext.Value(a.ExportJSON)})
	text := openapi3.NewMediaType().WithSchema(openapi3.NewStringSchema())
	text.Examples = openapi3.Examples{"tasks": &openapi3.ExampleRef{Value: &openapi3.Example{Summary: "A file", Value: a.ExportCSV}}}
	files["text/csv"] = text
	return &openapi3.Operation{
		OperationID: "exportTasks", Tags: []string{tagTasks},
		Summary: "Export all tasks",
		Description: "All tasks outside the trash as a file that `taskql import` reads without loss. It is sent while it is read: however many " +
			"tasks there are, the response begins immediately. If the connection is cut, the file is incomplete.",
		Parameters: append(uses("user_id"), &openapi3.ParameterRef{Value: format}),
		Responses: answers(
			http.StatusOK, "The file.", files, []string{"Content-Disposition"},
			a.Invalid["exportTasks"],
			http.StatusUnauthorized, http.StatusForbidden,
		),
	}
}

// exportSchema is a task as a file holds it, the same in every dialect.
func exportSchema() *openapi3.Schema {
	schema := API{}.taskSchema()
	schema.WithProperty("priority", named("ExportedPriority"))
	withKeys(schema,
		property{"due_kind", described(orNull(openapi3.NewStringSchema()), "What `due_date` is: `DATE`, `LOCAL` or `INSTANT`.", "DATE")},
		property{"completed_at", described(orNull(openapi3.NewStringSchema()), "When it was last done, in UTC.")},
	)
	return schema
}
