package cli

import (
	"context"
	"fmt"

	urfave "github.com/urfave/cli/v3"

	"taskql/app"
)

func (p *program) versionCommand() *urfave.Command {
	return &urfave.Command{
		Name: "version", Usage: "print the version, the commit and its date",
		Action: func(context.Context, *urfave.Command) error {
			line := app.Version()
			if commit, date := app.Commit(); commit != "" {
				line += fmt.Sprintf(" (commit %s of %s)", commit, date)
			}
			_, err := fmt.Fprintln(p.stdout, line)
			return err
		},
	}
}
