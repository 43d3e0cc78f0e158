package cli

import (
	"context"
	"io"

	urfave "github.com/urfave/cli/v3"

	"taskql/graph"
)

func (p *program) schemaCommand() *urfave.Command {
	return &urfave.Command{
		Name: "schema", Usage: "print the GraphQL schema",
		Action: func(context.Context, *urfave.Command) error {
			_, err := io.WriteString(p.stdout, graph.SchemaText())
			return err
		},
	}
}
