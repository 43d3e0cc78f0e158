package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"taskql/tasks"
)

// selected asks a list only for the facts that the query selects, because each costs the database something.
func selected(ctx context.Context, args tasks.ListArgs) tasks.ListArgs {
	operation := graphql.GetOperationContext(ctx)
	for _, field := range graphql.CollectFieldsCtx(ctx, []string{"TaskConnection"}) {
		switch field.Name {
		case "totalCount":
			args.Total = true
		case "pageInfo":
			for _, fact := range graphql.CollectFields(operation, field.Selections, []string{"PageInfo"}) {
				args.HasNext = args.HasNext || fact.Name == "hasNextPage"
				args.HasPrevious = args.HasPrevious || fact.Name == "hasPreviousPage"
			}
		}
	}
	return args
}
