package auth

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lestrrat-go/jwx/v2/jwt"
)

// Sign mints a token for a user with the shared secret, good for ttl, that a Verifier of the same
// configuration accepts.
// It is for development and tests; real tokens come from the auth server.
func Sign(config Config, user string, now time.Time, ttl time.Duration) (string, error) {
	if err := config.checkSecret(); err != nil {
		return "", err
	}
	if user == "" || len(user) > maxUserID || strings.ContainsRune(user, 0) || !utf8.ValidString(user) {
		return "", fmt.Errorf("the user's id must be UTF-8 text of 1 to %d bytes without NUL", maxUserID)
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
	signed, err := jwt.Sign(token, jwt.WithKey(secretAlgorithms[config.Algorithm], []byte(config.Secret)))
	return string(signed), err
}
