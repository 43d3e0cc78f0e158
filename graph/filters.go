package graph

import (
	"fmt"
	"reflect"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"taskql/models"
)

// filterType is the input type in which a null is an error. If a null were ignored, a client that sets a variable to
// null by mistake would get more tasks than it asked for.
const filterType = "TaskFilter"

// inFilterArgument returns an error for a null inside a filter. The filter as a whole may be null.
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
		return nullInFilter(path)
	case ast.Variable:
		given, found := n.variables[value.Raw]
		if !found {
			return nil // a field of an object: the field is then left out (specification, section 3.10)
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

// inGivenFilter checks the value of a variable. The validator has checked its type before.
func inGivenFilter(given any, path ast.Path) *gqlerror.Error {
	if given == nil {
		return nullInFilter(path)
	}
	if object, ok := given.(map[string]any); ok {
		for name, value := range object {
			if err := inGivenFilter(value, below(path, ast.PathName(name))); err != nil {
				return err
			}
		}
		return nil
	}
	// The validator turns a single value into a slice of its own type.
	if list := reflect.ValueOf(given); list.Kind() == reflect.Slice {
		for i := range list.Len() {
			if err := inGivenFilter(list.Index(i).Interface(), below(path, ast.PathIndex(i))); err != nil {
				return err
			}
		}
	}
	return nil
}

func nullInFilter(path ast.Path) *gqlerror.Error {
	err := printed(&models.Error{
		Code: models.CodeBadFilter, Message: fmt.Sprintf("%s is null. Leave a field out if it is not to be tested.", path),
	})
	err.Path = path
	return err
}
