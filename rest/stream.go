package rest

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"taskql/models"
	"taskql/reqlog"
	"taskql/respond"
)

// IsStream reports whether a request may be answered in batches: a list or an export. The response may take as long as its
// client reads: each batch has a deadline of its own.
func IsStream(r *http.Request) bool {
	segments := strings.Split(strings.TrimSuffix(withoutBase(r.URL.EscapedPath()), "/"), "/")
	isTasks := len(segments) == 4 || len(segments) == 5 && segments[4] == "export"
	return isTasks && segments[1] == "api" && segments[3] == "tasks" && (r.Method == http.MethodGet || r.Method == http.MethodHead)
}

// reader returns the next batch of tasks; an empty one is the end.
type reader func(context.Context) ([]*models.Task, error)

// batch reads a batch within the timeout, in a turn of the user.
func (a *adapter) batch(r *http.Request, next reader) ([]*models.Task, error) {
	ctx, cancel := context.WithTimeout(r.Context(), a.Timeout)
	defer cancel()
	done, err := a.Turns.Take(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	return next(ctx)
}

// file writes tasks to a response.
type file interface {
	Write(*models.Task) error
	// Close writes the end.
	Close() error
}

// stream sends a response batch by batch, so that only one of them is in memory. If it cannot continue it cuts the
// connection, so that no client mistakes a part for the whole. The caller has set the headers.
func (a *adapter) stream(w http.ResponseWriter, r *http.Request, first []*models.Task, next reader, open func(io.Writer) file) {
	body := respond.Begin(w, r)
	defer body.Abort()
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return
	}
	if err := a.send(w, r, body, first, next, open); err != nil {
		level := slog.LevelError
		if r.Context().Err() != nil { // the client has left, or the server is stopping
			level = slog.LevelInfo
		}
		a.Log.Log(r.Context(), level, "a response was cut off", "id", reqlog.ID(r.Context()), "error", err)
		panic(http.ErrAbortHandler)
	}
}

func (a *adapter) send(w http.ResponseWriter, r *http.Request, body *respond.Stream, batch []*models.Task, next reader, open func(io.Writer) file) error {
	connection, buffer := http.NewResponseController(w), bufio.NewWriterSize(body, 64<<10)
	file := open(buffer)
	for len(batch) > 0 {
		// From batch to batch a client that goes on reading has time, and one that does not has none for long.
		if err := connection.SetWriteDeadline(time.Now().Add(a.Timeout)); err != nil && !errors.Is(err, http.ErrNotSupported) {
			return err
		}
		for _, task := range batch {
			if err := file.Write(task); err != nil {
				return err
			}
		}
		if err := errors.Join(buffer.Flush(), body.Flush()); err != nil {
			return err
		}
		var err error
		if batch, err = a.batch(r, next); err != nil {
			return err
		}
	}
	if err := file.Close(); err != nil {
		return err
	}
	return errors.Join(buffer.Flush(), body.Close())
}

// array is a file with a list of tasks.
type array struct {
	w      io.Writer
	writer writer
	begun  bool
}

func (f *array) Write(task *models.Task) error {
	text := []byte{','}
	if !f.begun {
		f.begun, text[0] = true, '['
	}
	body, err := json.Marshal(f.writer.task(task))
	if err != nil {
		return err
	}
	_, err = f.w.Write(append(text, body...))
	return err
}

func (f *array) Close() error {
	end := "]"
	if !f.begun {
		end = "[]"
	}
	_, err := io.WriteString(f.w, end)
	return err
}
