package auth

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/hashicorp/golang-lru/v2"
	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jws"

	"taskql/models"
)

const (
	maxToken  = 16 << 10 // bytes
	maxUserID = 255      // bytes; longer ones do not fit the database's indexes
	// MinSecret is the least length of a shared secret in bytes: that of HS256's digest (RFC 7518, section 3.2).
	MinSecret = 32
	// skew is how far the clocks of the auth server and this one may differ.
	skew = 15 * time.Second
	// Verified tokens are remembered this long, and this many of them.
	remembered    = 5 * time.Minute
	rememberedMax = 8192
)

// Algorithms are the names that Config.Algorithm takes.
var algorithms = map[string]jwa.SignatureAlgorithm{
	"HS256": jwa.HS256,
	"HS384": jwa.HS384,
	"HS512": jwa.HS512,
}

// Config says which tokens are good.
type Config struct {
	// Secret signs the tokens, as the bytes of its text. At least MinSecret of them.
	Secret string
	// Algorithm is HS256, HS384 or HS512.
	Algorithm string
	// Issuers and Audiences are the accepted values of iss and aud; empty accepts all.
	Issuers, Audiences []string
}

// Verifier decides whether a token is good. It may be used from many goroutines.
type Verifier struct {
	config    Config
	algorithm jwa.SignatureAlgorithm
	now       func() time.Time
	verified  *lru.Cache[string, verified]
}

type verified struct {
	user  *User
	until time.Time
}

// NewVerifier returns a verifier, or an error that says which part of the configuration is wrong.
func NewVerifier(config Config, now func() time.Time) (*Verifier, error) {
	algorithm, ok := algorithms[config.Algorithm]
	if !ok {
		return nil, fmt.Errorf("the algorithm %q is none of HS256, HS384 and HS512", config.Algorithm)
	}
	if len(config.Secret) < MinSecret {
		return nil, fmt.Errorf("the secret has %d bytes, but needs %d or more", len(config.Secret), MinSecret)
	}
	cache, err := lru.New[string, verified](rememberedMax)
	if err != nil {
		return nil, err
	}
	return &Verifier{config: config, algorithm: algorithm, now: now, verified: cache}, nil
}

// Refusal is why a token was refused. Its text is for the log; it wraps the *models.Error for the caller.
type Refusal struct {
	why    string
	public *models.Error
}

func (r *Refusal) Error() string { return r.why }
func (r *Refusal) Unwrap() error { return r.public }

func refuse(format string, args ...any) error {
	return &Refusal{fmt.Sprintf(format, args...), &models.Error{
		Code: models.CodeUnauthenticated, Message: "The access token is not valid.",
	}}
}

func expired(at time.Time) error {
	return &Refusal{"the token expired at " + at.UTC().Format(time.RFC3339), &models.Error{
		Code: models.CodeUnauthenticated, Message: "The access token has expired. Fetch a new one.", Reason: models.ReasonTokenExpired,
	}}
}

// Verify returns the user that an access token in JWS compact form names, or a *Refusal.
func (v *Verifier) Verify(raw string) (*User, error) {
	now := v.now()
	if hit, ok := v.verified.Get(raw); ok {
		if now.Before(hit.until) {
			return hit.user, nil
		}
		v.verified.Remove(raw)
	}
	payload, err := v.payload(raw)
	if err != nil {
		return nil, err
	}
	user, expires, err := v.user(payload, now)
	if err != nil {
		return nil, err
	}
	until := now.Add(remembered)
	if expires.Before(until) {
		until = expires
	}
	// A token in its last seconds of grace is good, but not worth remembering.
	if now.Before(until) {
		v.verified.Add(strings.Clone(raw), verified{user, until})
	}
	return user, nil
}

// payload checks form, header and signature. The configuration alone chooses key and algorithm.
func (v *Verifier) payload(raw string) ([]byte, error) {
	if len(raw) > maxToken {
		return nil, refuse("the token has %d bytes, more than %d", len(raw), maxToken)
	}
	if dots := strings.Count(raw, "."); dots != 2 {
		return nil, refuse("not a JWT: it has %d dots; a session token perhaps?", dots)
	}
	message, err := jws.Parse([]byte(raw), jws.WithCompact())
	if err != nil || len(message.Signatures()) != 1 {
		return nil, refuse("not a JWT: its header or payload cannot be read")
	}
	header := message.Signatures()[0].ProtectedHeaders()
	if header.Algorithm() != v.algorithm {
		return nil, refuse("the token's alg is %q, not %s", header.Algorithm(), v.algorithm)
	}
	if _, found := header.Get(jws.CriticalKey); found {
		return nil, refuse("the token has critical headers")
	}
	if typ := strings.ToLower(header.Type()); typ != "" && typ != "jwt" && typ != "at+jwt" {
		return nil, refuse("the token's typ is %q", header.Type())
	}
	payload, err := jws.Verify([]byte(raw), jws.WithKey(v.algorithm, []byte(v.config.Secret)))
	if err != nil {
		return nil, refuse("the signature is not made with the configured secret")
	}
	return payload, nil
}

// user checks the claims and reads the user from them.
func (v *Verifier) user(payload []byte, now time.Time) (*User, time.Time, error) {
	var claims map[string]jsontext.Value
	if err := json.Unmarshal(payload, &claims); err != nil || claims == nil {
		return nil, time.Time{}, refuse("the payload is not a JSON object without repeated names")
	}
	expires, err := date(claims, "exp")
	if err != nil {
		return nil, expires, err
	}
	if expires.IsZero() {
		return nil, expires, refuse("the token has no exp")
	}
	if !now.Before(expires.Add(skew)) {
		return nil, expires, expired(expires)
	}
	for _, name := range []string{"nbf", "iat"} {
		from, err := date(claims, name)
		if err != nil {
			return nil, expires, err
		}
		if from.After(now.Add(skew)) {
			return nil, expires, refuse("the token's %s lies in the future", name)
		}
	}
	if accepted := v.config.Issuers; len(accepted) > 0 && !slices.Contains(accepted, text(claims["iss"])) {
		return nil, expires, refuse("the token's iss is not an accepted one")
	}
	if accepted := v.config.Audiences; len(accepted) > 0 && !slices.ContainsFunc(audience(claims["aud"]), func(a string) bool {
		return slices.Contains(accepted, a)
	}) {
		return nil, expires, refuse("the token's aud is not an accepted one")
	}
	id := userID(claims)
	switch {
	case id == "":
		return nil, expires, refuse("the token names no user")
	case len(id) > maxUserID:
		return nil, expires, refuse("the token's user id has more than %d bytes", maxUserID)
	case strings.ContainsRune(id, 0):
		return nil, expires, refuse("the token's user id contains a NUL character")
	}
	return &User{ID: id, Name: optional(claims["name"]), Email: optional(claims["email"])}, expires, nil
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

// errNoToken is kept apart from a bad token, because RFC 6750 wants another challenge for it.
var errNoToken = &Refusal{"no token", &models.Error{
	Code: models.CodeUnauthenticated, Message: "Send an access token: Authorization: Bearer …",
}}

// isMissing reports whether err says that there was no token at all.
func isMissing(err error) bool { return errors.Is(err, errNoToken) }
