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
// them costs the database extra work. What a field selects is kept with its document unless it depends on variables.
func (r *Resolver) selected(ctx context.Context, args tasks.ListArgs) tasks.ListArgs {
	operation, field := graphql.GetOperationContext(ctx), graphql.GetFieldContext(ctx).Field
	known := r.documents.keptOf(operation.Doc)
	var f *listFacts
	if known != nil && isWhole(field) {
		found, _ := known.facts.Load(field.Field)
		f, _ = found.(*listFacts)
	}
	if f == nil {
		f = factsOf(operation, field)
		if known != nil && isWhole(field) && !dependsOnVariables(field.Selections, map[string]bool{}) {
			known.facts.Store(field.Field, f)
		}
	}
	args.Total, args.HasNext, args.HasPrevious, args.Relevance = f.total, f.hasNext, f.hasPrevious, f.relevance
	return args
}

// listFacts are the facts that the selection of a list contains.
type listFacts struct{ total, hasNext, hasPrevious, relevance bool }

func factsOf(operation *graphql.OperationContext, list graphql.CollectedField) *listFacts {
	f := &listFacts{}
	for _, field := range graphql.CollectFields(operation, list.Selections, []string{"TaskConnection"}) {
		switch field.Name {
		case "totalCount":
			f.total = true
		case "edges":
			for _, fact := range graphql.CollectFields(operation, field.Selections, []string{"TaskEdge"}) {
				f.relevance = f.relevance || fact.Name == "relevance"
			}
		case "pageInfo":
			for _, fact := range graphql.CollectFields(operation, field.Selections, []string{"PageInfo"}) {
				f.hasNext = f.hasNext || fact.Name == "hasNextPage"
				f.hasPrevious = f.hasPrevious || fact.Name == "hasPreviousPage"
			}
		}
	}
	return f
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
