package store

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/uptrace/bun"
)

// open opens both databases, the target only when the source is fit, and refuses when they are one.
func (c *copier) open(ctx context.Context, from, to string) error {
	source, err := parseURL(from)
	if err != nil {
		return refuse("the source: %w", err)
	}
	target, err := parseURL(to)
	if err != nil {
		return refuse("the target: %w", err)
	}
	if source.sameFile(target) {
		return refuse("the source and the target are the same file")
	}
	if c.from, err = Open(ctx, Options{URL: from, ReadOnly: true}); err != nil {
		return refuse("the source: %w", err)
	}
	if err := c.from.wantMigrated(ctx); err != nil {
		return refuse("the source: %w", err)
	}
	if c.to, err = Open(ctx, Options{URL: to}); err != nil {
		return refuse("the target: %w", err)
	}
	here, err := c.from.place(ctx)
	if err != nil {
		return refuse("the source: %w", cause(err))
	}
	there, err := c.to.place(ctx)
	if err != nil {
		return refuse("the target: %w", cause(err))
	}
	if here != "" && here == there {
		return refuse("the source and the target are the same database")
	}
	return nil
}

func (c *copier) close() {
	for _, s := range []*Store{c.from, c.to} {
		if s != nil {
			_ = s.Close() // all is written
		}
	}
}

// sameFile reports whether both addresses are of one SQLite file, however they are written.
func (a address) sameFile(b address) bool {
	if a.postgres || b.postgres {
		return false
	}
	one, err := os.Stat(a.dsn)
	if err != nil {
		return false
	}
	other, err := os.Stat(b.dsn)
	return err == nil && os.SameFile(one, other)
}

// place tells a Postgres schema from all others, whatever the address by which it was reached.
func (s *Store) place(ctx context.Context) (place string, err error) {
	if !s.postgres {
		return "", nil
	}
	err = s.read.NewRaw(`SELECT concat_ws(' ', pg_postmaster_start_time(), oid, current_schema()) FROM pg_database
		WHERE datname = current_database()`).Scan(ctx, &place)
	return place, err
}

// wantMigrated fails when the database is not at this program's schema.
func (s *Store) wantMigrated(ctx context.Context) error {
	missing, known, err := s.missing(ctx)
	switch {
	case err != nil:
		return cause(err)
	case len(missing) == 0:
		return nil
	case len(missing) == known:
		return errors.New("it is no database of taskql. If a FastAPI backend has made it, run `taskql migrate up` on it first, which takes it over")
	default:
		return fmt.Errorf("it lacks the step %s: run `taskql migrate up` on it first", missing[0])
	}
}

// missing returns the names of the steps of the schema that were not taken, and how many there are in all.
func (s *Store) missing(ctx context.Context) (names []string, known int, err error) {
	steps, err := s.Migrations(ctx)
	for _, step := range steps {
		if step.AppliedAt == nil {
			names = append(names, step.Name)
		}
	}
	return names, len(steps), err
}

// prepare brings the target to this program's schema, but only when that changes nobody's tasks, and counts what is ahead.
func (c *copier) prepare(ctx context.Context) error {
	missing, _, err := c.to.missing(ctx)
	if err != nil {
		return refuse("the target: %w", cause(err))
	}
	if len(missing) > 0 {
		if used, err := c.to.hasTasks(ctx); err != nil {
			return refuse("the target: %w", cause(err))
		} else if used {
			return refuse("the target holds tasks already, and no copy has written them: copy into an empty database")
		}
		if _, err := c.to.Migrate(ctx); err != nil {
			return refuse("the target: the tables cannot be made: %w", err)
		}
	}
	for _, p := range parts() {
		var rows int64
		if err := c.from.read.NewRaw("SELECT count(*) FROM "+p.table).Scan(ctx, &rows); err != nil {
			return refuse("the source: %w", cause(err))
		}
		c.total += rows
	}
	return nil
}

// hasTasks reports whether there is a table of tasks with rows, whoever has made it.
func (s *Store) hasTasks(ctx context.Context) (found bool, err error) {
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

// wantEmpty refuses a target in which parts have rows that a copy writes later.
func (c *copier) wantEmpty(ctx context.Context, parts []part) error {
	for _, p := range parts {
		var found bool
		if err := c.to.read.NewRaw("SELECT EXISTS (SELECT 1 FROM "+p.table+")").Scan(ctx, &found); err != nil {
			return err
		}
		if found {
			return refuse("the target is in use, or the source has changed since it was copied: the target has %s, though not all that "+
				"comes before them. Copy into an empty database", p.name)
		}
	}
	return nil
}
