package cli

import (
	"context"
	"fmt"

	"github.com/caarlos0/env/v11"
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
	again := func() (app.Present, error) {
		present, err := config.Environ(".", p.environ)
		if err != nil {
			return app.Present{}, err
		}
		c, err := config.Load(present)
		return app.Present{
			Config: c, Changed: config.Changed(environ, present), Fixed: config.Changed(nil, env.ToMap(p.environ)),
		}, err
	}
	return app.Run(ctx, c, again, p.stdout, p.stderr)
}
