package adopt

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"taskql/models"
)

// rowSource is where rows are read from.
type rowSource struct {
	// from is a table expression; key is the expression that orders its rows.
	from, key string
	// id is the expression for the id of the task, or empty if it has none yet.
	id string
	// others are columns to read as text, in addition to those of a task.
	others []string
	// rows is their number, and doing says for people what they are read for.
	rows  int64
	doing string
}

// allRows is where the rows are before they are put aside.
func (f *tableFacts) allRows(rows int64) rowSource {
	return rowSource{from: quoteName(f.name), key: f.key, id: f.values["id"], rows: rows, doing: "reading the rows"}
}

// movedRow is a task with what the old row has beside it.
type movedRow struct {
	models.Task
	// key is the row's value of the key of its source, and oldID the id of a renumbered row.
	key    any
	oldID  string
	others []sql.NullString
}

// scan reads the rows by key in batches, and passes the resulting tasks to keep, which may be nil. It calls the
// function that keep returns, which writes the batch, while it converts the next one. After an invalid row it continues, to find
// the others, but no longer calls keep. It then returns an *Error.
func (t Table) scan(ctx context.Context, tx bun.Tx, facts *tableFacts, from rowSource, now time.Time, keep func([]movedRow) (write func() error, err error)) (Counts, error) {
	a := &adopter{
		now: now, undashed: facts.undashed, undashedIDs: facts.undashedIDs, renumbered: facts.renumbered, unnumbered: from.id == "", flagged: facts.named["completed"] != "",
	}
	refused := &Error{Table: facts.name}
	first, next := t.selectRows(facts, from)
	rows, moved := make([]oldRow, 0, adoptBatch), make([]movedRow, 0, adoptBatch)
	convert := func() (write func() error, err error) {
		moved = moved[:0]
		for i := range rows {
			task, reasons := a.task(&rows[i])
			if len(reasons) > 0 {
				if refused.Total++; refused.Total <= maxRefusedRows {
					refused.Rows = append(refused.Rows, RefusedRow{rows[i].name(), strings.Join(reasons, "; ")})
				}
			}
			moved = append(moved, movedRow{task, rows[i].key(), rows[i].OldID.String, rows[i].Others})
		}
		if refused.Total > 0 || keep == nil {
			return nil, nil
		}
		return keep(moved)
	}
	write := func() error { return nil } // the batch before
	for query, args := first, []any(nil); ; query = next {
		var err error
		if rows, err = readRows(ctx, tx, len(from.others), rows[:0], query, args...); err != nil {
			return a.Counts, err
		}
		if len(rows) == 0 {
			break
		}
		args = []any{fmt.Sprint(rows[len(rows)-1].key())}
		var following func() error
		var failed error
		var converting sync.WaitGroup
		converting.Go(func() { following, failed = convert() })
		err = write()
		converting.Wait()
		if err := cmp.Or(err, failed); err != nil {
			return a.Counts, err
		}
		if write = following; write == nil {
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

// selectRows returns the statements of the first batch and of the next ones, whose argument is the last key before, as text.
func (t Table) selectRows(table *tableFacts, from rowSource) (first, next string) {
	columns := []string{
		"old_id", "user_id", "title", "description", "priority", "tags", "due_date", "completed", statusColumn, categoryColumn, deletedColumn, "created_at", "updated_at", "completed_at", "deleted_at",
	}
	for i, column := range columns {
		columns[i] = "NULL"
		if value, found := table.values[column]; found {
			columns[i] = value
		}
	}
	// Named, because ORDER BY would take a result of the key's name for the key.
	columns[0] += " AS task_old_id"
	key, id, last := "NULL AS task_key", cmp.Or(from.id, "0")+" AS task_id", "CAST(?1 AS integer)"
	if from.key != from.id {
		key = "CAST(" + from.key + " AS text) AS task_key"
	}
	if t.Postgres {
		kind := "bigint"
		if from.id == "" {
			kind = table.keyKind
		}
		last = "CAST(CAST($1 AS text) AS " + kind + ")"
	}
	columns = slices.Concat([]string{key, id}, columns, from.others)
	text, order := "SELECT "+strings.Join(columns, ", ")+" FROM "+from.from, fmt.Sprintf(" ORDER BY %s LIMIT %d", from.key, adoptBatch)
	return text + order, text + " WHERE " + from.key + " > " + last + order
}

func readRows(ctx context.Context, tx bun.Tx, others int, into []oldRow, query string, args ...any) ([]oldRow, error) {
	rows, err := tx.Tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		r := oldRow{Others: make([]sql.NullString, others)}
		dest := []any{&r.Key, &r.ID, &r.OldID, &r.UserID, &r.Title, &r.Description, &r.Priority, &r.Tags, &r.Due, &r.Completed, &r.Status, &r.Category, &r.Deleted,
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
