package persisted

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"taskql/models"
)

// IDs are the fields of a request that may name its document, beside the extension persistedQuery: GraphQL over HTTP's, and
// those of Relay's front ends.
type IDs struct {
	DocumentID any `json:"documentId"`
	DocID      any `json:"doc_id"`
	ID         any `json:"id"`
}

// IDNames are the names of the fields of IDs.
func IDNames() []string { return []string{"documentId", "doc_id", "id"} }

// extension is where Put leaves the id for Requested.
const extension = "documentId"

// Put adds the first of the ids to the extensions of the request, where Requested finds it, and returns them. It reports false
// if there is none. An id of another type than text is none, except for documentId, which Requested refuses then. With a text, names
// other than documentId mean something else.
func (ids IDs) Put(extensions map[string]any, withText bool) (map[string]any, bool) {
	id := ids.DocumentID
	if id == "" {
		id = nil
	}
	for _, other := range []any{ids.DocID, ids.ID} {
		if text, ok := other.(string); ok && text != "" && id == nil && !withText {
			id = text
		}
	}
	if id == nil {
		return extensions, false
	}
	if extensions == nil {
		extensions = map[string]any{}
	}
	extensions[extension] = id
	return extensions, true
}

// PutInto is Put for the JSON of a request, which it returns unchanged if it has no id.
func PutInto(request []byte) []byte {
	if !slices.ContainsFunc(IDNames(), func(name string) bool { return bytes.Contains(request, []byte(`"`+name+`"`)) }) {
		return request // without the work of decoding it
	}
	var fields struct {
		IDs
		Query      string         `json:"query"`
		Extensions map[string]any `json:"extensions"`
		Others     jsontext.Value `json:",embed"`
	}
	if json.Unmarshal(request, &fields) != nil { // whatever decodes the request reports it
		return request
	}
	extensions, found := fields.Put(fields.Extensions, fields.Query != "")
	if !found {
		return request
	}
	text, err := json.Marshal(struct {
		Query      string         `json:"query"`
		Extensions map[string]any `json:"extensions"`
		Others     jsontext.Value `json:",embed"`
	}{fields.Query, extensions, fields.Others})
	if err != nil {
		return request
	}
	return text
}

// Requested returns the id in the extensions of a request, or "". hashed is true if it must be the hash of the request's text: it is the
// one of the extension persistedQuery, or has the prefix "sha256:". The errors have models.CodeBadUserInput.
func Requested(extensions map[string]any) (id string, hashed bool, err *models.Error) {
	invalid := func(message string, path ...string) (string, bool, *models.Error) {
		return "", false, &models.Error{Code: models.CodeBadUserInput, Message: message, Path: path}
	}
	if given := extensions[extension]; given != nil {
		id, ok := given.(string)
		if !ok {
			return invalid("The id of a document is a text.", "documentId")
		}
		return id, strings.HasPrefix(id, hashPrefix), nil
	}
	given := extensions["persistedQuery"]
	if given == nil {
		return "", false, nil
	}
	query, _ := given.(map[string]any)
	if version := query["version"]; fmt.Sprint(version) != "1" {
		return invalid("The version of persistedQuery must be 1.", "extensions", "persistedQuery", "version")
	}
	if id, _ = query["sha256Hash"].(string); id == "" {
		return invalid("The sha256Hash of persistedQuery must be a text.", "extensions", "persistedQuery", "sha256Hash")
	}
	return id, true, nil
}

// Fits reports whether an id is the hash of a text, with or without the prefix "sha256:".
func Fits(id, text string) bool { return strings.TrimPrefix(id, hashPrefix) == Hash(text) }
