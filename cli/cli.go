// Package cli has the commands of taskql: their flags, their progress and their messages.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	urfave "github.com/urfave/cli/v3"

	"taskql/app"
	"taskql/config"
	"taskql/store"
)

// Run runs the command that args name and returns when it is done; serve is done when ctx ends. args begins with the
// program's name, and environ has the form of os.Environ. The error is one message for the user.
func Run(ctx context.Context, args, environ []string, stdin io.Reader, stdout, stderr io.Writer) error {
	p := &program{environ: environ, stdin: stdin, stdout: stdout, stderr: stderr}
	return p.commands().Run(ctx, args)
}

type program struct {
	environ        []string
	stdin          io.Reader
	stdout, stderr io.Writer
}

func (p *program) commands() *urfave.Command {
	return &urfave.Command{
		Name:      "taskql",
		Usage:     "a task backend: GraphQL and REST over PostgreSQL or SQLite",
		Version:   app.Version(),
		Writer:    p.stdout,
		ErrWriter: p.stderr,
		// main prints the error.
		ExitErrHandler: func(context.Context, *urfave.Command, error) {},
		Action:         p.serve,
		Suggest:        true,
		Description: "Without a command, taskql serves. It reads its settings from the environment and from a .env file\n" +
			"in the working directory; the environment has precedence. docs/configuration.md lists the settings.\n" +
			"Without any setting it runs in development mode: on this machine only, with an SQLite file.",
		Commands: []*urfave.Command{
			{Name: "serve", Usage: "run the server (the default)", Action: p.serve},
			p.migrateCommand(),
			p.tokenCommand(),
			p.importCommand(),
			p.seedCommand(),
			p.mcpCommand(),
			p.schemaCommand(),
			p.checkCommand(),
			p.backupCommand(),
			p.restoreCommand(),
			p.restoredCommand(),
			p.versionCommand(),
		},
	}
}

// missingCommand is the action of a command that does nothing without a subcommand.
func missingCommand(help string) urfave.ActionFunc {
	return func(_ context.Context, c *urfave.Command) error {
		if word := c.Args().First(); word != "" {
			return fmt.Errorf("there is no command %q: %s", c.FullName()+" "+word, help)
		}
		return errors.New(help)
	}
}

func (p *program) config() (config.Config, error) {
	environ, err := config.Environ(".", p.environ)
	if err != nil {
		return config.Config{}, err
	}
	return config.Load(environ)
}

// withStore opens the configured database for a command, and closes it.
func (p *program) withStore(ctx context.Context, options store.Options, do func(config.Config, *store.Store) error) error {
	c, err := p.config()
	if err != nil {
		return err
	}
	if options.Progress == nil {
		progress := newProgress(p.stderr, "rows")
		defer progress.end()
		options.Progress = progress.database
		options.Notice = progress.println
	}
	db, err := app.OpenStore(ctx, c, options)
	if err != nil {
		return err
	}
	return errors.Join(do(c, db), db.Close())
}

// withReadOnlyStore opens the configured database for a command that changes nothing. Where the SQLite file does not
// exist, the command works on an empty one in a temporary directory.
func (p *program) withReadOnlyStore(ctx context.Context, do func(config.Config, *store.Store) error) error {
	err := p.withStore(ctx, store.Options{ReadOnly: true}, do)
	if isMissingFile(err) {
		return p.withEmptyStore(ctx, do)
	}
	return err
}

// isMissingFile reports whether a database could not be opened because its SQLite file does not exist.
func isMissingFile(err error) bool {
	var address *store.AddressError
	return errors.As(err, &address) && errors.Is(err, fs.ErrNotExist)
}

// withEmptyStore is withStore on an empty database in a temporary directory.
func (p *program) withEmptyStore(ctx context.Context, do func(config.Config, *store.Store) error) error {
	c, err := p.config()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "taskql-*")
	if err != nil {
		return fmt.Errorf("a temporary directory cannot be created: %w", err)
	}
	defer os.RemoveAll(dir)
	c.DatabaseURL, c.DatabaseDirectURL = "sqlite:"+filepath.Join(dir, "empty.db"), ""
	db, err := app.OpenStore(ctx, c, store.Options{})
	if err != nil {
		return err
	}
	return errors.Join(do(c, db), db.Close())
}

// withMigratedStore is withStore for commands that write tasks. It migrates the database first, as serve does.
func (p *program) withMigratedStore(ctx context.Context, do func(config.Config, *store.Store) error) error {
	return p.withStore(ctx, store.Options{}, func(c config.Config, db *store.Store) error {
		if _, err := db.Migrate(ctx); err != nil {
			return app.MigrationError(err)
		}
		if err := db.BeginEra(ctx); err != nil {
			return err
		}
		db.TrashFor = c.TrashFor
		return do(c, db)
	})
}
