package copydb

import (
	"context"
	"errors"
	"fmt"
	"taskql/store"
)

// open opens the source, checks it, opens the target, and refuses if both are the same database.
func (c *copier) open(ctx context.Context, from, to string) (err error) {
	if c.from, err = store.Open(ctx, store.Options{URL: from, ReadOnly: true}); err != nil {
		return refuse("the source: %w", err)
	}
	if err := wantMigrated(ctx, c.from); err != nil {
		return refuse("the source: %w", err)
	}
	if c.to, err = store.Open(ctx, store.Options{URL: to}); err != nil {
		return refuse("the target: %w", err)
	}
	if same, err := c.from.Same(ctx, c.to); err != nil {
		return refuse("%w", store.Cause(err))
	} else if same {
		return refuse("the source and the target are the same database")
	}
	return nil
}

func (c *copier) close() {
	for _, s := range []*store.Store{c.from, c.to} {
		if s != nil {
			_ = s.Close() // all is written
		}
	}
}

// wantMigrated fails if the database lacks a migration.
func wantMigrated(ctx context.Context, db *store.Store) error {
	missing, known, err := missingSteps(ctx, db)
	switch {
	case err != nil:
		return store.Cause(err)
	case len(missing) == 0:
		return nil
	case len(missing) == known:
		return errors.New("it is no database of taskql. If a FastAPI backend created it, run `taskql migrate up` on it first, which takes it over")
	default:
		return fmt.Errorf("it lacks the migration %s: run `taskql migrate up` on it first", missing[0])
	}
}

// missingSteps returns the names of the missing migrations, and the number of all migrations.
func missingSteps(ctx context.Context, db *store.Store) (names []string, known int, err error) {
	steps, err := db.Migrations(ctx)
	for _, step := range steps {
		if step.AppliedAt == nil {
			names = append(names, step.Name)
		}
	}
	return names, len(steps), err
}

// prepare migrates the target if it has no tasks, and counts the rows to copy.
func (c *copier) prepare(ctx context.Context) error {
	missing, _, err := missingSteps(ctx, c.to)
	if err != nil {
		return refuse("the target: %w", store.Cause(err))
	}
	if len(missing) > 0 {
		if used, err := c.to.HasTasks(ctx); err != nil {
			return refuse("the target: %w", store.Cause(err))
		} else if used {
			return refuse("the target already contains tasks that no copy has written: copy into an empty database")
		}
		if _, err := c.to.Migrate(ctx); err != nil {
			return refuse("the target: the tables cannot be created: %w", err)
		}
	}
	for _, p := range parts() {
		var rows int64
		if err := c.from.Raw().Reader.NewRaw("SELECT count(*) FROM "+p.table).Scan(ctx, &rows); err != nil {
			return refuse("the source: %w", store.Cause(err))
		}
		c.total += rows
	}
	return nil
}

// wantEmpty refuses a target that has rows in parts that a copy fills later.
func (c *copier) wantEmpty(ctx context.Context, parts []part) error {
	for _, p := range parts {
		var found bool
		if err := c.to.Raw().Reader.NewRaw("SELECT EXISTS (SELECT 1 FROM "+p.table+")").Scan(ctx, &found); err != nil {
			return err
		}
		if found {
			return refuse("the target is in use, or the source has changed since it was copied: the target has %s, though not all that "+
				"comes before them. Copy into an empty database", p.name)
		}
	}
	return nil
}
