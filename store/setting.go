package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"taskql/store/adopt"
)

// The settings that are stored in the database, in task_setting.
const (
	// settingTable is the name of the table of tasks.
	settingTable = "table"
	// settingAdopted is set if that table was taken over with its rows. Its value is the time.
	settingAdopted = "adopted"
)

// defaultTable is the name that SQLModel gives the table of a class Task.
const defaultTable = "task"

// TableError states, for the person who runs the server, why no table can be used as the task table. Configuring another name
// may help.
type TableError struct{ reason string }

func (e *TableError) Error() string { return e.reason }

// setting returns a setting of the database, or "" where there is none.
func (s *Store) setting(ctx context.Context, db bun.IDB, name string) (value string, err error) {
	if found, err := s.relations(ctx, db, "task_setting"); err != nil || len(found) == 0 {
		return "", err
	}
	_, err = one(ctx, db.NewRaw("SELECT value FROM task_setting WHERE name = ?", name), &value)
	return value, err
}

func set(ctx context.Context, tx bun.Tx, name, value string) error {
	_, err := tx.NewRaw("INSERT INTO task_setting (name, value) VALUES (?, ?)", name, value).Exec(ctx)
	return err
}

// chooseTable returns the name of the task table, and whether that table exists and is still to be taken over. It fails with a
// *TableError if the name must be configured.
func (s *Store) chooseTable(ctx context.Context, db bun.IDB) (name string, adopt bool, err error) {
	kept, err := s.setting(ctx, db, settingTable)
	if err == nil && kept == "" {
		kept, err = s.firstReleaseTable(ctx, db)
	}
	switch {
	case err != nil:
		return "", false, err
	case kept != "" && s.requestedTable != "" && !s.sameName(kept, s.requestedTable):
		return "", false, &TableError{fmt.Sprintf("this database keeps its tasks in the table %q, not in %q", kept, s.requestedTable)}
	case kept != "":
		return kept, false, nil
	case slices.Contains(reservedNames(), strings.ToLower(s.requestedTable)):
		return "", false, &TableError{fmt.Sprintf("the name %q is for another table of taskql", s.requestedTable)}
	}
	candidates := []string{defaultTable, "tasks"}
	if s.requestedTable != "" {
		candidates = []string{s.requestedTable}
	}
	found, err := s.relations(ctx, db, candidates...)
	switch {
	case err != nil:
		return "", false, err
	case len(found) > 1:
		return "", false, &TableError{fmt.Sprintf("the database has a table %q and a table %q: say which of them holds the tasks", found[0], found[1])}
	case len(found) == 1:
		return found[0], true, nil
	default:
		return candidates[0], false, nil
	}
}

// firstReleaseTable returns the name of the task table in a database of the first release, which stored no setting and had only one name.
func (s *Store) firstReleaseTable(ctx context.Context, db bun.IDB) (string, error) {
	found, err := s.relations(ctx, db, "task_migration")
	if err != nil || len(found) == 0 {
		return "", err
	}
	var steps int
	if err := db.NewRaw("SELECT count(*) FROM task_migration").Scan(ctx, &steps); err != nil || steps == 0 {
		return "", err
	}
	return defaultTable, nil
}

// useTable makes queries use the task table of that name.
func (s *Store) useTable(name string) {
	s.table = name
	named := map[*bun.DB]*bun.DB{}
	all := []**bun.DB{&s.writer, &s.reader, &s.migrations}
	if s.replica != nil {
		all = append(all, &s.replica.db)
	}
	for _, db := range all {
		if named[*db] == nil {
			named[*db] = (*db).WithNamedArg("task", bun.Ident(name))
		}
		*db = named[*db]
	}
	s.write, s.read = s.writer, s.reader
}

// reservedNames returns the names of the tables and indexes that the migrations create, including temporary ones.
func reservedNames() []string {
	return append(adopt.ReservedNames(),
		"task_counter", "task_era", "task_tombstone", "task_setting", "task_migration", "task_idempotency", "task_idempotency_created",
		"task_user_created", "task_user_due", "task_user_updated", "task_user_version", "task_open_due", "task_open_priority", "task_done",
		"task_import", "task_user_position", "task_trash", "task_search", "task_search_before", "task_search_before_pkey", "task_search_words", "task_search_delete",
		"task_search_data", "task_search_idx", "task_search_content", "task_search_docsize", "task_search_config",
		"task_old_id", "task_old_id_unique", "task_search_recent", "task_search_recent_pkey",
	)
}

// relations returns the names among those given that are tables, views or indexes of the database, sorted.
func (s *Store) relations(ctx context.Context, db bun.IDB, names ...string) (found []string, err error) {
	query := "SELECT name FROM sqlite_master WHERE lower(name) IN (?) ORDER BY name"
	if s.postgres {
		query = `SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
			WHERE n.nspname = current_schema() AND c.relname IN (?) ORDER BY c.relname`
	} else {
		names = slices.Clone(names)
		for i, name := range names {
			names[i] = strings.ToLower(name)
		}
	}
	return found, db.NewRaw(query, bun.List(names)).Scan(ctx, &found)
}

// sameName compares names as the database does.
func (s *Store) sameName(a, b string) bool {
	return a == b || !s.postgres && strings.EqualFold(a, b)
}
