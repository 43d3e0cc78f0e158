package web

import (
	"bytes"
	"net/http"
)

// ReferenceAssets is the pattern of the paths where the pages of the API reference expect their files, which
// ReferenceAsset serves.
const ReferenceAssets = "GET /docs/assets/{name}"

// referencePolicy also lets ReDoc start its search as a worker from a blob.
const referencePolicy = contentSecurityPolicy + "; worker-src blob:"

// SwaggerUI serves the page that shows the OpenAPI document at a path and tries requests.
func SwaggerUI(document string) http.Handler { return reference("docs.html", document) }

// ReDoc serves the page that shows the OpenAPI document at a path for reading.
func ReDoc(document string) http.Handler { return reference("redoc.html", document) }

// ReferenceAsset answers GET and HEAD of ReferenceAssets.
func ReferenceAsset(w http.ResponseWriter, r *http.Request) { assets("reference")(w, r) }

// reference serves a page. In its file, the document is at /openapi.json.
func reference(name, document string) http.Handler {
	page, err := dist.ReadFile("dist/reference/" + name)
	if err != nil {
		panic(err) // it is embedded
	}
	page = bytes.ReplaceAll(page, []byte("/openapi.json"), []byte(document))
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		writePage(w, referencePolicy, "no-cache", page) // the page names its files by their content
	})
}
