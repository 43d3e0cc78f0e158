package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"taskql/models"
	"taskql/store/connect"
)

// Bun scans by reflection, which is a third of the server's work for a list. The statements that run most often therefore select
// the columns of a task in a fixed order, and a taskScanner sets the fields.

// taskColumns are the columns of a task, with what sets the field of each.
var taskColumns = []struct {
	name string
	set  func(t *models.Task, value *connect.Value) error
}{
	{"id", func(t *models.Task, value *connect.Value) error { return setInt(&t.ID, value) }},
	{"user_id", func(t *models.Task, value *connect.Value) error { return setText(&t.UserID, value) }},
	{"title", func(t *models.Task, value *connect.Value) error { return setText(&t.Title, value) }},
	{"description", func(t *models.Task, value *connect.Value) error {
		return setOptional(&t.Description, value, setText[string])
	}},
	{"priority", func(t *models.Task, value *connect.Value) error { return setText(&t.Priority, value) }},
	{"tags", func(t *models.Task, value *connect.Value) error { return setTags(&t.Tags, value) }},
	{"due_date", func(t *models.Task, value *connect.Value) error { return setOptional(&t.Due, value, setTime) }},
	{"completed", func(t *models.Task, value *connect.Value) error { return setBool(&t.Completed, value) }},
	{"created_at", func(t *models.Task, value *connect.Value) error { return setTime(&t.CreatedAt, value) }},
	{"updated_at", func(t *models.Task, value *connect.Value) error { return setTime(&t.UpdatedAt, value) }},
	{"due_kind", func(t *models.Task, value *connect.Value) error {
		return setOptional(&t.DueKind, value, setText[models.DueKind])
	}},
	{"completed_at", func(t *models.Task, value *connect.Value) error { return setOptional(&t.CompletedAt, value, setTime) }},
	{"deleted_at", func(t *models.Task, value *connect.Value) error { return setOptional(&t.DeletedAt, value, setTime) }},
	{"position", func(t *models.Task, value *connect.Value) error { return setText(&t.Position, value) }},
	{"version", func(t *models.Task, value *connect.Value) error { return setInt(&t.Version, value) }},
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
	task  *models.Task
	value connect.Value
	dest  []any
}

// newTaskScanner returns a scanner of rows with the columns before, those of a task, and the columns after.
func newTaskScanner(before, after []any) *taskScanner {
	s := &taskScanner{task: new(models.Task), dest: make([]any, 0, len(before)+len(taskColumns)+len(after))}
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
func (s *taskScanner) scan(rows rows) (*models.Task, error) {
	last := s.task
	// Most rows have the same user and priority as the one before. Those texts need no other copy.
	s.task = &models.Task{UserID: last.UserID, Priority: last.Priority}
	err := rows.Scan(s.dest...)
	if s.task.ID == 0 { // a row without a task
		*s.task = models.Task{}
	}
	return s.task, err
}

// field is the destination of one column.
type field struct {
	scanner *taskScanner
	column  int
}

// ScanValue takes the value of the column; see connect.Rows.Scan.
func (f *field) ScanValue(value *connect.Value) error {
	if value.IsNull() {
		return nil
	}
	return taskColumns[f.column].set(f.scanner.task, value)
}

// Scan implements sql.Scanner.
func (f *field) Scan(value any) error {
	f.scanner.value.Set(value)
	return f.ScanValue(&f.scanner.value)
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
	if err := rows.Err(); err != nil {
		return err
	}
	return rows.Close()
}

// oneTask returns the task of the only row of a bound query on db, and scans the columns after it. It returns nil if there is no row.
func (s *Store) oneTask(ctx context.Context, db bun.IDB, query schema.QueryAppender, after ...any) (found *models.Task, err error) {
	err = s.eachTask(ctx, db, query, newTaskScanner(nil, after), func(t *models.Task) { found = t })
	return found, err
}

func setInt(dest *int64, value *connect.Value) (err error) {
	*dest, err = value.Integer()
	return err
}

// setText keeps the text that dest has, if it is the same.
func setText[T ~string](dest *T, value *connect.Value) error {
	if value.Is(string(*dest)) {
		return nil
	}
	text, err := value.Text()
	*dest = T(text)
	return err
}

func setBool(dest *bool, value *connect.Value) (err error) {
	*dest, err = value.Boolean()
	return err
}

// timeLayouts are how bun writes times on SQLite, and how other programs may have written them.
var timeLayouts = []string{"2006-01-02 15:04:05.999999999-07:00", "2006-01-02 15:04:05.999999999", time.RFC3339Nano, "2006-01-02"}

func setTime(dest *time.Time, value *connect.Value) error {
	if t, ok := value.Time(); ok {
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

func setOptional[T any](dest **T, value *connect.Value, set func(*T, *connect.Value) error) error {
	*dest = new(T)
	return set(*dest, value)
}

func setTags(dest *[]string, value *connect.Value) error {
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
