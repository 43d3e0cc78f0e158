package rest

import (
	"context"
	"net/http"
	"time"

	"taskql/reqlog"
)

// healthTimeout is how long the database may take to answer before it counts as gone.
const healthTimeout = 2 * time.Second

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
