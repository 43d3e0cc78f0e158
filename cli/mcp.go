package cli

import (
	"context"
	"fmt"
	"time"

	urfave "github.com/urfave/cli/v3"

	"taskql/app"
	"taskql/auth"
	"taskql/config"
)

// tokenVariable has the access token of the user whom an agent works for.
const tokenVariable = "TASKQL_TOKEN"

func (p *program) mcpCommand() *urfave.Command {
	return &urfave.Command{
		Name: "mcp", Usage: "serve the tools for agents (MCP) on standard input and output", Action: p.mcp,
		Description: "For agents on this machine, which start it themselves. It works on the configured database as the user of the access token in\n" +
			tokenVariable + ", or in development mode as the user of the playground.",
	}
}

func (p *program) mcp(ctx context.Context, _ *urfave.Command) error {
	c, signIn, err := p.signIn(false)
	if err != nil {
		return err
	}
	user, err := p.agentUser(ctx, c, signIn)
	if err != nil {
		return err
	}
	return app.ServeAgent(ctx, c, user, p.stderr)
}

// agentUser returns the user of the token in tokenVariable.
func (p *program) agentUser(ctx context.Context, c config.Config, signIn auth.Config) (*auth.User, error) {
	environ, err := config.Environ(".", p.environ)
	if err != nil {
		return nil, err
	}
	token := environ[tokenVariable]
	if token == "" {
		if c.Development {
			return app.DevelopmentUser(), nil
		}
		return nil, fmt.Errorf("%s is not set: it must be the access token of the user whom the agent works for", tokenVariable)
	}
	if signIn.Keys != nil {
		if err := loadKeys(ctx, c, signIn); err != nil {
			return nil, err
		}
	}
	verifier, err := auth.NewVerifier(signIn, time.Now)
	if err != nil {
		return nil, err
	}
	user, err := verifier.Verify(ctx, token)
	if err != nil {
		return nil, fmt.Errorf("%s is refused: %w", tokenVariable, err)
	}
	return user, nil
}
