package rest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"taskql/models"
	"taskql/transfer"
)

// export sends all tasks of the user as a file.
func (a *adapter) export(w http.ResponseWriter, r *http.Request) error {
	format, err := readFormat(r)
	if err != nil {
		return err
	}
	if err := own(r); err != nil {
		return err
	}
	var last *models.Task
	next := a.spending(w, r, func(ctx context.Context) ([]*models.Task, error) {
		batch, err := a.Service.Export(ctx, last)
		if len(batch) > 0 {
			last = batch[len(batch)-1]
		}
		return batch, err
	})
	first, err := a.batch(r, next)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", format.MediaType())
	w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="tasks-%s.%s"`, a.Service.Now().UTC().Format(time.DateOnly), format))
	a.stream(w, r, first, next, func(w io.Writer) file { return transfer.NewWriter(w, format) })
	return nil
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
	return "", validationErrors{{
		Type: "enum", Loc: []any{"query", name}, Message: "Input should be " + accepted, Input: quoted(word),
		Context: map[string]any{"expected": accepted},
	}}
}
