package auth

import (
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
			w.Header().Set("WWW-Authenticate", challenge(err))
			deny(w, r, err)
			return
		}
		reqlog.Add(r.Context(), slog.String("user", user.ID))
		next.ServeHTTP(w, r.WithContext(NewContext(r.Context(), user)))
	})
}

// request verifies the token of a request. Cookies and the query string are never looked at.
func (v *Verifier) request(r *http.Request) (*User, error) {
	headers := r.Header.Values("Authorization")
	switch {
	case len(headers) == 0:
		return nil, errNoToken
	case len(headers) > 1:
		return nil, refuse("there is more than one Authorization header")
	}
	scheme, token, _ := strings.Cut(strings.TrimSpace(headers[0]), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return nil, refuse("the Authorization scheme is not Bearer")
	}
	return v.Verify(strings.TrimSpace(token))
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
