package auth

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
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
	// rememberedSize is the most bytes of one: all of them take 32 MB then.
	rememberedSize = 4 << 10
)

// The algorithms that tokens may be signed with, by their names (RFC 7518, section 3.1; RFC 8037).
var (
	secretAlgorithms = map[string]jwa.SignatureAlgorithm{"HS256": jwa.HS256, "HS384": jwa.HS384, "HS512": jwa.HS512}
	// ES512 is not among the defaults: one verification takes milliseconds.
	keyAlgorithms = map[string]jwa.SignatureAlgorithm{
		"EdDSA": jwa.EdDSA, "ES256": jwa.ES256, "RS256": jwa.RS256, "PS256": jwa.PS256, "ES512": jwa.ES512,
	}
)

// IsSecretAlgorithm reports whether name is that of an algorithm with a shared secret.
func IsSecretAlgorithm(name string) bool { return secretAlgorithms[name] != "" }

// IsKeyAlgorithm reports whether name is that of an algorithm with a public key.
func IsKeyAlgorithm(name string) bool { return keyAlgorithms[name] != "" }

// DefaultKeyAlgorithms are those of Better Auth that are cheap enough for every request.
func DefaultKeyAlgorithms() []string { return []string{"EdDSA", "ES256", "RS256", "PS256"} }

// Config says which tokens are good. It has a secret, keys, or both; the header of a token never
// decides which of them verifies it.
type Config struct {
	// Secret signs tokens, as the bytes of its text: MinSecret of them or more. Empty: none does.
	Secret string
	// Algorithm is that of the secret: HS256, HS384 or HS512.
	Algorithm string
	// Issuers and Audiences are the accepted values of iss and aud in tokens signed with the secret;
	// empty accepts all, also none.
	Issuers, Audiences []string
	// Keys verify tokens signed by the auth server. Nil: none do.
	Keys *Keys
	// KeyAlgorithms are the accepted ones of tokens signed with keys.
	KeyAlgorithms []string
	// KeyIssuers and KeyAudiences are the accepted values of iss and aud in those tokens; not empty.
	KeyIssuers, KeyAudiences []string
}

// Verifier decides whether a token is good. It may be used from many goroutines.
type Verifier struct {
	config   Config
	now      func() time.Time
	verified *lru.Cache[string, verified]
}

type verified struct {
	user  *User
	until time.Time
	// key is what the token is signed with; nil for the secret.
	key *key
}

// NewVerifier returns a verifier, or an error that says which part of the configuration is wrong.
func NewVerifier(config Config, now func() time.Time) (*Verifier, error) {
	if config.Secret == "" && config.Keys == nil {
		return nil, errors.New("there is neither a secret nor keys to verify tokens with")
	}
	if config.Secret != "" {
		if err := config.checkSecret(); err != nil {
			return nil, err
		}
	}
	if config.Keys != nil && (len(config.KeyAlgorithms) == 0 || len(config.KeyIssuers) == 0 || len(config.KeyAudiences) == 0) {
		return nil, errors.New("tokens signed with keys need an algorithm, an issuer and an audience to be checked against")
	}
	cache, err := lru.New[string, verified](rememberedMax)
	if err != nil {
		return nil, err
	}
	return &Verifier{config: config, now: now, verified: cache}, nil
}

func (c Config) checkSecret() error {
	if !IsSecretAlgorithm(c.Algorithm) {
		return fmt.Errorf("the algorithm %q is none of HS256, HS384 and HS512", c.Algorithm)
	}
	if len(c.Secret) < MinSecret {
		return fmt.Errorf("the secret has %d bytes, but needs %d or more", len(c.Secret), MinSecret)
	}
	return nil
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

// Verify returns the user that an access token in JWS compact form names, or a *Refusal. It may wait
// for the keys to be read, two seconds at most and not after ctx has ended.
func (v *Verifier) Verify(ctx context.Context, raw string) (*User, error) {
	now := v.now()
	if hit, ok := v.verified.Get(raw); ok {
		if now.Before(hit.until) && (hit.key == nil || !hit.key.gone.Load()) {
			return hit.user, nil
		}
		v.verified.Remove(raw)
	}
	payload, key, err := v.payload(ctx, raw)
	if err != nil {
		return nil, err
	}
	issuers, audiences := v.config.Issuers, v.config.Audiences
	if key != nil {
		issuers, audiences = v.config.KeyIssuers, v.config.KeyAudiences
	}
	user, err := readClaims(payload, issuers, audiences, now)
	if err != nil {
		return nil, err
	}
	until := now.Add(remembered)
	if user.Expires.Before(until) {
		until = user.Expires
	}
	// A token in its last seconds of grace is good, but not worth remembering; a huge one costs too
	// much memory.
	if now.Before(until) && len(raw) <= rememberedSize {
		v.verified.Add(strings.Clone(raw), verified{user, until, key})
	}
	return user, nil
}

// payload checks form, header and signature, and returns the key that made it, nil for the secret.
func (v *Verifier) payload(ctx context.Context, raw string) ([]byte, *key, error) {
	if len(raw) > maxToken {
		return nil, nil, refuse("the token has %d bytes, more than %d", len(raw), maxToken)
	}
	if dots := strings.Count(raw, "."); dots != 2 {
		return nil, nil, refuse("not a JWT: it has %d dots; a session token perhaps?", dots)
	}
	if i := strings.IndexFunc(raw, notBase64URL); i >= 0 {
		return nil, nil, refuse("not a JWT: byte %d is none of base64url", i)
	}
	header, err := readHeader(raw)
	if err != nil {
		return nil, nil, err
	}
	algorithm := jwa.SignatureAlgorithm(header.Algorithm)
	bySecret := v.config.Secret != "" && algorithm == secretAlgorithms[v.config.Algorithm]
	byKey := v.config.Keys != nil && slices.Contains(v.config.KeyAlgorithms, algorithm.String())
	if !bySecret && !byKey {
		return nil, nil, refuse("the token's alg is %.20q, which is not one of %s", algorithm, strings.Join(v.config.algorithms(), ", "))
	}
	if header.Critical != nil {
		return nil, nil, refuse("the token has critical headers")
	}
	if typ := strings.ToLower(header.Type); typ != "" && typ != "jwt" && typ != "at+jwt" {
		return nil, nil, refuse("the token's typ is %.20q", header.Type)
	}
	if bySecret {
		payload, err := jws.Verify([]byte(raw), jws.WithKey(algorithm, []byte(v.config.Secret)))
		if err != nil {
			return nil, nil, refuse("the signature is not made with the configured secret")
		}
		return payload, nil, nil
	}
	if header.KeyID == "" {
		return nil, nil, refuse("the token names no key: it has no kid")
	}
	key, err := v.config.Keys.find(ctx, header.KeyID, algorithm)
	if err != nil {
		return nil, nil, err
	}
	payload, err := jws.Verify([]byte(raw), jws.WithKey(algorithm, key.public))
	if err != nil {
		return nil, nil, refuse("the signature is not made with the key %q", key.id)
	}
	return payload, key, nil
}

// header is what counts of a token's header. The rest, a key or its address among it, is not looked at.
type header struct {
	Algorithm string         `json:"alg"`
	KeyID     string         `json:"kid"`
	Type      string         `json:"typ"`
	Critical  jsontext.Value `json:"crit"`
}

// maxHeader is how many characters of base64url a header may have. Better Auth's have some eighty.
const maxHeader = 4 << 10

// readHeader reads a token's header before jwx does, which spends milliseconds on some that are made for it.
func readHeader(raw string) (h header, err error) {
	encoded, _, _ := strings.Cut(raw, ".")
	if len(encoded) > maxHeader {
		return h, refuse("the token's header is too long")
	}
	text, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil || json.Unmarshal(text, &h) != nil {
		return h, refuse("not a JWT: its header cannot be read")
	}
	return h, nil
}

// notBase64URL finds what has no place in a compact JWS (RFC 7515, section 2). jwx would take padding and line
// breaks, so that one token had many spellings.
func notBase64URL(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' && r != '.'
}

// algorithms are the accepted ones.
func (c Config) algorithms() (names []string) {
	if c.Secret != "" {
		names = append(names, c.Algorithm)
	}
	if c.Keys != nil {
		names = append(names, c.KeyAlgorithms...)
	}
	return names
}

// errNoToken is kept apart from a bad token, because RFC 6750 wants another challenge for it.
var errNoToken = &Refusal{"no token", &models.Error{
	Code: models.CodeUnauthenticated, Message: "Send an access token: Authorization: Bearer …",
}}

// isMissing reports whether err says that there was no token at all.
func isMissing(err error) bool { return errors.Is(err, errNoToken) }
