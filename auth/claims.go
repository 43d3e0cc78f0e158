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

// readClaims checks the claims of a verified payload and reads the user from them. Empty lists of
// issuers or audiences accept all.
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
	// The session_data cookie has the user's row in user.
	var row map[string]jsontext.Value
	if claims["user"].Kind() == '{' {
		_ = json.Unmarshal(claims["user"], &row)
	}
	about := func(name string) *string {
		if s := optional(claims[name]); s != nil {
			return s
		}
		return optional(row[name])
	}
	return &User{ID: id, Name: about("name"), Email: about("email"), CreatedAt: about("createdAt"), Expires: expires}, nil
}

// maxLifetime is far below the 292 years of a time.Duration, so that no deadline that is computed from User.Expires
// overflows.
const maxLifetime = 100 * 365 * 24 * time.Hour

// clamped returns the expiry, at most maxLifetime from now.
func clamped(expires, now time.Time) time.Time {
	if limit := now.Add(maxLifetime); expires.After(limit) {
		return limit
	}
	return expires
}

// isConfirmation reports whether the claims are those of Better Auth's e-mail confirmation links, which it signs
// with the secret. In 1.7.25 they have userId, so nothing but the names tells them from an access token.
func isConfirmation(claims map[string]jsontext.Value) bool {
	for name := range claims {
		if !slices.Contains([]string{"email", "updateTo", "requestType", "userId", "iat", "exp"}, name) {
			return false
		}
	}
	return claims["email"] != nil
}

// userID is the first non-empty of the claims that the issuers in use put the user in.
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

// idText reads an id that is a string or a whole number.
func idText(v jsontext.Value) string {
	if v.Kind() == '0' && !strings.ContainsAny(string(v), ".eE-") {
		return string(v)
	}
	return text(v)
}

// text reads a JSON string; "" when it is something else.
func text(v jsontext.Value) (s string) {
	if v.Kind() == '"' {
		_ = json.Unmarshal(v, &s) // it is valid: it was read as part of the payload
	}
	return s
}

func optional(v jsontext.Value) *string {
	if s := text(v); s != "" {
		return &s
	}
	return nil
}

// audience reads aud, which is a string or a list of strings.
func audience(v jsontext.Value) (list []string) {
	if v.Kind() == '[' && json.Unmarshal(v, &list) == nil {
		return list
	}
	return []string{text(v)}
}

// date reads a NumericDate (RFC 7519, section 2): seconds since 1970, a fraction allowed. The zero
// time stands for a claim that is not there.
func date(claims map[string]jsontext.Value, name string) (time.Time, error) {
	v, found := claims[name]
	if !found {
		return time.Time{}, nil
	}
	seconds, err := strconv.ParseFloat(string(v), 64)
	// The bound keeps the sum below inside what time.Time can hold: it is the year 9999.
	if v.Kind() != '0' || err != nil || math.Abs(seconds) > 253402300799 {
		return time.Time{}, refuse("the token's %s is not a date", name)
	}
	whole, fraction := math.Modf(seconds)
	return time.Unix(int64(whole), int64(fraction*1e9)), nil
}
