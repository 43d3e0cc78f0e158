package copydb

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"reflect"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"taskql/models"
	"taskql/store"
)

// A copy reads the rows of a table of both databases in the same order and renders each as it stands in an INSERT of the target.
// Two rows are equal if this text is equal, whatever types the two databases return. Derived columns are computed again, as in
// any other write.

// part is a table that a copy transfers.
type part struct {
	// name is for people, table for SQL.
	name, table string
	// row returns a new row, for bun.
	row func() any
	// order is a sort order that is the same on both databases; %s stands for the collation by bytes.
	order string
	// derive sets the derived columns of a row; nil if it has none.
	derive func(row any)
	// index writes the search index of the rows in the same transaction; nil if there is none.
	index func(ctx context.Context, s *store.Store, tx bun.Tx, rows []any) error
	// label names a row for people.
	label func(row any) string
	// also is the name under which the rows that counted selects are reported; empty if there is none.
	also    string
	counted func(row any) bool
}

type counterRow struct {
	UserID    string `bun:"user_id"`
	N         int64  `bun:"n"`
	Forgotten int64  `bun:"forgotten"`
	Era       int64  `bun:"era"`
	Eras      string `bun:"eras"`
	Skipped   int64  `bun:"skipped"`
}

type tombstoneRow struct {
	UserID   string    `bun:"user_id"`
	Version  int64     `bun:"version"`
	TaskID   int64     `bun:"task_id"`
	PurgedAt time.Time `bun:"purged_at"`
}

type keyRow struct {
	UserID    string    `bun:"user_id"`
	Key       string    `bun:"key"`
	Request   string    `bun:"request"`
	TaskIDs   string    `bun:"task_ids"`
	N         *int64    `bun:"n"`
	CreatedAt time.Time `bun:"created_at"`
}

type importRow struct {
	UserID string `bun:"user_id"`
	Source string `bun:"source"`
	TaskID int64  `bun:"task_id"`
}

type oldIDRow struct {
	TaskID int64  `bun:"task_id"`
	OldID  string `bun:"old_id"`
}

// parts returns the tables in the order in which a copy fills them. The counters come last: every write changes one, so that
// they show at the end of a comparison whether anything was written meanwhile.
func parts() []part {
	return []part{
		{
			name: "tasks", table: "?task", order: "user_id %s, id",
			row:     func() any { return new(store.TaskRow) },
			derive:  func(r any) { r.(*store.TaskRow).Derive() },
			index:   indexCopied,
			label:   func(r any) string { return fmt.Sprint("task ", r.(*store.TaskRow).ID) },
			also:    "in the trash",
			counted: func(r any) bool { return r.(*store.TaskRow).Trashed() },
		},
		{
			name: "tombstones", table: "task_tombstone", order: "user_id %s, version",
			row:   func() any { return new(tombstoneRow) },
			label: func(r any) string { return fmt.Sprint("the tombstone of task ", r.(*tombstoneRow).TaskID) },
		},
		{
			// Copied, so that a request that is repeated after the move does not write twice.
			name: "idempotency keys", table: "task_idempotency", order: "user_id %s, key %s",
			row:   func() any { return new(keyRow) },
			label: func(r any) string { return fmt.Sprintf("an idempotency key of the user %q", r.(*keyRow).UserID) },
		},
		{
			name: "imported", table: "task_import", order: "user_id %s, source %s",
			row:   func() any { return new(importRow) },
			label: func(r any) string { return fmt.Sprintf("an import of the user %q", r.(*importRow).UserID) },
		},
		{
			name: "old ids", table: "task_old_id", order: "task_id",
			row:   func() any { return new(oldIDRow) },
			label: func(r any) string { return fmt.Sprint("the old id of task ", r.(*oldIDRow).TaskID) },
		},
		{
			name: "users", table: "task_counter", order: "user_id %s",
			row:   func() any { return new(counterRow) },
			label: func(r any) string { return fmt.Sprintf("the counter of the user %q", r.(*counterRow).UserID) },
		},
	}
}

func indexCopied(ctx context.Context, s *store.Store, tx bun.Tx, rows []any) error {
	tasks := make([]*models.Task, len(rows))
	for i, r := range rows {
		tasks[i] = &r.(*store.TaskRow).Task
	}
	return s.IndexTasks(ctx, tx, tasks...)
}

// fields returns the columns of a part's table that taskql knows.
func (p part) fields(db store.Raw) []*schema.Field {
	return db.Writer.Table(reflect.TypeOf(p.row()).Elem()).Fields
}

func (p part) columns(db store.Raw) string {
	fields := p.fields(db)
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = string(f.SQLName)
	}
	return strings.Join(names, ", ")
}

// tuple is a row as it stands in an INSERT.
type tuple struct {
	row     any
	text    []byte
	label   string
	counted bool
}

// tuples yields the part's rows in order, rendered for the database into. It holds one row in memory at a time.
func (p part) tuples(ctx context.Context, from, into store.Raw, derive bool) iter.Seq2[tuple, error] {
	return func(yield func(tuple, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		stopped := false
		err := reading(ctx, from, func(tx bun.Tx) error {
			rows, err := tx.QueryContext(ctx, fmt.Sprintf("SELECT %s FROM %s ORDER BY %s", p.columns(from), p.table, byteOrder(from, p.order)))
			if err != nil {
				return err
			}
			defer rows.Close()
			fields, form := p.fields(into), into.Writer.QueryGen()
			for rows.Next() {
				row := p.row()
				if err := from.Reader.ScanRow(ctx, rows, row); err != nil {
					return err
				}
				if derive && p.derive != nil {
					p.derive(row)
				}
				t := tuple{row: row, label: p.label(row), counted: p.counted != nil && p.counted(row)}
				for i, f := range fields {
					t.text = append(t.text, "(,"[min(i, 1)])
					t.text = f.AppendValue(form, t.text, reflect.ValueOf(row).Elem())
				}
				t.text = append(t.text, ')')
				if stopped = !yield(t, nil); stopped {
					cancel() // otherwise Close reads the rest of the result
					return ctx.Err()
				}
			}
			return rows.Err()
		})
		if err != nil && !stopped {
			yield(tuple{}, err)
		}
	}
}

// byteOrder inserts the collation by bytes into an order.
func byteOrder(db store.Raw, order string) string {
	collation := "COLLATE BINARY"
	if db.Postgres {
		collation = `COLLATE "C"`
	}
	return strings.ReplaceAll(order, "%s", collation)
}

// reading runs fn in a read-only transaction without a time limit.
func reading(ctx context.Context, db store.Raw, fn func(tx bun.Tx) error) error {
	return db.Reader.RunInTx(ctx, &sql.TxOptions{ReadOnly: true}, func(ctx context.Context, tx bun.Tx) error {
		if db.Postgres {
			if _, err := tx.ExecContext(ctx, "SET LOCAL statement_timeout = 0"); err != nil {
				return err
			}
		}
		return fn(tx)
	})
}

// copyRows and copyBytes limit a batch, whichever is reached first. Tests make batches smaller.
var copyRows = 2000

const copyBytes = 4 << 20

// batchWriter writes rows to the target in batches, one transaction per batch.
type batchWriter struct {
	to   *store.Store
	part part
	text []byte
	rows []any
}

// add adds a row and reports whether the batch is full.
func (w *batchWriter) add(t tuple) (full bool) {
	if len(w.rows) == 0 {
		insert := fmt.Sprintf("INSERT INTO %s (%s) VALUES ", w.part.table, w.part.columns(w.to.Raw()))
		w.text = append(w.text[:0], w.to.Raw().Writer.QueryGen().FormatQuery(insert)...)
	} else {
		w.text = append(w.text, ", "...)
	}
	w.text = append(w.text, t.text...)
	w.rows = append(w.rows, t.row)
	return len(w.rows) >= copyRows || len(w.text) >= copyBytes
}

// flush writes the rows and returns their number. An interruption waits for it.
func (w *batchWriter) flush(ctx context.Context) (int64, error) {
	written := int64(len(w.rows))
	if written == 0 {
		return 0, nil
	}
	ctx = context.WithoutCancel(ctx)
	err := w.to.Raw().Writer.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		// Passed to the driver directly, because bun reads a question mark in a row as an argument.
		if _, err := tx.Tx.ExecContext(ctx, string(w.text)); err != nil || w.part.index == nil {
			return err
		}
		return w.part.index(ctx, w.to, tx, w.rows)
	})
	clear(w.rows)
	w.rows = w.rows[:0]
	return written, err
}
