package app

import (
	"log/slog"
	"net/http"
	"strings"
	"sync"
)

// maxRefusedOrigins is how many origins are logged, and remembered. Clients can send any number of them.
const maxRefusedOrigins = 20

// refusedOrigins logs each origin that is not allowed once. A browser shows its developer only that the request failed.
type refusedOrigins struct {
	log *slog.Logger

	mu   sync.Mutex
	seen map[string]bool
}

// note logs an origin whose pages may not read the response to a request. Two kinds of requests do not depend on it: those of a
// page of this server, and WebSockets. variable is the setting with the allowed origins.
func (o *refusedOrigins) note(r *http.Request, origin, variable string) {
	if _, host, _ := strings.Cut(origin, "://"); origin == "" || strings.EqualFold(host, r.Host) || r.Header.Get("Upgrade") != "" {
		return
	}
	const longest = 200
	if len(origin) > longest {
		origin = origin[:longest]
	}
	o.mu.Lock()
	known := o.seen[origin] || len(o.seen) == maxRefusedOrigins
	if !known {
		if o.seen == nil {
			o.seen = map[string]bool{}
		}
		o.seen[origin] = true
	}
	last := len(o.seen) == maxRefusedOrigins
	o.mu.Unlock()
	if known {
		return
	}
	message := "a page was refused by CORS: if it is a front end of yours, add its origin to " + variable
	if origin == "null" {
		message = "a page without an origin was refused by CORS: serve it over http instead of opening it as a file"
	}
	o.log.WarnContext(r.Context(), message, "origin", origin)
	if last {
		o.log.WarnContext(r.Context(), "no more origins that CORS refuses are logged until the next start")
	}
}
