package rest

import (
	"net/http"

	"taskql/reqlog"
)

// health reports whether the server and its database work.
func (a *adapter) health(w http.ResponseWriter, r *http.Request) error {
	return a.writeHealth(w, r, true)
}

// ready reports whether requests can be served: the database works, and the auth server's keys have been read.
func (a *adapter) ready(w http.ResponseWriter, r *http.Request) error {
	return a.writeHealth(w, r, a.Ready())
}

func (a *adapter) writeHealth(w http.ResponseWriter, r *http.Request, good bool) error {
	ctx := r.Context()
	status, word := http.StatusOK, "healthy"
	if err := a.Healthy(ctx); err != nil {
		if ctx.Err() == nil { // else the client is gone
			a.Log.ErrorContext(ctx, "the database does not work", "id", reqlog.ID(ctx), "error", err)
		}
		good = false
	}
	if !good {
		status, word = http.StatusServiceUnavailable, "unhealthy"
	}
	return writeJSON(w, status, struct {
		Status  string `json:"status"`
		Service string `json:"service"`
	}{word, "taskql"})
}
