package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"taskql/models"
	"taskql/tasks"
)

// results is the gqlgen extension that checks the arguments of the fields in a mutation's result before the mutation
// runs. gqlgen reads them after the write, when an error would hide that there was one.
type results struct{ schema *executableSchema }

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
	check := resultCheck{ctx, newExecutionContext(operation, r.schema, nil), operation.Variables, map[*ast.FragmentDefinition]bool{}}
	return check.inSelections(operation.Operation.SelectionSet, nil)
}

// resultCheck is the check of one operation.
type resultCheck struct {
	ctx       context.Context
	execution *executionContext
	variables map[string]any
	seen      map[*ast.FragmentDefinition]bool
}

// inSelections checks the selections below path.
func (c *resultCheck) inSelections(selections ast.SelectionSet, path ast.Path) *gqlerror.Error {
	for _, selection := range selections {
		var err *gqlerror.Error
		switch selection := selection.(type) {
		case *ast.Field:
			if path := below(path, ast.PathName(selection.Alias)); c.included(selection.Directives) {
				err = first(c.inField(selection, path), c.inSelections(selection.SelectionSet, path))
			}
		case *ast.InlineFragment:
			if c.included(selection.Directives) {
				err = c.inSelections(selection.SelectionSet, path)
			}
		case *ast.FragmentSpread:
			if c.included(selection.Directives) && !c.seen[selection.Definition] {
				c.seen[selection.Definition] = true
				err = c.inSelections(selection.Definition.SelectionSet, path)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// included reports whether @skip and @include leave a selection in.
func (c *resultCheck) included(directives ast.DirectiveList) bool {
	for _, directive := range directives {
		condition, _ := directive.ArgumentMap(c.variables)["if"].(bool)
		if directive.Name == "skip" && condition || directive.Name == "include" && !condition {
			return false
		}
	}
	return true
}

func (c *resultCheck) inField(field *ast.Field, path ast.Path) *gqlerror.Error {
	if field.ObjectDefinition == nil {
		return nil
	}
	read, found := readers[field.ObjectDefinition.Name+"."+field.Name]
	if !found {
		return nil
	}
	arguments, err := read(c.execution, c.ctx, field.ArgumentMap(c.variables))
	if err == nil && field.Name == "taskEdge" {
		err = c.inTaskEdge(arguments)
	}
	if err == nil {
		return nil
	}
	public, internal := models.Public(err)
	if internal {
		return nil // the execution reports it
	}
	shown := printed(public)
	shown.Path = path
	if inner, ok := err.(*gqlerror.Error); ok {
		for _, step := range inner.Path {
			shown.Path = below(shown.Path, step)
		}
	}
	shown.Path = argumentPath(shown.Path, public.Path)
	return shown
}

// inTaskEdge makes the edge of no task, which fails for the same arguments.
func (c *resultCheck) inTaskEdge(arguments map[string]any) error {
	orderBy, _ := arguments["orderBy"].([]*models.TaskOrder)
	_, err := (&tasks.Service{}).Edge(c.ctx, nil, orderBy)
	return err
}

func first(errs ...*gqlerror.Error) *gqlerror.Error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
