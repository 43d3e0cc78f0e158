package openapi

import (
	"net/http"
	"strings"
)

// answers are the responses of a route that needs a token: the good one with its headers, 422 where
// there are examples of it, and the problems, to which those that any route can have are added.
func answers(status int, description string, body contents, header []string, invalid []Example, problems ...int) responses {
	all := responses{}
	all.set(status, &response{Description: description, Content: body, Headers: usesHeaders(header...)})
	for _, problem := range append(problems, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusServiceUnavailable, http.StatusGatewayTimeout) {
		all.set(problem, &response{Ref: "#/components/responses/" + problemName(problem)})
	}
	if len(invalid) > 0 {
		all.set(http.StatusUnprocessableEntity, &response{
			Description: "Something in the request has the wrong form. Nothing was written.",
			Content:     content(named("HTTPValidationError"), invalid...),
		})
	}
	return all
}

func problemName(status int) string {
	switch status {
	case http.StatusNotFound:
		return "TaskNotFound"
	case http.StatusPreconditionFailed:
		return "TaskChanged"
	case http.StatusInternalServerError:
		return "InternalError"
	case http.StatusServiceUnavailable:
		return "Unavailable"
	}
	return strings.ReplaceAll(http.StatusText(status), " ", "")
}

// problems are the errors that have the same form wherever they occur.
func (a API) problems() map[string]*response {
	all := map[string]*response{}
	for _, p := range []struct {
		status              int
		detail, description string
		headers             []string
	}{
		{http.StatusBadRequest, a.Details[http.StatusBadRequest], "The body is incomplete.", nil},
		{http.StatusUnauthorized, a.Details[http.StatusUnauthorized], "The token is missing or invalid: it has expired, is not " +
			"meant for this server or was not signed by the auth server. `WWW-Authenticate` tells an expired one from others.",
			[]string{"WWW-Authenticate"}},
		{http.StatusForbidden, a.Details[http.StatusForbidden], "The path has another user than the token.", nil},
		{http.StatusNotFound, a.Details[http.StatusNotFound], "The user has no such task, or it is in the trash.", nil},
		{http.StatusPreconditionFailed, a.Details[http.StatusPreconditionFailed], "The task does not match `If-Match`. Nothing was " +
			"written. `ETag` has the current version.", []string{"ETag"}},
		{http.StatusRequestEntityTooLarge, a.Details[http.StatusRequestEntityTooLarge], "The body has more than 1 MiB.", nil},
		{http.StatusTooManyRequests, a.Details[http.StatusTooManyRequests], "The user's requests cost more than the rate limit allows in a time, which the headers `RateLimit-Policy` and `RateLimit` tell, or too many of them are waiting. Nothing was written.", []string{"Retry-After"}},
		{http.StatusGatewayTimeout, a.Details[http.StatusGatewayTimeout], "The request took longer than the server allows. A write may have been done " +
			"nevertheless: read the task, or send the request again with the same `Idempotency-Key`.", nil},
		{http.StatusInternalServerError, a.Details[http.StatusInternalServerError], "An error of the server. Its log has the cause with the same `X-Request-Id`.",
			[]string{"X-Request-Id"}},
		{http.StatusServiceUnavailable, a.Details[http.StatusServiceUnavailable], "The token cannot be checked at the moment, because " +
			"the auth server's keys cannot be read: the user stays signed in. Or the database cannot be used: a write may have been done nevertheless. Try again.", []string{"Retry-After"}},
	} {
		response := problem(p.status, p.detail, p.description)
		response.Headers = usesHeaders(p.headers...)
		all[problemName(p.status)] = response
	}
	return all
}

func problem(status int, detail, description string) *response {
	return &response{Description: description, Content: content(named("HTTPError"),
		Example{"detail", http.StatusText(status), map[string]string{"detail": detail}})}
}

// headers are those of the responses.
func headers() map[string]*header {
	all := map[string]*header{}
	for _, h := range []struct {
		name, description string
		schema            *schema
		example           any
	}{
		{"ETag", "The task's version, for `If-None-Match` and `If-Match`.", text().matching(`^(W/)?"[^"]*"$`), `"7"`},
		{"Location", "The path of the new task.", formatted("uri-reference"), "/api/ada/tasks/1"},
		{"X-Total-Count", "How many tasks there are, before paging.", integer().atLeast(0), 12},
		{"Link", "Where the first, previous, next and last page are (RFC 8288). Absent without paging.", text(),
			`</api/ada/tasks?limit=10&offset=10>; rel="next"`},
		{"WWW-Authenticate", "`Bearer`, and for a token that was refused why, in the words of RFC 6750: `error_description` is " +
			"`TOKEN_EXPIRED` for a token that has expired and must be renewed.", text().matching("^Bearer"),
			`Bearer error="invalid_token", error_description="TOKEN_EXPIRED"`},
		{"Content-Disposition", "Marks the response as a file, and names it.", text(), `attachment; filename="tasks-2026-03-01.json"`},
		{"Retry-After", "After how many seconds to try again.", integer().atLeast(0), 5},
		{"X-Request-Id", "The request's name in the server's log. Every answer has one.", text(), "4QX5ZJ3K7N2M6P8R9S0TUVWXYZ"},
	} {
		all[h.name] = &header{Description: h.description, Schema: h.schema, Example: h.example, Required: h.name != "Link"}
	}
	return all
}

func usesHeaders(names ...string) map[string]*header {
	used := map[string]*header{}
	for _, name := range names {
		used[name] = &header{Ref: "#/components/headers/" + name}
	}
	return used
}
