package cli

import (
	"context"
	"fmt"
	"time"

	urfave "github.com/urfave/cli/v3"

	"taskql/auth"
	"taskql/config"
)

func (p *program) tokenCommand() *urfave.Command {
	return &urfave.Command{
		Name: "token", Usage: "print an access token for development, signed with the shared secret", Action: p.token,
		Flags: []urfave.Flag{
			userFlag(),
			&urfave.DurationFlag{Name: "ttl", Usage: "how long the token is valid", Value: time.Hour},
		},
	}
}

func (p *program) token(_ context.Context, cmd *urfave.Command) error {
	_, signIn, err := p.signIn(false)
	if err != nil {
		return err
	}
	if len(signIn.Secrets) == 0 {
		return fmt.Errorf("only the auth server signs tokens: set %s to sign tokens here", config.BetterAuthSecret)
	}
	token, err := auth.Sign(signIn, cmd.String("user"), time.Now(), cmd.Duration("ttl"))
	if err != nil {
		return fmt.Errorf("the token cannot be signed: %w", err)
	}
	_, err = fmt.Fprintln(p.stdout, token)
	return err
}
