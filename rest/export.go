package rest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"taskql/models"
	"taskql/reqlog"
	"taskql/transfer"
)

// IsExport reports whether a request is an export. An export may take as long as its client reads: each of its batches has a
// deadline of its own.
func IsExport(r *http.Request) bool {
	path := strings.TrimSuffix(r.URL.EscapedPath(), "/")
	return strings.HasPrefix(path, "/api/") && strings.HasSuffix(path, "/tasks/export") && (r.Method == http.MethodGet || r.Method == http.MethodHead)
}

// export sends all tasks of the user as a file, batch by batch. If it cannot continue it cuts the connection, so that no
// client mistakes a part for the whole file.
func (a *adapter) export(w http.ResponseWriter, r *http.Request) error {
	format, err := readFormat(r)
	if err != nil {
		return err
	}
	if err := own(r); err != nil {
		return err
	}
	batch, err := a.exportBatch(r, nil)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", format.MediaType())
	w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="tasks-%s.%s"`, a.Service.Now().UTC().Format(time.DateOnly), format))
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return nil
	}
	if err := a.sendExport(w, r, format, batch); err != nil {
		level := slog.LevelError
		if r.Context().Err() != nil { // the client has left, or the server is stopping
			level = slog.LevelInfo
		}
		a.Log.Log(r.Context(), level, "an export was cut off", "id", reqlog.ID(r.Context()), "error", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

func (a *adapter) exportBatch(r *http.Request, after *models.Task) ([]*models.Task, error) {
	ctx, cancel := context.WithTimeout(r.Context(), a.Timeout)
	defer cancel()
	return a.Service.Export(ctx, after)
}

func (a *adapter) sendExport(w http.ResponseWriter, r *http.Request, format transfer.Format, batch []*models.Task) error {
	connection, buffer := http.NewResponseController(w), bufio.NewWriterSize(w, 64<<10)
	file := transfer.NewWriter(buffer, format)
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
		var err error
		if batch, err = a.exportBatch(r, batch[len(batch)-1]); err != nil {
			return err
		}
	}
	if err := file.Close(); err != nil {
		return err
	}
	return buffer.Flush()
}

// readFormat reads the format that is asked for: JSON when none is.
func readFormat(r *http.Request) (transfer.Format, error) {
	q := &query{values: r.URL.Query()}
	word, name := q.first("format")
	switch format := transfer.Format(strings.ToLower(strings.TrimSpace(word))); format {
	case "":
		return transfer.JSON, nil
	case transfer.JSON, transfer.CSV:
		return format, nil
	}
	accepted := words(string(transfer.JSON), string(transfer.CSV))
	return "", faults{{
		Type: "enum", Loc: []any{"query", name}, Message: "Input should be " + accepted, Input: quoted(word),
		Context: map[string]any{"expected": accepted},
	}}
}
