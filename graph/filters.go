package graph

import (
	"reflect"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"taskql/models"
)

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
		step := ast.PathElement(ast.PathIndex(i))
		if value.Kind == ast.ObjectValue {
			step = ast.PathName(child.Name)
		}
		if err := n.at(step, func() *gqlerror.Error { return n.inFilter(child.Value) }); err != nil {
			return err
		}
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
			if err := n.at(ast.PathName(name), func() *gqlerror.Error { return n.inGivenFilter(value) }); err != nil {
				return err
			}
		}
		return nil
	}
	// The validator turns a single value into a slice of its own type.
	if list := reflect.ValueOf(given); list.Kind() == reflect.Slice {
		for i := range list.Len() {
			if err := n.at(ast.PathIndex(i), func() *gqlerror.Error { return n.inGivenFilter(list.Index(i).Interface()) }); err != nil {
				return err
			}
		}
	}
	return nil
}

func (n *nulls) nullInFilter() *gqlerror.Error {
	return n.error(models.CodeBadFilter, "%s is null. Leave a field out if it is not to be tested.", ast.Path(n.route))
}
