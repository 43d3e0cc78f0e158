package cli

import (
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/urfave/cli/v3"

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
	progress := &rowsProgress{w: p.stderr}
	copied, err := store.Copy(ctx, cmd.String("from"), cmd.String("to"), progress.report)
	progress.end()
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
