package cli

import (
	"context"
	"fmt"
	"text/tabwriter"

	urfave "github.com/urfave/cli/v3"

	"taskql/store/copydb"
)

func (p *program) copyCommand() *urfave.Command {
	return &urfave.Command{
		Name: "copy", Usage: "copy everything to another database, for example from SQLite to PostgreSQL", Action: p.migrateCopy,
		Description: "Copies everything that taskql stores, with all ids and versions, and compares both databases at the\n" +
			"end. Both addresses have the form of DATABASE_URL. The source is only read. The target must be empty; the\n" +
			"command creates its tables. After an interruption, the same command continues where it stopped.\n\n" +
			"Stop the servers of both databases first. The comparison finds what they write during the copy, and the\n" +
			"copy is then invalid.",
		Flags: []urfave.Flag{
			&urfave.StringFlag{Name: "from", Usage: "the `URL` of the database to read", Required: true},
			&urfave.StringFlag{Name: "to", Usage: "the `URL` of the database to fill", Required: true},
		},
	}
}

func (p *program) migrateCopy(ctx context.Context, cmd *urfave.Command) error {
	if cmd.Args().Len() > 0 {
		return unexpectedArgument(cmd, "the addresses follow --from and --to")
	}
	progress := newProgress(p.stderr, "rows")
	copied, err := copydb.Copy(ctx, cmd.String("from"), cmd.String("to"), progress.database)
	progress.end()
	if copied == nil {
		return err
	}
	table := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "\tsource\ttarget\t")
	for _, count := range copied.Counts {
		fmt.Fprintf(table, "%s\t%d\t%d\t\n", count.Name, count.Source, count.Target)
	}
	_ = table.Flush() // the next write has the same error
	if err != nil {
		return err
	}
	for _, what := range copied.LeftBehind {
		fmt.Fprintln(p.stdout, "Left behind:", what+".")
	}
	_, err = fmt.Fprintf(p.stdout, "Both databases have the same content, row by row; %d rows were written now.\n", copied.Written)
	return err
}
