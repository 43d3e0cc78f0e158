package cli

import (
	"context"
	"fmt"

	urfave "github.com/urfave/cli/v3"

	"taskql/app"
)

func (p *program) serve(ctx context.Context, cmd *urfave.Command) error {
	if word := cmd.Args().First(); word != "" {
		return fmt.Errorf("there is no command %q: see taskql help", word)
	}
	c, err := p.config()
	if err != nil {
		return err
	}
	return app.Run(ctx, c, p.stdout, p.stderr)
}
