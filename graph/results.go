package graph

import (
	"context"
	"errors"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"taskql/models"
	"taskql/tasks"
)

// results is the gqlgen extension that checks the arguments of the fields in a mutation's result before the mutation
// runs. gqlgen reads them after the write, when an error would hide that there was one.
type results struct {
	service *tasks.Service
	schema  *executableSchema
}

var (
	_ graphql.HandlerExtension        = (*results)(nil)
	_ graphql.OperationContextMutator = (*results)(nil)
)

func (r *results) ExtensionName() string { return "Results" }

func (r *results) Validate(schema graphql.ExecutableSchema) error {
	r.schema = schema.(*executableSchema)
	return nil
}

// readers read the arguments of all fields that a result can have.
var readers = map[string]func(*executionContext, context.Context, map[string]any) (map[string]any, error){
	"CreateTaskPayload.taskEdge": (*executionContext).field_CreateTaskPayload_taskEdge_args,
	"Query.node":                 (*executionContext).field_Query_node_args,
	"Query.tags":                 (*executionContext).field_Query_tags_args,
	"Query.task":                 (*executionContext).field_Query_task_args,
	"Query.taskChanges":          (*executionContext).field_Query_taskChanges_args,
	"Query.taskStats":            (*executionContext).field_Query_taskStats_args,
	"Query.tasks":                (*executionContext).field_Query_tasks_args,
	"Task.dueDate":               (*executionContext).field_Task_dueDate_args,
	"Task.isOverdue":             (*executionContext).field_Task_isOverdue_args,
	"TaskStats.completedPerDay":  (*executionContext).field_TaskStats_completedPerDay_args,
}

func (r *results) MutateOperationContext(ctx context.Context, operation *graphql.OperationContext) *gqlerror.Error {
	if operation.Operation.Operation != ast.Mutation {
		return nil
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	check := resultCheck{
		ctx: ended, service: r.service, execution: newExecutionContext(operation, r.schema, nil), variables: operation.Variables,
		seen: map[*ast.FragmentDefinition]bool{}, route: make(route, 0, usualDepth),
	}
	return check.inSelections(operation.Operation.SelectionSet)
}

// resultCheck is the check of one operation.
type resultCheck struct {
	// ctx has ended.
	ctx       context.Context
	service   *tasks.Service
	execution *executionContext
	variables map[string]any
	seen      map[*ast.FragmentDefinition]bool
	route
}

// inSelections checks the selections below the route.
func (c *resultCheck) inSelections(selections ast.SelectionSet) *gqlerror.Error {
	for _, selection := range selections {
		var err *gqlerror.Error
		switch selection := selection.(type) {
		case *ast.Field:
			if included(selection.Directives, c.variables) {
				c.enter(named(selection.Alias))
				if err = c.inField(selection); err == nil {
					err = c.inSelections(selection.SelectionSet)
				}
				if err == nil {
					c.leave()
				}
			}
		case *ast.InlineFragment:
			if included(selection.Directives, c.variables) {
				err = c.inSelections(selection.SelectionSet)
			}
		case *ast.FragmentSpread:
			if included(selection.Directives, c.variables) && !c.seen[selection.Definition] {
				c.seen[selection.Definition] = true
				err = c.inSelections(selection.Definition.SelectionSet)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// included reports whether @skip and @include leave a selection in.
func included(directives ast.DirectiveList, variables map[string]any) bool {
	for _, directive := range directives {
		condition, _ := directive.ArgumentMap(variables)["if"].(bool)
		if directive.Name == "skip" && condition || directive.Name == "include" && !condition {
			return false
		}
	}
	return true
}

func (c *resultCheck) inField(field *ast.Field) *gqlerror.Error {
	if field.ObjectDefinition == nil {
		return nil
	}
	read, found := readers[field.ObjectDefinition.Name+"."+field.Name]
	if !found {
		return nil
	}
	arguments, err := read(c.execution, c.ctx, field.ArgumentMap(c.variables))
	if err == nil {
		err = c.refusal(field.Name, arguments)
	}
	if err == nil {
		return nil
	}
	public, internal := models.Public(err)
	if internal {
		return nil // the execution reports it
	}
	shown := printed(public)
	shown.Path = c.path()
	if inner, ok := err.(*gqlerror.Error); ok {
		for _, step := range inner.Path {
			shown.Path = below(shown.Path, step)
		}
	}
	shown.Path = argumentPath(shown.Path, public.Path)
	return shown
}

// refusal returns the error of the operation behind a field for its arguments. The operations check their arguments
// before they read, and with a context that has ended they read nothing.
func (c *resultCheck) refusal(field string, arguments map[string]any) (err error) {
	switch field {
	case "taskEdge":
		_, err = c.service.Edge(c.ctx, nil, argument[[]*models.TaskOrder](arguments, "orderBy"))
	case "tasks":
		_, err = c.service.List(c.ctx, tasks.ListArgs{
			First: argument[*int](arguments, "first"), After: argument[*string](arguments, "after"),
			Last: argument[*int](arguments, "last"), Before: argument[*string](arguments, "before"),
			Filter: argument[*models.TaskFilter](arguments, "filter"), Search: argument[*string](arguments, "search"),
			Order: argument[[]*models.TaskOrder](arguments, "orderBy"),
		})
	case "taskStats":
		_, err = c.service.Stats(c.ctx, tasks.StatsArgs{Filter: argument[*models.TaskFilter](arguments, "filter")})
	case "completedPerDay":
		_, err = (&tasks.Stats{}).CompletedPerDay(argument[int](arguments, "days"))
	case "tags":
		_, err = c.service.Tags(c.ctx, "", argument[int](arguments, "first"))
	case "taskChanges":
		_, err = c.service.Changes(c.ctx, nil, argument[int](arguments, "first"))
	}
	if c.ctx.Err() != nil && !errors.As(err, new(*models.Error)) {
		return nil // the arguments are good
	}
	return err
}

func argument[T any](arguments map[string]any, name string) T {
	value, _ := arguments[name].(T)
	return value
}
