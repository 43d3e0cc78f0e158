package rest

import (
	"maps"
	"net/http"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"taskql/fastapi"
	"taskql/respond"
	"taskql/rest/openapi"
	"taskql/transfer"
)

// document is the OpenAPI document as it is sent.
type document struct {
	body jsontext.Value
	etag string
}

// newDocument describes the routes. Its examples come from the readers and writers of requests, so that it cannot
// promise other texts than the server sends.
func newDocument(base base, writer writer, routes []route) document {
	api := openapi.API{
		Base: string(base), Web: writer.dialect == Web, OpenStatus: writer.openStatus, MaxLimit: maxLimit, Details: maps.Clone(details),
		Task: writer.task(sample()), ChangedTask: writer.task(changedSample()), DoneTask: writer.task(doneSample()),
		ExportJSON: exported(transfer.JSON), ExportCSV: exported(transfer.CSV),
		Invalid: writer.dialect.invalidRequests(),
	}
	api.Details[http.StatusBadRequest], api.Details[http.StatusRequestEntityTooLarge] = incompleteBody, bodyTooLarge
	if writer.dialect == Web {
		for _, word := range slices.Sorted(maps.Keys(fastapi.PriorityWords)) {
			api.PriorityWords = append(api.PriorityWords, fastapi.KeptPriority(word))
		}
	}
	for _, r := range routes {
		api.Routes = append(api.Routes, openapi.Route{Method: r.method, Path: r.path, OperationID: r.id, Aliases: r.aliases, Open: r.open})
	}
	body := openapi.Document(api)
	return document{body, respond.Tag(body)}
}

func (a *adapter) openAPI(w http.ResponseWriter, r *http.Request) error {
	document := a.document()
	w.Header().Set("ETag", document.etag)
	w.Header().Set("Cache-Control", "no-cache") // caches may keep it, and must ask whether it has changed
	if respond.NotModified(r, document.etag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	return sendJSON(w, r, http.StatusOK, document.body)
}
