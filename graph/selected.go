package graph

import (
	"context"
	"maps"
	"slices"

	"github.com/99designs/gqlgen/graphql"

	"taskql/models"
	"taskql/tasks"
)

// selected requests the total, the page information and the relevance of a list only if the query selects them, because each of
// them costs the database extra work.
func selected(ctx context.Context, args tasks.ListArgs) tasks.ListArgs {
	operation := graphql.GetOperationContext(ctx)
	for _, field := range graphql.CollectFieldsCtx(ctx, []string{"TaskConnection"}) {
		switch field.Name {
		case "totalCount":
			args.Total = true
		case "edges":
			for _, fact := range graphql.CollectFields(operation, field.Selections, []string{"TaskEdge"}) {
				args.Relevance = args.Relevance || fact.Name == "relevance"
			}
		case "pageInfo":
			for _, fact := range graphql.CollectFields(operation, field.Selections, []string{"PageInfo"}) {
				args.HasNext = args.HasNext || fact.Name == "hasNextPage"
				args.HasPrevious = args.HasPrevious || fact.Name == "hasPreviousPage"
			}
		}
	}
	return args
}

// selectedCounts requests only the counts that the query selects.
func selectedCounts(ctx context.Context, args tasks.StatsArgs) tasks.StatsArgs {
	variables := graphql.GetOperationContext(ctx).Variables
	counts := map[tasks.Count]bool{}
	for _, field := range graphql.CollectFieldsCtx(ctx, []string{"TaskStats"}) {
		switch field.Name {
		case "openByPriority":
			counts[tasks.CountHigh], counts[tasks.CountMedium], counts[tasks.CountLow] = true, true, true
		case "completedPerDay":
			// An argument that is not a number is rejected when the field is executed.
			if days, err := models.UnmarshalInt(field.ArgumentMap(variables)["days"]); err == nil {
				args.Days = max(args.Days, days)
			}
		case "__typename":
		default:
			counts[tasks.Count(field.Name)] = true
		}
	}
	args.Counts = slices.Collect(maps.Keys(counts))
	return args
}
