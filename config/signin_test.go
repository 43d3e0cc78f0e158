package config_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"taskql/auth"
	"taskql/config"
)

func TestSignIn(t *testing.T) {
	const signedIn = "BETTER_AUTH_SECRET=" + secret
	const origin, jwks = "https://app.example.com", "https://app.example.com/api/auth/jwks"
	four := []string{"EdDSA", "ES256", "RS256", "PS256"}
	keys := auth.Config{Algorithm: "HS256", KeyAlgorithms: four, KeyIssuers: []string{origin}, KeyAudiences: []string{origin}}
	with := func(c auth.Config, change func(*auth.Config)) auth.Config {
		change(&c)
		return c
	}
	for _, tt := range []struct {
		name              string
		pairs             []string
		want              auth.Config
		keysURL, keysFile string
	}{
		{"secret", []string{signedIn}, auth.Config{Secrets: []string{secret}, Algorithm: "HS256"}, "", ""},
		{"several secrets", []string{"BETTER_AUTH_SECRETS= 2:" + secret + "2 , 11:" + secret + ":1"}, auth.Config{Secrets: []string{secret + "2", secret + ":1"}, Algorithm: "HS256"}, "", ""},
		{"several secrets in quotes, and the old one", []string{"BETTER_AUTH_SECRETS=\"2:" + secret + "2\"", signedIn}, auth.Config{Secrets: []string{secret + "2", secret}, Algorithm: "HS256"}, "", ""},
		{"a secret twice", []string{"BETTER_AUTH_SECRETS=1:" + secret, signedIn}, auth.Config{Secrets: []string{secret}, Algorithm: "HS256"}, "", ""},
		{"a secret like a list", []string{"BETTER_AUTH_SECRET=2:" + secret + ",1:" + secret}, auth.Config{Secrets: []string{"2:" + secret + ",1:" + secret}, Algorithm: "HS256"}, "", ""},
		{"auth server", []string{"BETTER_AUTH_URL=" + origin}, keys, jwks, ""},
		{"with a slash", []string{"BETTER_AUTH_URL=" + origin + "/"}, keys, jwks, ""},
		{"with Better Auth's path", []string{"BETTER_AUTH_URL=" + origin + "/api/auth"}, keys, jwks, ""},
		{"with another path", []string{"BETTER_AUTH_URL=" + origin + "/login/"}, keys, origin + "/login/jwks", ""},
		{"with the scheme's own port", []string{"BETTER_AUTH_URL=https://APP.example.com:443"}, keys, jwks, ""},
		{"with an IPv6 address", []string{"BETTER_AUTH_URL=http://[::1]:3000"}, with(keys, func(c *auth.Config) {
			c.KeyIssuers, c.KeyAudiences = []string{"http://[::1]:3000"}, []string{"http://[::1]:3000"}
		}), "http://[::1]:3000/api/auth/jwks", ""},
		{"with a port", []string{"BETTER_AUTH_URL=http://localhost:3000"}, with(keys, func(c *auth.Config) {
			c.KeyIssuers, c.KeyAudiences = []string{"http://localhost:3000"}, []string{"http://localhost:3000"}
		}), "http://localhost:3000/api/auth/jwks", ""},
		{"both", []string{signedIn, "BETTER_AUTH_URL=" + origin, "JWT_ALGORITHM=HS256"}, with(keys, func(c *auth.Config) { c.Secrets = []string{secret} }), jwks, ""},
		{"keys alone by the algorithm", []string{signedIn, "BETTER_AUTH_URL=" + origin, "JWT_ALGORITHM=ES512, EdDSA"}, with(keys, func(c *auth.Config) {
			c.KeyAlgorithms = []string{"ES512", "EdDSA"}
		}), jwks, ""},
		{"both by the algorithm", []string{signedIn, "BETTER_AUTH_URL=" + origin, "JWT_ALGORITHM=HS512,EdDSA"}, with(keys, func(c *auth.Config) {
			c.Secrets, c.Algorithm, c.KeyAlgorithms = []string{secret}, "HS512", []string{"EdDSA"}
		}), jwks, ""},
		{"keys elsewhere", []string{"BETTER_AUTH_URL=" + origin, "JWKS_URL=http://auth:3000/keys"}, keys, "http://auth:3000/keys", ""},
		{"keys in a file", []string{"BETTER_AUTH_URL=" + origin, "JWKS_FILE=keys.json"}, keys, "", "keys.json"},
		{"issuer and audience", []string{"JWKS_FILE=keys.json", "JWT_ISSUER=a,b", "JWT_AUDIENCE=c"}, with(keys, func(c *auth.Config) {
			c.KeyIssuers, c.KeyAudiences = []string{"a", "b"}, []string{"c"}
		}), "", "keys.json"},
		{"for both kinds of token", []string{signedIn, "BETTER_AUTH_URL=" + origin, "JWT_AUDIENCE=c"}, with(keys, func(c *auth.Config) {
			c.Secrets, c.Audiences, c.KeyAudiences = []string{secret}, []string{"c"}, []string{"c"}
		}), jwks, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := config.Load(environment(tt.pairs...))
			if err != nil || !reflect.DeepEqual(c.Auth, tt.want) || c.KeysURL != tt.keysURL || c.KeysFile != tt.keysFile || c.Development {
				t.Errorf("Load(%q) = %+v, keys at %q %q, development %v, %v\nwant %+v, keys at %q %q", tt.pairs, c.Auth, c.KeysURL, c.KeysFile,
					c.Development, err, tt.want, tt.keysURL, tt.keysFile)
			}
		})
	}
}

func TestWrongSignIn(t *testing.T) {
	for _, tt := range []struct{ pairs, want string }{
		{"BETTER_AUTH_URL=app.example.com", "BETTER_AUTH_URL must be"},
		{"BETTER_AUTH_URL=ftp://app.example.com", "BETTER_AUTH_URL must be"},
		{"BETTER_AUTH_URL=https://user:hidden@app.example.com", "BETTER_AUTH_URL must be"},
		{"BETTER_AUTH_URL=https://", "BETTER_AUTH_URL must be"},
		{"BETTER_AUTH_URL=http://localhost:", "BETTER_AUTH_URL must be"},
		{"BETTER_AUTH_URL=http://localhost:99999", "BETTER_AUTH_URL must be"},
		{"BETTER_AUTH_URL=http://localhost:080", "BETTER_AUTH_URL must be"},
		{"BETTER_AUTH_URL=http://localhost:3000?x=1", "BETTER_AUTH_URL must be"},
		{"BETTER_AUTH_URL=http://localhost:3000#f", "BETTER_AUTH_URL must be"},
		{"BETTER_AUTH_URL=http://localhost:3000//", "BETTER_AUTH_URL must be"},
		{"JWT_ISSUER=https://a.example", "set BETTER_AUTH_URL or BETTER_AUTH_SECRET"},
		{"JWKS_URL=https://a.example/jwks", "JWT_ISSUER and JWT_AUDIENCE"},
		{"JWKS_FILE=keys.json JWT_ISSUER=a", "JWT_ISSUER and JWT_AUDIENCE"},
		{"BETTER_AUTH_URL=https://a.example JWKS_URL=nonsense", "JWKS_URL must be"},
		{"BETTER_AUTH_URL=https://a.example JWKS_URL=https://a.example/k JWKS_FILE=f", "JWKS_URL and JWKS_FILE are both set"},
		{"JWT_ALGORITHM=EdDSA", "JWT_ALGORITHM has EdDSA"},
		{"JWT_ALGORITHM=none", `JWT_ALGORITHM has "none"`},
		{"JWT_ALGORITHM=hs256", `JWT_ALGORITHM has "hs256"`},
		{"JWT_ALGORITHM=HS256,HS512", "JWT_ALGORITHM has HS256 and HS512"},
		{"BETTER_AUTH_URL=https://a.example BETTER_AUTH_SECRET=short", "BETTER_AUTH_SECRET has 5 bytes"},
		{"BETTER_AUTH_SECRETS=2:" + secret + ",1:hidden", "the secret 1 of BETTER_AUTH_SECRETS has 6 bytes"},
		{"BETTER_AUTH_SECRETS=2:" + secret + ",hidden" + secret, "entry 2 is not a version"},
		{"BETTER_AUTH_SECRETS=2:" + secret + ",", "entry 2 is not a version"},
		{"BETTER_AUTH_SECRETS=-1:" + secret, "entry 1 is not a version"},
		{"BETTER_AUTH_SECRETS=2hidden:" + secret, "entry 1 is not a version"},
		{"BETTER_AUTH_SECRETS=2:,1:" + secret, "entry 1 is not a version"},
		{"BETTER_AUTH_SECRETS=2:" + secret + ",02:" + secret + "x", "two secrets with the version 2"},
	} {
		_, err := config.Load(environment(strings.Fields(tt.pairs)...))
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hidden") || strings.Contains(err.Error(), secret) {
			t.Errorf("Load(%q) = %v, want an error with %q", tt.pairs, err, tt.want)
		}
	}
}

func TestChanged(t *testing.T) {
	before := environment("PORT=8000", "HOST= h ", "PATH=/bin", "JWT_SECRET="+secret)
	after := environment("PORT=8001", "HOST=h", "PATH=/usr/bin", "BETTER_AUTH_SECRET="+secret, "TRASH_DAYS=7", "NATS_URL=")
	if got, want := config.Changed(before, after), []string{"PORT", "TRASH_DAYS"}; !slices.Equal(got, want) {
		t.Errorf("Changed = %q, want %q", got, want)
	}
}

// TestPublicURL wants the tokens for agents to be those of the auth server for the address of the API for agents.
func TestPublicURL(t *testing.T) {
	for _, tt := range []struct {
		pairs            []string
		issuer, audience string
	}{
		{[]string{"BETTER_AUTH_URL=https://app.example.com", "PUBLIC_URL=https://Tasks.example.com:443/"}, "https://app.example.com/api/auth", "https://tasks.example.com/mcp"},
		{[]string{"BETTER_AUTH_URL=https://app.example.com/login", "PUBLIC_URL=http://localhost:8000"}, "https://app.example.com/login", "http://localhost:8000/mcp"},
		{[]string{"BETTER_AUTH_URL=https://app.example.com", "JWT_ISSUER=https://id.example.com,other", "PUBLIC_URL=https://tasks.example.com"}, "https://id.example.com", "https://tasks.example.com/mcp"},
		{[]string{"BETTER_AUTH_URL=https://app.example.com"}, "", ""},
		{[]string{"BETTER_AUTH_SECRET=" + secret, "PUBLIC_URL=https://tasks.example.com"}, "", "https://tasks.example.com/mcp"},
	} {
		c, err := config.Load(environment(tt.pairs...))
		if err != nil || strings.Join(c.Auth.AgentIssuers, " ") != tt.issuer || c.Auth.AgentAudience != tt.audience {
			t.Errorf("Load(%q) = %q, %q, %v, want %q, %q", tt.pairs, c.Auth.AgentIssuers, c.Auth.AgentAudience, err, tt.issuer, tt.audience)
		}
	}
	for _, wrong := range []string{"tasks.example.com", "https://example.com/tasks", "ftp://example.com", "https://example.com/?a", "https://"} {
		if _, err := config.Load(environment("PUBLIC_URL=" + wrong)); err == nil || !strings.Contains(err.Error(), "PUBLIC_URL") {
			t.Errorf("Load with PUBLIC_URL=%s = %v", wrong, err)
		}
	}
}
