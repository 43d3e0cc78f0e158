package cli

import (
	"context"
	"fmt"

	urfave "github.com/urfave/cli/v3"

	"taskql/app"
	"taskql/config"
)

func (p *program) serve(ctx context.Context, cmd *urfave.Command) error {
	if word := cmd.Args().First(); word != "" {
		return fmt.Errorf("there is no command %q: see taskql help", word)
	}
	environ, err := config.Environ(".", p.environ)
	if err != nil {
		return err
	}
	c, err := config.Load(environ)
	if err != nil {
		return err
	}
	again := func() (config.Config, []string, error) {
		present, err := config.Environ(".", p.environ)
		if err != nil {
			return config.Config{}, nil, err
		}
		c, err := config.Load(present)
		return c, config.Changed(environ, present), err
	}
	return app.Run(ctx, c, again, p.stdout, p.stderr)
}
