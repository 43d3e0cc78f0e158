package graph

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"taskql/models"
)

// maxAnswer is the maximum size of the data of a response in bytes. A page of 500 changes has it only if each task has a description
// of 10,000 characters that JSON escapes.
const maxAnswer = 32 << 20

// answer is the size of a response that is being written. Its fields are written at once. A nil answer has no limit.
type answer struct{ bytes atomic.Int64 }

// add adds bytes and reports whether the response is too large.
func (a *answer) add(bytes int) bool { return a != nil && a.bytes.Add(int64(bytes)) > maxAnswer }

type answerKey struct{}

func answerOf(ctx context.Context) *answer {
	a, _ := ctx.Value(answerKey{}).(*answer)
	return a
}

// counted gives queries and mutations an answer. The responses of a subscription are one task each.
func counted(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	if graphql.GetOperationContext(ctx).Operation.Operation != ast.Subscription {
		ctx = context.WithValue(ctx, answerKey{}, &answer{})
	}
	return next(ctx)
}

func answerTooLarge() error {
	return &models.Error{Code: models.CodeComplexityLimit, Message: fmt.Sprintf(
		"The answer has more than %d MiB: ask for fewer descriptions or smaller pages. A mutation has been done.", maxAnswer>>20)}
}
