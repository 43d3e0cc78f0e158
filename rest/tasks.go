package rest

import (
	"context"
	"io"
	"net/http"
	"strconv"

	"taskql/models"
	"taskql/respond"
	"taskql/tasks"
)

func (a *adapter) list(w http.ResponseWriter, r *http.Request) error {
	a.note(r, webQuerySign(r.URL.Query()))
	list, err := a.Dialect.readList(r)
	cost := 1 // of an error
	if err == nil {
		cost = list.Cost()
	}
	if refused := a.charge(w, r, cost); refused != nil {
		return refused
	}
	if err != nil {
		return err
	}
	if err := own(r); err != nil {
		return err
	}
	var slice *tasks.Slice
	_, err = a.batch(r, func(ctx context.Context) (_ []*models.Task, err error) {
		slice, err = a.Service.Slice(ctx, list.SliceArgs)
		return nil, err
	})
	if err != nil {
		return err
	}
	w.Header().Set("X-Total-Count", strconv.Itoa(slice.Total))
	if links := list.links(r, slice.Total); links != "" {
		w.Header().Set("Link", links)
	}
	next := slice.Next
	if list.Limit == 0 { // else the tasks are in the cost
		a.spend(w, r, len(slice.Tasks))
		next = a.spending(w, r, next)
	}
	if !slice.More() {
		return sendJSON(w, r, http.StatusOK, a.writer().list(slice.Tasks))
	}
	w.Header().Set("Content-Type", "application/json")
	a.stream(w, r, slice.Tasks, next, func(w io.Writer) file { return &array{w: w, writer: a.writer()} })
	return nil
}

func (a *adapter) create(w http.ResponseWriter, r *http.Request) error {
	key, keyErr := readKey(r)
	input, err := a.Dialect.readCreate(w, r)
	a.note(r, input.sign)
	if err := joined(keyErr, err); err != nil {
		return err
	}
	if err := own(r); err != nil {
		return err
	}
	write, err := a.Service.Create(r.Context(), input.CreateTaskInput, nil, key)
	if err != nil {
		return err
	}
	w.Header().Set("Location", a.location(r, write.Task))
	return a.writeTask(w, http.StatusCreated, write.Task)
}

func (a *adapter) get(w http.ResponseWriter, r *http.Request) error {
	id, err := a.target(r, nil)
	if err != nil {
		return err
	}
	task, err := a.stored(r, id)
	if err != nil {
		return err
	}
	respond.Revalidate(w.Header())
	if respond.NotModified(r, etag(task)) {
		w.Header().Set("ETag", etag(task))
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	return a.writeTask(w, http.StatusOK, task)
}

func (a *adapter) update(w http.ResponseWriter, r *http.Request) error {
	input, err := a.Dialect.readUpdate(w, r)
	a.note(r, input.sign)
	id, err := a.target(r, err)
	if err != nil {
		return err
	}
	expected, err := a.expected(r, id)
	if err != nil {
		return err
	}
	write, err := a.write(r, id, input, expected)
	if err != nil {
		return err
	}
	return a.writeTask(w, http.StatusOK, write.Task)
}

func (a *adapter) delete(w http.ResponseWriter, r *http.Request) error {
	id, err := a.target(r, nil)
	if err != nil {
		return err
	}
	expected, err := a.expected(r, id)
	if err != nil {
		return err
	}
	write, err := a.Service.Delete(r.Context(), id, expected)
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
	key, keyErr := readKey(r)
	completed, err := readCompleted(w, r)
	id, err := a.target(r, joined(keyErr, err))
	if err != nil {
		return err
	}
	change := a.Service.Toggle
	if completed != nil && *completed {
		change = a.Service.Complete
	} else if completed != nil {
		change = a.Service.Reopen
	}
	expected, err := a.expected(r, id)
	if err != nil {
		return err
	}
	write, err := change(r.Context(), id, expected, key)
	if err != nil {
		return err
	}
	return a.writeTask(w, http.StatusOK, write.Task)
}

func (a *adapter) uncomplete(w http.ResponseWriter, r *http.Request) error {
	id, err := a.target(r, nil)
	if err != nil {
		return err
	}
	expected, err := a.expected(r, id)
	if err != nil {
		return err
	}
	write, err := a.Service.Reopen(r.Context(), id, expected, nil)
	if err != nil {
		return err
	}
	return a.writeTask(w, http.StatusOK, write.Task)
}

// stored is a task that REST shows: NOT_FOUND when the user has no such task, or it is in the trash.
func (a *adapter) stored(r *http.Request, id string) (*models.Task, error) {
	task, err := a.Service.Get(r.Context(), id)
	if err != nil {
		return nil, err
	}
	if task == nil || task.Trashed() {
		return nil, models.NotFound(id)
	}
	return task, nil
}

func (a *adapter) writeTask(w http.ResponseWriter, status int, task *models.Task) error {
	w.Header().Set("ETag", etag(task))
	return writeJSON(w, status, a.writer().task(task))
}
