package auth

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// readClaims checks the claims of a verified payload and returns the user that they name, or a *Refusal. Empty lists of
// issuers or audiences accept all values.
func readClaims(payload []byte, issuers, audiences []string, now time.Time) (*User, error) {
	var claims map[string]jsontext.Value
	if err := json.Unmarshal(payload, &claims); err != nil || claims == nil {
		return nil, refuse("the payload is not a JSON object without repeated names")
	}
	expires, err := date(claims, "exp")
	if err != nil {
		return nil, err
	}
	if expires.IsZero() {
		return nil, refuse("the token has no exp")
	}
	if !now.Before(expires.Add(skew)) {
		return nil, expired(expires)
	}
	expires = clamped(expires, now)
	for _, name := range []string{"nbf", "iat"} {
		from, err := date(claims, name)
		if err != nil {
			return nil, err
		}
		if from.After(now.Add(skew)) {
			return nil, refuse("the token's %s lies in the future", name)
		}
	}
	if len(issuers) > 0 && !slices.Contains(issuers, text(claims["iss"])) {
		return nil, refuse("the token's iss is %.100q, not %s", text(claims["iss"]), strings.Join(issuers, " or "))
	}
	accepted := func(audience string) bool { return slices.Contains(audiences, audience) }
	if len(audiences) > 0 && !slices.ContainsFunc(audience(claims["aud"]), accepted) {
		return nil, refuse("the token's aud is %.100q, not %s", claims["aud"], strings.Join(audiences, " or "))
	}
	if isConfirmation(claims) {
		return nil, refuse("the token is from an e-mail that asks to confirm an address")
	}
	id := userID(claims)
	switch {
	case id == "":
		return nil, refuse("the token names no user")
	case len(id) > maxUserID:
		return nil, refuse("the token's user id has more than %d bytes", maxUserID)
	case strings.ContainsRune(id, 0):
		return nil, refuse("the token's user id contains a NUL character")
	}
	// Better Auth's session_data cookie has the user's columns in the claim user.
	var nested map[string]jsontext.Value
	if claims["user"].Kind() == '{' {
		_ = json.Unmarshal(claims["user"], &nested)
	}
	detail := func(name string) *string {
		if s := optional(claims[name]); s != nil {
			return s
		}
		return optional(nested[name])
	}
	return &User{ID: id, Name: detail("name"), Email: detail("email"), CreatedAt: detail("createdAt"), Expires: expires}, nil
}

// maxLifetime is far below the 292 years that a time.Duration can hold, so that deadlines computed from User.Expires do
// not overflow.
const maxLifetime = 100 * 365 * 24 * time.Hour

// clamped returns the earlier of expires and maxLifetime from now.
func clamped(expires, now time.Time) time.Time {
	if limit := now.Add(maxLifetime); expires.After(limit) {
		return limit
	}
	return expires
}

// isConfirmation reports whether the claims are those of a Better Auth e-mail confirmation link. Better Auth signs
// these with the same secret. In version 1.7.25 they contain userId, so only the set of names distinguishes them from an
// access token.
func isConfirmation(claims map[string]jsontext.Value) bool {
	for name := range claims {
		if !slices.Contains([]string{"email", "updateTo", "requestType", "userId", "iat", "exp"}, name) {
			return false
		}
	}
	return claims["email"] != nil
}

// userID returns the first non-empty claim that is known to name the user, or "".
func userID(claims map[string]jsontext.Value) string {
	for _, name := range []string{"sub", "user_id", "userId", "id"} {
		if id := idText(claims[name]); id != "" {
			return id
		}
	}
	var user map[string]jsontext.Value
	if claims["user"].Kind() == '{' && json.Unmarshal(claims["user"], &user) == nil {
		return idText(user["id"])
	}
	return ""
}

// idText returns an id that is a string or a whole number, or "" for other values.
func idText(v jsontext.Value) string {
	if v.Kind() == '0' && !strings.ContainsAny(string(v), ".eE-") {
		return string(v)
	}
	return text(v)
}

// text returns a JSON string, or "" for other values.
func text(v jsontext.Value) (s string) {
	if v.Kind() == '"' {
		_ = json.Unmarshal(v, &s) // cannot fail: the payload was parsed before
	}
	return s
}

// optional is text with nil for "".
func optional(v jsontext.Value) *string {
	if s := text(v); s != "" {
		return &s
	}
	return nil
}

// audience returns the values of aud, which is a string or a list of strings.
func audience(v jsontext.Value) (list []string) {
	if v.Kind() == '[' && json.Unmarshal(v, &list) == nil {
		return list
	}
	return []string{text(v)}
}

// date returns a NumericDate claim (RFC 7519, section 2): seconds since 1970, possibly with a fraction. It returns the
// zero time if the claim is absent, and a *Refusal if it is not a number or too large.
func date(claims map[string]jsontext.Value, name string) (time.Time, error) {
	v, found := claims[name]
	if !found {
		return time.Time{}, nil
	}
	seconds, err := strconv.ParseFloat(string(v), 64)
	// The bound, the end of the year 9999, keeps the result within the range of time.Time.
	if v.Kind() != '0' || err != nil || math.Abs(seconds) > 253402300799 {
		return time.Time{}, refuse("the token's %s is not a date", name)
	}
	whole, fraction := math.Modf(seconds)
	return time.Unix(int64(whole), int64(fraction*1e9)), nil
}
