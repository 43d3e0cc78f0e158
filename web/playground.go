package web

import (
	"bytes"
	"html/template"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
)

// PlaygroundOptions configure the playground: where its requests go and which user sends them.
type PlaygroundOptions struct {
	// Endpoint is the URL path of the GraphQL endpoint, on the playground's own origin.
	Endpoint string

	// AuthURL is the address of the Better Auth server that the sign-in form suggests, or "".
	AuthURL string

	// Token, if not nil, is called for each page load, possibly by several goroutines at once. A non-empty result becomes
	// the bearer token in the headers of every tab, so that everybody who opens the page acts as that user: use it for
	// development only. A page that a browser on this machine has not requested itself gets no token; see isLocal. The page
	// has no CORS headers, so that scripts of other sites cannot read the token.
	Token func() string

	// Admit, if not nil, is called for each attempt to sign in. If it does not return 0, the attempt is refused, and the next one may succeed after so
	// many seconds.
	Admit func(*http.Request) int
}

// config is what the page reads from its config element.
type config struct {
	Endpoint string `json:"endpoint"`
	AuthURL  string `json:"authURL,omitempty"`
	Token    string `json:"token,omitempty"`
}

// NewPlayground returns a handler for GET and HEAD of the page at exactly "/" and of the page's static
// files below "/playground/", and for POST of its sign-in form. Every other path is not found.
func NewPlayground(o PlaygroundOptions) http.Handler {
	page := template.Must(template.ParseFS(dist, "dist/playground/index.html"))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		c := config{Endpoint: o.Endpoint, AuthURL: o.AuthURL}
		if o.Token != nil && isLocal(r) {
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
	mux.HandleFunc("POST /playground/sign-in", o.signIn)
	return mux
}

// isLocal reports whether a browser on this machine has sent the request: by its address, by the host and the port that it asks for,
// and because nothing shows that the request was forwarded. A proxy or a tunnel has an address of this machine and may
// ask for 127.0.0.1, but its users are strangers.
func isLocal(r *http.Request) bool {
	client, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && client.Addr().Unmap().IsLoopback() && isLoopback(r.Host) && asksForPort(r) && !isForwarded(r)
}

// asksForPort reports whether the Host header has the port at which the request has arrived, as a browser writes it. A proxy that
// passes on the host of its users, or another one that it is told to, does not know it.
func asksForPort(r *http.Request) bool {
	arrived, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	if !ok {
		return false
	}
	_, port, err := net.SplitHostPort(r.Host)
	if err != nil { // there is none
		port = "80"
	}
	return port == strconv.Itoa(arrived.Port)
}

// isForwarded reports whether a proxy has left a trace. nginx and the proxies of development servers add no header unless they are told
// to. They send HTTP/1.0, or HTTP/1.1 with another Connection header than all browsers.
func isForwarded(r *http.Request) bool {
	for name := range r.Header {
		switch name {
		case "Forwarded", "Via", "X-Real-Ip", "X-Client-Ip", "True-Client-Ip", "Cf-Connecting-Ip", "Cdn-Loop":
			return true
		}
		if strings.HasPrefix(name, "X-Forwarded-") || strings.HasPrefix(name, "X-Original-") {
			return true
		}
	}
	return !r.ProtoAtLeast(1, 1) || !strings.EqualFold(r.Header.Get("Connection"), "keep-alive")
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
