// Package rest is the REST transport, in the shapes of the FastAPI backends that it stands in for:
// it decodes requests, calls one operation of tasks and encodes the answer.
package rest

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"taskql/tasks"
)

// Options is what the adapter works with.
type Options struct {
	Service *tasks.Service
	// Authenticate lets requests with a good token through, their user in the context, and has Deny
	// answer the others.
	Authenticate func(http.Handler) http.Handler
	// Timeout is how long an export may work on a batch of tasks, and its client on taking it. Other requests are
	// bounded outside.
	Timeout time.Duration
	Log     *slog.Logger
	Dialect Dialect
	// Version is the program's, for /health.
	Version string
	// Healthy fails if the database does not work, for reading or for writing.
	Healthy func(context.Context) error
	// Ready reports whether tokens can be verified yet.
	Ready func() bool
	// Pages are served beside the routes, without a token.
	Pages []Page
}

// Page is a page of the server that is served as the routes are: with and without a trailing slash, and 405 for other
// methods than GET and HEAD.
type Page struct {
	Path string
	// OperationID is the page's name in the OpenAPI document, which must describe it.
	OperationID string
	Handler     http.Handler
}

func (p Page) serve(w http.ResponseWriter, r *http.Request) error {
	p.Handler.ServeHTTP(w, r)
	return nil
}

type adapter struct {
	Options
	document document
}

// routes are all routes of the adapter. The document describes them by their operation IDs.
func (a *adapter) routes() []route {
	routes := []route{
		{method: "GET", path: "/api/{user_id}/tasks", serve: a.list, id: "listTasks"},
		{method: "POST", path: "/api/{user_id}/tasks", serve: a.create, id: "createTask"},
		{method: "GET", path: "/api/{user_id}/tasks/export", serve: a.export, id: "exportTasks"},
		{method: "GET", path: "/api/{user_id}/tasks/{id}", serve: a.get, id: "getTask"},
		{method: "PUT", path: "/api/{user_id}/tasks/{id}", serve: a.update, id: "replaceTask"},
		{method: "PATCH", path: "/api/{user_id}/tasks/{id}", serve: a.update, id: "updateTask"},
		{method: "DELETE", path: "/api/{user_id}/tasks/{id}", serve: a.delete, id: "deleteTask"},
		{method: "PATCH", path: "/api/{user_id}/tasks/{id}/complete", alias: "/api/{user_id}/tasks/{id}/toggle", serve: a.complete, id: "completeTask"},
		{method: "PATCH", path: "/api/{user_id}/tasks/{id}/uncomplete", serve: a.uncomplete, id: "uncompleteTask"},
		{method: "GET", path: "/api/{user_id}/stats", serve: a.stats, id: "taskStats"},
		{method: "GET", path: "/api/{user_id}/profile", serve: a.profile, id: "userProfile"},
		{method: "GET", path: "/api/users/me", alias: "/api/auth/me", serve: a.me, id: "currentUser"},
		{method: "GET", path: "/health", open: true, serve: a.health, id: "health"},
		{method: "GET", path: "/ready", open: true, serve: a.ready, id: "ready"},
		{method: "GET", path: "/openapi.json", open: true, serve: a.openAPI, id: "openAPI"},
	}
	for _, page := range a.Pages {
		routes = append(routes, route{method: "GET", path: page.Path, open: true, serve: page.serve, id: page.OperationID})
	}
	return routes
}

// NewHandler serves the routes, and answers every other path with 404.
func NewHandler(options Options) http.Handler {
	a := &adapter{Options: options}
	routes := a.routes()
	a.document = newDocument(options.Dialect, options.Version, routes)
	mux := http.NewServeMux()
	a.register(mux, routes)
	mux.HandleFunc("/", NotFound)
	return mux
}

// NotFound answers a path that is none of the server's.
func NotFound(w http.ResponseWriter, _ *http.Request) {
	writeDetail(w, http.StatusNotFound, "Not Found")
}
