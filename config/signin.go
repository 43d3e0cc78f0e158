package config

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"taskql/auth"
)

// checkSignIn sets which tokens are accepted: those signed with the shared secret, those signed with the auth server's
// keys, or both.
func checkSignIn(c *Config, v variables) error {
	secret, keys, err := algorithms(v.JWTAlgorithm)
	if err != nil {
		return err
	}
	c.Auth.Algorithm = "HS256"
	if len(secret) > 0 {
		c.Auth.Algorithm = secret[0]
	}
	secrets, err := secretList(v)
	if err != nil {
		return err
	}
	// If JWT_ALGORITHM lists algorithms for keys only, the secrets are not used.
	if len(secrets) > 0 && (len(keys) == 0 || len(secret) > 0) {
		c.Auth.Secrets = secrets
		c.Auth.Issuers, c.Auth.Audiences = trimmed(v.JWTIssuer), trimmed(v.JWTAudience)
	}
	if v.BetterAuthURL == "" && v.JWKSURL == "" && v.JWKSFile == "" {
		if len(keys) > 0 {
			return fmt.Errorf("JWT_ALGORITHM has %s, whose tokens are verified with keys: set BETTER_AUTH_URL", keys[0])
		}
		if c.Development && len(trimmed(v.JWTIssuer))+len(trimmed(v.JWTAudience)) > 0 {
			return errors.New("JWT_ISSUER and JWT_AUDIENCE have no effect without sign-in: set BETTER_AUTH_URL or BETTER_AUTH_SECRET")
		}
		return nil
	}
	if c.Auth.KeyAlgorithms = keys; len(keys) == 0 {
		c.Auth.KeyAlgorithms = auth.DefaultKeyAlgorithms()
	}
	return checkKeys(c, v)
}

// secretList returns the secrets of BETTER_AUTH_SECRETS, and that of BETTER_AUTH_SECRET as the last. Better Auth reads both
// in the same way: BETTER_AUTH_SECRETS is "2:new,1:old", and its first secret signs. A version says nothing about the order.
func secretList(v variables) (secrets []string, err error) {
	versions := map[uint64]bool{}
	for i, entry := range strings.Split(v.BetterAuthSecrets, ",") {
		if v.BetterAuthSecrets == "" {
			break
		}
		name, text, _ := strings.Cut(strings.TrimSpace(entry), ":")
		version, err := strconv.ParseUint(name, 10, 32)
		if text = strings.TrimSpace(text); err != nil || text == "" {
			return nil, fmt.Errorf("BETTER_AUTH_SECRETS must be a comma list such as 2:NEW,1:OLD, but entry %d is not a version, a colon and a secret", i+1)
		}
		if versions[version] {
			return nil, fmt.Errorf("BETTER_AUTH_SECRETS has two secrets with the version %d", version)
		}
		versions[version] = true
		if err := checkLength(fmt.Sprintf("the secret %d of BETTER_AUTH_SECRETS", version), text); err != nil {
			return nil, err
		}
		secrets = append(secrets, text)
	}
	if text := v.BetterAuthSecret; text != "" && !slices.Contains(secrets, text) {
		secrets = append(secrets, text)
		return secrets, checkLength(BetterAuthSecret, text)
	}
	return secrets, nil
}

func checkLength(what, secret string) error {
	if n := len(secret); n < auth.MinSecret {
		return fmt.Errorf("%s has %d bytes, but must have %d or more: create one with `openssl rand -base64 32`", what, n, auth.MinSecret)
	}
	return nil
}

// algorithms splits JWT_ALGORITHM into the algorithms for the secret, at most one, and those for keys.
func algorithms(names []string) (secret, keys []string, err error) {
	for _, name := range trimmed(names) {
		switch {
		case auth.IsSecretAlgorithm(name):
			secret = append(secret, name)
		case auth.IsKeyAlgorithm(name):
			keys = append(keys, name)
		default:
			return nil, nil, fmt.Errorf("JWT_ALGORITHM has %q, but the algorithms are HS256, HS384, HS512, EdDSA, ES256, RS256, PS256 and ES512", name)
		}
	}
	if len(secret) > 1 {
		return nil, nil, fmt.Errorf("JWT_ALGORITHM has %s and %s, but the secret has one algorithm only", secret[0], secret[1])
	}
	return secret, keys, nil
}

// checkKeys sets where the keys are read from, and the accepted issuers and audiences of tokens signed with them. Both
// default to the origin of BETTER_AUTH_URL.
func checkKeys(c *Config, v variables) error {
	c.Auth.KeyIssuers, c.Auth.KeyAudiences = trimmed(v.JWTIssuer), trimmed(v.JWTAudience)
	for _, issuer := range c.Auth.KeyIssuers {
		if _, err := webAddress("JWT_ISSUER", issuer); err == nil {
			c.AuthorizationServers = append(c.AuthorizationServers, issuer)
		}
	}
	if v.BetterAuthURL != "" {
		base, err := webAddress("BETTER_AUTH_URL", v.BetterAuthURL)
		if err != nil {
			return err
		}
		if base.RawQuery != "" || strings.Contains(base.Path, "//") {
			return errors.New("BETTER_AUTH_URL must be the auth server's address alone, such as https://app.example.com")
		}
		origin := base.Scheme + "://" + base.Host
		// The address may include the path, as Better Auth's baseURL does.
		path := strings.TrimSuffix(base.Path, "/")
		if path == "" {
			path = "/api/auth"
		}
		if len(c.Auth.KeyIssuers) == 0 {
			c.Auth.KeyIssuers, c.AuthorizationServers = []string{origin}, []string{origin + path} // the issuer of Better Auth's OAuth plugin
		}
		if len(c.Auth.KeyAudiences) == 0 {
			c.Auth.KeyAudiences = []string{origin}
		}
		c.AuthURL = origin + path
		c.KeysURL = c.AuthURL + "/jwks"
	} else if len(c.Auth.KeyIssuers) == 0 || len(c.Auth.KeyAudiences) == 0 {
		return errors.New("JWKS_URL and JWKS_FILE need JWT_ISSUER and JWT_AUDIENCE, or BETTER_AUTH_URL, to check tokens against")
	}
	switch {
	case v.JWKSURL != "" && v.JWKSFile != "":
		return errors.New("JWKS_URL and JWKS_FILE are both set, but the keys are read from one source only: remove one of them")
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

// webAddress parses an absolute http or https URL. It normalises the host as the auth server does in iss and aud: lower
// case, and without the scheme's default port.
func webAddress(setting, text string) (*url.URL, error) {
	address, err := url.Parse(text)
	invalid := fmt.Errorf("%s must be an http or https URL such as https://app.example.com", setting)
	if err != nil || address.Scheme != "http" && address.Scheme != "https" || address.Hostname() == "" || address.User != nil || address.Fragment != "" {
		return nil, invalid
	}
	if _, port, found := strings.Cut(address.Host[strings.LastIndex(address.Host, "]")+1:], ":"); found {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 || port[0] == '0' {
			return nil, invalid
		}
	}
	address.Host = strings.ToLower(address.Host)
	if port := address.Port(); port == "80" && address.Scheme == "http" || port == "443" && address.Scheme == "https" {
		address.Host = strings.TrimSuffix(address.Host, ":"+port)
	}
	return address, nil
}
