package adopt

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"taskql/models"
)

// scan reads the rows by id and passes the resulting tasks to keep in batches; keep may be nil. After an invalid row it
// continues, to find the others, but no longer calls keep. It then returns an *Error.
func (t Table) scan(ctx context.Context, tx bun.Tx, facts *tableFacts, now time.Time, keep func([]models.Task) error) (Counts, error) {
	a := &adopter{now: now, undashed: facts.undashed}
	var total int64
	if err := tx.NewRaw("SELECT count(*) FROM ?", bun.Ident(facts.name)).Scan(ctx, &total); err != nil {
		return a.Counts, err
	}
	refused := &Error{Table: facts.name}
	query := selectRows(facts)
	rows, tasks := make([]oldRow, 0, adoptBatch), make([]models.Task, 0, adoptBatch)
	for last := int64(math.MinInt64 + 1); ; {
		var err error
		if rows, err = readRows(ctx, tx, fmt.Sprintf(query, last), rows[:0]); err != nil {
			return a.Counts, err
		}
		if len(rows) == 0 {
			break
		}
		tasks = tasks[:0]
		for i := range rows {
			task, reasons := a.task(&rows[i])
			if len(reasons) > 0 {
				if refused.Total++; refused.Total <= maxRefusedRows {
					refused.Rows = append(refused.Rows, RefusedRow{task.ID, strings.Join(reasons, "; ")})
				}
			}
			tasks = append(tasks, task)
		}
		last = rows[len(rows)-1].ID
		if refused.Total == 0 && keep != nil {
			if err := keep(tasks); err != nil {
				return a.Counts, err
			}
		}
		t.Progress("reading the rows", a.Rows, total)
	}
	if refused.Total > 0 {
		return a.Counts, refused
	}
	return a.Counts, nil
}

// selectRows returns the statement of a batch, with %d for the id before it.
func selectRows(table *tableFacts) string {
	columns := []string{
		"user_id", "title", "description", "priority", "tags", "due_date", "completed", "created_at", "updated_at", "completed_at", "deleted_at",
	}
	for i, column := range columns {
		columns[i] = "NULL"
		if value, found := table.values[column]; found {
			columns[i] = value
		}
	}
	text := fmt.Sprintf("SELECT %s, %s FROM %s WHERE %[1]s > \x00 ORDER BY %[1]s LIMIT %[4]d", table.values["id"], strings.Join(columns, ", "), quoteName(table.name), adoptBatch)
	return strings.ReplaceAll(strings.ReplaceAll(text, "%", "%%"), "\x00", "%d")
}

func readRows(ctx context.Context, tx bun.Tx, query string, into []oldRow) ([]oldRow, error) {
	rows, err := tx.Tx.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var r oldRow
		if err := rows.Scan(&r.ID, &r.UserID, &r.Title, &r.Description, &r.Priority, &r.Tags, &r.Due, &r.Completed,
			&r.CreatedAt, &r.UpdatedAt, &r.CompletedAt, &r.DeletedAt); err != nil {
			return nil, err
		}
		into = append(into, r)
	}
	return into, rows.Err()
}

// quoteName quotes an identifier for both databases.
func quoteName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
