// Package rest is the REST transport, in the shapes of the FastAPI backends that it stands in for:
// it decodes requests, calls one operation of tasks and encodes the answer.
package rest

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"taskql/tasks"
	"taskql/web/apidocs"
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
	// Ping fails when the database does not answer.
	Ping func(context.Context) error
	// Ready reports whether tokens can be verified yet.
	Ready func() bool
}

type adapter struct {
	Options
	reference document
}

// routes is every route of the adapter: what serves it, and what the reference says of it.
func (a *adapter) routes(doc reference) []route {
	return []route{
		{method: "GET", path: "/api/{user_id}/tasks", serve: a.list, doc: doc.listTasks()},
		{method: "POST", path: "/api/{user_id}/tasks", serve: a.create, doc: doc.createTask()},
		{method: "GET", path: "/api/{user_id}/tasks/export", serve: a.export, doc: doc.exportTasks()},
		{method: "GET", path: "/api/{user_id}/tasks/{id}", serve: a.get, doc: doc.getTask()},
		{method: "PUT", path: "/api/{user_id}/tasks/{id}", serve: a.update, doc: doc.replaceTask()},
		{method: "PATCH", path: "/api/{user_id}/tasks/{id}", serve: a.update, doc: doc.updateTask()},
		{method: "DELETE", path: "/api/{user_id}/tasks/{id}", serve: a.delete, doc: doc.deleteTask()},
		{method: "PATCH", path: "/api/{user_id}/tasks/{id}/complete", alias: "/api/{user_id}/tasks/{id}/toggle", serve: a.complete, doc: doc.completeTask()},
		{method: "PATCH", path: "/api/{user_id}/tasks/{id}/uncomplete", serve: a.uncomplete, doc: doc.uncompleteTask()},
		{method: "GET", path: "/api/{user_id}/stats", serve: a.stats, doc: doc.taskStats()},
		{method: "GET", path: "/api/{user_id}/profile", serve: a.profile, doc: doc.userProfile()},
		{method: "GET", path: "/api/users/me", alias: "/api/auth/me", serve: a.me, doc: doc.currentUser()},
		{method: "GET", path: "/health", open: true, serve: a.health, doc: doc.health()},
		{method: "GET", path: "/ready", open: true, serve: a.ready, doc: doc.ready()},
		{method: "GET", path: "/docs", open: true, serve: pageOf(apidocs.SwaggerUI), doc: doc.swaggerUI()},
		{method: "GET", path: "/redoc", open: true, serve: pageOf(apidocs.ReDoc), doc: doc.reDoc()},
		{method: "GET", path: "/openapi.json", open: true, serve: a.openAPI, doc: doc.openAPI()},
	}
}

// NewHandler serves the routes, and answers every other path with 404.
func NewHandler(options Options) http.Handler {
	a := &adapter{Options: options}
	doc := reference{options.Dialect, options.Version}
	routes := a.routes(doc)
	a.reference = newDocument(doc.describe(routes))
	mux := http.NewServeMux()
	a.register(mux, routes)
	mux.HandleFunc("GET "+apidocs.AssetPath, apidocs.Asset)
	mux.HandleFunc("/", NotFound)
	return mux
}

// NotFound answers a path that is none of the server's.
func NotFound(w http.ResponseWriter, _ *http.Request) {
	writeDetail(w, http.StatusNotFound, "Not Found")
}
