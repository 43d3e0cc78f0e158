package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	urfave "github.com/urfave/cli/v3"

	"taskql/app"
	"taskql/auth"
	"taskql/config"
	"taskql/models"
	"taskql/store"
	"taskql/tasks"
	"taskql/transfer"
)

func (p *program) importCommand() *urfave.Command {
	return &urfave.Command{
		Name: "import", Usage: "create a user's tasks from a file", ArgsUsage: "FILE", Action: p.importFile,
		Description: "FILE is " + transfer.ImportFormats + "; the command\n" +
			"detects the format. A - reads standard input. The command reports each row that cannot be imported with its\n" +
			"line and column, and skips it. It also skips rows that it imported before. So you can run it again after an\n" +
			"interruption, and after you have corrected rows. It names the columns that are not imported.",
		Flags: []urfave.Flag{
			userFlag(),
			&urfave.BoolFlag{Name: "dry-run", Usage: "report what would be imported, and write nothing"},
		},
	}
}

func (p *program) importFile(ctx context.Context, cmd *urfave.Command) error {
	user, err := userID(cmd)
	if err != nil {
		return err
	}
	name := cmd.Args().First()
	if cmd.Args().Len() != 1 {
		return errors.New("name one file to import: taskql import --user ID FILE, or - for standard input")
	}
	in, size := p.stdin, int64(-1)
	if name != "-" {
		opened, err := os.Open(name)
		if err != nil {
			return fmt.Errorf("%s: the file cannot be opened: %w", name, errors.Unwrap(err)) // without the name, which os.Open repeats
		}
		defer opened.Close()
		if info, err := opened.Stat(); err == nil && info.Mode().IsRegular() {
			size = info.Size()
		}
		in = opened
	}
	file, err := transfer.Open(in)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	withStore := p.withMigratedStore
	dryRun := cmd.Bool("dry-run")
	if dryRun {
		withStore = p.withDryRunStore
	}
	return withStore(ctx, func(c config.Config, db *store.Store) error {
		service := &tasks.Service{Store: db, Now: time.Now, MaxTasks: c.MaxTasks}
		if !dryRun {
			bus, stop, err := app.StartBus(ctx, c, db, app.NewLogger(p.stderr))
			if err != nil {
				return err
			}
			defer stop() // which sends the last notification
			service.Events = bus
		}
		i := &fileImport{
			file: file, size: size, progress: newProgress(p.stderr, bytes),
			Importer: tasks.Importer{
				Service: service, AtBottom: file.Listed, DryRun: dryRun,
			},
		}
		err := i.run(auth.NewContext(ctx, &auth.User{ID: user}))
		i.progress.end()
		fmt.Fprintln(p.stdout, i.summary())
		if ignored := file.Ignored(); len(ignored) > 0 {
			fmt.Fprintln(p.stdout, "warning: columns that are not imported: "+strings.Join(ignored, ", "))
		}
		return err
	})
}

// withDryRunStore is withStore for a dry run. For a database without tables it uses an empty one: the import would
// create the tables first. It fails where tasks are there already but migrations are missing.
func (p *program) withDryRunStore(ctx context.Context, do func(config.Config, *store.Store) error) error {
	fresh := false
	err := p.withReadOnlyStore(ctx, func(c config.Config, db *store.Store) error {
		plan, err := db.Plan(ctx)
		if err != nil {
			return app.MigrationError(err)
		}
		migrations, err := db.Migrations(ctx)
		if err != nil {
			return err
		}
		switch {
		case len(plan.Steps) == 0:
			return do(c, db)
		case plan.Adoption == nil && len(plan.Steps) == len(migrations):
			fresh = true
			return nil
		}
		return errors.New("migrations are missing, and --dry-run changes nothing: run taskql migrate up first")
	})
	if err != nil || !fresh {
		return err
	}
	return p.withEmptyStore(ctx, func(c config.Config, db *store.Store) error {
		if _, err := db.Migrate(ctx); err != nil {
			return app.MigrationError(err)
		}
		return do(c, db)
	})
}

// fileImport imports a file in batches, and reports what becomes of its rows.
type fileImport struct {
	tasks.Importer
	file     *transfer.File
	size     int64 // -1 where it is unknown
	progress *progress
	// batch has the rows that are not imported yet, remarks the messages about rows, and bad counts the rows that
	// cannot be imported.
	batch   []*transfer.Row
	remarks []remark
	bad     int
}

// remark is a message about a row.
type remark struct {
	line int
	text string
}

func (i *fileImport) run(ctx context.Context) error {
	for {
		row, err := i.file.Next()
		var bad *transfer.RowError
		switch {
		case errors.As(err, &bad):
			i.refuse(bad.Line, bad.Reason)
		case err != nil:
			// The rows before the error are complete.
			if failed := i.flush(ctx); failed != nil {
				return failed
			}
			if !errors.Is(err, io.EOF) {
				return fmt.Errorf("the rest of the file cannot be read: %w", err)
			}
			if i.bad > 0 {
				return fmt.Errorf("%s could not be imported: correct them and run the same command again", count(i.bad, "row"))
			}
			return nil
		default:
			i.batch = append(i.batch, row)
		}
		if len(i.batch) == tasks.MaxBulk || len(i.remarks) >= tasks.MaxBulk {
			if err := i.flush(ctx); err != nil {
				return err
			}
		}
	}
}

// flush imports the batch, and prints the remarks about its rows in the order of their lines.
func (i *fileImport) flush(ctx context.Context) error {
	if len(i.batch) > 0 {
		if err := i.importBatch(ctx); err != nil {
			return err
		}
	}
	slices.SortStableFunc(i.remarks, func(a, b remark) int { return a.line - b.line })
	for _, r := range i.remarks {
		i.progress.println(fmt.Sprintf("line %d: %s", r.line, r.text))
	}
	i.batch, i.remarks = i.batch[:0], i.remarks[:0]
	i.progress.report("importing "+i.file.Kind, i.file.Bytes(), i.size, i.summary())
	return nil
}

func (i *fileImport) importBatch(ctx context.Context) error {
	inputs := make([]*models.ImportTaskInput, len(i.batch))
	for n, row := range i.batch {
		inputs[n] = &row.Task
	}
	refused, err := i.Import(ctx, inputs)
	if err != nil {
		return i.stopped(ctx, err)
	}
	for n, row := range i.batch {
		if refused[n] != nil {
			i.refuse(row.Line, reasons(row, refused[n]))
			continue
		}
		for _, notice := range row.Notices {
			i.remarks = append(i.remarks, remark{row.Line, notice})
		}
	}
	return nil
}

func (i *fileImport) refuse(line int, reason string) {
	i.bad++
	i.remarks = append(i.remarks, remark{line, reason})
}

// stopped explains why a batch could not be imported.
func (i *fileImport) stopped(ctx context.Context, err error) error {
	const again = "run the same command again to continue"
	var refused models.UserErrors
	switch {
	case errors.As(err, &refused):
		return fmt.Errorf("stopped before line %d: %s", i.batch[0].Line, overQuota(refused, i.Service.MaxTasks))
	case ctx.Err() != nil:
		return fmt.Errorf("interrupted before line %d: %s", i.batch[0].Line, again)
	}
	return fmt.Errorf("stopped before line %d: %w: %s", i.batch[0].Line, store.Cause(err), again)
}

// overQuota says which quota of the user a refused write would exceed. The message of the refusal addresses the user.
func overQuota(refused models.UserErrors, maxTasks int) string {
	if refused.Error() == models.QuotaExceeded(maxTasks).Error() {
		return fmt.Sprintf("the user may have %d tasks at most (%s)", maxTasks, config.MaxTasks)
	}
	return "the user's long descriptions would be larger than the server allows: shorten or delete some, and empty the trash"
}

func (i *fileImport) summary() string {
	created := "%s imported"
	if i.DryRun {
		created = "%s would be imported"
	}
	summary := fmt.Sprintf(created+", %d there already", count(i.Made, "task"), i.Known)
	if i.bad > 0 {
		summary += fmt.Sprintf(", %s left out", count(i.bad, "bad row"))
	}
	return summary
}

// reasons joins the messages about one row, with the names of its columns.
func reasons(row *transfer.Row, errs models.UserErrors) string {
	all := make([]string, len(errs))
	for n, err := range errs {
		d := models.Detail(err)
		d.Field[1] = row.Column(d.Field[1])
		all[n] = strings.Join(d.Field[1:], " ") + ": " + d.Message
	}
	return strings.Join(all, " ")
}
