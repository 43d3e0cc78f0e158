package graph

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"taskql/models"
	"taskql/reqlog"
)

// presenter prints errors for the caller. Only coded ones are shown; what broke is logged instead.
func presenter(log *slog.Logger) graphql.ErrorPresenterFunc {
	return func(ctx context.Context, err error) *gqlerror.Error {
		var found *gqlerror.Error
		isGraphQL := errors.As(err, &found)
		// Made by the parser, the validator or this package, and not around another error, whose text
		// may be the database's.
		if isGraphQL && found.Err == nil && found.Extensions["code"] != nil {
			return reworded(found)
		}
		public, internal := models.Public(err)
		shown := printed(public)
		shown.Path = graphql.GetPath(ctx)
		if isGraphQL && found.Path != nil {
			shown.Path = found.Path
		}
		shown.Path = argumentPath(shown.Path, public.Path)
		if internal {
			shown.Extensions["requestId"] = reqlog.ID(ctx)
			log.ErrorContext(ctx, "internal error", "id", reqlog.ID(ctx), "path", shown.Path.String(), "error", err)
		}
		return shown
	}
}

// reworded gives what the validator says of a variable the code that it has elsewhere, and the
// variable's name.
func reworded(err *gqlerror.Error) *gqlerror.Error {
	err.Message = operationNeeded(err.Message)
	if len(err.Path) > 1 && err.Path[0] == ast.PathName("variable") && err.Extensions["code"] == string(models.CodeValidationFailed) {
		err.Extensions["code"] = models.CodeBadUserInput
		err.Message = "Variable $" + strings.TrimPrefix(err.Path.String(), "variable.") + ": " + err.Message + "."
	}
	return err
}

// operationNeeded is what the executor says of several operations without a name, in words.
func operationNeeded(message string) string {
	if strings.HasPrefix(message, "operation  not found") {
		return "The document has several operations: operationName must name one."
	}
	return message
}

// printed is the GraphQL form of an error that a caller may see.
func printed(err *models.Error) *gqlerror.Error {
	extensions := map[string]any{"code": err.Code}
	if err.Reason != "" {
		extensions["reason"] = err.Reason
	}
	return &gqlerror.Error{Message: err.Message, Extensions: extensions}
}

// argumentPath goes on from a field into its arguments.
func argumentPath(field ast.Path, steps []string) ast.Path {
	for _, step := range steps {
		if index, err := strconv.Atoi(step); err == nil {
			field = below(field, ast.PathIndex(index))
		} else {
			field = below(field, ast.PathName(step))
		}
	}
	return field
}

// recoverer turns a panic into an error that the presenter shows as internal.
func recoverer(_ context.Context, panicked any) error {
	return fmt.Errorf("panic: %v\n%s", panicked, debug.Stack())
}
