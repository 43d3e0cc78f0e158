// Package playground serves GraphiQL from embedded files.
package playground

import (
	"bytes"
	"embed"
	"html/template"
	"net"
	"net/http"
	"net/netip"
	"path"
	"strings"
	"time"
)

//go:generate npm ci --loglevel=error
//go:generate npm run --silent build

//go:embed dist
var dist embed.FS

// contentSecurityPolicy keeps the page on its own origin whatever a response or the bundle
// may ask for. GraphiQL's menus and dialogs add style elements, and its style sheet has
// images as data URLs.
const contentSecurityPolicy = "default-src 'self'; " +
	"style-src 'self' 'unsafe-inline'; " +
	"img-src 'self' data:; " +
	"object-src 'none'; " +
	"base-uri 'none'; " +
	"form-action 'none'; " +
	"frame-ancestors 'none'"

// Options says where the playground's requests go and who they are from.
type Options struct {
	// Endpoint is the URL path of the GraphQL endpoint, on the playground's own origin.
	Endpoint string

	// Token, if not nil, is called for each page load, possibly by several goroutines at
	// once. A non-empty result becomes the bearer token in the headers of every tab, so
	// that whoever opens the page acts as that user: it is for development only. A page
	// that was asked for under a name other than this machine's own gets no token, and
	// what stops other sites' scripts from reading it is that it has no CORS headers.
	Token func() string
}

// config is what the page reads from its config element.
type config struct {
	Endpoint string `json:"endpoint"`
	Token    string `json:"token,omitempty"`
}

// New returns a handler for GET and HEAD of the page at exactly "/" and of the page's static
// files below "/playground/". Every other path is not found.
func New(o Options) http.Handler {
	page := template.Must(template.ParseFS(dist, "dist/index.html"))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		c := config{Endpoint: o.Endpoint}
		if o.Token != nil && isLoopback(r.Host) {
			c.Token = o.Token()
		}
		servePage(w, page, c)
	})
	mux.HandleFunc("GET /playground/{name}", serveAsset)
	return mux
}

func servePage(w http.ResponseWriter, page *template.Template, c config) {
	var body bytes.Buffer
	if err := page.Execute(&body, c); err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", contentSecurityPolicy)
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	// More than no-cache, because the page may hold a token.
	h.Set("Cache-Control", "no-store")
	_, _ = body.WriteTo(w) // The client has gone; nobody is left to tell.
}

func serveAsset(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	content, err := dist.ReadFile("dist/assets/" + name)
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
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(content))
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

// isLoopback reports whether a Host header names this machine in a way that no DNS server can
// point elsewhere. A site that rebinds its own name to 127.0.0.1 fails here and so cannot read
// the token.
func isLoopback(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.ToLower(host)
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && addr.IsLoopback()
}
