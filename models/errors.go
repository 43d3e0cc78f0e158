package models

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// Code names, for programs, why a request failed before it reached the task rules. The set is
// closed; GraphQL shows it as extensions.code.
type Code string

// The codes of Error.
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
	CodeAuthUnavailable  Code = "AUTH_UNAVAILABLE"
	CodeInternal         Code = "INTERNAL"
)

// ReasonTokenExpired is the Reason of a token that was good: its client fetches a new one.
const ReasonTokenExpired = "TOKEN_EXPIRED"

// Error is a failure that a caller may see.
type Error struct {
	Code Code
	// Message is English and fit to show to a person.
	Message string
	// Reason narrows the code down where a program can act on it: ReasonTokenExpired with
	// CodeUnauthenticated. Else it is empty.
	Reason string
	// Path leads from an argument to the value at fault, where it is one within an argument.
	Path []string
}

func (e *Error) Error() string { return string(e.Code) + ": " + e.Message }

// Public decides what a caller may see of err: a coded error as it is, anything else as
// CodeInternal without its cause. The second result is true in the latter case; the caller logs err then.
func Public(err error) (public *Error, internal bool) {
	if errors.As(err, &public) && public.Code != CodeInternal {
		return public, false
	}
	return &Error{Code: CodeInternal, Message: "Something went wrong on our side."}, true
}

// statuses is the one table from codes to HTTP. What is not in it is 422: a value of the caller's is wrong.
var statuses = map[string]int{
	string(CodeUnauthenticated):          http.StatusUnauthorized,
	string(CodeForbidden):                http.StatusForbidden,
	string(CodeRateLimited):              http.StatusTooManyRequests,
	string(CodeAuthUnavailable):          http.StatusServiceUnavailable,
	string(CodeInternal):                 http.StatusInternalServerError,
	string(UserErrorCodeNotFound):        http.StatusNotFound,
	string(UserErrorCodeInTrash):         http.StatusNotFound,
	string(UserErrorCodeVersionConflict): http.StatusPreconditionFailed,
}

// Status returns the HTTP status for the code of an Error or a UserError.
func Status[C Code | UserErrorCode](code C) int {
	if status, ok := statuses[string(code)]; ok {
		return status
	}
	return http.StatusUnprocessableEntity
}

// UserErrors is why a write was refused: never empty when used as an error. Nothing was written.
type UserErrors []UserError

func (e UserErrors) Error() string {
	all := make([]string, len(e))
	for i, err := range e {
		d := Detail(err)
		all[i] = string(d.Code) + " at " + strings.Join(d.Field, ".") + ": " + d.Message
	}
	return strings.Join(all, "; ")
}

// Detail returns what every user error has, whatever its type: code, message, field and, where it
// has one, the limit.
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

// NotFound says that id names none of the caller's tasks.
func NotFound(id string) UserErrors { return UserErrors{NotFoundAt(id, "id")} }

// NotFoundAt is NotFound for an id at that path.
func NotFoundAt(id string, path ...string) UserError {
	return TaskNotFound{Code: UserErrorCodeNotFound, Message: "There is no such task.", Field: path, TaskID: id}
}

// InTrash says that the task must be restored before it can be changed.
func InTrash() UserErrors { return UserErrors{InTrashAt("id")} }

// InTrashAt is InTrash for an id at that path.
func InTrashAt(path ...string) UserError {
	return InvalidInput{Code: UserErrorCodeInTrash, Message: "The task is in the trash. Restore it first.", Field: path}
}

// NotInTrash says that only a task in the trash can be removed for good.
func NotInTrash() UserErrors {
	return UserErrors{InvalidInput{
		Code: UserErrorCodeNotInTrash, Message: "The task is not in the trash. Delete it first.", Field: []string{"id"},
	}}
}

// QuotaExceeded says that the caller can have no more tasks; path leads to what asked for one, if anything did.
func QuotaExceeded(most int, path ...string) UserErrors {
	return UserErrors{InvalidInput{
		Code: UserErrorCodeQuotaExceeded, Message: fmt.Sprintf("You have as many tasks as this server allows, %d.", most), Field: path,
	}}
}

// CheckCount returns what is wrong with the length of a list at a path: it must have an entry, and at most so many.
func CheckCount(length, most int, path string) UserErrors {
	switch {
	case length == 0:
		return UserErrors{InvalidInput{Code: UserErrorCodeEmptyList, Message: "The list is empty.", Field: []string{path}}}
	case length > most:
		return UserErrors{InvalidInput{
			Code: UserErrorCodeTooMany, Message: fmt.Sprintf("The list has more than %d entries.", most), Field: []string{path}, Limit: &most,
		}}
	}
	return nil
}

// Below moves errors of a single input, whose paths begin with "input", to one of a list of inputs.
func (e UserErrors) Below(list string, index int) UserErrors {
	moved := make(UserErrors, len(e))
	for i, err := range e {
		d := Detail(err)
		d.Field = append([]string{list, strconv.Itoa(index)}, d.Field[1:]...)
		moved[i] = d
	}
	return moved
}

// Conflict says that the task is no longer at the version the caller expected; current is the task as it is.
func Conflict(current *Task) UserErrors {
	return UserErrors{VersionConflict{
		Code: UserErrorCodeVersionConflict, Message: "The task was changed since it was read.",
		Field: []string{"expectedVersion"}, Current: current,
	}}
}
