package models_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"taskql/models"
)

func TestPublic(t *testing.T) {
	coded := &models.Error{Code: models.CodeUnauthenticated, Message: "m", Reason: models.ReasonTokenExpired}
	secret := errors.New(`pq: relation "task" does not exist`)
	for _, tt := range []struct {
		name     string
		err      error
		want     *models.Error // nil: INTERNAL without a cause
		internal bool
	}{
		{"coded", coded, coded, false},
		{"wrapped", fmt.Errorf("loading: %w", coded), coded, false},
		{"joined", errors.Join(secret, coded), coded, false},
		{"without a code", secret, nil, true},
		{"timeout", fmt.Errorf("query: %w", context.DeadlineExceeded), &models.Error{Code: models.CodeTimeout}, false},
		{"canceled", fmt.Errorf("query: %w", context.Canceled), &models.Error{Code: models.CodeCanceled}, false},
		{"INTERNAL with a cause", &models.Error{Code: models.CodeInternal, Message: secret.Error()}, nil, true},
		{"user errors", models.NotFound("1"), nil, true},
		{"nil", nil, nil, true},
	} {
		got, internal := models.Public(tt.err)
		if internal != tt.internal || tt.want != nil && got.Code != tt.want.Code || tt.want == coded && got != coded {
			t.Errorf("Public(%s) = %v, %v, want %v, %v", tt.name, got, internal, tt.want, tt.internal)
		}
		if tt.want == nil && (got == nil || got.Code != models.CodeInternal || got.Reason != "" || strings.Contains(got.Error(), "relation")) {
			t.Errorf("Public(%s) = %v, want INTERNAL and no cause", tt.name, got)
		}
	}
}

func TestStatus(t *testing.T) {
	for code, want := range map[models.Code]int{
		models.CodeUnauthenticated: http.StatusUnauthorized, models.CodeForbidden: http.StatusForbidden,
		models.CodeAuthUnavailable: http.StatusServiceUnavailable, models.CodeInternal: http.StatusInternalServerError,
		models.CodeTimeout: http.StatusGatewayTimeout, models.CodeCanceled: 499,
		models.CodeBadUserInput: http.StatusUnprocessableEntity, models.CodeBadCursor: http.StatusUnprocessableEntity,
	} {
		if got := models.Status(code); got != want {
			t.Errorf("Status(%s) = %d, want %d", code, got, want)
		}
	}
	for code, want := range map[models.UserErrorCode]int{
		models.UserErrorCodeNotFound: http.StatusNotFound, models.UserErrorCodeInTrash: http.StatusNotFound,
		models.UserErrorCodeVersionConflict: http.StatusPreconditionFailed, models.UserErrorCodeBlank: http.StatusUnprocessableEntity,
		models.UserErrorCodeTooLong: http.StatusUnprocessableEntity, models.UserErrorCodeTooMany: http.StatusUnprocessableEntity,
		models.UserErrorCodeInvalidFormat: http.StatusUnprocessableEntity, models.UserErrorCodeNullNotAllowed: http.StatusUnprocessableEntity,
	} {
		if got := models.Status(code); got != want {
			t.Errorf("Status(%s) = %d, want %d", code, got, want)
		}
	}
}

func TestUserErrors(t *testing.T) {
	current := full()
	for _, tt := range []struct {
		errs models.UserErrors
		want string
	}{
		{models.NotFound("9"), "NOT_FOUND id"},
		{models.InTrash(), "IN_TRASH id"},
		{models.Conflict(current), "VERSION_CONFLICT expectedVersion"},
	} {
		refused(t, nil, tt.errs, tt.want)
		code, field, _ := strings.Cut(tt.want, " ")
		if got := tt.errs.Error(); !strings.HasPrefix(got, code+" at "+field+": ") {
			t.Errorf("Error() = %q, want code and field of %s", got, tt.want)
		}
	}
	if got := models.NotFound("9")[0].(models.TaskNotFound).TaskID; got != "9" {
		t.Errorf("TaskID = %q, want 9", got)
	}
	if got := models.Conflict(current)[0].(models.VersionConflict).Current; got != current {
		t.Errorf("Current = %v, want the task", got)
	}
}

func TestParseID(t *testing.T) {
	for in, want := range map[string]int64{
		"1": 1, "42": 42, "9007199254740993": 9007199254740993, "9223372036854775807": 9223372036854775807,
		"": 0, "0": 0, "-1": 0, "+1": 0, "01": 0, " 1": 0, "1 ": 0, "1\n": 0, "1.0": 0, "1e3": 0, "0x1": 0, "1_000": 0,
		"9223372036854775808": 0, "99999999999999999999999": 0, "abc": 0, "١": 0, "１": 0, "1\x00": 0, "null": 0,
	} {
		if got, ok := models.ParseID(in); got != want || ok != (want != 0) {
			t.Errorf("ParseID(%q) = %d, %v, want %d", in, got, ok, want)
		}
	}
}

func TestTrashed(t *testing.T) {
	task := full()
	if task.Trashed() {
		t.Error("Trashed() = true, want false")
	}
	if task.DeletedAt = &task.UpdatedAt; !task.Trashed() {
		t.Error("Trashed() of a deleted task = false, want true")
	}
}
