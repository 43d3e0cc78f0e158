// Package rest is the REST transport, in the shapes of the FastAPI backends that it replaces. Each handler decodes a request,
// calls one operation of tasks and encodes the response.
package rest

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"taskql/budget"
	"taskql/share"
	"taskql/tasks"
)

// Options configure the REST API. All fields but Budget, Turns and Pages are required.
type Options struct {
	Service *tasks.Service
	// Authenticate passes requests with a valid token on, with their user in the context. It calls Deny for the others.
	Authenticate func(http.Handler) http.Handler
	// Timeout bounds the read of one batch of a list or an export, and the time in which the client must accept it. The
	// caller bounds all other requests; see IsStream.
	Timeout time.Duration
	// Budget limits what each user's requests cost, and how many requests without a token an address sends. nil is no limit.
	Budget *budget.Budgets
	// Turns are taken by requests that are executed; nil is no limit.
	Turns *share.Turns
	Log   *slog.Logger
	// Dialect is that of the paths without a base; see bases.
	Dialect Dialect
	// OpenStatus is the word of the dialect Web for the status of an open task, one of fastapi.Statuses.
	OpenStatus string
	// Healthy fails if the database does not work, for reading or for writing.
	Healthy func(context.Context) error
	// Ready reports whether tokens can be verified yet.
	Ready func() bool
	// Pages are additional routes that need no token.
	Pages []Page
}

// Page is an additional route. Like all routes it is served with and without a trailing slash, and answers 405 to methods
// other than GET and HEAD.
type Page struct {
	Path string
	// OperationID is the page's name in the OpenAPI document, which must describe it.
	OperationID string
	// Handler returns the page for the OpenAPI document at a path.
	Handler func(document string) http.Handler
}

func (p Page) serve(document string) endpoint {
	page := p.Handler(document)
	return func(w http.ResponseWriter, r *http.Request) error {
		page.ServeHTTP(w, r)
		return nil
	}
}

// adapter serves the routes at one base.
type adapter struct {
	Options
	base base
	hint hint
	// document is made by the first request for it: that takes longer than the rest of the start.
	document func() document
}

func (a *adapter) writer() writer { return writer{a.Dialect, a.OpenStatus} }

// documentPath is where the OpenAPI document is, below each base.
const documentPath = "/openapi.json"

// routes are all routes of the adapter, with paths below its base. The document describes them by their operation IDs.
func (a *adapter) routes() []route {
	routes := []route{
		{method: "GET", path: "/api/{user_id}/tasks", serve: a.list, cost: ownCost, id: "listTasks"},
		{method: "POST", path: "/api/{user_id}/tasks", serve: a.create, cost: tasks.CostOfChange, id: "createTask"},
		{method: "GET", path: "/api/{user_id}/tasks/export", serve: a.export, cost: tasks.CostOfList, id: "exportTasks"},
		{method: "GET", path: "/api/{user_id}/tasks/{id}", serve: a.get, cost: tasks.CostOfCall + tasks.CostOfTask, id: "getTask"},
		{method: "PUT", path: "/api/{user_id}/tasks/{id}", serve: a.update, cost: tasks.CostOfChange, id: "replaceTask"},
		{method: "PATCH", path: "/api/{user_id}/tasks/{id}", serve: a.update, cost: tasks.CostOfChange, id: "updateTask"},
		{method: "DELETE", path: "/api/{user_id}/tasks/{id}", serve: a.delete, cost: tasks.CostOfChange, id: "deleteTask"},
		{method: "PATCH", path: "/api/{user_id}/tasks/{id}/complete", aliases: []string{"/api/{user_id}/tasks/{id}/toggle"}, serve: a.complete, cost: tasks.CostOfChange, id: "completeTask"},
		{method: "PATCH", path: "/api/{user_id}/tasks/{id}/uncomplete", serve: a.uncomplete, cost: tasks.CostOfChange, id: "uncompleteTask"},
		{method: "GET", path: "/api/{user_id}/stats", serve: a.stats, cost: counted.Cost(), id: "taskStats"},
		{method: "GET", path: "/api/{user_id}/profile", serve: a.profile, cost: counted.Cost(), id: "userProfile"},
		{method: "GET", path: "/api/users/me", aliases: []string{"/api/auth/me", "/api/users/profile"}, serve: a.me, cost: 1, id: "currentUser"},
		{method: "GET", path: "/health", open: true, free: true, serve: a.health, id: "health"},
		{method: "GET", path: "/ready", open: true, free: true, serve: a.ready, id: "ready"},
		{method: "GET", path: documentPath, open: true, serve: a.openAPI, id: "openAPI"},
	}
	for _, page := range a.Pages {
		routes = append(routes, route{method: "GET", path: page.Path, open: true, serve: page.serve(string(a.base) + documentPath), id: page.OperationID})
	}
	return routes
}

// NewHandler serves the routes at each base, and answers every other path with 404.
func NewHandler(options Options) http.Handler {
	mux := http.NewServeMux()
	for _, base := range bases {
		a := &adapter{Options: options, base: base}
		a.Dialect = base.dialect(options.Dialect)
		routes := a.routes()
		a.document = sync.OnceValue(func() document { return newDocument(base, a.writer(), routes) })
		a.register(mux, slices.Concat(routes, a.profileRoutes()))
	}
	mux.Handle("/", LimitAddress(options.Budget, http.HandlerFunc(noRoute)))
	return mux
}

// HeadTooLarge answers a request whose headers are too large.
func HeadTooLarge(w http.ResponseWriter, _ *http.Request) {
	writeDetail(w, http.StatusRequestHeaderFieldsTooLarge, "Request headers are too large")
}

// Forbid answers 403 with a reason.
func Forbid(w http.ResponseWriter, detail string) { writeDetail(w, http.StatusForbidden, detail) }

// NotFound answers 404 to an unknown path.
func NotFound(w http.ResponseWriter, _ *http.Request) {
	writeDetail(w, http.StatusNotFound, "Not Found")
}
