package cli

import (
	"context"
	"fmt"

	urfave "github.com/urfave/cli/v3"

	"taskql/app"
)

func (p *program) versionCommand() *urfave.Command {
	return &urfave.Command{
		Name: "version", Usage: "print the version",
		Action: func(context.Context, *urfave.Command) error {
			_, err := fmt.Fprintln(p.stdout, app.Version())
			return err
		},
	}
}
