package auth

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lestrrat-go/jwx/v2/jwt"
)

// Sign returns a token for a user that is signed with the first shared secret and expires after ttl. A Verifier with the same
// configuration accepts it. Sign fails for a secret, a user id or a ttl that the Verifier would refuse.
// It is for development and tests; in production the auth server issues the tokens.
func Sign(config Config, user string, now time.Time, ttl time.Duration) (string, error) {
	if len(config.Secrets) == 0 {
		return "", errors.New("there is no secret to sign with")
	}
	if err := config.checkSecrets(); err != nil {
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
	signed, err := jwt.Sign(token, jwt.WithKey(secretAlgorithms[config.Algorithm], []byte(config.Secrets[0])))
	return string(signed), err
}
