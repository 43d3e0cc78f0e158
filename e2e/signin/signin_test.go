package signin

import (
	"encoding/json"
	"maps"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jws"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// TestBetterAuth runs taskql with real Better Auth servers.
func TestBetterAuth(t *testing.T) {
	t.Parallel()
	servers := startAuthServers(t)
	for name, test := range map[string]func(*testing.T, *authServers){
		"every algorithm":               testEveryAlgorithm,
		"ES512 only when asked for":     testES512,
		"shared secret beside the keys": testSecretBesideKeys,
		"several secrets":               testSeveralSecrets,
		"one verifier only":             testOneVerifierOnly,
		"what is no access token":       testNoAccessTokens,
		"claims":                        testClaims,
		"keys of other kinds":           testKeysOfOtherKinds,
		"rotation":                      testRotation,
		"a retired key":                 testRetiredKey,
		"100 requests after a rotation": testHerd,
		"trouble":                       testTrouble,
		"recovery":                      testRecovery,
		"start before the auth server":  testStartBeforeAuthServer,
		"flood":                         testFlood,
		"sockets":                       testSockets,
		"sockets end with their token":  testSocketsEnd,
		"sockets without keys":          testSocketsWithoutKeys,
		"front ends":                    testFrontEnds,
		"a front end's own auth.ts":     testSnippetAuth,
		"agents":                        testAgents,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, servers)
		})
	}
}

// trusting returns an environment that accepts the tokens of an auth server.
func trusting(a *authServer, databaseURL string) map[string]string {
	return map[string]string{"DATABASE_URL": databaseURL, "BETTER_AUTH_URL": a.url, "HOST": "127.0.0.1"}
}

// startTrusting starts taskql on SQLite with an auth server and waits until it has the keys. More variables are name,
// value, name, value …
func startTrusting(t *testing.T, a *authServer, more ...string) *harness.Server {
	t.Helper()
	env := trusting(a, "sqlite:"+filepath.Join(t.TempDir(), "taskql.db"))
	for i := 0; i < len(more); i += 2 {
		env[more[i]] = more[i+1]
	}
	s := harness.Start(t, env)
	waitReady(s)
	return s
}

func ready(s *harness.Server) harness.Answer {
	s.T.Helper()
	return s.Anonymous().Send("GET", "/ready", "")
}

func waitReady(s *harness.Server) {
	s.T.Helper()
	harness.Eventually(s.T, "the server is ready", func() bool { return ready(s).Status == http.StatusOK })
}

func testEveryAlgorithm(t *testing.T, servers *authServers) {
	for name, o := range map[string]options{
		"EdDSA, the default": {},
		"ES256":              {"algorithm": "ES256"},
		"RS256":              {"algorithm": "RS256"},
		"PS256":              {"algorithm": "PS256"},
		"a custom payload":   {"definePayload": map[string]any{"role": "admin"}},
	} {
		t.Run(name, func(t *testing.T) {
			ada := servers.start(t, o).signUp("Ada")
			storetest.Each(t, func(t *testing.T, databaseURL string) {
				s := harness.Start(t, trusting(ada.authServer, databaseURL))
				c := s.With(ada.id, ada.token())
				worksInBothAPIs(c)
				if o["definePayload"] == nil {
					wantIdentity(c, ada.id, ada.email, ada.name)
				} else {
					wantIdentity(c, ada.id, nil, nil)
				}
				grace := ada.authServer.signUp("Grace" + databaseURL[:4])
				if got := s.With(ada.id, grace.token()).Send("GET", c.Tasks(), "").Status; got != http.StatusForbidden {
					t.Errorf("GET the tasks of another user = %d, want 403", got)
				}
			})
		})
	}
}

func testES512(t *testing.T, servers *authServers) {
	ada := servers.start(t, options{"algorithm": "ES512"}).signUp("Ada")
	wantRefused(startTrustingUnready(t, ada.authServer).With(ada.id, ada.token()), "an ES512 token", "ES512")
	worksInBothAPIs(startTrusting(t, ada.authServer, "JWT_ALGORITHM", "EdDSA,ES512").With(ada.id, ada.token()))
	// The list is all there is: what is not in it is off.
	grace := servers.start(t, nil).signUp("Grace")
	wantAccepted(startTrusting(t, grace.authServer, "JWT_ALGORITHM", "ES512,EdDSA").With(grace.id, grace.token()), "an algorithm of the list")
	s := startTrusting(t, grace.authServer, "JWT_ALGORITHM", "ES256")
	wantRefused(s.With(grace.id, grace.token()), "an algorithm that is not in the list", "EdDSA")
}

// startTrustingUnready is startTrusting for auth servers that may have no usable keys.
func startTrustingUnready(t *testing.T, a *authServer) *harness.Server {
	t.Helper()
	return harness.Start(t, trusting(a, "sqlite:"+filepath.Join(t.TempDir(), "taskql.db")))
}

// HS256 tokens, which a front end's route or an older backend signs with the shared secret.
func testSecretBesideKeys(t *testing.T, servers *authServers) {
	ada := servers.start(t, nil).signUp("Ada")
	s := startTrusting(t, ada.authServer, "BETTER_AUTH_SECRET", harness.Secret)
	worksInBothAPIs(s.With(ada.id, ada.token()))
	for _, claim := range []string{"sub", "user_id", "userId", "id"} {
		c := s.With(ada.id, resigned(t, map[string]any{claim: ada.id}))
		worksInBothAPIs(c)
		wantIdentity(c, ada.id, nil, nil)
	}
	c := s.With(ada.id, resigned(t, map[string]any{"sub": ada.id, "email": ada.email, "name": ada.name}))
	wantIdentity(c, ada.id, ada.email, ada.name)
	c = s.With(ada.id, ada.cookies["better-auth.session_data"])
	worksInBothAPIs(c)
	wantIdentity(c, ada.id, ada.email, ada.name)
}

// testSeveralSecrets has Better Auth sign with the first of two secrets, which may be any of taskql's.
func testSeveralSecrets(t *testing.T, servers *authServers) {
	const second, first = "the second secret with 32 bytes or more", "the first secret with 32 bytes or more"
	ada := servers.start(t, options{"secrets": []options{{"version": 2, "value": second}, {"version": 1, "value": first}}}).signUp("Ada")
	cookie := ada.cookies["better-auth.session_data"]
	both := startTrusting(t, ada.authServer, "BETTER_AUTH_SECRETS", "1:"+first+",2:"+second, "BETTER_AUTH_SECRET", harness.Secret)
	worksInBothAPIs(both.With(ada.id, cookie))
	for _, secret := range []string{first, second, harness.Secret} {
		wantAccepted(both.With(ada.id, signedWithSecret(t, secret, nil, map[string]any{"sub": ada.id})), secret)
	}
	wantRefused(startTrusting(t, ada.authServer, "BETTER_AUTH_SECRETS", "1:"+first).With(ada.id, cookie), "a token of the other secret", "signature")
}

// resigned returns claims signed with the shared secret.
func resigned(t testing.TB, claims map[string]any) string {
	t.Helper()
	return signedWithSecret(t, harness.Secret, nil, claims)
}

func signedWithSecret(t testing.TB, secret string, header, claims map[string]any) string {
	t.Helper()
	all := map[string]any{"iat": time.Now().Unix(), "exp": time.Now().Add(15 * time.Minute).Unix()}
	maps.Copy(all, claims)
	payload, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	headers := jws.NewHeaders()
	for name, value := range header {
		if err := headers.Set(name, value); err != nil {
			t.Fatal(err)
		}
	}
	token, err := jws.Sign(payload, jws.WithKey(jwa.HS256, []byte(secret), jws.WithProtectedHeaders(headers)))
	if err != nil {
		t.Fatal(err)
	}
	return string(token)
}

// The configuration selects the verifiers. The header of a token never does.
func testOneVerifierOnly(t *testing.T, servers *authServers) {
	ada := servers.start(t, nil).signUp("Ada")
	s := startTrusting(t, ada.authServer)
	wantRefused(s.With(ada.id, resigned(t, map[string]any{"sub": ada.id})), "HS256 without a secret", "HS256")
	wantRefused(s.With(ada.id, ada.cookies["better-auth.session_data"]), "session_data without a secret", "HS256")
	s = harness.Start(t, harness.Env("sqlite:"+filepath.Join(t.TempDir(), "taskql.db")))
	wantRefused(s.With(ada.id, ada.token()), "EdDSA without keys", "EdDSA")
	worksInBothAPIs(s.With(ada.id, resigned(t, map[string]any{"sub": ada.id})))
}

func testNoAccessTokens(t *testing.T, servers *authServers) {
	a := servers.start(t, options{"sessionCookieCache": true})
	ada := a.signUp("Ada")
	token := ada.token()
	s := startTrusting(t, a, "BETTER_AUTH_SECRET", harness.Secret)
	wantAccepted(s.With(ada.id, token), "an access token")
	wantRefused(s.With(ada.id, ada.mailed()), "the e-mail verification token", "")
	wantRefused(s.With(ada.id, ada.cookies["better-auth.session_data"]), "the session cache signed with the server's key", "typ")
	wantRefused(s.With(ada.id, ada.session), "the session token", "session token")
	wantRefused(s.With(ada.id, ada.cookies["better-auth.session_token"]), "the session cookie", "session token")
	anonymous := s.With(ada.id, "")
	if got := anonymous.Send("GET", anonymous.Tasks(), "", "Cookie", ada.cookie()).Status; got != http.StatusUnauthorized {
		t.Errorf("GET with cookies alone = %d, want 401", got)
	}
	if got := anonymous.Send("GET", anonymous.Tasks()+"?token="+token, "").Status; got != http.StatusUnauthorized {
		t.Errorf("GET with the token in the query string = %d, want 401", got)
	}
	wantRefused(s.With(ada.id, token+"A"), "a changed signature", "signature")
	// Another issuer's key may have any id, this one's too.
	other := servers.start(t, nil)
	wantRefused(s.With(ada.id, other.signed(map[string]any{"sub": ada.id, "iss": a.url, "aud": a.url})), "another server's token", "kid")
}

func testClaims(t *testing.T, servers *authServers) {
	a := servers.start(t, nil)
	ada := a.signUp("Ada")
	now := time.Now().Unix()
	s := startTrusting(t, a)
	type claims = map[string]any
	for name, claims := range map[string]claims{
		"aud a list":                {"sub": ada.id, "aud": []string{"https://other.example", a.url}},
		"expired within the skew":   {"sub": ada.id, "exp": now - 5},
		"issued within the skew":    {"sub": ada.id, "iat": now + 5},
		"no iat":                    {"sub": ada.id},
		"the user in another claim": {"userId": ada.id},
	} {
		wantAccepted(s.With(ada.id, a.signed(claims)), name)
	}
	for name, tt := range map[string]struct {
		claims claims
		logged string
	}{
		"an OIDC id token's audience": {claims{"sub": ada.id, "aud": "client-id"}, "aud"},
		"aud a longer address":        {claims{"sub": ada.id, "aud": a.url + "/"}, "aud"},
		"aud in a list of others":     {claims{"sub": ada.id, "aud": []string{"client-id", "https://other.example"}}, "aud"},
		"aud empty":                   {claims{"sub": ada.id, "aud": []string{}}, "aud"},
		"another issuer":              {claims{"sub": ada.id, "iss": "https://other.example"}, "iss"},
		"an issuer with a path":       {claims{"sub": ada.id, "iss": a.url + "/api/auth"}, "iss"},
		"no user":                     {claims{"email": ada.email}, "user"},
		"issued in the future":        {claims{"sub": ada.id, "iat": now + 60}, "iat"},
		"not yet valid":               {claims{"sub": ada.id, "nbf": now + 60}, "nbf"},
	} {
		wantRefused(s.With(ada.id, a.signed(tt.claims)), name, tt.logged)
	}
	wantExpired(s.With(ada.id, a.signed(claims{"sub": ada.id, "exp": now - 60})))
	// Where these are set, they count in place of the address.
	listed := startTrusting(t, a, "JWT_ISSUER", "https://other.example,https://app.example", "JWT_AUDIENCE", "api,https://other.example")
	wantAccepted(listed.With(ada.id, a.signed(claims{"sub": ada.id, "iss": "https://app.example", "aud": "api"})), "the listed issuer and audience")
	wantRefused(listed.With(ada.id, ada.token()), "issuer and audience that are not listed", "iss")
}

// Key sets with keys that taskql cannot use, and keys without alg, as some versions publish them.
func testKeysOfOtherKinds(t *testing.T, servers *authServers) {
	for _, how := range []string{"more keys", "keys without alg"} {
		for _, algorithm := range []string{"EdDSA", "ES256", "RS256", "PS256"} {
			a := servers.start(t, options{"algorithm": algorithm})
			ada := a.signUp("Ada")
			a.answer(how)
			s := startTrusting(t, a)
			wantAccepted(s.With(ada.id, ada.token()), how+" for "+algorithm)
			const symmetric = "a symmetric key of more than 32 bytes" // is among "more keys"
			forged := signedWithSecret(t, symmetric, map[string]any{"kid": "symmetric"}, map[string]any{"sub": ada.id, "iss": a.url, "aud": a.url})
			wantRefused(s.With(ada.id, forged), "a token signed with a published symmetric key", "HS256")
		}
	}
}
