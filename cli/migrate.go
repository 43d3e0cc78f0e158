package cli

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	urfave "github.com/urfave/cli/v3"

	"taskql/app"
	"taskql/config"
	"taskql/store"
)

func (p *program) migrateCommand() *urfave.Command {
	return &urfave.Command{
		Name: "migrate", Usage: "change the database's schema, or copy the database",
		Action: missingCommand("use plan, up, down, status or copy"),
		Commands: []*urfave.Command{
			p.planCommand(),
			{Name: "up", Usage: "apply the missing migrations (serve does this, too)", Action: p.migrateUp},
			{
				Name: "down", Usage: "roll back the last migration, with the loss of its data: the first migration has the tasks", Action: p.migrateDown,
				Flags: []urfave.Flag{&urfave.BoolFlag{Name: "yes", Usage: "confirm the loss of data"}},
			},
			{Name: "status", Usage: "list the migrations, and change nothing", Action: p.migrateStatus},
			p.copyCommand(),
		},
	}
}

func (p *program) migrateUp(ctx context.Context, _ *urfave.Command) error {
	return p.withStore(ctx, store.Options{}, func(_ config.Config, db *store.Store) error {
		applied, err := db.Migrate(ctx)
		if err != nil {
			return app.MigrationError(err)
		}
		for _, name := range applied {
			fmt.Fprintln(p.stdout, "applied", name)
		}
		if len(applied) == 0 {
			fmt.Fprintln(p.stdout, "The tables are up to date.")
		}
		return nil
	})
}

func (p *program) migrateDown(ctx context.Context, cmd *urfave.Command) error {
	if !cmd.Bool("yes") {
		return errors.New("a rollback deletes the data of the migration, perhaps all tasks: confirm it with `taskql migrate down --yes`")
	}
	return p.withStore(ctx, store.Options{}, func(_ config.Config, db *store.Store) error {
		name, err := db.MigrateDown(ctx)
		if err != nil {
			return err
		}
		if name == "" {
			fmt.Fprintln(p.stdout, "No migration to roll back.")
		} else {
			fmt.Fprintln(p.stdout, "rolled back", name)
		}
		return nil
	})
}

func (p *program) migrateStatus(ctx context.Context, _ *urfave.Command) error {
	return p.withReadOnlyStore(ctx, func(_ config.Config, db *store.Store) error {
		migrations, err := db.Migrations(ctx)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
		for _, m := range migrations {
			state := "missing"
			if m.AppliedAt != nil {
				state = "applied " + m.AppliedAt.UTC().Format(time.RFC3339)
			}
			fmt.Fprintf(table, "%s\t%s\n", m.Name, state)
		}
		return table.Flush()
	})
}
