package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/urfave/cli/v3"
	"golang.org/x/term"

	"taskql/store"
)

func (p *program) copyCommand() *cli.Command {
	return &cli.Command{
		Name: "copy", Usage: "move all tasks to another database, such as from SQLite to PostgreSQL", Action: p.migrateCopy,
		Description: "Copies everything that taskql keeps, with all ids and versions, and compares both databases in\n" +
			"the end. Both addresses are written like DATABASE_URL. The source is only read. The target must be empty;\n" +
			"its tables are made. After an interruption, the same command goes on where it stopped.\n\n" +
			"Stop the servers of both databases first: what they write meanwhile is found in the end, and the copy is void.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "from", Usage: "the `URL` of the database to read", Required: true},
			&cli.StringFlag{Name: "to", Usage: "the `URL` of the database to fill", Required: true},
		},
	}
}

func (p *program) migrateCopy(ctx context.Context, cmd *cli.Command) error {
	if word := cmd.Args().First(); word != "" {
		return fmt.Errorf("%q is one word too many: both addresses stand behind --from and --to", word)
	}
	meter := newMeter(p.stderr)
	copied, err := store.Copy(ctx, cmd.String("from"), cmd.String("to"), meter.report)
	meter.end()
	if copied == nil {
		return err
	}
	table := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "\tsource\ttarget\t")
	for _, count := range copied.Counts {
		fmt.Fprintf(table, "%s\t%d\t%d\t\n", count.Name, count.Source, count.Target)
	}
	_ = table.Flush() // the error that counts comes with the next line
	if err != nil {
		return err
	}
	for _, what := range copied.LeftBehind {
		fmt.Fprintln(p.stdout, "Left behind:", what+".")
	}
	_, err = fmt.Fprintf(p.stdout, "Both databases have the same content, row by row; %d rows were written now.\n", copied.Written)
	return err
}

// meter shows how far a long command has come: with a bar on a terminal, elsewhere with a line
// every few seconds.
type meter struct {
	w     io.Writer
	bar   *progressbar.ProgressBar // on a terminal, while there is something to show
	plain bool
	doing string
	last  time.Time
}

func newMeter(w io.Writer) *meter {
	file, ok := w.(*os.File)
	return &meter{w: w, plain: !ok || !term.IsTerminal(int(file.Fd()))}
}

func (m *meter) report(now store.Progress) {
	next := now.Doing != m.doing
	m.doing = now.Doing
	if m.plain {
		if next || now.Done == now.Total || time.Since(m.last) >= progressPause {
			m.last = time.Now()
			fmt.Fprintf(m.w, "%s: %d of %d rows\n", now.Doing, now.Done, now.Total)
		}
		return
	}
	if next {
		m.end()
		m.bar = progressbar.NewOptions64(now.Total, progressbar.OptionSetWriter(m.w), progressbar.OptionSetDescription(now.Doing),
			progressbar.OptionShowCount(), progressbar.OptionSetItsString("rows"), progressbar.OptionShowIts(),
			progressbar.OptionFullWidth(), progressbar.OptionThrottle(100*time.Millisecond))
	}
	_ = m.bar.Set64(now.Done) // a bar that cannot be drawn is no reason to stop
}

// end leaves the line of the bar.
func (m *meter) end() {
	if m.bar != nil {
		m.bar = nil
		fmt.Fprintln(m.w)
	}
}
