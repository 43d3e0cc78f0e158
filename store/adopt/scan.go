package adopt

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"math"
	"strings"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"taskql/models"
)

// rowSource is where rows are read from.
type rowSource struct {
	// from is a table expression; others are columns to read as text, in addition to those of a task.
	from   string
	others []string
	// rows is their number, and doing says for people what they are read for.
	rows  int64
	doing string
}

// scan reads the rows by id in batches, and passes the resulting tasks and the other columns to keep, which may be nil. It calls the
// function that keep returns, which writes the batch, while it converts the next one. After an invalid row it continues, to find
// the others, but no longer calls keep. It then returns an *Error.
func (t Table) scan(ctx context.Context, tx bun.Tx, facts *tableFacts, from rowSource, now time.Time, keep func([]models.Task, [][]sql.NullString) (write func() error, err error)) (Counts, error) {
	a := &adopter{now: now, undashed: facts.undashed}
	refused := &Error{Table: facts.name}
	query := selectRows(facts, from)
	rows, tasks, others := make([]oldRow, 0, adoptBatch), make([]models.Task, 0, adoptBatch), make([][]sql.NullString, 0, adoptBatch)
	convert := func() (write func() error, err error) {
		tasks, others = tasks[:0], others[:0]
		for i := range rows {
			task, reasons := a.task(&rows[i])
			if len(reasons) > 0 {
				if refused.Total++; refused.Total <= maxRefusedRows {
					refused.Rows = append(refused.Rows, RefusedRow{task.ID, strings.Join(reasons, "; ")})
				}
			}
			tasks, others = append(tasks, task), append(others, rows[i].Others)
		}
		if refused.Total > 0 || keep == nil {
			return nil, nil
		}
		return keep(tasks, others)
	}
	write := func() error { return nil } // the batch before
	for last := int64(math.MinInt64 + 1); ; {
		var err error
		if rows, err = readRows(ctx, tx, fmt.Sprintf(query, last), len(from.others), rows[:0]); err != nil {
			return a.Counts, err
		}
		if len(rows) == 0 {
			break
		}
		last = rows[len(rows)-1].ID
		var next func() error
		var failed error
		var converting sync.WaitGroup
		converting.Go(func() { next, failed = convert() })
		err = write()
		converting.Wait()
		if err := cmp.Or(err, failed); err != nil {
			return a.Counts, err
		}
		if write = next; write == nil {
			write = func() error { return nil }
		}
		t.Progress(from.doing, a.Rows, from.rows)
	}
	if err := write(); err != nil {
		return a.Counts, err
	}
	if refused.Total > 0 {
		return a.Counts, refused
	}
	return a.Counts, nil
}

// selectRows returns the statement of a batch, with %d for the id before it.
func selectRows(table *tableFacts, from rowSource) string {
	columns := []string{
		"user_id", "title", "description", "priority", "tags", "due_date", "completed", "created_at", "updated_at", "completed_at", "deleted_at",
	}
	for i, column := range columns {
		columns[i] = "NULL"
		if value, found := table.values[column]; found {
			columns[i] = value
		}
	}
	text := fmt.Sprintf("SELECT %s, %s FROM %s WHERE %[1]s > \x00 ORDER BY %[1]s LIMIT %[4]d",
		table.values["id"], strings.Join(append(columns, from.others...), ", "), from.from, adoptBatch)
	return strings.ReplaceAll(strings.ReplaceAll(text, "%", "%%"), "\x00", "%d")
}

func readRows(ctx context.Context, tx bun.Tx, query string, others int, into []oldRow) ([]oldRow, error) {
	rows, err := tx.Tx.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		r := oldRow{Others: make([]sql.NullString, others)}
		dest := []any{&r.ID, &r.UserID, &r.Title, &r.Description, &r.Priority, &r.Tags, &r.Due, &r.Completed,
			&r.CreatedAt, &r.UpdatedAt, &r.CompletedAt, &r.DeletedAt}
		for i := range r.Others {
			dest = append(dest, &r.Others[i])
		}
		if err := rows.Scan(dest...); err != nil {
			return nil, err
		}
		into = append(into, r)
	}
	return into, rows.Err()
}

// quoteName quotes an identifier for both databases.
func quoteName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
