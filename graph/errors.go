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

	"taskql/auth"
	"taskql/budget"
	"taskql/models"
	"taskql/reqlog"
)

// presenter converts errors for the client. Only coded errors are sent; other errors are logged and sent as INTERNAL. noSuggestions removes
// the names of the schema that the client may have meant.
func presenter(log *slog.Logger, noSuggestions bool) graphql.ErrorPresenterFunc {
	return func(ctx context.Context, err error) *gqlerror.Error {
		var found *gqlerror.Error
		isGraphQL := errors.As(err, &found)
		// This error comes from the parser, the validator or this package. It does not wrap another error, whose text could
		// come from the database.
		if isGraphQL && found.Err == nil && found.Extensions["code"] != nil {
			if noSuggestions {
				// gqlgen can turn off two of the validator's five rules with suggestions. All of them end the message so.
				found.Message, _, _ = strings.Cut(found.Message, " Did you mean ")
			}
			return reworded(found)
		}
		public, internal := models.Public(err)
		if ended := ctx.Err(); internal && ended != nil && !errors.As(err, new(panicError)) {
			// Drivers report the end of a context in errors of their own.
			log.InfoContext(ctx, "request ended early", "id", reqlog.ID(ctx), "reason", ended, "error", err)
			public, internal = models.Public(ended)
		}
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

// The limits of errors in a response. The validator returns an error for each mistake, and repeats names and values.
const (
	maxErrors  = 100     // of a request that was not executed
	maxMessage = 1 << 10 // bytes
)

// refusals limits the errors of a request that was not executed, and charges 1 for a document that was refused before its cost was known. Errors
// of fields are not limited.
func refusals(b *budget.Budgets) graphql.ResponseMiddleware {
	return func(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
		response := next(ctx)
		if response == nil || response.Data != nil || len(response.Errors) == 0 {
			return response
		}
		response.Errors = response.Errors[:min(len(response.Errors), maxErrors)]
		if graphql.GetOperationContext(ctx).Stats.GetExtension(costKey) == nil && !isRateLimited(response.Errors) {
			b.Spend(auth.ID(ctx), 1)
		}
		return response
	}
}

// reworded gives the validator's errors about variables the code of other invalid values, and the name of the variable.
func reworded(err *gqlerror.Error) *gqlerror.Error {
	err.Message = operationNeeded(err.Message)
	defer func() {
		if len(err.Message) > maxMessage {
			err.Message = strings.ToValidUTF8(err.Message[:maxMessage], "") + "…"
		}
	}()
	if len(err.Path) > 1 && err.Path[0] == ast.PathName("variable") && err.Extensions["code"] == string(models.CodeValidationFailed) {
		err.Extensions["code"] = models.CodeBadUserInput
		err.Message = "Variable $" + strings.TrimPrefix(err.Path.String(), "variable.") + ": " + err.Message + "."
	}
	return err
}

// operationNeeded replaces the executor's message for a missing operation name, which is hard to read.
func operationNeeded(message string) string {
	if strings.HasPrefix(message, "operation  not found") {
		return "The document has several operations: operationName must name one."
	}
	return message
}

// extensionRetryAfter is the extension of an error with the seconds after which the request can succeed.
const extensionRetryAfter = "retryAfter"

// printed returns the GraphQL form of an error that is safe to send.
func printed(err *models.Error) *gqlerror.Error {
	extensions := map[string]any{"code": err.Code}
	if err.Reason != "" {
		extensions["reason"] = err.Reason
	}
	if err.RetryAfter > 0 {
		extensions[extensionRetryAfter] = err.RetryAfter
	}
	return &gqlerror.Error{Message: err.Message, Extensions: extensions}
}

// codeOf returns the code of the first error of a response, or "".
func codeOf(response *graphql.Response) string {
	if response == nil || len(response.Errors) == 0 {
		return ""
	}
	switch code := response.Errors[0].Extensions["code"].(type) {
	case models.Code:
		return string(code)
	case string: // gqlgen's own errors
		return code
	}
	return ""
}

// argumentPath appends steps, which lead into the arguments of a field, to its path.
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

// panicError is a panic that was recovered.
type panicError struct{ error }

// recoverer returns a panic as an error, for which the presenter returns INTERNAL.
func recoverer(_ context.Context, panicked any) error {
	return panicError{fmt.Errorf("panic: %v\n%s", panicked, debug.Stack())}
}
