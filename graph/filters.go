package graph

import (
	"fmt"
	"reflect"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"taskql/models"
)

// filterType is the input type in which null is an error instead of nothing: a client variable
// that is not set would else widen the filter, to all tasks at worst.
const filterType = "TaskFilter"

// inFilterArgument refuses nulls within a filter, and variables without a value. The filter as a
// whole may be null or left out.
func (n *nulls) inFilterArgument(filter *ast.Value, path ast.Path) *gqlerror.Error {
	switch filter.Kind {
	case ast.NullValue:
		return nil
	case ast.Variable:
		if n.variables[filter.Raw] == nil {
			return nil
		}
	}
	return n.inFilter(filter, path)
}

func (n *nulls) inFilter(value *ast.Value, path ast.Path) *gqlerror.Error {
	switch value.Kind {
	case ast.NullValue:
		return nullInFilter(path, "null")
	case ast.Variable:
		given, found := n.variables[value.Raw]
		if !found {
			return nullInFilter(path, "$"+value.Raw+", which has no value")
		}
		return inGivenFilter(given, path)
	}
	for i, child := range value.Children {
		step := ast.PathElement(ast.PathIndex(i))
		if value.Kind == ast.ObjectValue {
			step = ast.PathName(child.Name)
		}
		if err := n.inFilter(child.Value, below(path, step)); err != nil {
			return err
		}
	}
	return nil
}

// inGivenFilter looks at the value of a variable, whose form the validator has checked.
func inGivenFilter(given any, path ast.Path) *gqlerror.Error {
	if given == nil {
		return nullInFilter(path, "null")
	}
	if object, ok := given.(map[string]any); ok {
		for name, value := range object {
			if err := inGivenFilter(value, below(path, ast.PathName(name))); err != nil {
				return err
			}
		}
		return nil
	}
	// The validator makes lists of the element's own type.
	if list := reflect.ValueOf(given); list.Kind() == reflect.Slice {
		for i := range list.Len() {
			if err := inGivenFilter(list.Index(i).Interface(), below(path, ast.PathIndex(i))); err != nil {
				return err
			}
		}
	}
	return nil
}

func nullInFilter(path ast.Path, what string) *gqlerror.Error {
	err := printed(&models.Error{
		Code: models.CodeBadFilter, Message: fmt.Sprintf("%s is %s: leave a test out to ask for nothing.", path, what),
	})
	err.Path = path
	return err
}
