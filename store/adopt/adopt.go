// Package adopt takes over the table of tasks that a FastAPI backend has left.
package adopt

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/uptrace/bun"

	"taskql/models"
)

// A FastAPI backend leaves a task table as SQLModel created it. Its rows are put aside, and the migrations run on an empty table:
// on PostgreSQL the altered old one, which keeps its name, unknown columns and rights, on SQLite, which cannot alter much, a new one.
// Then each row is written once, with all that the migrations have added, and the indexes are built after the rows.
//
// The rules for a row are in Go only (see adopter). The rows are read twice, in batches: the first time to find invalid ones and to
// number the tasks of each user by age, the second time to write them.

const (
	// asideTable holds the old rows until they are written. It is temporary on PostgreSQL.
	asideTable = "task_aside"
	// adoptedTable holds what the order of the tasks depends on, and numberTable, on SQLite, their versions. Both are temporary.
	adoptedTable, numberTable = "task_adopted", "task_number"
	// newID is a column of the rows put aside on PostgreSQL, if they are renumbered.
	newID = "task_new_id"
	// place is a column of those rows: they are numbered by user and age.
	place = "task_place"
	// oldIDTable has the old ids of renumbered rows. A migration creates it.
	oldIDTable = "task_old_id"
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
	// Copy runs a COPY … FROM STDIN of PostgreSQL in the transaction.
	Copy func(ctx context.Context, statement string, rows io.Reader) error
	// Progress is called after each batch of rows.
	Progress func(doing string, done, total int64)
	// Notice receives a sentence for people before a long operation begins.
	Notice func(message string)
	// Free is the free disk space in bytes, or -1 if it cannot be known.
	Free int64
}

// Part is a table that stores a row of each task.
type Part struct {
	Table   string
	Columns []string
	// Values returns the row of a task: a value for each column, which is an int64, a bool, a string or nil.
	Values func(*models.Task) []any
}

// ReservedNames returns the names of the tables that Adopt creates and drops.
func ReservedNames() []string { return []string{asideTable, adoptedTable, numberTable} }

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
	// ID is the id that the row has now.
	ID, Reason string
}

func (e *Error) Error() string {
	return fmt.Sprintf("the table %q cannot be taken over, and nothing was changed:\n  %s", e.Table, strings.Join(e.Lines(), "\n  "))
}

// Lines returns the reasons, one per line.
func (e *Error) Lines() []string {
	lines := append([]string{}, e.Reasons...)
	for _, row := range e.Rows {
		lines = append(lines, fmt.Sprintf("id %s: %s", row.ID, row.Reason))
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
	// setAside puts the rows aside, with their versions, and leaves an empty table without the columns of later migrations.
	setAside(ctx context.Context, tx bun.Tx) error
	// asideRows returns where the rows are then, with the columns to read in addition: the version, then those that insert needs.
	asideRows() rowSource
	// dropIndexes drops the indexes and constraints of the parts that are cheaper to build after the rows, for restore.
	dropIndexes(ctx context.Context, tx bun.Tx, parts []Part) error
	// insert returns the statement that writes rows, with the unknown columns kept.
	insert(part Part, kept []string) string
	// forget deletes the rows with ids up to last from those put aside, if that saves space.
	forget(ctx context.Context, tx bun.Tx, last int64) error
	// restore creates again what was dropped, and makes the ids of new tasks greater than all existing ones.
	restore(ctx context.Context, tx bun.Tx, parts []Part) error
}

// tableFacts is what the catalogs of both databases state about a table.
type tableFacts struct {
	name string
	// named maps each task column that the table has, and statusColumn, to the name that it has there.
	named map[string]string
	// values maps the same columns to the expressions that read them as text.
	values map[string]string
	// key is the expression that orders the rows, and keyKind its type on PostgreSQL.
	key, keyKind string
	// renumbered is true if the ids are no numbers. The rows get new ids, and REST finds them by the old ones.
	renumbered bool
	// kept are the columns that taskql does not know.
	kept []string
	// undashed is true if user ids are UUIDs without dashes, and undashedIDs if ids are.
	undashed, undashedIDs bool
	// changes describe for people what happens to the table; reasons, why it cannot be taken over.
	changes, reasons []string
}

func (f *tableFacts) change(format string, args ...any) {
	f.changes = append(f.changes, fmt.Sprintf(format, args...))
}

func (f *tableFacts) changeKept() {
	if len(f.kept) > 0 {
		f.change("kept, though taskql does not use them: %s", strings.ReplaceAll(strings.Join(f.kept, ", "), `"`, ""))
	}
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

func exec(ctx context.Context, tx bun.Tx, statements ...string) error {
	for _, statement := range statements {
		// Passed to the driver directly, because bun reads a question mark as an argument.
		if _, err := tx.Tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}
