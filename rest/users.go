package rest

import (
	"net/http"
	"strings"

	"taskql/auth"
	"taskql/tasks"
)

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

// counted are the counts of the user's tasks.
var counted = tasks.StatsArgs{Counts: []tasks.Count{tasks.CountTotal, tasks.CountOpen, tasks.CountCompleted}}

func (a *adapter) stats(w http.ResponseWriter, r *http.Request) error {
	if err := own(r); err != nil {
		return err
	}
	counts, err := a.Service.Stats(r.Context(), counted)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, struct {
		Total     int `json:"total"`
		Pending   int `json:"pending"`
		Completed int `json:"completed"`
	}{counts.Total(), counts.Open(), counts.Completed()})
}

func (a *adapter) profile(w http.ResponseWriter, r *http.Request) error {
	if err := own(r); err != nil {
		return err
	}
	user, err := auth.FromContext(r.Context())
	if err != nil {
		return err
	}
	counts, err := a.Service.Stats(r.Context(), counted)
	if err != nil {
		return err
	}
	type profile struct {
		ID    string  `json:"id"`
		Email *string `json:"email"`
		Name  *string `json:"name"`
	}
	type stats struct {
		Total     int `json:"total_tasks"`
		Completed int `json:"completed_tasks"`
		Pending   int `json:"pending_tasks"`
	}
	return writeJSON(w, http.StatusOK, struct {
		User  profile `json:"user"`
		Stats stats   `json:"stats"`
	}{profile{user.ID, user.Email, user.Name}, stats{counts.Total(), counts.Completed(), counts.Open()}})
}

// Front ends of FastAPI backends send some requests that belong to another server here. The answers say where they belong.
const (
	noAccounts = "taskql has no accounts: sign-up, sign-in and sessions belong to the auth server or the old backend. " +
		"See docs/sign-in.md, \"Where does your front end get its token?\""
	noProfiles = "taskql stores no profiles: names, e-mail addresses, passwords and accounts belong to the auth server, so change them there. " +
		"With Better Auth: updateUser, changeEmail, changePassword and deleteUser of its client"
)

// profileRoutes are the writes of profile pages. The document leaves them out.
func (a *adapter) profileRoutes() (routes []route) {
	for _, path := range []string{"/api/users/me", "/api/auth/me", "/api/users/profile", "/api/{user_id}/profile", "/api/users/password", "/api/users/change-password"} {
		for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
			routes = append(routes, route{method: method, path: path, serve: a.profileWrite, cost: 1})
		}
	}
	return routes
}

func (a *adapter) profileWrite(http.ResponseWriter, *http.Request) error {
	return &statusError{http.StatusNotImplemented, noProfiles}
}

// noRoute answers a request for an unknown path.
func noRoute(w http.ResponseWriter, r *http.Request) {
	if path := withoutBase(r.URL.Path); strings.HasPrefix(path, "/api/auth/") || strings.HasPrefix(path, "/auth/") {
		writeDetail(w, http.StatusNotFound, noAccounts)
		return
	}
	NotFound(w, r)
}
