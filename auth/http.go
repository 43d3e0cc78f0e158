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

// Middleware lets requests through to next that carry a good token, with its user in their context.
// For others it sets the WWW-Authenticate header (RFC 6750) and calls deny, which writes the answer in the
// form of its door. The reason goes to the log, never the token.
func (v *Verifier) Middleware(next http.Handler, deny func(http.ResponseWriter, *http.Request, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, err := v.request(r)
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

// retryAfter is for clients whose token cannot be checked at the moment, in seconds.
const retryAfter = "5"

// request verifies the token of a request. Cookies and the query string are never looked at.
func (v *Verifier) request(r *http.Request) (*User, error) {
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
func (v *Verifier) bearer(ctx context.Context, value string) (*User, error) {
	scheme, token, _ := strings.Cut(strings.TrimSpace(value), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return nil, refuse("the Authorization scheme is not Bearer")
	}
	return v.Verify(ctx, strings.TrimSpace(token))
}

// Socket verifies the token in the payload of a WebSocket's connection_init message, which stands
// under Authorization or authorization as "Bearer …", or bare under token. Its errors are those of Verify.
func (v *Verifier) Socket(ctx context.Context, payload map[string]any) (*User, error) {
	for _, name := range []string{"Authorization", "authorization"} {
		if value, ok := payload[name].(string); ok && value != "" {
			return v.bearer(ctx, value)
		}
	}
	if token, ok := payload["token"].(string); ok && token != "" {
		return v.Verify(ctx, strings.TrimPrefix(token, "Bearer "))
	}
	return nil, errNoToken
}

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
