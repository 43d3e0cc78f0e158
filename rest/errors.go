package rest

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"taskql/auth"
	"taskql/models"
	"taskql/reqlog"
)

// validationError is one item of a response with the status 422, in the form of pydantic 2.
type validationError struct {
	Type    string         `json:"type"`
	Loc     []any          `json:"loc"`
	Message string         `json:"msg"`
	Input   jsontext.Value `json:"input"`
	Context map[string]any `json:"ctx,omitempty"`
}

// validationErrors are what is invalid in a request. The response has the status 422.
type validationErrors []validationError

func (f validationErrors) Error() string {
	return fmt.Sprintf("%d validation errors in the request", len(f))
}

// joined returns the validation errors of two readers together, or the first error that is not a validation error.
func joined(first, second error) error {
	var a, b validationErrors
	switch {
	case first == nil:
		return second
	case second == nil || !errors.As(first, &a):
		return first
	case !errors.As(second, &b):
		return second
	}
	return append(a, b...)
}

// statusError is an error with its own status and detail.
type statusError struct {
	status int
	detail string
}

func (e *statusError) Error() string { return e.detail }

// own fails with FORBIDDEN unless the user in the path is exactly the user of the token.
func own(r *http.Request) error {
	user, err := auth.FromContext(r.Context())
	if err != nil {
		return err
	}
	if r.PathValue("user_id") != user.ID {
		return &models.Error{Code: models.CodeForbidden, Message: "Not authorized to access this task"}
	}
	return nil
}

// details are the texts that front ends know for each status: those of the FastAPI backends, also where GraphQL has another text.
var details = map[int]string{
	http.StatusUnauthorized:        "Invalid or missing token",
	http.StatusForbidden:           "Not authorized to access this task",
	http.StatusNotFound:            "Task not found",
	http.StatusPreconditionFailed:  "Task was changed",
	http.StatusTooManyRequests:     "Too many requests",
	http.StatusInternalServerError: "Internal server error",
	http.StatusServiceUnavailable:  "Authentication is unavailable",
	http.StatusGatewayTimeout:      "Request timed out",
}

// Deny answers a request whose token was refused, or that has no token and is one too many.
func Deny(w http.ResponseWriter, r *http.Request, err error) {
	public, _ := models.Public(err)
	reqlog.SetCode(r.Context(), string(public.Code))
	if public.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(public.RetryAfter))
	}
	status := models.Status(public.Code)
	writeDetail(w, status, details[status])
}

func (a *adapter) writeError(w http.ResponseWriter, r *http.Request, err error) {
	var list validationErrors
	var own *statusError
	var refused models.UserErrors
	switch {
	case errors.As(err, &list):
		_ = sendJSON(w, r, http.StatusUnprocessableEntity, struct {
			Detail validationErrors `json:"detail"`
		}{list})
	case errors.As(err, &own):
		writeDetail(w, own.status, own.detail)
	case errors.As(err, &refused):
		code := models.Detail(refused[0]).Code
		status := models.Status(code)
		if conflict, ok := refused[0].(models.VersionConflict); ok {
			if conflict.Current.Trashed() { // which REST does not show
				status = http.StatusNotFound
			} else {
				w.Header().Set("ETag", etag(conflict.Current))
			}
		}
		if status == http.StatusUnprocessableEntity {
			a.writeError(w, r, ruleErrors(refused, sentHeader(r)))
			return
		}
		reqlog.SetCode(r.Context(), string(code))
		writeDetail(w, status, details[status])
	default:
		public, internal := models.Public(err)
		if internal {
			a.Log.ErrorContext(r.Context(), "internal error", "id", reqlog.ID(r.Context()), "error", err)
		}
		status := public.Status()
		reqlog.SetCode(r.Context(), string(public.Code))
		detail := details[status]
		if status == http.StatusServiceUnavailable {
			detail = "Service unavailable" // the other reason for this status is Deny's
		}
		if status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests {
			w.Header().Set("Retry-After", strconv.Itoa(cmp.Or(public.RetryAfter, retryAfter)))
		}
		writeDetail(w, status, detail)
	}
}

// retryAfter is after how many seconds a client should try again if that is not known.
const retryAfter = 1

func (a *adapter) recover(w http.ResponseWriter, r *http.Request) {
	panicked := recover()
	if panicked == nil {
		return
	}
	if panicked == http.ErrAbortHandler { // net/http compares it in the same way
		panic(panicked)
	}
	a.writeError(w, r, fmt.Errorf("panic: %v\n%s", panicked, debug.Stack()))
}

func writeDetail(w http.ResponseWriter, status int, detail string) {
	_ = writeJSON(w, status, struct {
		Detail string `json:"detail"`
	}{detail}) // a string always encodes
}

// ruleErrors converts errors of the task rules into pydantic's form. sent returns the value that the client sent at a path.
func ruleErrors(errs models.UserErrors, sent func(path []any) jsontext.Value) validationErrors {
	list := make(validationErrors, len(errs))
	for i, err := range errs {
		list[i] = ruleError(models.Detail(err), sent)
	}
	return list
}

func ruleError(e models.InvalidInput, sent func(path []any) jsontext.Value) validationError {
	loc := []any{"body"}
	for i, step := range e.Field {
		if step == "idempotencyKey" {
			loc = []any{"header", keyHeader}
		} else if n, err := strconv.Atoi(step); err == nil {
			loc = append(loc, n)
		} else if step == "due" {
			loc = append(loc, "due_date")
		} else if i > 0 { // the first is "input", which is the body
			loc = append(loc, step)
		}
	}
	f := validationError{Loc: loc, Input: sent(loc[1:])}
	switch {
	case e.Code == models.UserErrorCodeBlank:
		f.Type, f.Message = "string_too_short", "String should have at least 1 character"
		f.Context = map[string]any{"min_length": 1}
	case e.Code == models.UserErrorCodeTooShort:
		f.Type, f.Message = "string_too_short", fmt.Sprintf("String should have at least %d characters", *e.Limit)
		f.Context = map[string]any{"min_length": *e.Limit}
	case e.Code == models.UserErrorCodeTooLong:
		f.Type, f.Message = "string_too_long", fmt.Sprintf("String should have at most %d characters", *e.Limit)
		f.Context = map[string]any{"max_length": *e.Limit}
	case e.Code == models.UserErrorCodeTooMany:
		f.Type, f.Message = "too_long", fmt.Sprintf("List should have at most %d items after validation", *e.Limit)
		f.Context = map[string]any{"field_type": "List", "max_length": *e.Limit}
	default:
		f.Type, f.Message = "value_error", "Value error, "+e.Message
		f.Context = map[string]any{"error": e.Message}
	}
	return f
}
