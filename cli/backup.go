package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	urfave "github.com/urfave/cli/v3"

	"taskql/app"
	"taskql/config"
	"taskql/store"
	"taskql/store/backup"
)

func (p *program) backupCommand() *urfave.Command {
	return &urfave.Command{
		Name: "backup", Usage: "copy the SQLite database into a new file, while servers use it", ArgsUsage: "FILE", Action: p.backup,
		Description: "The copy has the state of the database at the beginning of the command. It is checked, and readable for\n" +
			"its owner only. A file that exists is not overwritten. PostgreSQL has pg_dump: see docs/restoring.md.",
	}
}

func (p *program) restoreCommand() *urfave.Command {
	return &urfave.Command{
		Name: "restore", Usage: "put a backup in the place of the SQLite database", ArgsUsage: "FILE", Action: p.restore,
		Description: "Stop the servers first: the command refuses a database that is in use. It checks the backup, and keeps\n" +
			"the database that it replaces under another name. Clients that have seen later changes start anew.",
	}
}

func (p *program) backup(ctx context.Context, cmd *urfave.Command) error {
	_, path, file, err := p.backupFiles(cmd)
	if err != nil {
		return err
	}
	if err := p.copyFile(ctx, "backing up", path, file); err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.stdout, "%s is a copy of %s, and is whole.\n", file, path)
	return err
}

func (p *program) restore(ctx context.Context, cmd *urfave.Command) error {
	c, path, file, err := p.backupFiles(cmd)
	if err != nil {
		return err
	}
	if err := backup.Unused(ctx, path); err != nil {
		return err
	}
	// The copy is made ready before it is in its place, so that the place has a good database all the time.
	ready := path + ".restoring"
	if err := backup.Remove(ready); err != nil { // of a command that was killed
		return err
	}
	defer func() { _ = backup.Remove(ready) }() // it is gone after a success
	if err := p.copyFile(ctx, "restoring", file, ready); err != nil {
		return err
	}
	c.DatabaseURL = "sqlite:" + ready
	if err := beginEra(ctx, c); err != nil {
		return fmt.Errorf("%s cannot be used: %w", file, err)
	}
	// All of the copy must be in its file, and a server may have started meanwhile.
	for _, unused := range []string{ready, path} {
		if err := backup.Unused(ctx, unused); err != nil {
			return err
		}
	}
	kept, err := backup.Replace(ready, path, time.Now())
	if err != nil {
		return err
	}
	if kept != "" {
		fmt.Fprintf(p.stdout, "The database of before is %s.\n", kept)
	}
	_, err = fmt.Fprintf(p.stdout, "%s has the state of %s.\n", path, file)
	return err
}

// backupFiles returns the configuration, the path of its SQLite file, and the argument of a command.
func (p *program) backupFiles(cmd *urfave.Command) (c config.Config, path, file string, err error) {
	if cmd.Args().Len() != 1 {
		return c, "", "", fmt.Errorf("name one file: taskql %s FILE", cmd.Name)
	}
	if c, err = p.config(); err != nil {
		return c, "", "", err
	}
	if path, err = backup.Path(c.DatabaseURL); err != nil {
		return c, "", "", fmt.Errorf("%s: %w", config.DatabaseURL, err)
	}
	return c, path, cmd.Args().First(), nil
}

func (p *program) copyFile(ctx context.Context, doing, source, target string) error {
	progress := newProgress(p.stderr, "MB")
	defer progress.end()
	return backup.Copy(ctx, source, target, func(done, total int64) {
		progress.report(doing, megabytes(done), megabytes(total), "")
	})
}

// megabytes rounds up.
func megabytes(bytes int64) int64 { return (bytes + 1<<20 - 1) >> 20 }

// beginEra migrates a database, which an older program may have made, and makes servers refuse tokens and versions of lost changes.
func beginEra(ctx context.Context, c config.Config) error {
	db, err := app.OpenStore(ctx, c, store.Options{})
	if err != nil {
		return err
	}
	_, err = db.Migrate(ctx)
	if err == nil {
		err = db.BeginEra(ctx)
	}
	return errors.Join(err, db.Close())
}
