// Package apidocs serves Swagger UI and ReDoc, which show /openapi.json, from embedded files.
package apidocs

import (
	"bytes"
	"compress/gzip"
	"embed"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"
)

//go:generate npm ci --loglevel=error
//go:generate npm run --silent build

//go:embed dist
var dist embed.FS

// AssetPath is where the pages expect their files: it is served by Asset.
const AssetPath = "/docs/assets/{name}"

// contentSecurityPolicy keeps the pages on their own origin whatever a response or a bundle may ask
// for. Both pages add style elements, Swagger UI's style sheet has images as data URLs, and ReDoc
// starts its search as a worker from a blob.
const contentSecurityPolicy = "default-src 'self'; " +
	"style-src 'self' 'unsafe-inline'; " +
	"img-src 'self' data:; " +
	"worker-src blob:; " +
	"object-src 'none'; " +
	"base-uri 'none'; " +
	"form-action 'none'; " +
	"frame-ancestors 'none'"

// SwaggerUI answers with the page that shows the reference and tries requests.
func SwaggerUI(w http.ResponseWriter, _ *http.Request) { servePage(w, "docs.html") }

// ReDoc answers with the page that shows the reference to read.
func ReDoc(w http.ResponseWriter, _ *http.Request) { servePage(w, "redoc.html") }

func servePage(w http.ResponseWriter, name string) {
	page, err := dist.ReadFile("dist/" + name)
	if err != nil {
		panic(err) // it is embedded
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", contentSecurityPolicy)
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-cache") // the page names its files by their content
	_, _ = w.Write(page)               // the client is gone if this fails
}

// Asset answers GET and HEAD of AssetPath. The files are embedded in compressed form, and sent so
// where the client takes it.
func Asset(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	content, err := dist.ReadFile("dist/assets/" + name + ".gz")
	if err != nil {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", contentType(name))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	// The name carries a hash of the content.
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	if takesGzip(r.Header.Get("Accept-Encoding")) {
		h.Set("Content-Encoding", "gzip")
		_, _ = w.Write(content)
		return
	}
	plain, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		panic(err) // it is embedded
	}
	_, _ = io.Copy(w, plain)
}

// takesGzip reports whether a client names gzip among the encodings that it accepts.
func takesGzip(accepted string) bool {
	for coding := range strings.SplitSeq(accepted, ",") {
		name, weight, _ := strings.Cut(coding, ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			q, err := strconv.ParseFloat(strings.TrimPrefix(strings.TrimSpace(weight), "q="), 64)
			return err != nil || q > 0
		}
	}
	return false
}

// contentType does not ask package mime, whose answers depend on the machine's own tables.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	default:
		return "text/plain; charset=utf-8"
	}
}
