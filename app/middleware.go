package app

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rs/cors"

	"taskql/budget"
	"taskql/config"
	"taskql/graph"
	"taskql/respond"
	"taskql/rest"
)

// The middleware of the server. routes.go sets the order.

// withCORS lets the origins of the present configuration call the API, with credentials, and answers their preflights. It logs the others.
func withCORS(present *atomic.Pointer[config.Config], log *slog.Logger, next http.Handler) http.Handler {
	methods := []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
	refused := &refusedOrigins{log: log}
	return cors.New(cors.Options{
		AllowOriginVaryRequestFunc: func(r *http.Request, origin string) (bool, []string) {
			c := present.Load()
			allowed := c.AllowsOrigin(origin)
			if !allowed {
				refused.note(r, origin, c.CORSVariable)
			}
			return allowed, nil
		},
		AllowedMethods:   methods,
		AllowedHeaders:   []string{"*"}, // whatever the browser asks for
		ExposedHeaders:   []string{"X-Total-Count", "ETag", "Link", "Location", "Retry-After", "RateLimit", "RateLimit-Policy", "WWW-Authenticate", "Idempotency-Key", "Idempotency-Replayed", "X-Request-Id"},
		AllowCredentials: true,
		MaxAge:           600,
		// The library lists only the method that the browser asks for. A preflight ends here with all of them.
		OptionsPassthrough: true,
	}).Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
			next.ServeHTTP(w, r)
			return
		}
		if w.Header().Get("Access-Control-Allow-Methods") != "" {
			w.Header().Set("Access-Control-Allow-Methods", strings.Join(methods, ", "))
		}
		w.WriteHeader(http.StatusNoContent)
	}))
}

// maxHead is how many bytes the request line and the headers may have. Above the limit of http.Server, which is higher,
// net/http answers in plain text.
const maxHead = 64 << 10

// withHeadLimit refuses requests with a longer head in the form of their API.
func withHeadLimit(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case headBytes(r) <= maxHead:
			next.ServeHTTP(w, r)
		case r.URL.Path == "/graphql":
			graph.HeadTooLarge(w, r)
		default:
			rest.HeadTooLarge(w, r)
		}
	})
}

// headBytes is the length of the head of a request over HTTP/1.1. net/http keeps the host apart from the other headers.
func headBytes(r *http.Request) int {
	const separators = len(": \r\n")
	size := len(r.Method) + len(r.RequestURI) + len(r.Proto) + separators + len("Host") + len(r.Host) + separators
	for name, values := range r.Header {
		for _, value := range values {
			size += len(name) + len(value) + separators
		}
	}
	return size
}

// withExactPaths answers 404 to paths with empty segments or dot segments. http.ServeMux would redirect them to the
// clean path, and browsers reject a redirected preflight. It looks at the escaped path: an escaped slash or dot is part
// of a segment, such as the id of a user that is a URL. It also answers requests without a path, such as CONNECT, to which http.ServeMux
// answers in plain text.
func withExactPaths(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.EscapedPath()
		if !strings.HasPrefix(path, "/") || strings.Contains(path, "//") || strings.Contains(path, "/.") && hasDots(path) {
			rest.NotFound(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// hasDots reports whether a path has a dot segment.
func hasDots(path string) bool {
	segments := strings.Split(path, "/")
	return slices.Contains(segments, ".") || slices.Contains(segments, "..")
}

// withTimeout bounds the time of a request. A WebSocket or an event stream lasts as long as its token: its
// operations are bounded one by one, as are the batches of a list or an export.
func withTimeout(timeout time.Duration, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/graphql" && (graph.IsSocket(r) || graph.IsStream(r)) || rest.IsStream(r) {
			next.ServeHTTP(w, r)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), timeout)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// denying returns the function that answers requests for REST without a valid token. The token is checked before the address, because others may have
// the same address.
func denying(budgets *budget.Budgets) func(http.ResponseWriter, *http.Request, error) {
	return func(w http.ResponseWriter, r *http.Request, err error) {
		if refused := budgets.ChargeAddress(r); refused != nil {
			err = refused
		}
		rest.Deny(w, r, err)
	}
}

// withNoStore forbids to keep answers. Those that may be kept say otherwise.
func withNoStore(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		respond.NoStore(w.Header())
		next.ServeHTTP(w, r)
	})
}
