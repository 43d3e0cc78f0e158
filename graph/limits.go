package graph

import (
	"context"
	"fmt"

	"github.com/99designs/gqlgen/complexity"
	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"taskql/models"
	"taskql/tasks"
)

// The limits of one request. They leave room for every screen of a front end and for GraphiQL's
// introspection, which is 15 levels deep.
const (
	maxBody       = 1 << 20 // bytes
	maxTokens     = 10_000  // of the document
	maxDepth      = 16
	maxComplexity = 10_000 // fields, those of a list once for each task it may hold
	writeCost     = 100    // of a mutation, in fields: each is a transaction
)

// limits is the gqlgen extension that refuses operations that are too deep or would cost too much
// before they run.
type limits struct{ schema graphql.ExecutableSchema }

var (
	_ graphql.HandlerExtension        = (*limits)(nil)
	_ graphql.OperationContextMutator = (*limits)(nil)
)

func (l *limits) ExtensionName() string { return "Limits" }

func (l *limits) Validate(schema graphql.ExecutableSchema) error {
	l.schema = schema
	return nil
}

func (l *limits) MutateOperationContext(ctx context.Context, operation *graphql.OperationContext) *gqlerror.Error {
	tooMuch := func(format string, args ...any) *gqlerror.Error {
		return printed(&models.Error{Code: models.CodeComplexityLimit, Message: fmt.Sprintf(format, args...)})
	}
	if tooDeep(operation.Operation.SelectionSet, maxDepth) {
		return tooMuch("The operation is nested deeper than %d levels.", maxDepth)
	}
	if cost := complexity.Calculate(ctx, l.schema, operation.Operation, operation.Variables); cost > maxComplexity {
		return tooMuch("The operation has a complexity of %d, more than %d: ask for fewer fields or smaller pages.", cost, maxComplexity)
	}
	return nil
}

// tooDeep reports whether fields nest deeper than left levels. Fragments add no level; validation
// has made sure that they form no cycle.
func tooDeep(selections ast.SelectionSet, left int) bool {
	for _, selection := range selections {
		switch selection := selection.(type) {
		case *ast.Field:
			if left == 0 || tooDeep(selection.SelectionSet, left-1) {
				return true
			}
		case *ast.InlineFragment:
			if tooDeep(selection.SelectionSet, left) {
				return true
			}
		case *ast.FragmentSpread:
			if tooDeep(selection.Definition.SelectionSet, left) {
				return true
			}
		}
	}
	return false
}

// costs counts a list once for each task it may hold, and a write as what a transaction costs.
func costs() (root ComplexityRoot) {
	root.Query.Tasks = func(child int, first *int, _ *string, last *int, _ *string, _ []*models.TaskOrder, _ models.TrashScope) int {
		size := tasks.DefaultPage
		for _, asked := range []*int{first, last} {
			if asked != nil {
				size = min(max(*asked, 1), tasks.MaxPage) // others are refused later
			}
		}
		return 1 + size*child
	}
	root.Mutation.CreateTask = func(child int, _ models.CreateTaskInput) int { return writeCost + child }
	root.Mutation.UpdateTask = func(child int, _ string, _ models.UpdateTaskInput, _ *int) int { return writeCost + child }
	byID := func(child int, _ string, _ *int) int { return writeCost + child }
	root.Mutation.CompleteTask = byID
	root.Mutation.ReopenTask = byID
	root.Mutation.ToggleTask = byID
	root.Mutation.DeleteTask = byID
	root.Mutation.RestoreTask = func(child int, _ string) int { return writeCost + child }
	return root
}
