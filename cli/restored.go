package cli

import (
	"context"
	"fmt"

	urfave "github.com/urfave/cli/v3"

	"taskql/app"
	"taskql/config"
	"taskql/store"
)

func (p *program) restoredCommand() *urfave.Command {
	return &urfave.Command{
		Name: "restored", Usage: "make servers refuse sync tokens and versions of lost changes, after the database was put back while they run",
		Description: "Clients keep sync tokens and versions of changes that the database no longer has. After this command\n" +
			"all servers of the database refuse those. A start of the server does the same.\n" +
			"It changes no task, and calling it once too often does no harm.",
		Action: p.restored,
	}
}

func (p *program) restored(ctx context.Context, _ *urfave.Command) error {
	return p.withStore(ctx, store.Options{}, func(_ config.Config, db *store.Store) error {
		// An older program may have made the backup.
		if _, err := db.Migrate(ctx); err != nil {
			return app.MigrationError(err)
		}
		if err := db.BeginEra(ctx); err != nil {
			return err
		}
		_, err := fmt.Fprintln(p.stdout, "Sync tokens and versions of lost changes are refused from now on.")
		return err
	})
}
