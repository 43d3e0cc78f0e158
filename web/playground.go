package web

import (
	"bytes"
	"html/template"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// PlaygroundOptions configure the playground: where its requests go and which user sends them.
type PlaygroundOptions struct {
	// Endpoint is the URL path of the GraphQL endpoint, on the playground's own origin.
	Endpoint string

	// Token, if not nil, is called for each page load, possibly by several goroutines at once. A non-empty result becomes
	// the bearer token in the headers of every tab, so that everybody who opens the page acts as that user: use it for
	// development only. A page requested under a name other than this machine's own gets no token. The page has no CORS
	// headers, so that scripts of other sites cannot read the token.
	Token func() string
}

// config is what the page reads from its config element.
type config struct {
	Endpoint string `json:"endpoint"`
	Token    string `json:"token,omitempty"`
}

// NewPlayground returns a handler for GET and HEAD of the page at exactly "/" and of the page's static
// files below "/playground/". Every other path is not found.
func NewPlayground(o PlaygroundOptions) http.Handler {
	page := template.Must(template.ParseFS(dist, "dist/playground/index.html"))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		c := config{Endpoint: o.Endpoint}
		if o.Token != nil && isLoopback(r.Host) {
			c.Token = o.Token()
		}
		var body bytes.Buffer
		if err := page.Execute(&body, c); err != nil {
			http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
			return
		}
		writePage(w, contentSecurityPolicy, "no-store", body.Bytes()) // stricter than no-cache: the page may contain a token
	})
	mux.HandleFunc("GET /playground/{name}", assets("playground"))
	return mux
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
