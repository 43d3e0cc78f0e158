// Package web serves the embedded pages: the playground and the API reference. The pages load nothing from other origins.
package web

import (
	"bytes"
	"compress/gzip"
	"embed"
	"io"
	"net/http"
	"path"
	"strconv"

	"taskql/respond"
)

//go:generate npm ci --loglevel=error
//go:generate npm run --silent build

//go:embed dist
var dist embed.FS

// contentSecurityPolicy keeps a page on its own origin whatever a response or a bundle may ask for. All pages add style
// elements, and their style sheets have images as data URLs.
const contentSecurityPolicy = "default-src 'self'; " +
	"style-src 'self' 'unsafe-inline'; " +
	"img-src 'self' data:; " +
	"object-src 'none'; " +
	"base-uri 'none'; " +
	"form-action 'none'; " +
	"frame-ancestors 'none'"

// writePage answers with a page. cache is its Cache-Control.
func writePage(w http.ResponseWriter, policy, cache string, page []byte) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", cache)
	_, _ = w.Write(page) // an error means that the client has gone
}

// assets answers GET and HEAD of {name} with a file of a folder. The files are embedded compressed, and are sent so to
// clients that accept gzip.
func assets(folder string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		name := r.PathValue("name")
		content, err := dist.ReadFile("dist/" + folder + "/assets/" + name + ".gz")
		if err != nil {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Type", contentType(name))
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		// The name contains a hash of the content.
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("Vary", "Accept-Encoding")
		if respond.AcceptsGzip(r.Header["Accept-Encoding"]) {
			h.Set("Content-Encoding", "gzip")
			h.Set("Content-Length", strconv.Itoa(len(content)))
			_, _ = w.Write(content)
			return
		}
		plain, err := gzip.NewReader(bytes.NewReader(content))
		if err != nil {
			panic(err) // it is embedded
		}
		_, _ = io.Copy(w, plain)
	}
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
