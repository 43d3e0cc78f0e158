package graph

import (
	"context"
	"fmt"
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
	for _, definition := range operation.Operation.VariableDefinitions {
		value, given := operation.Variables[definition.Variable]
		if !given {
			continue
		}
		path := ast.Path{ast.PathName("variable"), ast.PathName(definition.Variable)}
		if err := i.check(definition.Type, value, path); err != nil {
			return err
		}
	}
	n := nulls{operation.Variables, map[*ast.FragmentDefinition]bool{}}
	return n.inSelections(operation.Operation.SelectionSet, nil)
}

func (i *inputs) check(typ *ast.Type, value any, path ast.Path) *gqlerror.Error {
	if value == nil {
		return nil
	}
	bad := func(path ast.Path, format string, args ...any) *gqlerror.Error {
		err := printed(&models.Error{Code: models.CodeBadUserInput, Message: fmt.Sprintf(format, args...)})
		err.Path = path
		return err
	}
	if typ.Elem != nil {
		// The validator has made a list of one value that stands for one, of the value's own type.
		list := reflect.ValueOf(value)
		if list.Kind() != reflect.Slice {
			return i.check(typ.Elem, value, path)
		}
		for n := range list.Len() {
			if err := i.check(typ.Elem, list.Index(n).Interface(), below(path, ast.PathIndex(n))); err != nil {
				return err
			}
		}
		return nil
	}
	definition := i.schema.Types[typ.NamedType]
	switch definition.Kind {
	case ast.Enum:
		if name, ok := value.(string); !ok || definition.EnumValues.ForName(name) == nil {
			return bad(path, "%.40v is not a value of %s.", value, definition.Name)
		}
	case ast.InputObject:
		object, ok := value.(map[string]any)
		if !ok {
			return bad(path, "Expected an object of type %s.", definition.Name)
		}
		if definition.Directives.ForName("oneOf") != nil && len(object) != 1 {
			return bad(path, "Exactly one field of %s must be given, not %d.", definition.Name, len(object))
		}
		for name, field := range object {
			fieldPath := below(path, ast.PathName(name))
			if definition.Directives.ForName("oneOf") != nil && field == nil {
				return bad(fieldPath, "The field of %s must not be null.", definition.Name)
			}
			// Names that are not in the schema were refused before; __typename alone is let through there.
			if fieldDefinition := definition.Fields.ForName(name); fieldDefinition == nil {
				return bad(fieldPath, "%s has no field %s.", definition.Name, name)
			} else if err := i.check(fieldDefinition.Type, field, fieldPath); err != nil {
				return err
			}
		}
	}
	return nil
}

// below returns path with element appended. The two share no memory.
func below(path ast.Path, element ast.PathElement) ast.Path {
	return append(path[:len(path):len(path)], element)
}
