package graph

import (
	"fmt"
	"reflect"

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
			n.enter(named(selection.Alias))
			if err = n.inField(selection); err == nil {
				n.leave()
			}
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
			n.enter(named(argument.Name))
			if err := n.inFilterArgument(argument.Value); err != nil {
				return err
			}
			n.leave()
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

// filterType is the input type in which a null is an error. If a null were ignored, a client that sets a variable to
// null by mistake would get more tasks than it asked for.
const filterType = "TaskFilter"

// inFilterArgument returns an error for a null inside a filter. The filter as a whole may be null.
func (n *nulls) inFilterArgument(filter *ast.Value) *gqlerror.Error {
	switch filter.Kind {
	case ast.NullValue:
		return nil
	case ast.Variable:
		if n.variables[filter.Raw] == nil {
			return nil
		}
	}
	return n.inFilter(filter)
}

func (n *nulls) inFilter(value *ast.Value) *gqlerror.Error {
	switch value.Kind {
	case ast.NullValue:
		return n.nullInFilter()
	case ast.Variable:
		given, found := n.variables[value.Raw]
		if !found {
			return nil // a field of an object: the field is then left out (specification, section 3.10)
		}
		return n.inGivenFilter(given)
	}
	for i, child := range value.Children {
		if value.Kind == ast.ObjectValue {
			n.enter(named(child.Name))
		} else {
			n.enter(indexed(i))
		}
		if err := n.inFilter(child.Value); err != nil {
			return err
		}
		n.leave()
	}
	return nil
}

// inGivenFilter checks the value of a variable. The validator has checked its type before.
func (n *nulls) inGivenFilter(given any) *gqlerror.Error {
	if given == nil {
		return n.nullInFilter()
	}
	if object, ok := given.(map[string]any); ok {
		for name, value := range object {
			n.enter(named(name))
			if err := n.inGivenFilter(value); err != nil {
				return err
			}
			n.leave()
		}
		return nil
	}
	// The validator turns a single value into a slice of its own type.
	if list := reflect.ValueOf(given); list.Kind() == reflect.Slice {
		for i := range list.Len() {
			n.enter(indexed(i))
			if err := n.inGivenFilter(list.Index(i).Interface()); err != nil {
				return err
			}
			n.leave()
		}
	}
	return nil
}

func (n *nulls) nullInFilter() *gqlerror.Error {
	return n.error(models.CodeBadFilter, "%s is null. Leave a field out if it is not to be tested.", n.path())
}
