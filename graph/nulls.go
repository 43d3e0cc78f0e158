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
}

// inSelections checks the selections below path.
func (n *nulls) inSelections(selections ast.SelectionSet, path ast.Path) *gqlerror.Error {
	for _, selection := range selections {
		var err *gqlerror.Error
		switch selection := selection.(type) {
		case *ast.Field:
			path := below(path, ast.PathName(selection.Alias))
			if selection.Definition != nil {
				err = n.inArguments(selection.Arguments, selection.Definition.Arguments, path)
			}
			err = first(err, n.inDirectives(selection.Directives, path), n.inSelections(selection.SelectionSet, path))
		case *ast.InlineFragment:
			err = first(n.inDirectives(selection.Directives, path), n.inSelections(selection.SelectionSet, path))
		case *ast.FragmentSpread:
			err = n.inDirectives(selection.Directives, path)
			if err == nil && !n.seen[selection.Definition] {
				n.seen[selection.Definition] = true
				err = n.inSelections(selection.Definition.SelectionSet, path)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func first(errs ...*gqlerror.Error) *gqlerror.Error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (n *nulls) inDirectives(directives ast.DirectiveList, path ast.Path) *gqlerror.Error {
	for _, directive := range directives {
		if directive.Definition != nil {
			if err := n.inArguments(directive.Arguments, directive.Definition.Arguments, path); err != nil {
				return err
			}
		}
	}
	return nil
}

func (n *nulls) inArguments(arguments ast.ArgumentList, definitions ast.ArgumentDefinitionList, path ast.Path) *gqlerror.Error {
	for _, argument := range arguments {
		if definition := definitions.ForName(argument.Name); definition != nil {
			err := n.inValue(argument.Value, definition.Type)
			if err == nil && definition.Type.NamedType == filterType {
				err = n.inFilterArgument(argument.Value, below(path, ast.PathName(argument.Name)))
			}
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
