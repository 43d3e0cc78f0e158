package store

import (
	"cmp"
	"context"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"text/template"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"
)

// Bun's own migrator serves a *bun.DB only, so it cannot run in one transaction with the lock and
// the record of what was done: several servers starting at once disturb one another, and a migration that
// fails half-way stays half done and marked as applied. Both databases can change their schema inside a
// transaction, so this one does all of it in one.

//go:embed migrations/*.sql
var files embed.FS

const suffixUp, suffixDown = ".up.sql", ".down.sql"

// firstMigration makes the table of tasks.
const firstMigration = "0001_tasks"

// migrationLock is the first key of the Postgres advisory lock, "tskq" in ASCII; the second is the schema's, because
// databases in several schemas of one server have nothing to do with one another.
const migrationLock = 0x74736b71

// afterMigration is the part of a migration that follows its file, which cannot be written in SQL for both databases.
var afterMigration = map[string]func(*Store, context.Context, bun.Tx) error{
	"0002_reading": (*Store).fillLower,
	"0003_search":  (*Store).fillSearch,
}

// Migration is one step of the schema.
type Migration struct {
	// Name is the file name without its suffix, such as 0001_tasks.
	Name string
	// AppliedAt is when it was applied, or nil when it was not.
	AppliedAt *time.Time
}

// Migrate brings the schema up to date and returns the names of the steps it took. All of them are
// taken, or none. Servers that start at once wait for the first. It fails when the database is newer than this program.
func (s *Store) Migrate(ctx context.Context) ([]string, error) {
	var done []string
	steps, err := s.Migrations(ctx)
	if err != nil {
		return nil, err
	}
	// Before the transaction, because what it runs names the table, too.
	table, _, err := s.chooseTable(ctx, s.migrations)
	if err != nil {
		return nil, fmt.Errorf("store: migrate: %w", err)
	}
	s.useTable(table)
	// Most starts find nothing to do and need no lock.
	if !slices.ContainsFunc(steps, func(m Migration) bool { return m.AppliedAt == nil }) {
		return nil, nil
	}
	err = s.exclusively(ctx, func(tx bun.Tx) error {
		steps, err := s.status(ctx, tx)
		if err != nil {
			return err
		}
		for _, m := range steps {
			if m.AppliedAt != nil {
				continue
			}
			step := func() error { return s.run(ctx, tx, m.Name+suffixUp) }
			if m.Name == firstMigration {
				step = func() error { return s.createTaskTable(ctx, tx) }
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
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("store: migrate: %w", err)
	}
	return done, nil
}

// MigrateDown takes back the last step and returns its name, or "" when there is none. What the
// step had created is lost, tasks included. It refuses to take back the first step where that took over
// a table with its rows.
func (s *Store) MigrateDown(ctx context.Context) (string, error) {
	var name string
	err := s.exclusively(ctx, func(tx bun.Tx) error {
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
				return fmt.Errorf("the table %q was taken over at %s: to take that back would drop it with rows "+
					"that were there before. The README says how to go back, under Moving from FastAPI", s.table, adopted)
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

// Migrations returns every step in order, and fails when the database has one that this program
// does not know. It changes nothing.
func (s *Store) Migrations(ctx context.Context) ([]Migration, error) {
	steps, err := s.status(ctx, s.migrations)
	if err != nil {
		return nil, fmt.Errorf("store: migrations: %w", err)
	}
	return steps, nil
}

// exclusively runs fn in a transaction that no other server's migration overlaps.
func (s *Store) exclusively(ctx context.Context, fn func(tx bun.Tx) error) error {
	conn, err := s.migrations.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if !s.postgres {
		// As SQLite's page on ALTER TABLE says: dropping a table that was rebuilt would delete its
		// rows first, and what refers to them. Inside of a transaction this has no effect.
		if _, err := conn.ExecContext(ctx, "PRAGMA foreign_keys = OFF"); err != nil {
			return err
		}
		defer conn.ExecContext(context.WithoutCancel(ctx), "PRAGMA foreign_keys = ON")
	}
	locked := s.whileWaiting("waiting for another server, which is migrating the database or uses it exclusively")
	defer locked()
	for {
		began := false
		err := conn.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			began = true
			if s.postgres {
				for _, statement := range []string{
					// A session's lock would not survive a pooler.
					fmt.Sprintf("SELECT pg_advisory_xact_lock(%d, hashtext(current_schema()))", migrationLock),
					// A large table takes long.
					"SET LOCAL statement_timeout = 0",
				} {
					if _, err := tx.ExecContext(ctx, statement); err != nil {
						return err
					}
				}
			}
			locked()
			if _, err := tx.NewRaw("CREATE TABLE IF NOT EXISTS task_migration (name text NOT NULL PRIMARY KEY, applied_at timestamptz NOT NULL)").Exec(ctx); err != nil {
				return err
			}
			return fn(tx)
		})
		// SQLite gives up after busyTimeout, but the migration of a large table takes longer.
		if began || !isBusy(err) || ctx.Err() != nil {
			return err
		}
	}
}

// waitPatience is how long Migrate waits before it reports that it waits.
const waitPatience = 2 * time.Second

// whileWaiting sends the message as a notice unless the function it returns is called within the store's patience. After that
// function has returned, no notice follows. It may be called twice.
func (s *Store) whileWaiting(message string) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-done:
		case <-time.After(s.patience):
			s.notice(message)
		}
	}()
	return sync.OnceFunc(func() { close(done); <-ended })
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

// templateData is the input of a migration file, which is a template.
type templateData struct {
	Postgres                                         bool
	Task, Identity, ByteOrder, EndOfDueDay, RandomID string
	// Adopted is set where the table of tasks is there already.
	Adopted bool
	// Others are definitions to add to those of the table's own columns.
	Others []string
}

// run executes a migration file, in which a template that renders the differences between the databases.
func (s *Store) run(ctx context.Context, tx bun.Tx, file string) error {
	return s.runAs(ctx, tx, file, templateData{})
}

// runAs is run with words of the caller's.
func (s *Store) runAs(ctx context.Context, tx bun.Tx, file string, w templateData) error {
	text, err := s.renderMigration(file, "", w)
	if err != nil {
		return err
	}
	// Straight to the driver: bun would take a question mark in the file for an argument.
	if _, err := tx.Tx.ExecContext(ctx, text); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

// renderMigration returns that of a migration file, or of one of the parts that it defines.
func (s *Store) renderMigration(file, part string, w templateData) (string, error) {
	t, err := template.ParseFS(files, "migrations/"+file)
	if err != nil {
		return "", err
	}
	if w.Task == "" {
		w.Task = s.table
	}
	w.Postgres, w.Task = s.postgres, pgx.Identifier{w.Task}.Sanitize()
	w.Identity, w.ByteOrder = "integer PRIMARY KEY AUTOINCREMENT", "COLLATE BINARY"
	w.EndOfDueDay = "substr(due_date, 1, 10) || ' 23:59:59.999999+00:00'"
	w.RandomID = "lower(hex(randomblob(16)))"
	if s.postgres {
		w.RandomID = "replace(CAST(gen_random_uuid() AS text), '-', '')"
		w.EndOfDueDay = "due_date + interval '86399.999999 seconds'"
		w.Identity, w.ByteOrder = "integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY", `COLLATE "C"`
	}
	var text strings.Builder
	err = t.ExecuteTemplate(&text, cmp.Or(part, file), w)
	return text.String(), err
}
