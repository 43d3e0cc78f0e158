// Package adopt takes over the table of tasks that a FastAPI backend has left.
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

// A FastAPI backend leaves a task table as SQLModel created it. The first migration turns it into the table that it
// otherwise creates, in place, and keeps its rows, its name and unknown columns.
//
// The rules for a row are in Go only (see adopter). The rows are read in batches, and the results are stored in a temporary table.
// PostgreSQL then alters the old table; SQLite, which cannot alter much, rebuilds it.

const (
	// adoptedTable holds the results of the rows, and numberTable their versions. Both are temporary.
	adoptedTable, numberTable = "task_adopted", "task_number"
	// newTable is the name of the new table on SQLite until the old one is dropped.
	newTable = "task_new"
	// adoptBatch is the number of rows in memory at once.
	adoptBatch = 1000
)

// Table is an existing table to take over.
type Table struct {
	Name     string
	Postgres bool // else SQLite
	// CreateTable returns the CREATE TABLE statement of the task table under another name, with additional definitions after
	// its own columns.
	CreateTable func(name string, definitions []string) (string, error)
	// Progress is called after each batch of rows.
	Progress func(doing string, done, total int64)
	// Notice receives a sentence for people before a long operation begins.
	Notice func(message string)
	// Free is the free disk space in bytes, or -1 if it cannot be known.
	Free int64
}

// ReservedNames returns the names of the tables that Adopt creates and drops.
func ReservedNames() []string { return []string{adoptedTable, numberTable, newTable} }

// Error states why a table cannot be taken over. Nothing was changed.
type Error struct {
	Table string
	// Reasons concern the table itself.
	Reasons []string
	// Rows are the first of the invalid rows, and Total is the number of all of them.
	Rows  []RefusedRow
	Total int64
}

// RefusedRow is an invalid row.
type RefusedRow struct {
	ID     int64
	Reason string
}

func (e *Error) Error() string {
	return fmt.Sprintf("the table %q cannot be taken over, and nothing was changed:\n  %s", e.Table, strings.Join(e.Lines(), "\n  "))
}

// Lines returns the reasons, one per line.
func (e *Error) Lines() []string {
	lines := append([]string{}, e.Reasons...)
	for _, row := range e.Rows {
		lines = append(lines, fmt.Sprintf("id %d: %s", row.ID, row.Reason))
	}
	if more := e.Total - int64(len(e.Rows)); more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more rows", more))
	}
	return lines
}

// maxRefusedRows is the largest number of rows in an Error.
const maxRefusedRows = 20

// oldTable is a table to take over.
type oldTable interface {
	// facts returns what the catalog states about it.
	facts() *tableFacts
	// reshape turns it into the task table. Each batch of rows has the ids up to the next bound.
	reshape(ctx context.Context, tx bun.Tx, bounds []int64) error
}

// tableFacts is what the catalogs of both databases state about a table.
type tableFacts struct {
	name string
	// values maps each task column that the table has to the expression that reads it as text.
	values map[string]string
	// undashed is true if user ids are UUIDs without dashes.
	undashed bool
	// changes describe for people what happens to the table; reasons, why it cannot be taken over.
	changes, reasons []string
}

func (f *tableFacts) change(format string, args ...any) {
	f.changes = append(f.changes, fmt.Sprintf(format, args...))
}

func (f *tableFacts) refuse(format string, args ...any) {
	f.reasons = append(f.reasons, fmt.Sprintf(format, args...))
}

// refusal returns an *Error if there are reasons.
func (f *tableFacts) refusal() error {
	if len(f.reasons) == 0 {
		return nil
	}
	return &Error{Table: f.name, Reasons: f.reasons}
}

// inspect reads the catalog.
func (t Table) inspect(ctx context.Context, tx bun.Tx) (oldTable, error) {
	if t.Postgres {
		return inspectPostgres(ctx, tx, t)
	}
	return inspectSQLite(ctx, tx, t)
}

// Adopt turns the table into the task table, without the columns and indexes of later migrations. A row without times gets now.
// If the table cannot be taken over it returns an *Error; the caller must then roll the transaction back.
func (t Table) Adopt(ctx context.Context, tx bun.Tx, now time.Time) error {
	if err := t.lock(ctx, tx); err != nil {
		return err
	}
	table, err := t.inspect(ctx, tx)
	if err != nil {
		return err
	}
	if err := table.facts().refusal(); err != nil {
		return err
	}
	cost, rows, err := t.cost(ctx, tx, table.facts())
	if err != nil {
		return err
	}
	if shortage := cost.shortage(); shortage != "" {
		return &Error{Table: t.Name, Reasons: []string{shortage}}
	}
	if rows >= noticeRows {
		t.Notice(fmt.Sprintf("taking over the table %q with %d rows. %s", t.Name, rows, cost))
	}
	id := "integer" // on SQLite an alias of the row id
	if t.Postgres {
		id = "bigint"
	}
	if _, err := tx.NewRaw(`CREATE TEMPORARY TABLE ` + adoptedTable + ` (id ` + id + ` PRIMARY KEY, user_id text, priority text, tags text,
		due_date timestamptz, due_kind text, completed boolean, completed_at timestamptz, deleted_at timestamptz,
		created_at timestamptz, updated_at timestamptz)`).Exec(ctx); err != nil {
		return err
	}
	var bounds []int64
	_, err = t.scan(ctx, tx, table.facts(), now, func(tasks []models.Task) error {
		bounds = append(bounds, tasks[len(tasks)-1].ID)
		_, err := tx.NewInsert().Model(&tasks).ModelTableExpr(adoptedTable).Column("id", "user_id", "priority", "tags", "due_date", "due_kind",
			"completed", "completed_at", "deleted_at", "created_at", "updated_at").Exec(ctx)
		return err
	})
	if err != nil {
		return err
	}
	if err := exec(ctx, tx, "CREATE TEMPORARY TABLE "+numberTable+" (id "+id+" PRIMARY KEY, n bigint)",
		`INSERT INTO `+numberTable+` (id, n)
			SELECT id, row_number() OVER (PARTITION BY user_id ORDER BY created_at, id) FROM `+adoptedTable); err != nil {
		return err
	}
	if err := table.reshape(ctx, tx, bounds); err != nil {
		return err
	}
	return exec(ctx, tx, "DROP TABLE "+numberTable, "DROP TABLE "+adoptedTable)
}

func exec(ctx context.Context, tx bun.Tx, statements ...string) error {
	for _, statement := range statements {
		// Passed to the driver directly, because bun reads a question mark as an argument.
		if _, err := tx.Tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// requireColumns refuses a table that lacks the columns of tasks or has one of taskql's own.
func (f *tableFacts) requireColumns(has func(name string) bool) {
	var missing []string
	for _, name := range []string{"id", "user_id", "title", "completed"} {
		if !has(name) {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		f.refuse("it is no table of tasks: it has no %s", strings.Join(missing, ", "))
	}
	for _, name := range ownColumns() {
		if has(name) {
			f.refuse("it has a column %s, a name that taskql needs for something else: rename it", name)
		}
	}
}

// eachBatch calls do for each batch of ids: those above after, up to last.
func (t Table) eachBatch(bounds []int64, doing string, do func(after, last int64) error) error {
	after := int64(math.MinInt64 + 1)
	for i, last := range bounds {
		if err := do(after, last); err != nil {
			return err
		}
		after = last
		t.Progress(doing, int64(i+1)*adoptBatch, int64(len(bounds))*adoptBatch)
	}
	return nil
}
