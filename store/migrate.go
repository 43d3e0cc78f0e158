package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"taskql/store/adopt"

	"github.com/uptrace/bun"
)

// Bun's own migrator accepts only a *bun.DB, so that it cannot run in one transaction with the lock and the record of applied
// migrations. Several servers that start at once then race, and a failed migration stays half applied and marked as
// applied. Both databases can change their schema in a transaction, so Migrate applies all migrations in one.

//go:embed migrations/*.sql
var files embed.FS

const suffixUp, suffixDown = ".up.sql", ".down.sql"

// firstMigration creates the task table, and oldIDsMigration the table of the old ids of a table that it took over.
const firstMigration, oldIDsMigration = "0001_tasks", "0011_old_ids"

// afterMigration is the part of a migration that follows its file, which cannot be written in SQL for both databases.
var afterMigration = map[string]func(*Store, context.Context, bun.Tx) error{
	"0002_reading": (*Store).fillLower,
	"0008_history": (*Store).firstEra,
	"0010_matches": (*Store).fillSearch,
}

// Migration is a numbered change of the schema.
type Migration struct {
	// Name is the file name without its suffix, such as 0001_tasks.
	Name string
	// AppliedAt is when it was applied, or nil.
	AppliedAt *time.Time
}

// Migrate applies the missing migrations and returns their names. It applies all of them or none. Of several servers that start
// at once, one migrates and the others wait. It fails if the database has a migration that this program does not know.
func (s *Store) Migrate(ctx context.Context) ([]string, error) {
	var done []string
	steps, err := s.Migrations(ctx)
	if err != nil {
		return nil, err
	}
	// Before the transaction, because its statements contain the name of the table.
	table, _, err := s.chooseTable(ctx, s.migrations)
	if err != nil {
		return nil, fmt.Errorf("store: migrate: %w", err)
	}
	s.useTable(table)
	// Most starts have nothing to apply and need no lock.
	if !slices.ContainsFunc(steps, func(m Migration) bool { return m.AppliedAt == nil }) {
		return nil, nil
	}
	err = s.exclusively(ctx, func(tx bun.Tx, conn *sql.Conn) error {
		steps, err := s.status(ctx, tx)
		if err != nil {
			return err
		}
		var adoption *adopt.Adoption
		for _, m := range steps {
			if m.AppliedAt != nil {
				continue
			}
			step := func() error { return s.run(ctx, tx, m.Name+suffixUp) }
			if m.Name == firstMigration {
				step = func() (err error) { adoption, err = s.createTaskTable(ctx, tx, conn); return err }
			}
			if err := step(); err != nil {
				return err
			}
			if fill := afterMigration[m.Name]; fill != nil {
				if err := fill(s, ctx, tx); err != nil {
					return fmt.Errorf("%s: %w", m.Name, err)
				}
			}
			if _, err := tx.NewRaw("INSERT INTO task_migration (name, applied_at) VALUES (?, ?)", m.Name, time.Now().UTC()).Exec(ctx); err != nil {
				return err
			}
			done = append(done, m.Name)
		}
		if adoption != nil {
			return s.finishAdoption(ctx, tx, adoption)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("store: migrate: %w", err)
	}
	return done, nil
}

// MigrateDown rolls back the last applied migration and returns its name, or "" if there is none. Everything that the migration
// created is lost, tasks included. It refuses to roll back the first migration if that took over a table, and the one that has the old ids of
// such a table.
func (s *Store) MigrateDown(ctx context.Context) (string, error) {
	var name string
	err := s.exclusively(ctx, func(tx bun.Tx, _ *sql.Conn) error {
		steps, err := s.status(ctx, tx)
		if err != nil {
			return err
		}
		for _, m := range slices.Backward(steps) {
			if m.AppliedAt == nil {
				continue
			}
			if adopted, err := s.setting(ctx, tx, settingAdopted); err != nil {
				return err
			} else if adopted != "" && m.Name == firstMigration {
				return fmt.Errorf("the table %q was taken over at %s: rolling that back would drop it with rows "+
					"that existed before. docs/moving-from-fastapi.md describes how to go back", s.table, adopted)
			}
			if m.Name == oldIDsMigration {
				var any bool
				if err := tx.NewRaw("SELECT EXISTS (SELECT 1 FROM task_old_id)").Scan(ctx, &any); err != nil {
					return err
				} else if any {
					return fmt.Errorf("the tasks of the table %q had other ids, which nothing else has: rolling this back would lose them. "+
						"docs/moving-from-fastapi.md describes how to go back", s.table)
				}
			}
			name = m.Name
			if err := s.run(ctx, tx, m.Name+suffixDown); err != nil {
				return err
			}
			_, err := tx.NewRaw("DELETE FROM task_migration WHERE name = ?", m.Name).Exec(ctx)
			return err
		}
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("store: migrate down: %w", err)
	}
	return name, nil
}

// Migrations returns all migrations in order. It fails if the database has one that this program does not know. It changes
// nothing.
func (s *Store) Migrations(ctx context.Context) ([]Migration, error) {
	steps, err := s.status(ctx, s.migrations)
	if err != nil {
		return nil, fmt.Errorf("store: migrations: %w", err)
	}
	return steps, nil
}

func (s *Store) status(ctx context.Context, db bun.IDB) ([]Migration, error) {
	catalog := "SELECT count(*) FROM sqlite_master WHERE name = 'task_migration'"
	if s.postgres {
		catalog = "SELECT count(to_regclass('task_migration'))"
	}
	var exists int
	if err := db.NewRaw(catalog).Scan(ctx, &exists); err != nil {
		return nil, err
	}
	var applied []Migration
	if exists > 0 {
		if err := db.NewRaw("SELECT name, applied_at FROM task_migration ORDER BY name").Scan(ctx, &applied); err != nil {
			return nil, err
		}
	}
	paths, err := fs.Glob(files, "migrations/*"+suffixUp)
	if err != nil {
		return nil, err
	}
	steps := make([]Migration, len(paths))
	for i, p := range paths {
		steps[i].Name = strings.TrimSuffix(path.Base(p), suffixUp)
	}
	for _, m := range applied {
		i := slices.IndexFunc(steps, func(step Migration) bool { return step.Name == m.Name })
		if i < 0 {
			return nil, fmt.Errorf("the database has migration %s, which this version of taskql does not know: use a newer one", m.Name)
		}
		steps[i].AppliedAt = m.AppliedAt
	}
	return steps, nil
}

// Plan states what Migrate would do.
type Plan struct {
	// Table is the name of the task table.
	Table string
	// Adoption is nil if no existing table would be taken over.
	Adoption *adopt.Plan
	// Steps are the names of the missing migrations.
	Steps []string
}

// Plan returns what Migrate would do. It changes nothing.
func (s *Store) Plan(ctx context.Context) (*Plan, error) {
	s.reporter.start()
	p := &Plan{}
	options := &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead}
	if !s.postgres {
		options = nil // the connection reads only, and a transaction sees one state
	}
	err := s.reader.RunInTx(ctx, options, func(ctx context.Context, tx bun.Tx) error {
		steps, err := s.status(ctx, tx)
		if err != nil {
			return err
		}
		for _, step := range steps {
			if step.AppliedAt == nil {
				p.Steps = append(p.Steps, step.Name)
			}
		}
		table, adopt, err := s.chooseTable(ctx, tx)
		if err != nil {
			return err
		}
		p.Table = table
		if len(p.Steps) == 0 || p.Steps[0] != firstMigration {
			return nil
		}
		if err := s.requireFreeNames(ctx, tx); err != nil || !adopt {
			return err
		}
		p.Adoption, err = s.adoptTable(table).Plan(ctx, tx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store: plan: %w", err)
	}
	return p, nil
}

// Progress is the state of a long operation.
type Progress struct {
	// Doing describes the operation for people, such as "reading the rows".
	Doing       string
	Done, Total int64
}

// progressPause is the shortest time between two reports.
const progressPause = 3 * time.Second

// reporter passes progress on, at most once in progressPause.
type reporter struct {
	report func(Progress)
	last   time.Time
}

// start begins an operation. The first report follows after one pause at the earliest.
func (r *reporter) start() { r.last = time.Now() }

func (r *reporter) update(doing string, done, total int64) {
	if r.report != nil && time.Since(r.last) >= progressPause {
		r.last = time.Now()
		r.report(Progress{doing, done, total})
	}
}
