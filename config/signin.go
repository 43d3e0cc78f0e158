package config

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"taskql/auth"
)

// checkSignIn reads which tokens are good: those signed with the shared secret, those signed with
// the auth server's keys, or both.
func checkSignIn(c *Config, v variables) error {
	secret, keys, err := algorithms(v.JWTAlgorithm)
	if err != nil {
		return err
	}
	c.Auth.Algorithm = "HS256"
	if len(secret) > 0 {
		c.Auth.Algorithm = secret[0]
	}
	if n := len(v.BetterAuthSecret); n > 0 && n < auth.MinSecret {
		return fmt.Errorf("BETTER_AUTH_SECRET has %d bytes, but needs %d or more: make one with `openssl rand -base64 32`", n, auth.MinSecret)
	}
	// Asymmetric algorithms alone leave the secret out.
	if v.BetterAuthSecret != "" && (len(keys) == 0 || len(secret) > 0) {
		c.Auth.Secret = v.BetterAuthSecret
		c.Auth.Issuers, c.Auth.Audiences = trimmed(v.JWTIssuer), trimmed(v.JWTAudience)
	}
	if v.BetterAuthURL == "" && v.JWKSURL == "" && v.JWKSFile == "" {
		if len(keys) > 0 {
			return fmt.Errorf("JWT_ALGORITHM has %s, whose tokens are verified with keys: set BETTER_AUTH_URL", keys[0])
		}
		if c.Development && len(trimmed(v.JWTIssuer))+len(trimmed(v.JWTAudience)) > 0 {
			return errors.New("JWT_ISSUER and JWT_AUDIENCE are for tokens that no setting accepts: set BETTER_AUTH_URL or BETTER_AUTH_SECRET")
		}
		return nil
	}
	if c.Auth.KeyAlgorithms = keys; len(keys) == 0 {
		c.Auth.KeyAlgorithms = auth.DefaultKeyAlgorithms()
	}
	return checkKeys(c, v)
}

// algorithms sorts JWT_ALGORITHM into those of the secret, one at most, and those of keys.
func algorithms(names []string) (secret, keys []string, err error) {
	for _, name := range trimmed(names) {
		switch {
		case auth.IsSecretAlgorithm(name):
			secret = append(secret, name)
		case auth.IsKeyAlgorithm(name):
			keys = append(keys, name)
		default:
			return nil, nil, fmt.Errorf("JWT_ALGORITHM has %q, but must be of HS256, HS384, HS512, EdDSA, ES256, RS256, PS256 and ES512", name)
		}
	}
	if len(secret) > 1 {
		return nil, nil, fmt.Errorf("JWT_ALGORITHM has %s and %s, but the secret serves one algorithm only", secret[0], secret[1])
	}
	return secret, keys, nil
}

// checkKeys finds where the keys are, and the issuer and audience of what they sign: the origin of
// the auth server, unless others are named.
func checkKeys(c *Config, v variables) error {
	c.Auth.KeyIssuers, c.Auth.KeyAudiences = trimmed(v.JWTIssuer), trimmed(v.JWTAudience)
	if v.BetterAuthURL != "" {
		base, err := webAddress("BETTER_AUTH_URL", v.BetterAuthURL)
		if err != nil {
			return err
		}
		if base.RawQuery != "" || strings.Contains(base.Path, "//") {
			return errors.New("BETTER_AUTH_URL must be the auth server's address alone, such as https://app.example.com")
		}
		origin := base.Scheme + "://" + base.Host
		if len(c.Auth.KeyIssuers) == 0 {
			c.Auth.KeyIssuers = []string{origin}
		}
		if len(c.Auth.KeyAudiences) == 0 {
			c.Auth.KeyAudiences = []string{origin}
		}
		// Better Auth's own base URL may have the path already.
		path := strings.TrimSuffix(base.Path, "/")
		if path == "" {
			path = "/api/auth"
		}
		c.KeysURL = origin + path + "/jwks"
	} else if len(c.Auth.KeyIssuers) == 0 || len(c.Auth.KeyAudiences) == 0 {
		return errors.New("JWKS_URL and JWKS_FILE need JWT_ISSUER and JWT_AUDIENCE, or BETTER_AUTH_URL, to check tokens against")
	}
	switch {
	case v.JWKSURL != "" && v.JWKSFile != "":
		return errors.New("JWKS_URL and JWKS_FILE are both set: the keys are read from one place only")
	case v.JWKSFile != "":
		c.KeysURL, c.KeysFile = "", v.JWKSFile
	case v.JWKSURL != "":
		address, err := webAddress("JWKS_URL", v.JWKSURL)
		if err != nil {
			return err
		}
		c.KeysURL = address.String()
	}
	return nil
}

// webAddress reads an absolute http or https URL, and gives its origin the form that tokens have:
// lower case, and no port where it is the scheme's own.
func webAddress(setting, text string) (*url.URL, error) {
	address, err := url.Parse(text)
	wrong := fmt.Errorf("%s must be an http or https URL such as https://app.example.com", setting)
	if err != nil || address.Scheme != "http" && address.Scheme != "https" || address.Hostname() == "" || address.User != nil || address.Fragment != "" {
		return nil, wrong
	}
	if _, port, found := strings.Cut(address.Host[strings.LastIndex(address.Host, "]")+1:], ":"); found {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 || port[0] == '0' {
			return nil, wrong
		}
	}
	address.Host = strings.ToLower(address.Host)
	if port := address.Port(); port == "80" && address.Scheme == "http" || port == "443" && address.Scheme == "https" {
		address.Host = strings.TrimSuffix(address.Host, ":"+port)
	}
	return address, nil
}
