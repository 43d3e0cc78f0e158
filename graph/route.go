package graph

import (
	"fmt"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"taskql/models"
)

// route is the path to what a walk through a document or a value has reached. All steps of a walk share it: a path of its own for each
// value would take time and memory that grow with the square of the depth.
type route []step

// usualDepth is how deep most walks go.
const usualDepth = 8

// step is a name, or an index if index is not negative.
type step struct {
	name  string
	index int
}

func named(name string) step { return step{name, -1} }

func indexed(index int) step { return step{"", index} }

// enter goes one step further.
func (r *route) enter(s step) { *r = append(*r, s) }

// leave goes back by the last step. A walk that has found an error need not go back.
func (r *route) leave() { *r = (*r)[:len(*r)-1] }

// path returns the route as a path that shares no memory with it.
func (r route) path() ast.Path {
	path := make(ast.Path, len(r))
	for i, s := range r {
		if path[i] = ast.PathElement(ast.PathName(s.name)); s.index >= 0 {
			path[i] = ast.PathIndex(s.index)
		}
	}
	return path
}

// error returns a coded error for the value at the route.
func (r route) error(code models.Code, format string, args ...any) *gqlerror.Error {
	err := printed(&models.Error{Code: code, Message: fmt.Sprintf(format, args...)})
	err.Path = r.path()
	return err
}

// below returns path with element appended. The two share no memory.
func below(path ast.Path, element ast.PathElement) ast.Path {
	return append(path[:len(path):len(path)], element)
}
