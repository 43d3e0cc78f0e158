package rest

import (
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/go-json-experiment/json/jsontext"

	"taskql/transfer"
)

func (ref reference) exportTasks() *openapi3.Operation {
	format := withSchema(openapi3.NewQueryParameter("format"), openapi3.NewStringSchema().WithEnum("json", "csv").WithDefault("json"),
		"What the file holds, in any letter case.", "csv")
	files := content(openapi3.NewArraySchema().WithItems(exportSchema()).NewRef(), example{"tasks", "A file", jsontext.Value(exported(transfer.JSON))})
	text := openapi3.NewMediaType().WithSchema(openapi3.NewStringSchema())
	text.Examples = openapi3.Examples{"tasks": &openapi3.ExampleRef{Value: &openapi3.Example{Summary: "A file", Value: exported(transfer.CSV)}}}
	files["text/csv"] = text
	_, err := readFormat(httptest.NewRequest(http.MethodGet, "/?format=xml", nil))
	return &openapi3.Operation{
		OperationID: "exportTasks", Tags: []string{tagTasks},
		Summary: "Export all tasks",
		Description: "All tasks outside the trash as a file that `taskql import` reads without loss. It comes as it is read: however many " +
			"tasks there are, the answer begins at once. A connection that is cut says that the file is not whole.",
		Parameters: append(uses("user_id"), &openapi3.ParameterRef{Value: format}),
		Responses: answers(
			http.StatusOK, "The file.", files, []string{"Content-Disposition"},
			[]example{invalid("format", "A format that there is not", err)},
			http.StatusUnauthorized, http.StatusForbidden,
		),
	}
}

// exported is what an export of the sample holds.
func exported(format transfer.Format) string {
	var b strings.Builder
	file := transfer.NewWriter(&b, format)
	if err := file.Write(sample()); err != nil {
		panic(err) // to memory
	}
	if err := file.Close(); err != nil {
		panic(err)
	}
	return b.String()
}

// exportSchema is a task as a file holds it, the same in every dialect.
func exportSchema() *openapi3.Schema {
	schema := reference{dialect: Seed}.taskSchema()
	withKeys(schema,
		property{"due_kind", described(orNull(openapi3.NewStringSchema()), "What `due_date` is: `DATE`, `LOCAL` or `INSTANT`.", "DATE")},
		property{"completed_at", described(orNull(openapi3.NewStringSchema()), "When it was last done, in UTC.")},
	)
	return schema
}
