package graph

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"taskql/auth"
	"taskql/models"
)

// maxAnswer is the maximum size of the data of a response in bytes. A page of 500 changes has it only if each task has a description
// of 10,000 characters that JSON escapes.
const maxAnswer = 32 << 20

// The maximum size of all responses that are being written or sent at once: of one user, and of all. A response takes its part in
// steps of answerStep, so that small ones take none.
const (
	maxUserAnswers = 48 << 20
	maxAnswers     = 128 << 20
	answerStep     = 1 << 20
)

// answers are the responses that are being written or sent.
type answers struct {
	mu    sync.Mutex
	bytes int64
	users map[string]int64
}

// answer is the size of a response that is being written. Its fields are written at once. A nil answer has no limit.
type answer struct {
	all  *answers
	user string
	// ctx ends when the response has been sent.
	ctx   context.Context
	bytes atomic.Int64
	// taken is its part of all, and sent is whether it was given back. Both belong to all.mu.
	taken int64
	sent  bool
}

// add adds bytes. It fails with CodeComplexityLimit if the response is too large, and with CodeRateLimited if the responses that are
// being sent are too large together.
func (a *answer) add(bytes int) error {
	if a == nil {
		return nil
	}
	size := a.bytes.Add(int64(bytes))
	if size > maxAnswer {
		return &models.Error{Code: models.CodeComplexityLimit, Message: fmt.Sprintf(
			"The answer has more than %d MiB: ask for fewer descriptions or smaller pages. A mutation has been done.", maxAnswer>>20)}
	}
	if size < answerStep || a.take(size) {
		return nil
	}
	return &models.Error{Code: models.CodeRateLimited, Message: "Other large answers are still being sent: read them, then ask again. A mutation has been done."}
}

// take takes a part of all for a response of a size. It reports false if that is too much.
func (a *answer) take(size int64) bool {
	a.all.mu.Lock()
	defer a.all.mu.Unlock()
	more := (size+answerStep-1)/answerStep*answerStep - a.taken
	if more <= 0 || a.sent {
		return true
	}
	if a.all.bytes+more > maxAnswers || a.all.users[a.user]+more > maxUserAnswers {
		return false
	}
	if a.taken == 0 {
		context.AfterFunc(a.ctx, a.release)
	}
	a.taken += more
	a.all.bytes += more
	a.all.users[a.user] += more
	return true
}

// release gives the part back.
func (a *answer) release() {
	a.all.mu.Lock()
	defer a.all.mu.Unlock()
	a.sent = true
	a.all.bytes -= a.taken
	if a.all.users[a.user] -= a.taken; a.all.users[a.user] == 0 {
		delete(a.all.users, a.user)
	}
}

type answerKey struct{}

func answerOf(ctx context.Context) *answer {
	a, _ := ctx.Value(answerKey{}).(*answer)
	return a
}

// counted gives queries and mutations an answer. The context of an operation ends when its response has been sent. The responses of a
// subscription are one task each.
func (s *answers) counted(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	if graphql.GetOperationContext(ctx).Operation.Operation != ast.Subscription {
		a := &answer{all: s, ctx: ctx}
		if user, err := auth.FromContext(ctx); err == nil {
			a.user = user.ID
		}
		ctx = context.WithValue(ctx, answerKey{}, a)
	}
	return next(ctx)
}
