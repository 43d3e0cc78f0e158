package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"taskql/models"
)

// Bun scans by reflection, which is a third of the server's work for a list. The statements that run most often therefore select
// the columns of a task in a fixed order, and a taskScanner sets the fields.

// taskColumns are the columns of a task, with what sets the field of each.
var taskColumns = []struct {
	name string
	set  func(t *models.Task, value any) error
}{
	{"id", func(t *models.Task, value any) error { return setInt(&t.ID, value) }},
	{"user_id", func(t *models.Task, value any) error { return setText(&t.UserID, value) }},
	{"title", func(t *models.Task, value any) error { return setText(&t.Title, value) }},
	{"description", func(t *models.Task, value any) error { return setOptional(&t.Description, value, setText[string]) }},
	{"priority", func(t *models.Task, value any) error { return setText(&t.Priority, value) }},
	{"tags", func(t *models.Task, value any) error { return setTags(&t.Tags, value) }},
	{"due_date", func(t *models.Task, value any) error { return setOptional(&t.Due, value, setTime) }},
	{"completed", func(t *models.Task, value any) error { return setBool(&t.Completed, value) }},
	{"created_at", func(t *models.Task, value any) error { return setTime(&t.CreatedAt, value) }},
	{"updated_at", func(t *models.Task, value any) error { return setTime(&t.UpdatedAt, value) }},
	{"due_kind", func(t *models.Task, value any) error { return setOptional(&t.DueKind, value, setText[models.DueKind]) }},
	{"completed_at", func(t *models.Task, value any) error { return setOptional(&t.CompletedAt, value, setTime) }},
	{"deleted_at", func(t *models.Task, value any) error { return setOptional(&t.DeletedAt, value, setTime) }},
	{"position", func(t *models.Task, value any) error { return setText(&t.Position, value) }},
	{"version", func(t *models.Task, value any) error { return setInt(&t.Version, value) }},
}

// columns are the names of taskColumns, and columnsOf those with the alias of a table.
var columns = columnsOf("")

func columnsOf(table string) string {
	names := make([]string, len(taskColumns))
	for i, column := range taskColumns {
		names[i] = table + column.name
	}
	return strings.Join(names, ", ")
}

// taskScanner scans rows that have the columns of a task, and others before and after them.
type taskScanner struct {
	task *models.Task
	dest []any
}

// newTaskScanner returns a scanner of rows with the columns before, those of a task, and the columns after.
func newTaskScanner(before, after []any) *taskScanner {
	s := &taskScanner{dest: make([]any, 0, len(before)+len(taskColumns)+len(after))}
	fields := make([]field, len(taskColumns))
	s.dest = append(s.dest, before...)
	for i := range taskColumns {
		fields[i] = field{s, i}
		s.dest = append(s.dest, &fields[i])
	}
	s.dest = append(s.dest, after...)
	return s
}

// scan scans the present row. The task is a new one for each row. Its fields are zero where the row has NULL.
func (s *taskScanner) scan(rows *sql.Rows) (*models.Task, error) {
	s.task = new(models.Task)
	return s.task, rows.Scan(s.dest...)
}

// field is the destination of one column.
type field struct {
	scanner *taskScanner
	column  int
}

// Scan implements sql.Scanner.
func (f *field) Scan(value any) error {
	if value == nil {
		return nil
	}
	return taskColumns[f.column].set(f.scanner.task, value)
}

// eachTask calls each for the rows of a bound query on db, which a scanner scans.
func (s *Store) eachTask(ctx context.Context, db bun.IDB, query schema.QueryAppender, scanner *taskScanner, each func(*models.Task)) error {
	rows, err := s.rows(ctx, db, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		task, err := scanner.scan(rows)
		if err != nil {
			return err
		}
		each(task)
	}
	return errors.Join(rows.Err(), rows.Close())
}

// oneTask returns the task of the only row of a bound query on db, and scans the columns after it. It returns nil if there is no row.
func (s *Store) oneTask(ctx context.Context, db bun.IDB, query schema.QueryAppender, after ...any) (found *models.Task, err error) {
	err = s.eachTask(ctx, db, query, newTaskScanner(nil, after), func(t *models.Task) { found = t })
	return found, err
}

func setInt(dest *int64, value any) error {
	n, ok := value.(int64)
	if !ok {
		return fmt.Errorf("%T is not an integer", value)
	}
	*dest = n
	return nil
}

func setText[T ~string](dest *T, value any) error {
	switch value := value.(type) {
	case string:
		*dest = T(value)
	case []byte:
		*dest = T(value)
	default:
		return fmt.Errorf("%T is not a text", value)
	}
	return nil
}

func setBool(dest *bool, value any) error {
	switch value := value.(type) {
	case bool:
		*dest = value
	case int64: // SQLite
		*dest = value != 0
	default:
		return fmt.Errorf("%T is not a boolean", value)
	}
	return nil
}

// timeLayouts are how bun writes times on SQLite, and how other programs may have written them.
var timeLayouts = []string{"2006-01-02 15:04:05.999999999-07:00", "2006-01-02 15:04:05.999999999", time.RFC3339Nano, "2006-01-02"}

func setTime(dest *time.Time, value any) error {
	if t, ok := value.(time.Time); ok {
		*dest = t.UTC()
		return nil
	}
	var text string
	if err := setText(&text, value); err != nil {
		return err
	}
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			*dest = t.UTC()
			return nil
		}
	}
	return fmt.Errorf("%q is not a time", text)
}

func setOptional[T any](dest **T, value any, set func(*T, any) error) error {
	*dest = new(T)
	return set(*dest, value)
}

func setTags(dest *[]string, value any) error {
	var text string
	if err := setText(&text, value); err != nil {
		return err
	}
	// Most arrays have no escapes and no blanks.
	if text == "[]" {
		*dest = []string{}
		return nil
	}
	if inner, ok := strings.CutPrefix(text, `["`); ok {
		if inner, ok = strings.CutSuffix(inner, `"]`); ok && !strings.Contains(inner, `\`) {
			tags := strings.Split(inner, `","`)
			if !slices.ContainsFunc(tags, func(tag string) bool { return strings.IndexByte(tag, '"') >= 0 }) {
				*dest = tags
				return nil
			}
		}
	}
	return json.Unmarshal([]byte(text), dest)
}
