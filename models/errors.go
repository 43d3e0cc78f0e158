package models

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// Code identifies why a request failed before the task rules were applied. The set is closed. GraphQL returns
// the code as extensions.code.
type Code string

// The codes of Error. Status maps them to HTTP.
const (
	CodeUnauthenticated  Code = "UNAUTHENTICATED"
	CodeForbidden        Code = "FORBIDDEN"
	CodeComplexityLimit  Code = "COMPLEXITY_LIMIT"
	CodeBadFilter        Code = "BAD_FILTER"
	CodeBadCursor        Code = "BAD_CURSOR"
	CodeBadPageSize      Code = "BAD_PAGE_SIZE"
	CodeBadSyncToken     Code = "BAD_SYNC_TOKEN"
	CodeBadUserInput     Code = "BAD_USER_INPUT"
	CodeRateLimited      Code = "RATE_LIMITED"
	CodeParseFailed      Code = "GRAPHQL_PARSE_FAILED"
	CodeValidationFailed Code = "GRAPHQL_VALIDATION_FAILED"
	// CodePersistedNotFound and its message are those of automatic persisted queries. The client sends the document then.
	CodePersistedNotFound Code = "PERSISTED_QUERY_NOT_FOUND"
	CodePersistedOnly     Code = "PERSISTED_QUERY_ONLY"
	CodeAuthUnavailable   Code = "AUTH_UNAVAILABLE"
	CodeTimeout           Code = "TIMEOUT"
	CodeUnavailable       Code = "UNAVAILABLE"
	// CodeCanceled is logged only: the client has closed the connection, so that it receives nothing.
	CodeCanceled Code = "CANCELED"
	CodeInternal Code = "INTERNAL"
)

// ErrUnavailable is wrapped by the errors of a database that cannot be used at the moment.
var ErrUnavailable = errors.New("the database is unavailable")

// ReasonTokenExpired is the Reason of an Error for a token that is valid but expired. The client should get a new one.
const ReasonTokenExpired = "TOKEN_EXPIRED"

// Error is a failure whose text is safe to send to the client.
type Error struct {
	Code Code
	// Message is English and fit to show to a person.
	Message string
	// Reason is ReasonTokenExpired or empty. It is set with CodeUnauthenticated only.
	Reason string
	// RetryAfter is after how many seconds the request can succeed, or 0 if that is not known. It is set with CodeRateLimited, and with
	// CodeTimeout if the time was spent waiting for the user's other requests or for a connection to the database.
	RetryAfter int
	// Path leads from the name of an argument to the invalid value inside it. It is empty for other failures.
	Path []string
}

func (e *Error) Error() string { return string(e.Code) + ": " + e.Message }

// Public returns the error to send to the client. It returns a coded error unchanged, CodeTimeout for an exceeded
// deadline and CodeCanceled for a canceled context. It returns CodeUnavailable for ErrUnavailable and CodeInternal for any other
// error, without the cause, and reports internal as true; the caller of Public must then log err.
func Public(err error) (public *Error, internal bool) {
	if errors.As(err, &public) && public.Code != CodeInternal {
		return public, false
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return &Error{Code: CodeTimeout, Message: "The request took longer than the server allows. A write may have been done nevertheless."}, false
	case errors.Is(err, context.Canceled):
		return &Error{Code: CodeCanceled, Message: "The request was canceled."}, false
	case errors.Is(err, ErrUnavailable):
		return &Error{Code: CodeUnavailable, Message: "The server cannot do this at the moment. Try again shortly. A write may have been done nevertheless."}, true
	}
	return &Error{Code: CodeInternal, Message: "An internal error occurred on the server."}, true
}

// statuses maps codes to HTTP statuses. A code that is not listed means an invalid value in the request: 422.
var statuses = map[string]int{
	string(CodeUnauthenticated):          http.StatusUnauthorized,
	string(CodeForbidden):                http.StatusForbidden,
	string(CodeRateLimited):              http.StatusTooManyRequests,
	string(CodeAuthUnavailable):          http.StatusServiceUnavailable,
	string(CodeUnavailable):              http.StatusServiceUnavailable,
	string(CodeTimeout):                  http.StatusGatewayTimeout,
	string(CodeCanceled):                 statusClientClosed,
	string(CodeInternal):                 http.StatusInternalServerError,
	string(UserErrorCodeNotFound):        http.StatusNotFound,
	string(UserErrorCodeInTrash):         http.StatusNotFound,
	string(UserErrorCodeVersionConflict): http.StatusPreconditionFailed,
}

// statusClientClosed is nginx's status for a client that has closed its connection. It appears in the log only.
const statusClientClosed = 499

// Status returns the HTTP status for the code of an Error or a UserError.
func Status[C Code | UserErrorCode](code C) int {
	if status, ok := statuses[string(code)]; ok {
		return status
	}
	return http.StatusUnprocessableEntity
}

// Status returns the HTTP status of the error. A request that has only waited is 503, which says that it may be sent again.
func (e *Error) Status() int {
	if e.Code == CodeTimeout && e.RetryAfter > 0 {
		return http.StatusServiceUnavailable
	}
	return Status(e.Code)
}

// UserErrors are the reasons why a write was refused. Nothing was written. As an error it is never empty.
type UserErrors []UserError

func (e UserErrors) Error() string {
	all := make([]string, len(e))
	for i, err := range e {
		d := Detail(err)
		all[i] = string(d.Code) + " at " + strings.Join(d.Field, ".") + ": " + d.Message
	}
	return strings.Join(all, "; ")
}

// Detail returns the fields that all types of user errors have: code, message and field. For an
// InvalidInput it also returns the limit.
func Detail(err UserError) InvalidInput {
	switch err := err.(type) {
	case InvalidInput:
		return err
	case TaskNotFound:
		return InvalidInput{Code: err.Code, Message: err.Message, Field: err.Field}
	case VersionConflict:
		return InvalidInput{Code: err.Code, Message: err.Message, Field: err.Field}
	default:
		panic("models: a UserError without detail")
	}
}

// NotFound returns a NOT_FOUND error at the path "id": the user has no task with this id.
func NotFound(id string) UserErrors { return UserErrors{NotFoundAt(id, "id")} }

// NotFoundAt returns a NOT_FOUND error for an id at the given path.
func NotFoundAt(id string, path ...string) UserError {
	return TaskNotFound{Code: UserErrorCodeNotFound, Message: "There is no such task.", Field: path, TaskID: id}
}

// InTrash returns an IN_TRASH error at the path "id": the task must be restored before it can be changed.
func InTrash() UserErrors { return UserErrors{InTrashAt("id")} }

// InTrashAt returns an IN_TRASH error for an id at the given path.
func InTrashAt(path ...string) UserError {
	return InvalidInput{Code: UserErrorCodeInTrash, Message: "The task is in the trash. Restore it first.", Field: path}
}

// NotInTrash returns a NOT_IN_TRASH error at the path "id": only a task in the trash can be purged.
func NotInTrash() UserErrors {
	return UserErrors{InvalidInput{
		Code: UserErrorCodeNotInTrash, Message: "The task is not in the trash. Delete it first.", Field: []string{"id"},
	}}
}

// QuotaExceeded returns a QUOTA_EXCEEDED error without a path: the user already has limit tasks outside the trash.
func QuotaExceeded(limit int) UserErrors {
	return quotaExceeded(fmt.Sprintf("You have reached this server's limit of %d tasks.", limit))
}

// DescriptionsExceeded returns a QUOTA_EXCEEDED error without a path: the user's descriptions of more than longerThan bytes have as many as limit allows.
func DescriptionsExceeded(longerThan int, limit int64) UserErrors {
	const message = "Your descriptions of more than %d bytes may have %d bytes together, with those in the trash. Shorten or delete some, and empty the trash."
	return quotaExceeded(fmt.Sprintf(message, longerThan, limit))
}

func quotaExceeded(message string) UserErrors {
	return UserErrors{InvalidInput{Code: UserErrorCodeQuotaExceeded, Message: message}}
}

// CheckCount checks the length of the list argument at path. It returns EMPTY_LIST for 0, TOO_MANY above limit, and
// else nil.
func CheckCount(length, limit int, path string) UserErrors {
	switch {
	case length == 0:
		return UserErrors{InvalidInput{Code: UserErrorCodeEmptyList, Message: "The list is empty.", Field: []string{path}}}
	case length > limit:
		return UserErrors{InvalidInput{
			Code: UserErrorCodeTooMany, Message: fmt.Sprintf("The list has more than %d entries.", limit), Field: []string{path}, Limit: &limit,
		}}
	}
	return nil
}

// Below returns the errors of a single input with their paths moved into a list of inputs: the first element,
// "input", is replaced by the name of the list and the index.
func (e UserErrors) Below(list string, index int) UserErrors {
	moved := make(UserErrors, len(e))
	for i, err := range e {
		d := Detail(err)
		d.Field = append([]string{list, strconv.Itoa(index)}, d.Field[1:]...)
		moved[i] = d
	}
	return moved
}

// Conflict returns a VERSION_CONFLICT error: the task no longer has the expected version. current is its present state.
func Conflict(current *Task) UserErrors {
	return UserErrors{VersionConflict{
		Code: UserErrorCodeVersionConflict, Message: "The task has changed since it was read.",
		Field: []string{"expectedVersion"}, Current: current,
	}}
}
