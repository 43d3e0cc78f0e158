package rest

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"taskql/reqlog"
)

// route is one operation of the API.
type route struct {
	method, path string
	// aliases are other paths for the same operation.
	aliases []string
	// open routes need no token.
	open bool
	// free routes cost nobody anything.
	free bool
	// cost is the complexity of a request with a token, or ownCost.
	cost  int
	serve endpoint
	// id is the operation ID, by which the OpenAPI document describes the route.
	id string
}

// paths returns the paths of the route.
func (r route) paths() []string { return append([]string{r.path}, r.aliases...) }

// endpoint serves a request, or returns an error that adapter.writeError then writes.
type endpoint func(w http.ResponseWriter, r *http.Request) error

type methods map[string]endpoint

// of returns the endpoint for a method, or nil. HEAD is GET: net/http omits the body.
func (m methods) of(method string) endpoint {
	if method == http.MethodHead {
		method = http.MethodGet
	}
	return m[method]
}

// register serves each path below the base, with and without a trailing slash, because browsers reject a redirected preflight.
func (a *adapter) register(mux *http.ServeMux, routes []route) {
	endpoints, open, free := map[string]methods{}, map[string]bool{}, map[string]bool{}
	for _, r := range routes {
		for _, path := range r.paths() {
			path = string(a.base) + path
			if endpoints[path] == nil {
				endpoints[path] = methods{}
			}
			endpoints[path][r.method], open[path], free[path] = a.charged(r, a.inTurn(r)), r.open, r.free
		}
	}
	for path, all := range endpoints {
		next := a.handler(all)
		switch {
		case !open[path]:
			next = a.Authenticate(next)
		case !free[path]:
			next = LimitAddress(a.Budget, next)
		}
		handler := a.onlyMethods(path, all, next)
		mux.Handle(path, handler)
		mux.Handle(path+"/{$}", handler)
	}
}

// onlyMethods answers other methods with 405 before anything else, as FastAPI does.
func (a *adapter) onlyMethods(path string, endpoints methods, next http.Handler) http.Handler {
	allow := strings.Join(slices.Sorted(maps.Keys(endpoints)), ", ")
	refuse := LimitAddress(a.Budget, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Allow", allow)
		writeDetail(w, http.StatusMethodNotAllowed, "Method Not Allowed")
	}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reqlog.SetRoute(r.Context(), path)
		if endpoints.of(r.Method) == nil {
			refuse.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (a *adapter) handler(endpoints methods) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer a.recover(w, r)
		if err := endpoints.of(r.Method)(w, r); err != nil {
			a.writeError(w, r, err)
		}
	})
}
