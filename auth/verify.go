package auth

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jws"

	"taskql/models"
)

const (
	// MaxToken is the maximum size of a token in bytes.
	MaxToken  = 16 << 10
	maxUserID = 255 // bytes; longer ids do not fit into the database's indexes
	// MinSecret is the minimum length of a shared secret in bytes: the digest size of HS256 (RFC 7518, section 3.2).
	MinSecret = 32
	// skew is how far the clocks of the auth server and this one may differ.
	skew = 15 * time.Second
	// Verified tokens are cached for cacheTime. The cache holds at most maxCached tokens of at most maxCachedSize bytes,
	// 32 MB in all.
	cacheTime     = 5 * time.Minute
	maxCached     = 8192
	maxCachedSize = 4 << 10
)

// The signature algorithms that are supported, by name (RFC 7518, section 3.1; RFC 8037).
var (
	secretAlgorithms = map[string]jwa.SignatureAlgorithm{"HS256": jwa.HS256, "HS384": jwa.HS384, "HS512": jwa.HS512}
	// ES512 is not in DefaultKeyAlgorithms: one verification takes milliseconds.
	keyAlgorithms = map[string]jwa.SignatureAlgorithm{
		"EdDSA": jwa.EdDSA, "ES256": jwa.ES256, "RS256": jwa.RS256, "PS256": jwa.PS256, "ES512": jwa.ES512,
	}
)

// IsSecretAlgorithm reports whether name is a supported algorithm with a shared secret.
func IsSecretAlgorithm(name string) bool { return secretAlgorithms[name] != "" }

// IsKeyAlgorithm reports whether name is a supported algorithm with a public key.
func IsKeyAlgorithm(name string) bool { return keyAlgorithms[name] != "" }

// DefaultKeyAlgorithms returns the names of Better Auth's algorithms that are fast enough for every request.
func DefaultKeyAlgorithms() []string { return []string{"EdDSA", "ES256", "RS256", "PS256"} }

// Config states which tokens are valid. It has secrets, keys, or both. They have different algorithms, so a token
// that names one of the secret's is never verified with a key, nor the reverse.
type Config struct {
	// Secrets are the shared secrets, of MinSecret bytes or more each. Sign uses the first. If there are none, no token signed with a secret
	// is accepted.
	Secrets []string
	// Algorithm is the secrets' algorithm: HS256, HS384 or HS512.
	Algorithm string
	// Issuers and Audiences are the accepted values of iss and aud in tokens signed with a secret. If empty, the claim is
	// not checked and may be absent.
	Issuers, Audiences []string
	// Keys are the public keys of the auth server. If nil, no token signed with a key is accepted.
	Keys *Keys
	// KeyAlgorithms are the accepted algorithms of tokens signed with keys; not empty if Keys is set.
	KeyAlgorithms []string
	// KeyIssuers and KeyAudiences are the accepted values of iss and aud in tokens signed with keys; not empty if Keys is
	// set.
	KeyIssuers, KeyAudiences []string
	// AgentIssuers and AgentAudience are the iss and the aud of tokens signed with keys that are for agents alone; see User.ForAgents. If they are
	// empty, none is accepted.
	AgentIssuers  []string
	AgentAudience string
}

// Verifier decides whether a token is valid. It may be used from many goroutines.
type Verifier struct {
	// config has the secrets of the start; see set.
	config Config
	now    func() time.Time
	cache  *lru.Cache[string, verified]

	mu sync.Mutex // serialises SetSecrets
	// set are the present secrets.
	set atomic.Pointer[[]*secret]
}

// verified is a cached result of Verify.
type verified struct {
	user  *User
	until time.Time
}

// NewVerifier returns a verifier, or an error that names the invalid part of the configuration. now is the clock.
func NewVerifier(config Config, now func() time.Time) (*Verifier, error) {
	cache, err := lru.New[string, verified](maxCached)
	if err != nil {
		return nil, err
	}
	v := &Verifier{config: config, now: now, cache: cache}
	if err := v.SetSecrets(config.Secrets); err != nil {
		return nil, err
	}
	return v, nil
}

// Cached returns the number of verified tokens in the cache.
func (v *Verifier) Cached() int { return v.cache.Len() }

// check returns an error that names the invalid part of the configuration.
func (c Config) check() error {
	if len(c.Secrets) == 0 && c.Keys == nil {
		return errors.New("there is neither a secret nor keys to verify tokens with")
	}
	if c.Keys != nil && (len(c.KeyAlgorithms) == 0 || len(c.KeyIssuers) == 0 || len(c.KeyAudiences) == 0) {
		return errors.New("tokens signed with keys need an algorithm, an issuer and an audience to be checked against")
	}
	if len(c.Secrets) == 0 {
		return nil
	}
	return c.checkSecrets()
}

// Refusal is the error for a token that is not accepted. Its text is for the log and never contains the token. It wraps
// the *models.Error for the client: models.CodeUnauthenticated, with models.ReasonTokenExpired for an expired token, or
// models.CodeAuthUnavailable.
type Refusal struct {
	reason string
	public *models.Error
}

func (r *Refusal) Error() string { return r.reason }
func (r *Refusal) Unwrap() error { return r.public }

// refuse returns a *Refusal with models.CodeUnauthenticated.
func refuse(format string, args ...any) error {
	return &Refusal{fmt.Sprintf(format, args...), &models.Error{
		Code: models.CodeUnauthenticated, Message: "The access token is not valid.",
	}}
}

// expired returns a *Refusal with models.ReasonTokenExpired.
func expired(at time.Time) error {
	return &Refusal{"the token expired at " + at.UTC().Format(time.RFC3339), &models.Error{
		Code: models.CodeUnauthenticated, Message: "The access token has expired. Fetch a new one.", Reason: models.ReasonTokenExpired,
	}}
}

// Verify returns the user that an access token (a JWT in JWS compact form) names, or a *Refusal. It may read the keys
// again, and waits for that two seconds at most and not after ctx has ended.
func (v *Verifier) Verify(ctx context.Context, raw string) (*User, error) {
	now := v.now()
	if hit, ok := v.cache.Get(raw); ok {
		if now.Before(hit.until) && !hit.user.Revoked() {
			return hit.user, nil
		}
		v.cache.Remove(raw)
	}
	payload, trust, byKey, err := v.payload(ctx, raw)
	if err != nil {
		return nil, err
	}
	user, err := v.config.user(payload, byKey, now)
	if err != nil {
		return nil, err
	}
	user.trust = trust
	until := now.Add(cacheTime)
	if user.Expires.Before(until) {
		until = user.Expires
	}
	// Tokens that are valid only because clocks differ are not cached. Neither are huge ones, which take too much memory.
	if now.Before(until) && len(raw) <= maxCachedSize {
		v.cache.Add(strings.Clone(raw), verified{user, until})
	}
	return user, nil
}

// user checks the claims of a verified payload and returns the user that they name, or a *Refusal.
func (c Config) user(payload []byte, byKey bool, now time.Time) (*User, error) {
	if !byKey {
		return readClaims(payload, c.Issuers, c.Audiences, now)
	}
	if c.AgentAudience == "" || len(c.AgentIssuers) == 0 {
		return readClaims(payload, c.KeyIssuers, c.KeyAudiences, now)
	}
	// First, because a token for agents stays one if its other audiences would do for the rest of the API.
	agent, otherwise := readClaims(payload, c.AgentIssuers, []string{c.AgentAudience}, now)
	if otherwise == nil {
		agent.ForAgents = true
		return agent, nil
	}
	user, err := readClaims(payload, c.KeyIssuers, c.KeyAudiences, now)
	if err == nil {
		return user, nil
	}
	if refused, ok := err.(*Refusal); ok && otherwise.Error() != refused.reason {
		err = &Refusal{refused.reason + "; and for agents, " + otherwise.Error(), refused.public}
	}
	return nil, err
}

// payload checks a token's form, header and signature. It returns the payload and what has signed it, and whether that is a key. The error is a
// *Refusal.
func (v *Verifier) payload(ctx context.Context, raw string) (payload []byte, by *trust, byKey bool, err error) {
	if len(raw) > MaxToken {
		return nil, nil, false, refuse("the token has %d bytes, more than %d", len(raw), MaxToken)
	}
	if dots := strings.Count(raw, "."); dots != 2 {
		return nil, nil, false, refuse("not a JWT: it has %d dots; is it a session token?", dots)
	}
	if i := strings.IndexFunc(raw, notBase64URL); i >= 0 {
		return nil, nil, false, refuse("not a JWT: byte %d is not a base64url character", i)
	}
	header, err := readHeader(raw)
	if err != nil {
		return nil, nil, false, err
	}
	algorithm := jwa.SignatureAlgorithm(header.Algorithm)
	secrets := v.secrets()
	bySecret := len(secrets) > 0 && algorithm == secretAlgorithms[v.config.Algorithm]
	byKey = v.config.Keys != nil && slices.Contains(v.config.KeyAlgorithms, algorithm.String())
	if !bySecret && !byKey {
		return nil, nil, false, refuse("the token's alg is %.20q, which is not one of %s", algorithm, strings.Join(v.algorithms(), ", "))
	}
	if header.Critical != nil {
		return nil, nil, false, refuse("the token has critical headers")
	}
	if typ := strings.ToLower(header.Type); typ != "" && typ != "jwt" && typ != "at+jwt" {
		return nil, nil, false, refuse("the token's typ is %.20q", header.Type)
	}
	if bySecret {
		for _, secret := range secrets {
			if payload, err := jws.Verify([]byte(raw), jws.WithKey(algorithm, []byte(secret.text))); err == nil {
				return payload, &secret.trust, false, nil
			}
		}
		return nil, nil, false, refuse("the signature is not made with a configured secret")
	}
	if header.KeyID == "" {
		return nil, nil, false, refuse("the token names no key: it has no kid")
	}
	key, err := v.config.Keys.find(ctx, header.KeyID, algorithm)
	if err != nil {
		return nil, nil, false, err
	}
	payload, err = jws.Verify([]byte(raw), jws.WithKey(algorithm, key.public))
	if err != nil {
		return nil, nil, false, refuse("the signature is not made with the key %q", key.id)
	}
	return payload, &key.trust, true, nil
}

// header has the used fields of a token's header. The others are ignored, such as jwk and jku, a key and its address.
type header struct {
	Algorithm string         `json:"alg"`
	KeyID     string         `json:"kid"`
	Type      string         `json:"typ"`
	Critical  jsontext.Value `json:"crit"`
}

// maxHeader is the maximum length of a header in base64url characters. Better Auth's headers have about 80.
const maxHeader = 4 << 10

// readHeader parses a token's header before jwx does, because jwx takes milliseconds for maliciously built headers.
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

// notBase64URL reports whether r may not occur in a compact JWS (RFC 7515, section 2). jwx would accept padding and line
// breaks, so that one token could be written in many ways.
func notBase64URL(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' && r != '.'
}

// algorithms returns the names of all accepted algorithms.
func (v *Verifier) algorithms() (names []string) {
	if len(v.secrets()) > 0 {
		names = append(names, v.config.Algorithm)
	}
	if v.config.Keys != nil {
		names = append(names, v.config.KeyAlgorithms...)
	}
	return names
}

// errNoToken is a separate error, because RFC 6750 requires another challenge for a missing token than for an invalid
// one.
var errNoToken = &Refusal{"no token", &models.Error{
	Code: models.CodeUnauthenticated, Message: "Send an access token: Authorization: Bearer …",
}}

// isMissing reports whether err means that there was no token at all.
func isMissing(err error) bool { return errors.Is(err, errNoToken) }
