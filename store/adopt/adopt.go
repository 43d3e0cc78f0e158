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

// A database that a FastAPI backend has used has a table of tasks already, as SQLModel made it. The
// first step of the schema takes it over where it is: it makes of it what it makes of nothing, and keeps its rows,
// its name and the columns it does not know.
//
// The rules for a row stand once, in Go (see adopter). The rows are read in batches, and what each
// becomes goes to a table on the side; both databases then take it from there, each in the way it can
// change a table.

const (
	// adoptedTable has what the rows become, and numberTable the numbers of their users' changes. Both
	// are temporary.
	adoptedTable, numberTable = "task_adopted", "task_number"
	// newTable is what the table is called on SQLite while the old one is still there.
	newTable = "task_new"
	// adoptBatch is how many rows are in memory at once.
	adoptBatch = 1000
)

// Table is a table to take over.
type Table struct {
	Name     string
	Postgres bool // else SQLite
	// CreateTable returns the statement that creates the table of tasks under another name, with the definitions
	// added to those of its own columns.
	CreateTable func(name string, definitions []string) (string, error)
	// Progress is called after each batch of rows.
	Progress func(doing string, done, total int64)
	// Notice receives a sentence for people before a long operation begins.
	Notice func(message string)
	// Free is the free disk space in bytes, or -1 if it cannot be known.
	Free int64
}

// ReservedNames returns the names of the tables that Adopt creates and removes again.
func ReservedNames() []string { return []string{adoptedTable, numberTable, newTable} }

// Error says why a table cannot be taken over. Nothing was changed then.
type Error struct {
	Table string
	// Reasons are about the table itself.
	Reasons []string
	// Rows are the first rows that cannot be understood, and Total is how many there are.
	Rows  []RefusedRow
	Total int64
}

// RefusedRow is a row that cannot be understood.
type RefusedRow struct {
	ID     int64
	Reason string
}

func (e *Error) Error() string {
	return fmt.Sprintf("the table %q cannot be taken over, and nothing was changed:\n  %s", e.Table, strings.Join(e.Lines(), "\n  "))
}

// Lines are the reasons, one a line.
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

// maxRefusedRows is how many rows an Error names.
const maxRefusedRows = 20

// oldTable is a table to take over.
type oldTable interface {
	// facts are what its database says of it.
	facts() *tableFacts
	// reshape makes it the table of tasks. The rows are in batches, each of the ids up to the next bound.
	reshape(ctx context.Context, tx bun.Tx, bounds []int64) error
}

// tableFacts is what both databases tell of a table.
type tableFacts struct {
	name string
	// values has for the columns that a task has, in the table's own words, what reads them as text.
	values map[string]string
	// undashed is set where ids of users are UUIDs without dashes.
	undashed bool
	// changes says, for people, what happens to the table, and reasons why it cannot be.
	changes, reasons []string
}

func (f *tableFacts) change(format string, args ...any) {
	f.changes = append(f.changes, fmt.Sprintf(format, args...))
}

func (f *tableFacts) refuse(format string, args ...any) {
	f.reasons = append(f.reasons, fmt.Sprintf(format, args...))
}

// refusal is nil when nothing about the table itself stands in the way.
func (f *tableFacts) refusal() error {
	if len(f.reasons) == 0 {
		return nil
	}
	return &Error{Table: f.name, Reasons: f.reasons}
}

// inspect reads what the database says of a table.
func (t Table) inspect(ctx context.Context, tx bun.Tx) (oldTable, error) {
	if t.Postgres {
		return inspectPostgres(ctx, tx, t)
	}
	return inspectSQLite(ctx, tx, t)
}

// Adopt makes the table of tasks of the one that is there, but for the columns and indexes of later migrations. A row without
// times gets now. It returns an *Error, and the transaction must be rolled back, where the table cannot be taken over.
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
	cost, rows, err := t.cost(ctx, tx)
	if err != nil {
		return err
	}
	if shortage := cost.shortage(); shortage != "" {
		return &Error{Table: t.Name, Reasons: []string{shortage}}
	}
	if rows >= noticeRows {
		t.Notice(fmt.Sprintf("taking over the table %q with %d rows. %s", t.Name, rows, cost))
	}
	id := "integer" // which is the row's place in the table, on SQLite
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
		// Straight to the driver: bun would take a question mark for an argument.
		if _, err := tx.Tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// requireColumns refuses a table that is not one of tasks.
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

// eachBatch runs do for one stretch of ids after the other: those above after, up to last.
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
