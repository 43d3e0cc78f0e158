package auth

import (
	"errors"
	"fmt"
	"time"

	"github.com/lestrrat-go/jwx/v2/jwt"
)

// Sign mints a token for a user, good for ttl, that a Verifier of the same configuration accepts.
// It is for development and tests; real tokens come from the auth server.
func Sign(config Config, user string, now time.Time, ttl time.Duration) (string, error) {
	algorithm, ok := algorithms[config.Algorithm]
	if !ok {
		return "", fmt.Errorf("the algorithm %q is none of HS256, HS384 and HS512", config.Algorithm)
	}
	if user == "" {
		return "", errors.New("the user's id is empty")
	}
	if ttl <= 0 {
		return "", errors.New("the time to live is not positive")
	}
	builder := jwt.NewBuilder().Subject(user).IssuedAt(now).Expiration(now.Add(ttl))
	if len(config.Issuers) > 0 {
		builder = builder.Issuer(config.Issuers[0])
	}
	if len(config.Audiences) > 0 {
		builder = builder.Audience(config.Audiences[:1])
	}
	token, err := builder.Build()
	if err != nil {
		return "", err
	}
	signed, err := jwt.Sign(token, jwt.WithKey(algorithm, []byte(config.Secret)))
	return string(signed), err
}
