package rest

import (
	"net/http"

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
