package graph

import (
	"fmt"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"taskql/models"
)

// nulls finds variables that are null where a value is required. The validator accepts a nullable variable there if the
// variable or the argument has a default. Execution must then refuse a null (specification, section 6.4.1), which gqlgen
// does not do.
type nulls struct {
	variables map[string]any
	seen      map[*ast.FragmentDefinition]bool
	route
}

// inSelections checks the selections below the route.
func (n *nulls) inSelections(selections ast.SelectionSet) *gqlerror.Error {
	for _, selection := range selections {
		var err *gqlerror.Error
		switch selection := selection.(type) {
		case *ast.Field:
			err = n.at(ast.PathName(selection.Alias), func() *gqlerror.Error { return n.inField(selection) })
		case *ast.InlineFragment:
			err = n.inDirectives(selection.Directives)
			if err == nil {
				err = n.inSelections(selection.SelectionSet)
			}
		case *ast.FragmentSpread:
			err = n.inDirectives(selection.Directives)
			if err == nil && !n.seen[selection.Definition] {
				n.seen[selection.Definition] = true
				err = n.inSelections(selection.Definition.SelectionSet)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (n *nulls) inField(field *ast.Field) *gqlerror.Error {
	if field.Definition != nil {
		if err := n.inArguments(field.Arguments, field.Definition.Arguments); err != nil {
			return err
		}
	}
	if err := n.inDirectives(field.Directives); err != nil {
		return err
	}
	return n.inSelections(field.SelectionSet)
}

func (n *nulls) inDirectives(directives ast.DirectiveList) *gqlerror.Error {
	for _, directive := range directives {
		if directive.Definition != nil {
			if err := n.inArguments(directive.Arguments, directive.Definition.Arguments); err != nil {
				return err
			}
		}
	}
	return nil
}

func (n *nulls) inArguments(arguments ast.ArgumentList, definitions ast.ArgumentDefinitionList) *gqlerror.Error {
	for _, argument := range arguments {
		definition := definitions.ForName(argument.Name)
		if definition == nil {
			continue
		}
		if err := n.inValue(argument.Value, definition.Type); err != nil {
			return err
		}
		if definition.Type.NamedType == filterType {
			err := n.at(ast.PathName(argument.Name), func() *gqlerror.Error { return n.inFilterArgument(argument.Value) })
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// inValue checks the variables in a value of type typ.
func (n *nulls) inValue(value *ast.Value, typ *ast.Type) *gqlerror.Error {
	switch value.Kind {
	case ast.Variable:
		given, found := n.variables[value.Raw]
		if typ.NonNull && found && given == nil {
			err := printed(&models.Error{
				Code: models.CodeBadUserInput, Message: fmt.Sprintf("Variable $%s must not be null here, where %s is wanted.", value.Raw, typ),
			})
			err.Path = ast.Path{ast.PathName("variable"), ast.PathName(value.Raw)}
			return err
		}
	case ast.ListValue:
		for _, child := range value.Children {
			if typ.Elem != nil {
				if err := n.inValue(child.Value, typ.Elem); err != nil {
					return err
				}
			}
		}
	case ast.ObjectValue:
		for _, child := range value.Children {
			if value.Definition == nil {
				continue
			}
			if field := value.Definition.Fields.ForName(child.Name); field != nil {
				if err := n.inValue(child.Value, field.Type); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
