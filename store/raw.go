package store

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/uptrace/bun"

	"taskql/models"
)

// Raw is direct access to the database of a store. It is for package copydb, which moves whole tables: its queries select
// all users' rows, what no other package may do.
type Raw struct {
	// Reader and Writer run queries, in which ?task stands for the task table. A store that was opened with ReadOnly
	// has no Writer that writes.
	Reader, Writer *bun.DB
	// Table is the name of the task table.
	Table    string
	Postgres bool // else SQLite
}

// Raw returns direct access to the database. It is valid until the next Migrate, which may choose another task table.
func (s *Store) Raw() Raw {
	return Raw{Reader: s.reader, Writer: s.writer, Table: s.table, Postgres: s.postgres}
}

// TaskRow is a row of the task table with all its columns, including those that follow from others.
type TaskRow struct {
	models.Task
	derived
}

// Derive sets the columns that follow from others, as every write does.
func (r *TaskRow) Derive() { r.derived = newRow(&r.Task).derived }

// IndexTasks writes the search terms of tasks within a transaction.
func (s *Store) IndexTasks(ctx context.Context, tx bun.Tx, tasks ...*models.Task) error {
	return s.indexTasks(ctx, tx, tasks...)
}

// HasTasks reports whether the database has a task table with at least one row, whichever program created it.
func (s *Store) HasTasks(ctx context.Context) (found bool, err error) {
	table, _, err := s.chooseTable(ctx, s.read)
	if err != nil {
		return false, err
	}
	if names, err := s.relations(ctx, s.read, table); err != nil || len(names) == 0 {
		return false, err
	}
	err = s.read.NewRaw("SELECT EXISTS (SELECT 1 FROM ?)", bun.Ident(table)).Scan(ctx, &found)
	return found, err
}

// Same reports whether both stores use the same SQLite file or the same PostgreSQL schema, whatever addresses they were
// opened with.
func (s *Store) Same(ctx context.Context, other *Store) (bool, error) {
	if s.postgres != other.postgres {
		return false, nil
	}
	if !s.postgres {
		mine, err := os.Stat(s.path)
		theirs, otherErr := os.Stat(other.path)
		if err := errors.Join(err, otherErr); err != nil {
			return false, fmt.Errorf("store: same: %w", err)
		}
		return os.SameFile(mine, theirs), nil
	}
	var places [2]string
	for i, s := range []*Store{s, other} {
		err := s.read.NewRaw(`SELECT concat_ws(' ', pg_postmaster_start_time(), oid, current_schema()) FROM pg_database
			WHERE datname = current_database()`).Scan(ctx, &places[i])
		if err != nil {
			return false, fmt.Errorf("store: same: %w", Cause(err))
		}
	}
	return places[0] == places[1], nil
}
