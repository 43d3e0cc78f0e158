package store

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
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

// IDsUsed returns the share of the ids that the task table has used up, from 0 to 1. A table that another program or an early
// version has created may have ids of 32 bits, of which busy users use thousands a second.
func (s *Store) IDsUsed(ctx context.Context) (share float64, err error) {
	if !s.postgres {
		return 0, nil // ids of 64 bits
	}
	table := pgx.Identifier{s.table}.Sanitize()
	err = s.read.NewRaw(`SELECT greatest(
		(SELECT last_value::float8 / max_value FROM pg_sequences
			WHERE format('%I.%I', schemaname, sequencename) = pg_get_serial_sequence(?0, 'id')),
		(SELECT max(id) FROM ?task)::float8 / (SELECT CASE atttypid WHEN 'integer'::regtype THEN 2147483647 ELSE 9223372036854775807 END
			FROM pg_attribute WHERE attrelid = ?0::regclass AND attname = 'id'), 0)`, table).Scan(ctx, &share)
	if err != nil {
		return 0, fmt.Errorf("store: ids used: %w", Cause(err))
	}
	return share, nil
}

// creating adds the operation to the error of an INSERT of tasks, and what the operator must do if there are no more ids.
func (s *Store) creating(operation string, err error) error {
	var refused *pgconn.PgError
	if errors.As(err, &refused) && (refused.Code == "2200H" || refused.Code == "22003") { // the sequence, or the type of the column
		return fmt.Errorf("store: %s: the table %q has used up its ids of 32 bits: its column id must become a bigint: %w", operation, s.table, err)
	}
	return fmt.Errorf("store: %s: %w", operation, err)
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
