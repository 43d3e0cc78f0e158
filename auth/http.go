package auth

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"taskql/models"
	"taskql/reqlog"
)

// Middleware passes requests with a valid token to next, with the token's user in their context. For other requests it
// calls deny, which writes the response in the format of its API. The error has models.CodeUnauthenticated, and
// the response the header WWW-Authenticate (RFC 6750), or models.CodeAuthUnavailable and Retry-After. The log contains the
// reason, but never the token.
func (v *Verifier) Middleware(next http.Handler, deny func(http.ResponseWriter, *http.Request, error)) http.Handler {
	return middleware(v.notForAgents, next, deny)
}

// AgentMiddleware is Middleware that also accepts tokens for agents alone.
func (v *Verifier) AgentMiddleware(next http.Handler, deny func(http.ResponseWriter, *http.Request, error)) http.Handler {
	return middleware(v.Verify, next, deny)
}

// verify is Verify, or that with further conditions.
type verify func(ctx context.Context, token string) (*User, error)

func middleware(verify verify, next http.Handler, deny func(http.ResponseWriter, *http.Request, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, err := verify.request(r)
		if err != nil {
			reqlog.Add(r.Context(), slog.String("refused", err.Error()))
			if public, _ := models.Public(err); public.Code == models.CodeAuthUnavailable {
				w.Header().Set("Retry-After", retryAfter)
			} else {
				w.Header().Set("WWW-Authenticate", challenge(err))
			}
			deny(w, r, err)
			return
		}
		reqlog.Add(r.Context(), slog.String("user", user.ID))
		next.ServeHTTP(w, r.WithContext(NewContext(r.Context(), user)))
	})
}

// retryAfter is the Retry-After header, in seconds, for clients whose token cannot be checked at the moment.
const retryAfter = "5"

// request verifies the token in a request's Authorization header. Tokens in cookies and query strings are ignored.
func (v verify) request(r *http.Request) (*User, error) {
	headers := r.Header.Values("Authorization")
	switch {
	case len(headers) == 0:
		return nil, errNoToken
	case len(headers) > 1:
		return nil, refuse("there is more than one Authorization header")
	}
	return v.bearer(r.Context(), headers[0])
}

// bearer verifies the token of an Authorization header's value.
func (v verify) bearer(ctx context.Context, value string) (*User, error) {
	scheme, token, _ := strings.Cut(strings.TrimSpace(value), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return nil, refuse("the Authorization scheme is not Bearer")
	}
	return v(ctx, strings.TrimSpace(token))
}

// notForAgents is Verify without tokens for agents alone.
func (v *Verifier) notForAgents(ctx context.Context, token string) (*User, error) {
	user, err := v.Verify(ctx, token)
	if err == nil && user.ForAgents {
		return nil, refuse("the token is for agents: its aud is %s", v.config.AgentAudience)
	}
	return user, err
}

// Socket verifies the token in the payload of a WebSocket's connection_init message. The field Authorization or
// authorization contains "Bearer …"; the field token contains the token with or without "Bearer ". The errors are those of
// Verify.
func (v *Verifier) Socket(ctx context.Context, payload map[string]any) (*User, error) {
	for _, name := range []string{"Authorization", "authorization"} {
		if value, ok := payload[name].(string); ok && value != "" {
			return verify(v.notForAgents).bearer(ctx, value)
		}
	}
	if token, ok := payload["token"].(string); ok && token != "" {
		return v.notForAgents(ctx, strings.TrimPrefix(token, "Bearer "))
	}
	return nil, errNoToken
}

// challenge returns the WWW-Authenticate header for a refused request (RFC 6750, section 3).
func challenge(err error) string {
	var public *models.Error
	switch {
	case isMissing(err):
		return "Bearer"
	case errors.As(err, &public) && public.Reason == models.ReasonTokenExpired:
		return `Bearer error="invalid_token", error_description="TOKEN_EXPIRED"`
	default:
		return `Bearer error="invalid_token"`
	}
}
