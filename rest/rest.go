// Package rest is the REST transport, in the shapes of the FastAPI backends that it stands in for:
// it decodes requests, calls one operation of tasks and encodes the answer.
package rest

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"taskql/auth"
	"taskql/models"
	"taskql/reqlog"
	"taskql/tasks"
)

// Options is what the adapter works with.
type Options struct {
	Service *tasks.Service
	// Authenticate lets requests with a good token through, their user in the context, and has Deny
	// answer the others.
	Authenticate func(http.Handler) http.Handler
	Log          *slog.Logger
	// Version is the program's, for /health.
	Version string
	// Ping fails when the database does not answer.
	Ping func(context.Context) error
	// Ready reports whether tokens can be verified yet.
	Ready func() bool
}

type adapter struct{ Options }

// routes is every route of the adapter: what serves it, and what the reference says of it.
func (a *adapter) routes(doc reference) []route {
	return []route{
		{method: "GET", path: "/api/{user_id}/tasks", serve: a.list, doc: doc.listTasks()},
		{method: "POST", path: "/api/{user_id}/tasks", serve: a.create, doc: doc.createTask()},
		{method: "GET", path: "/api/{user_id}/tasks/{id}", serve: a.get, doc: doc.getTask()},
		{method: "PUT", path: "/api/{user_id}/tasks/{id}", serve: a.update, doc: doc.replaceTask()},
		{method: "PATCH", path: "/api/{user_id}/tasks/{id}", serve: a.update, doc: doc.updateTask()},
		{method: "DELETE", path: "/api/{user_id}/tasks/{id}", serve: a.delete, doc: doc.deleteTask()},
		{method: "PATCH", path: "/api/{user_id}/tasks/{id}/complete", serve: a.complete, doc: doc.completeTask()},
		{method: "GET", path: "/api/users/me", alias: "/api/auth/me", serve: a.me, doc: doc.currentUser()},
		{method: "GET", path: "/health", open: true, serve: a.health, doc: doc.health()},
		{method: "GET", path: "/ready", open: true, serve: a.ready, doc: doc.ready()},
	}
}

// NewHandler serves the routes, and answers every other path with 404.
func NewHandler(options Options) http.Handler {
	a := &adapter{options}
	mux := http.NewServeMux()
	a.register(mux, a.routes(reference{}))
	mux.HandleFunc("/", NotFound)
	return mux
}

// NotFound answers a path that is none of the server's.
func NotFound(w http.ResponseWriter, _ *http.Request) {
	writeDetail(w, http.StatusNotFound, "Not Found")
}

func (a *adapter) list(w http.ResponseWriter, r *http.Request) error {
	limit, err := readLimit(r)
	if err != nil {
		return err
	}
	if err := own(r); err != nil {
		return err
	}
	list, err := a.Service.Slice(r.Context(), tasks.SliceArgs{Limit: int64(limit)})
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, taskList(list.Tasks))
}

func (a *adapter) create(w http.ResponseWriter, r *http.Request) error {
	input, err := readCreate(w, r)
	if err != nil {
		return err
	}
	if err := own(r); err != nil {
		return err
	}
	write, err := a.Service.Create(r.Context(), input)
	if err != nil {
		return err
	}
	w.Header().Set("Location", location(r, write.Task))
	return writeJSON(w, http.StatusCreated, newTaskJSON(write.Task))
}

func (a *adapter) get(w http.ResponseWriter, r *http.Request) error {
	id, err := readID(r)
	if err != nil {
		return err
	}
	if err := own(r); err != nil {
		return err
	}
	task, err := a.Service.Get(r.Context(), id)
	if err != nil {
		return err
	}
	if task == nil || task.Trashed() {
		return models.NotFound(id)
	}
	return writeJSON(w, http.StatusOK, newTaskJSON(task))
}

func (a *adapter) update(w http.ResponseWriter, r *http.Request) error {
	id, idErr := readID(r)
	input, err := readUpdate(w, r)
	if err := joined(idErr, err); err != nil {
		return err
	}
	if err := own(r); err != nil {
		return err
	}
	write, err := a.Service.Update(r.Context(), id, input, nil)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, newTaskJSON(write.Task))
}

func (a *adapter) delete(w http.ResponseWriter, r *http.Request) error {
	id, err := readID(r)
	if err != nil {
		return err
	}
	if err := own(r); err != nil {
		return err
	}
	write, err := a.Service.Delete(r.Context(), id, nil)
	if err != nil {
		return err
	}
	if !write.Written {
		return models.NotFound(id) // it was in the trash already, which REST does not show
	}
	return writeJSON(w, http.StatusOK, struct {
		Message string `json:"message"`
		Success bool   `json:"success"`
		ID      int64  `json:"id"`
	}{"Task deleted successfully", true, write.Task.ID})
}

func (a *adapter) complete(w http.ResponseWriter, r *http.Request) error {
	id, idErr := readID(r)
	completed, err := readCompleted(w, r)
	if err := joined(idErr, err); err != nil {
		return err
	}
	if err := own(r); err != nil {
		return err
	}
	change := a.Service.Toggle
	if completed != nil && *completed {
		change = a.Service.Complete
	} else if completed != nil {
		change = a.Service.Reopen
	}
	write, err := change(r.Context(), id, nil)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, newTaskJSON(write.Task))
}

// healthTimeout is how long the database may take to answer before it counts as gone.
const healthTimeout = 2 * time.Second

func (a *adapter) me(w http.ResponseWriter, r *http.Request) error {
	user, err := auth.FromContext(r.Context())
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, struct {
		ID        string  `json:"id"`
		Email     *string `json:"email"`
		Name      *string `json:"name"`
		CreatedAt *string `json:"created_at"`
	}{user.ID, user.Email, user.Name, user.CreatedAt})
}

// health says whether the server and its database work.
func (a *adapter) health(w http.ResponseWriter, r *http.Request) error {
	return a.writeHealth(w, r, true)
}

// ready says whether requests can be served: the auth server's keys must have been read, too.
func (a *adapter) ready(w http.ResponseWriter, r *http.Request) error {
	return a.writeHealth(w, r, a.Ready())
}

func (a *adapter) writeHealth(w http.ResponseWriter, r *http.Request, good bool) error {
	ctx, cancel := context.WithTimeout(r.Context(), healthTimeout)
	defer cancel()
	status, word := http.StatusOK, "healthy"
	if err := a.Ping(ctx); err != nil {
		a.Log.ErrorContext(ctx, "the database does not answer", "id", reqlog.ID(ctx), "error", err)
		good = false
	}
	if !good {
		status, word = http.StatusServiceUnavailable, "unhealthy"
	}
	return writeJSON(w, status, struct {
		Status  string `json:"status"`
		Service string `json:"service"`
		Version string `json:"version"`
	}{word, "taskql", a.Version})
}
