package graph

import (
	"context"
	"reflect"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"taskql/models"
)

// inputs is the gqlgen extension that checks in variables what the validator checks in literals
// only: that an object of a @oneOf type has exactly one key, whose value is not null (specification, section
// 3.10.1), that the name of an enum's value is spelled as the schema has it, and that no variable is
// null where null cannot stand.
type inputs struct{ schema *ast.Schema }

var (
	_ graphql.HandlerExtension        = (*inputs)(nil)
	_ graphql.OperationContextMutator = (*inputs)(nil)
)

func (i *inputs) ExtensionName() string { return "Inputs" }

func (i *inputs) Validate(schema graphql.ExecutableSchema) error {
	i.schema = schema.Schema()
	return nil
}

func (i *inputs) MutateOperationContext(_ context.Context, operation *graphql.OperationContext) *gqlerror.Error {
	given := given{schema: i.schema, route: make(route, 0, usualDepth)}
	for _, definition := range operation.Operation.VariableDefinitions {
		value, ok := operation.Variables[definition.Variable]
		if !ok {
			continue
		}
		given.route = append(given.route[:0], named("variable"), named(definition.Variable))
		if err := given.check(definition.Type, value); err != nil {
			return err
		}
	}
	n := nulls{variables: operation.Variables, seen: map[*ast.FragmentDefinition]bool{}, route: given.route[:0]}
	return n.inSelections(operation.Operation.SelectionSet)
}

// given walks through the value of a variable.
type given struct {
	schema *ast.Schema
	route
}

func (g *given) check(typ *ast.Type, value any) *gqlerror.Error {
	if value == nil {
		return nil
	}
	if typ.Elem != nil {
		// The validator has made a list of one value that stands for one, of the value's own type.
		list := reflect.ValueOf(value)
		if list.Kind() != reflect.Slice {
			return g.check(typ.Elem, value)
		}
		for n := range list.Len() {
			g.enter(indexed(n))
			if err := g.check(typ.Elem, list.Index(n).Interface()); err != nil {
				return err
			}
			g.leave()
		}
		return nil
	}
	definition := g.schema.Types[typ.NamedType]
	switch definition.Kind {
	case ast.Enum:
		if name, ok := value.(string); !ok || definition.EnumValues.ForName(name) == nil {
			return g.error(models.CodeBadUserInput, "%.40v is not a value of %s.", value, definition.Name)
		}
	case ast.InputObject:
		object, ok := value.(map[string]any)
		if !ok {
			return g.error(models.CodeBadUserInput, "Expected an object of type %s.", definition.Name)
		}
		if definition.Directives.ForName("oneOf") != nil && len(object) != 1 {
			return g.error(models.CodeBadUserInput, "Exactly one field of %s must be given, not %d.", definition.Name, len(object))
		}
		for name, value := range object {
			g.enter(named(name))
			if err := g.checkField(definition, name, value); err != nil {
				return err
			}
			g.leave()
		}
	}
	return nil
}

func (g *given) checkField(object *ast.Definition, name string, value any) *gqlerror.Error {
	field := object.Fields.ForName(name)
	switch {
	case object.Directives.ForName("oneOf") != nil && value == nil:
		return g.error(models.CodeBadUserInput, "The field of %s must not be null.", object.Name)
	case field == nil:
		// Names that are not in the schema were refused before; __typename alone is let through there.
		return g.error(models.CodeBadUserInput, "%s has no field %s.", object.Name, name)
	}
	return g.check(field.Type, value)
}
