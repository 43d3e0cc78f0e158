package store

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"taskql/models"
	"taskql/store/adopt"
	"taskql/store/connect"
)

// createTaskTable applies the first migration, which takes over an existing task table or creates one. If it returns an adoption, the
// table is empty until finishAdoption.
func (s *Store) createTaskTable(ctx context.Context, tx bun.Tx, conn *sql.Conn) (*adopt.Adoption, error) {
	name, found, err := s.chooseTable(ctx, tx)
	if err != nil {
		return nil, err
	}
	if name != s.table {
		return nil, fmt.Errorf("the table %q appeared while the schema was being changed: start again", name)
	}
	if err := s.requireFreeNames(ctx, tx); err != nil {
		return nil, err
	}
	if !found {
		if err := s.run(ctx, tx, firstMigration+suffixUp); err != nil {
			return nil, err
		}
		return nil, set(ctx, tx, settingTable, name)
	}
	s.reporter.start()
	now := models.Timestamp(time.Now())
	old := s.adoptTable(name)
	old.Copy = func(ctx context.Context, statement string, rows io.Reader) error {
		return connect.Copy(ctx, conn, statement, rows)
	}
	adoption, err := old.Begin(ctx, tx, now)
	if err != nil {
		return nil, err
	}
	if err := s.runAs(ctx, tx, firstMigration+suffixUp, templateData{Adopted: true}); err != nil {
		return nil, err
	}
	if err := set(ctx, tx, settingAdopted, now.Format(time.RFC3339)); err != nil {
		return nil, err
	}
	return adoption, set(ctx, tx, settingTable, name)
}

// finishAdoption writes the rows, after all migrations, so that each is written once.
func (s *Store) finishAdoption(ctx context.Context, tx bun.Tx, adoption *adopt.Adoption) error {
	fields := tx.Dialect().Tables().Get(reflect.TypeFor[*TaskRow]()).Fields
	columns := make([]string, len(fields))
	for i, field := range fields {
		columns[i] = string(field.SQLName)
	}
	tasks := adopt.Part{Table: s.table, Columns: columns, Values: func(t *models.Task) []any {
		row := reflect.ValueOf(TaskRow{*t, newRow(t).derived})
		values := make([]any, len(fields))
		for i, field := range fields {
			values[i] = stored(row.FieldByIndex(field.Index))
		}
		return values
	}}
	terms := adopt.Part{Table: "task_search", Columns: s.searchColumns(), Values: s.searchValues}
	if err := adoption.Finish(ctx, tx, []adopt.Part{tasks, terms}); err != nil {
		return err
	}
	_, err := tx.NewRaw("INSERT INTO task_counter (user_id, n) SELECT user_id, count(*) FROM ?task GROUP BY user_id").Exec(ctx)
	if err == nil && s.postgres {
		_, err = tx.ExecContext(ctx, "ANALYZE task_counter")
	}
	return err
}

// stored returns a field of a row as both databases read it from text.
func stored(field reflect.Value) any {
	for field.Kind() == reflect.Pointer || field.Kind() == reflect.Interface {
		if field.IsNil() {
			return nil
		}
		field = field.Elem()
	}
	switch value := field.Interface().(type) {
	case time.Time:
		return value.UTC().Format("2006-01-02 15:04:05.999999-07:00")
	case []string:
		return tagsJSON(value)
	case bool, int64:
		return value
	default:
		return field.String()
	}
}

// adoptTable returns the table of that name for adoption.
func (s *Store) adoptTable(name string) adopt.Table {
	return adopt.Table{
		Name: name, Postgres: s.postgres, Progress: s.reporter.update, Notice: s.notice, Free: s.freeDisk(),
		CreateTable: func(name string, definitions []string) (string, error) {
			return s.renderMigration(firstMigration+suffixUp, "table", templateData{Task: name, Others: definitions})
		},
	}
}

// requireFreeNames fails if the database uses a name that taskql needs.
func (s *Store) requireFreeNames(ctx context.Context, db bun.IDB) error {
	var names []string
	for _, name := range reservedNames() {
		if name != "task_migration" {
			names = append(names, name)
		}
	}
	taken, err := s.relations(ctx, db, names...)
	if err == nil && len(taken) > 0 {
		err = fmt.Errorf("taskql needs the names %s, which the database uses already: rename the objects that have them", strings.Join(taken, ", "))
	}
	return err
}

// TaskByOldID returns the id of the user's task that had another id, a UUID or a text, in a table that was taken over; 0 if the user has none.
// any reports whether tasks of the database had such ids at all. A UUID may be written in any letter case, and without dashes.
func (s *Store) TaskByOldID(ctx context.Context, user, old string) (id int64, any bool, err error) {
	ids := adopt.OldIDs(old)
	if len(ids) == 0 {
		ids = []string{""} // which no task had
	}
	// Of two texts that mean one UUID, the one that was sent is meant.
	found := bun.SafeQuery("SELECT t.id FROM task_old_id AS o JOIN ?task AS t ON t.id = o.task_id WHERE o.old_id IN (?) AND t."+ofUser+"? ORDER BY o.old_id = ? DESC LIMIT 1",
		bun.List(ids), user, ids[0])
	if _, err := s.first(ctx, s.read, s.read.NewRaw("SELECT coalesce((?), 0), EXISTS (SELECT 1 FROM task_old_id)", found), &id, &any); err != nil {
		return 0, false, fmt.Errorf("store: old id: %w", err)
	}
	return id, any, nil
}

// freeDisk returns the free space of the SQLite file's file system in bytes, or -1 if it cannot be known.
func (s *Store) freeDisk() int64 {
	if s.postgres {
		return -1
	}
	if free, err := adopt.FreeBytes(s.path); err == nil {
		return free
	}
	return -1
}
