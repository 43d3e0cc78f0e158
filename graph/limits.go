package graph

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"taskql/models"
	"taskql/tasks"
)

// The limits of one request. They allow every documented maximum with all fields selected, and GraphiQL's introspection,
// which is 15 levels deep.
const (
	maxBody       = 1 << 20 // bytes
	maxTokens     = 10_000  // of the document
	maxDepth      = 16
	maxComplexity = 10_000 // fields, those of a list multiplied by its maximum length
	readCost      = 50     // of counting, in fields: it reads all tasks of the user
	writeCost     = 100    // of a mutation, in fields: each is a transaction
	bulkShare     = 4      // a task in the result of a bulk write costs this part of one in a list
	// Estimated number of values in the result of an introspection. That of GraphiQL and code generators has 112,000.
	maxIntrospection = 300_000
)

// limits is the gqlgen extension that refuses operations above the limits before they run.
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
	m := measurement{ctx: ctx, schema: l.schema, variables: operation.Variables, fragments: map[spread]size{}}
	size := m.of(operation.Operation.SelectionSet)
	if size.depth > maxDepth {
		return tooMuch("The operation is nested deeper than %d levels.", maxDepth)
	}
	if size.cost > maxComplexity {
		return tooMuch("The operation has a complexity above %d: ask for fewer fields or smaller pages.", maxComplexity)
	}
	if size.introspection > maxIntrospection {
		return tooMuch("The introspection asks for too much at once.")
	}
	// The validator accepts several aliases of one field, and @skip. gqlgen's error for them has no code (specification,
	// section 5.2.4.1).
	if operation.Operation.Operation == ast.Subscription &&
		len(graphql.CollectFields(operation, operation.Operation.SelectionSet, []string{"Subscription"})) != 1 {
		return printed(&models.Error{Code: models.CodeValidationFailed, Message: "A subscription must have exactly one field."})
	}
	return nil
}

// size is the cost of a selection set, in data and in introspection, and its depth.
type size struct{ cost, introspection, depth int }

// measurement computes sizes. gqlgen's own function computes a fragment at each spread, which takes exponential time for
// fragments that spread others twice, and does not count introspection. This one computes each fragment once.
type measurement struct {
	ctx       context.Context
	schema    graphql.ExecutableSchema
	variables map[string]any
	fragments map[spread]size
	// given is the number of ids or inputs of the mutation around, 0 outside of one.
	given int
}

// spread is a fragment within a mutation of so many ids or inputs.
type spread struct {
	fragment *ast.FragmentDefinition
	given    int
}

// of returns the size of a selection set, capped just above the limits.
func (m *measurement) of(selections ast.SelectionSet) (total size) {
	for _, selection := range selections {
		var one size
		switch selection := selection.(type) {
		case *ast.Field:
			one = m.ofField(selection)
		case *ast.InlineFragment:
			one = m.of(selection.SelectionSet)
		case *ast.FragmentSpread:
			key := spread{selection.Definition, m.given}
			known, ok := m.fragments[key]
			if !ok {
				// The validator refuses cycles of fragments.
				known = m.of(selection.Definition.SelectionSet)
				m.fragments[key] = known
			}
			one = known
		}
		total.cost = min(total.cost+one.cost, maxComplexity+1)
		total.introspection = min(total.introspection+one.introspection, maxIntrospection+1)
		total.depth = max(total.depth, one.depth)
	}
	return total
}

func (m *measurement) ofField(field *ast.Field) size {
	parent := ""
	if field.ObjectDefinition != nil {
		parent = field.ObjectDefinition.Name
	}
	arguments := field.ArgumentMap(m.variables)
	outer := m.given
	if parent == "Mutation" {
		m.given = count(arguments["ids"]) + count(arguments["inputs"])
	}
	below := m.of(field.SelectionSet)
	m.given = outer
	below.depth++
	if strings.HasPrefix(parent, "__") {
		below.introspection = max(1, introspectionLists[field.Name]) * (1 + below.introspection)
		return below
	}
	if parent == "TasksPayload" && field.Name == "tasks" {
		// A write has read its rows already, so that they cost their output only. userErrors are counted once: a payload
		// has either tasks or errors, and at most one error for each task.
		below.cost = 1 + m.given*below.cost/bulkShare
		return below
	}
	if cost, ok := m.schema.Complexity(m.ctx, parent, field.Name, below.cost, arguments); ok {
		below.cost = cost
	} else {
		below.cost++
	}
	return below
}

// count returns the length of a list argument. A single value stands for a list of one.
func count(argument any) int {
	if argument == nil {
		return 0
	}
	if list := reflect.ValueOf(argument); list.Kind() == reflect.Slice {
		return list.Len()
	}
	return 1
}

// introspectionLists are estimated lengths of the lists in an introspection.
var introspectionLists = map[string]int{
	"types": 50, "fields": 10, "args": 4, "inputFields": 6, "enumValues": 5, "possibleTypes": 4, "interfaces": 2, "directives": 6,
}

// costs multiplies the cost of a list by its maximum length, and adds writeCost to mutations.
func costs() (root ComplexityRoot) {
	root.Query.Tasks = func(child int, first *int, _ *string, last *int, _ *string, _ *models.TaskFilter, _ *string, _ []*models.TaskOrder, _ models.TrashScope, _ *models.TimeZone) int {
		size := tasks.DefaultPage
		for _, asked := range []*int{first, last} {
			if asked != nil {
				size = min(max(*asked, 1), tasks.MaxPage) // others are refused later
			}
		}
		return 1 + size*child
	}
	root.Query.TaskChanges = func(child int, _ *string, first int) int {
		return 1 + min(max(first, 1), tasks.MaxChanges)*child/2 // so that the longest page may have whole tasks
	}
	root.Query.TaskStats = func(child int, _ *models.TaskFilter, _ *models.TimeZone) int { return readCost + child }
	root.TaskStats.CompletedPerDay = func(child int, days int) int { return 1 + min(max(days, 1), tasks.MaxStatDays)*child }
	root.Query.Tags = func(child int, _ *string, first int) int { return readCost + min(max(first, 1), tasks.MaxTags)*child }
	root.Mutation.CreateTask = func(child int, _ models.CreateTaskInput, _ *models.PlacementInput, _ *string) int {
		return writeCost + child
	}
	root.Mutation.CreateTasks = func(child int, _ []*models.CreateTaskInput, _ *string) int { return writeCost + child }
	root.Mutation.UpdateTasks = func(child int, _ []string, _ models.UpdateTaskInput, _ *string) int { return writeCost + child }
	root.Mutation.RestoreTasks = func(child int, _ []string) int { return writeCost + child }
	root.Mutation.DeleteTasks = func(child int, _ []string) int { return writeCost + child }
	root.Mutation.MoveTask = func(child int, _ string, _ models.PlacementInput) int { return writeCost + child }
	root.Mutation.PurgeTask = func(child int, _ string) int { return writeCost + child }
	all := func(child int) int { return writeCost + child }
	root.Mutation.ClearCompletedTasks, root.Mutation.EmptyTrash = all, all
	root.Mutation.UpdateTask = func(child int, _ string, _ models.UpdateTaskInput, _ *int, _ *string) int { return writeCost + child }
	byID := func(child int, _ string, _ *int) int { return writeCost + child }
	root.Mutation.CompleteTask = byID
	root.Mutation.ReopenTask = byID
	root.Mutation.ToggleTask = func(child int, _ string, _ *int, _ *string) int { return writeCost + child }
	root.Mutation.DeleteTask = byID
	root.Mutation.RestoreTask = func(child int, _ string) int { return writeCost + child }
	return root
}
