package web

import "net/http"

// ReferenceAssets is the pattern of the paths where the pages of the API reference expect their files, which
// ReferenceAsset serves.
const ReferenceAssets = "GET /docs/assets/{name}"

// referencePolicy also lets ReDoc start its search as a worker from a blob.
const referencePolicy = contentSecurityPolicy + "; worker-src blob:"

// SwaggerUI answers with the page that shows /openapi.json and tries requests.
func SwaggerUI(w http.ResponseWriter, _ *http.Request) { writeReference(w, "docs.html") }

// ReDoc answers with the page that shows /openapi.json for reading.
func ReDoc(w http.ResponseWriter, _ *http.Request) { writeReference(w, "redoc.html") }

// ReferenceAsset answers GET and HEAD of ReferenceAssets.
func ReferenceAsset(w http.ResponseWriter, r *http.Request) { assets("reference")(w, r) }

func writeReference(w http.ResponseWriter, name string) {
	page, err := dist.ReadFile("dist/reference/" + name)
	if err != nil {
		panic(err) // it is embedded
	}
	writePage(w, referencePolicy, "no-cache", page) // the page names its files by their content
}
