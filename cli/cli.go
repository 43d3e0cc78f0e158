package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v3"

	"taskql/app"
	"taskql/auth"
	"taskql/config"
	"taskql/graph"
	"taskql/store"
)

// Run is the program: args begin with its name, environ has the form of os.Environ. It returns when
// the command is done or, for serve, when ctx ends.
func Run(ctx context.Context, args, environ []string, stdin io.Reader, stdout, stderr io.Writer) error {
	p := &program{environ: environ, stdin: stdin, stdout: stdout, stderr: stderr}
	return p.commands().Run(ctx, args)
}

type program struct {
	environ        []string
	stdin          io.Reader
	stdout, stderr io.Writer
}

func (p *program) commands() *cli.Command {
	return &cli.Command{
		Name:      "taskql",
		Usage:     "a task backend: GraphQL and REST over PostgreSQL or SQLite",
		Version:   app.Version(),
		Writer:    p.stdout,
		ErrWriter: p.stderr,
		// main prints the error.
		ExitErrHandler: func(context.Context, *cli.Command, error) {},
		Action:         p.serve,
		Suggest:        true,
		Description: "Without a command it serves. Settings come from the environment and, below it, from a\n" +
			".env file in the working directory; README.md lists them. Without any it runs in development\n" +
			"mode, on this machine only, with an SQLite file.",
		Commands: []*cli.Command{
			{Name: "serve", Usage: "run the server (the default)", Action: p.serve},
			{
				Name: "migrate", Usage: "bring the database's tables up to date, or back",
				Action: unknown("say plan, up, down, status or copy"),
				Commands: []*cli.Command{
					{Name: "up", Usage: "take all steps that are missing (serve does this, too)", Action: p.migrateUp},
					{Name: "plan", Usage: "say what up would do, and change nothing; it fails where up would refuse", Action: p.migratePlan},
					{Name: "status", Usage: "list the steps, and change nothing", Action: p.migrateStatus},
					{
						Name: "down", Usage: "take back the last step, and lose what it had made: the tasks, with the first step", Action: p.migrateDown,
						Flags: []cli.Flag{&cli.BoolFlag{Name: "yes", Usage: "really do it"}},
					},
					p.copyCommand(),
				},
			},
			{
				Name: "token", Usage: "print an access token for development, signed with the shared secret", Action: p.token,
				Flags: []cli.Flag{
					&cli.StringFlag{Name: "user", Usage: "the `ID` of the user", Required: true},
					&cli.DurationFlag{Name: "ttl", Usage: "how long the token is good", Value: time.Hour},
				},
			},
			p.importCommand(),
			p.seedCommand(),
			{Name: "schema", Usage: "print the GraphQL schema", Action: func(context.Context, *cli.Command) error {
				_, err := io.WriteString(p.stdout, graph.SchemaText())
				return err
			}},
			{
				Name: "check", Usage: "try every configured part and say what is wrong", Action: p.check,
				Flags: []cli.Flag{&cli.StringFlag{Name: "token", Usage: "say why this `TOKEN` is good or not; - reads it from standard input"}},
			},
			{Name: "version", Usage: "print the version", Action: func(context.Context, *cli.Command) error {
				_, err := fmt.Fprintln(p.stdout, app.Version())
				return err
			}},
		},
	}
}

// unknown refuses a word that is no command, and a command that needs another word.
func unknown(help string) cli.ActionFunc {
	return func(_ context.Context, c *cli.Command) error {
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

func (p *program) serve(ctx context.Context, cmd *cli.Command) error {
	if word := cmd.Args().First(); word != "" {
		return fmt.Errorf("there is no command %q: see taskql help", word)
	}
	c, err := p.config()
	if err != nil {
		return err
	}
	return app.Run(ctx, c, p.stdout, p.stderr)
}

// withStore runs a command that needs the configured database only.
func (p *program) withStore(ctx context.Context, options store.Options, do func(*store.Store) error) error {
	c, err := p.config()
	if err != nil {
		return err
	}
	db, err := app.OpenStore(ctx, c, options)
	if err != nil {
		return err
	}
	return errors.Join(do(db), db.Close())
}

func (p *program) migrateUp(ctx context.Context, _ *cli.Command) error {
	return p.withStore(ctx, store.Options{Progress: p.progress}, func(db *store.Store) error {
		steps, err := db.Migrate(ctx)
		if err != nil {
			return app.MigrationError(err)
		}
		for _, step := range steps {
			fmt.Fprintln(p.stdout, "applied", step)
		}
		if len(steps) == 0 {
			fmt.Fprintln(p.stdout, "The tables are up to date.")
		}
		return nil
	})
}

func (p *program) migrateDown(ctx context.Context, cmd *cli.Command) error {
	if !cmd.Bool("yes") {
		return errors.New("taking back a step loses what it had made, tasks included: say `taskql migrate down --yes` if you mean it")
	}
	return p.withStore(ctx, store.Options{}, func(db *store.Store) error {
		step, err := db.MigrateDown(ctx)
		if err != nil {
			return err
		}
		if step == "" {
			fmt.Fprintln(p.stdout, "There is no step to take back.")
		} else {
			fmt.Fprintln(p.stdout, "took back", step)
		}
		return nil
	})
}

func (p *program) migrateStatus(ctx context.Context, _ *cli.Command) error {
	return p.withStore(ctx, store.Options{}, func(db *store.Store) error {
		steps, err := db.Migrations(ctx)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
		for _, step := range steps {
			state := "missing"
			if step.AppliedAt != nil {
				state = "applied " + step.AppliedAt.UTC().Format(time.RFC3339)
			}
			fmt.Fprintf(table, "%s\t%s\n", step.Name, state)
		}
		return table.Flush()
	})
}

func (p *program) token(_ context.Context, cmd *cli.Command) error {
	_, signIn, err := p.signIn()
	if err != nil {
		return err
	}
	if signIn.Secret == "" {
		return fmt.Errorf("tokens are signed by the auth server only: set %s to make some here", config.BetterAuthSecret)
	}
	token, err := auth.Sign(signIn, cmd.String("user"), time.Now(), cmd.Duration("ttl"))
	if err != nil {
		return fmt.Errorf("no token can be made: %w", err)
	}
	_, err = fmt.Fprintln(p.stdout, token)
	return err
}
