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

	"github.com/urfave/cli/v3"

	"taskql/app"
	"taskql/auth"
	"taskql/config"
	"taskql/models"
	"taskql/store"
	"taskql/tasks"
	"taskql/transfer"
)

func (p *program) importCommand() *cli.Command {
	return &cli.Command{
		Name: "import", Usage: "make a user's tasks from a file", ArgsUsage: "FILE", Action: p.importFile,
		Description: "FILE, or standard input for -, is " + transfer.Understood + "; its content\n" +
			"tells which. Rows that cannot be imported are named with their line and left out. A row that was\n" +
			"imported before is left out, too, so that the command can be run again: after an interruption, and\n" +
			"after rows were mended.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "user", Usage: "the `ID` of the user, as in the tokens", Required: true},
			&cli.BoolFlag{Name: "dry-run", Usage: "say what would be done, and do nothing"},
		},
	}
}

func (p *program) importFile(ctx context.Context, cmd *cli.Command) error {
	user, name := cmd.String("user"), cmd.Args().First()
	switch {
	case cmd.Args().Len() != 1:
		return errors.New("say which file to import, one at a time: taskql import --user ID FILE, or - for standard input")
	case strings.TrimSpace(user) == "" || strings.ToValidUTF8(user, "") != user || strings.ContainsRune(user, 0):
		return errors.New("--user must be the ID of a user")
	}
	in, size := p.stdin, int64(-1)
	if name != "-" {
		opened, err := os.Open(name)
		if err != nil {
			return fmt.Errorf("the file cannot be opened: %w", err)
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
	c, err := p.config()
	if err != nil {
		return err
	}
	return p.withStore(ctx, store.Options{Progress: p.progress}, func(db *store.Store) error {
		if err := prepareImport(ctx, db, cmd.Bool("dry-run")); err != nil {
			return err
		}
		db.TrashFor = c.TrashFor
		i := &fileImport{
			file: file, maxTasks: c.MaxTasks, progress: newBytesProgress(p.stderr, "importing "+file.Kind, size),
			Importer: tasks.Importer{
				Service:  &tasks.Service{Store: db, Now: time.Now, MaxTasks: c.MaxTasks},
				AtBottom: file.Listed, DryRun: cmd.Bool("dry-run"),
			},
		}
		err := i.run(auth.NewContext(ctx, &auth.User{ID: user}))
		i.progress.end()
		fmt.Fprintln(p.stdout, i.summary())
		return err
	})
}

// prepareImport brings the tables up to date as serve does, unless nothing is to be written.
func prepareImport(ctx context.Context, db *store.Store, dryRun bool) error {
	if !dryRun {
		if _, err := db.Migrate(ctx); err != nil {
			return app.MigrationError(err)
		}
		return nil
	}
	steps, err := db.Migrations(ctx)
	if err == nil && slices.ContainsFunc(steps, func(m store.Migration) bool { return m.AppliedAt == nil }) {
		err = errors.New("the tables are not up to date, and --dry-run changes nothing: run taskql migrate up first")
	}
	return err
}

// fileImport imports a file, and says what becomes of its rows.
type fileImport struct {
	tasks.Importer
	file     *transfer.File
	progress *bytesProgress
	maxTasks int
	// batch are the rows that are not imported yet, remarks what is to be said of rows, and bad how many cannot be imported.
	batch   []*transfer.Row
	remarks []remark
	bad     int
}

// remark is something to say of a row.
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
			// What was read is good, whatever follows it.
			if failed := i.flush(ctx); failed != nil {
				return failed
			}
			if !errors.Is(err, io.EOF) {
				return fmt.Errorf("the rest of the file cannot be read: %w", err)
			}
			if i.bad > 0 {
				return fmt.Errorf("%s could not be imported: mend them and run the same command again", count(i.bad, "row"))
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

// flush imports the batch, and says what is to be said of its rows.
func (i *fileImport) flush(ctx context.Context) error {
	if len(i.batch) > 0 {
		if err := i.importBatch(ctx); err != nil {
			return err
		}
	}
	slices.SortStableFunc(i.remarks, func(a, b remark) int { return a.line - b.line })
	for _, r := range i.remarks {
		i.progress.say(fmt.Sprintf("line %d: %s", r.line, r.text))
	}
	i.batch, i.remarks = i.batch[:0], i.remarks[:0]
	i.progress.report(i.file.Bytes(), i.summary())
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
			i.refuse(row.Line, reasons(refused[n]))
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
	const again = "run the same command again to go on"
	var refused models.UserErrors
	switch {
	case errors.As(err, &refused):
		return fmt.Errorf("stopped before line %d: the user may have %d tasks (%s)", i.batch[0].Line, i.maxTasks, config.MaxTasks)
	case ctx.Err() != nil:
		return fmt.Errorf("interrupted before line %d: %s", i.batch[0].Line, again)
	}
	return fmt.Errorf("stopped before line %d: %w: %s", i.batch[0].Line, err, again)
}

func (i *fileImport) summary() string {
	made := "%s imported"
	if i.DryRun {
		made = "%s would be imported"
	}
	summary := fmt.Sprintf(made+", %d there already", count(i.Made, "task"), i.Known)
	if i.bad > 0 {
		summary += fmt.Sprintf(", %s left out", count(i.bad, "bad row"))
	}
	return summary
}

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprint(n, " ", what)
}

// reasons are what the rules refuse in a row.
func reasons(errs models.UserErrors) string {
	all := make([]string, len(errs))
	for n, err := range errs {
		d := models.Detail(err)
		all[n] = strings.Join(d.Field[1:], " ") + ": " + d.Message
	}
	return strings.Join(all, " ")
}
