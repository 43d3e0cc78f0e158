package auth

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwk"
	"github.com/lestrrat-go/jwx/v2/jws"

	"taskql/models"
)

const origin = "https://app.example.com"

// signer is a private key with the id and the algorithm it signs with.
type signer struct {
	kid     string
	alg     jwa.SignatureAlgorithm
	private crypto.Signer
}

func newSigner(tb testing.TB, kid string, alg jwa.SignatureAlgorithm) signer {
	tb.Helper()
	var private crypto.Signer
	var err error
	switch alg {
	case jwa.EdDSA:
		_, private, err = ed25519.GenerateKey(rand.Reader)
	case jwa.ES256:
		private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case jwa.ES512:
		private, err = ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	default:
		private, err = rsa.GenerateKey(rand.Reader, 2048)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return signer{kid, alg, private}
}

// token returns a signed token with the claims. changes modify the header before it is signed.
func (s signer) token(tb testing.TB, claims map[string]any, changes ...func(jws.Headers)) string {
	tb.Helper()
	header := jws.NewHeaders()
	must(tb, header.Set("kid", s.kid))
	for _, change := range changes {
		change(header)
	}
	payload, err := json.Marshal(claims)
	must(tb, err)
	signed, err := jws.Sign(payload, jws.WithKey(s.alg, s.private, jws.WithProtectedHeaders(header)))
	must(tb, err)
	return string(signed)
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// entry returns the public key in the form of a JWKS, with or without alg.
func (s signer) entry(tb testing.TB, withAlg bool) map[string]any {
	tb.Helper()
	key, err := jwk.FromRaw(s.private.Public())
	must(tb, err)
	must(tb, key.Set("kid", s.kid))
	if withAlg {
		must(tb, key.Set("alg", s.alg.String()))
	}
	text, err := json.Marshal(key)
	must(tb, err)
	var entry map[string]any
	must(tb, json.Unmarshal(text, &entry))
	return entry
}

func document(tb testing.TB, entries ...map[string]any) []byte {
	tb.Helper()
	text, err := json.Marshal(map[string]any{"keys": entries})
	must(tb, err)
	return text
}

// source is a key set that the test controls, in place of an auth server.
type source struct {
	mu    sync.Mutex
	text  []byte
	err   error
	reads atomic.Int32
	// hold blocks reads until it is closed. Nil does not block.
	hold chan struct{}
}

func (s *source) read(ctx context.Context) ([]byte, error) {
	s.reads.Add(1)
	s.mu.Lock()
	hold, text, err := s.hold, s.text, s.err // the state when the read begins
	s.mu.Unlock()
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return text, err
}

func (s *source) set(text []byte, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text, s.err = text, err
}

func (s *source) keys() *Keys {
	return newKeys(s.read, slog.New(slog.DiscardHandler))
}

func verifierOf(tb testing.TB, keys *Keys, algorithms ...string) *Verifier {
	tb.Helper()
	if len(algorithms) == 0 {
		algorithms = DefaultKeyAlgorithms()
	}
	v, err := NewVerifier(Config{
		Secrets: []string{strings.Repeat("s", 32)}, Algorithm: "HS256",
		Keys: keys, KeyAlgorithms: algorithms, KeyIssuers: []string{origin}, KeyAudiences: []string{origin},
	}, time.Now)
	must(tb, err)
	return v
}

func claims(changes ...any) map[string]any {
	c := map[string]any{"sub": "ada", "iss": origin, "aud": origin, "iat": time.Now().Unix(), "exp": time.Now().Add(15 * time.Minute).Unix()}
	for i := 0; i < len(changes); i += 2 {
		c[changes[i].(string)] = changes[i+1]
		if changes[i+1] == nil {
			delete(c, changes[i].(string))
		}
	}
	return c
}

// verdict returns the user, or the reason or code of the error.
func verdict(user *User, err error) string {
	var public *models.Error
	switch {
	case err == nil:
		return "user " + user.ID
	case errors.As(err, &public) && public.Reason != "":
		return public.Reason
	case errors.As(err, &public):
		return string(public.Code)
	default:
		return "uncoded: " + err.Error()
	}
}

func TestTokensSignedWithKeys(t *testing.T) {
	for _, alg := range []jwa.SignatureAlgorithm{jwa.EdDSA, jwa.ES256, jwa.RS256, jwa.PS256, jwa.ES512} {
		for _, withAlg := range []bool{true, false} {
			s := newSigner(t, "k1", alg)
			src := &source{text: document(t, s.entry(t, withAlg))}
			v := verifierOf(t, src.keys(), alg.String())
			user, err := v.Verify(t.Context(), s.token(t, claims("email", "ada@example.com", "name", "Ada", "createdAt", "2026-01-01T00:00:00Z", "aud", []string{"x", origin})))
			if got := verdict(user, err); got != "user ada" || *user.Email != "ada@example.com" || *user.CreatedAt != "2026-01-01T00:00:00Z" {
				t.Errorf("%s, alg in the key %v: Verify = %s, %+v, %v", alg, withAlg, got, user, err)
			}
		}
	}
	s := newSigner(t, "k1", jwa.ES512)
	src := &source{text: document(t, s.entry(t, true))}
	if got := verdict(verifierOf(t, src.keys()).Verify(t.Context(), s.token(t, claims()))); got != "UNAUTHENTICATED" || src.reads.Load() != 0 {
		t.Errorf("ES512 where it is not configured: Verify = %s after %d reads", got, src.reads.Load())
	}
}

func TestAttacksOnKeys(t *testing.T) {
	ed, other, es, rs := newSigner(t, "ed", jwa.EdDSA), newSigner(t, "ed", jwa.EdDSA), newSigner(t, "es", jwa.ES256), newSigner(t, "rs", jwa.RS256)
	src := &source{text: document(t, ed.entry(t, true), es.entry(t, true), rs.entry(t, true),
		map[string]any{"kty": "oct", "kid": "oct", "alg": "HS256", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"})}
	keys := src.keys()
	v := verifierOf(t, keys)
	must(t, keys.Load(t.Context()))
	header := func(name string, value any) func(jws.Headers) {
		return func(h jws.Headers) { must(t, h.Set(name, value)) }
	}
	symmetric := func(secret []byte, kid string) string {
		h := jws.NewHeaders()
		must(t, h.Set("kid", kid))
		payload, _ := json.Marshal(claims())
		signed, err := jws.Sign(payload, jws.WithKey(jwa.HS256, secret, jws.WithProtectedHeaders(h)))
		must(t, err)
		return string(signed)
	}
	public, err := jwk.FromRaw(rs.private.Public())
	must(t, err)
	pem, err := jwk.Pem(public)
	must(t, err)
	asPS := signer{"rs", jwa.PS256, rs.private}
	own, err := jwk.FromRaw(other.private.Public())
	must(t, err)
	cases := map[string]string{
		"another key of the same kid":     other.token(t, claims()),
		"HS256 with the public key's PEM": symmetric(pem, "rs"),
		"HS256 with the public key's JWK": symmetric(document(t, rs.entry(t, true)), "rs"),
		"HS256 with the set's oct key":    symmetric([]byte("secretsecretsecretsecretsecretsecret"), "oct"),
		"alg unlike the key's":            asPS.token(t, claims()),
		"no kid":                          signer{"", ed.alg, ed.private}.token(t, claims()),
		"kid of another key":              signer{"es", ed.alg, ed.private}.token(t, claims()),
		"kid a path":                      signer{"../../../../dev/null", ed.alg, ed.private}.token(t, claims()),
		"kid a URL":                       signer{"https://evil.example/jwks", ed.alg, ed.private}.token(t, claims()),
		"kid SQL":                         signer{"' UNION SELECT 'x' --", ed.alg, ed.private}.token(t, claims()),
		"kid huge":                        signer{strings.Repeat("k", 5000), ed.alg, ed.private}.token(t, claims()),
		"jwk in the header":               other.token(t, claims(), header("jwk", own)),
		"jku in the header":               other.token(t, claims(), header("jku", "https://evil.example/jwks")),
		"x5u in the header":               other.token(t, claims(), header("x5u", "https://evil.example/cert")),
		"crit":                            ed.token(t, claims(), header("crit", []string{"exp"})),
		"typ of a session cookie":         ed.token(t, claims(), header("typ", "session")),
		"expired":                         ed.token(t, claims("exp", time.Now().Add(-time.Minute).Unix())),
		"not yet valid":                   ed.token(t, claims("nbf", time.Now().Add(time.Minute).Unix())),
		"issued in the future":            ed.token(t, claims("iat", time.Now().Add(time.Minute).Unix())),
		"no exp":                          ed.token(t, claims("exp", nil)),
		"no user":                         ed.token(t, claims("sub", nil)),
		"wrong issuer":                    ed.token(t, claims("iss", origin+"/")),
		"no issuer":                       ed.token(t, claims("iss", nil)),
		"wrong audience":                  ed.token(t, claims("aud", []string{"better-auth-session"})),
		"no audience":                     ed.token(t, claims("aud", nil)),
	}
	for name, token := range cases {
		want := string(models.CodeUnauthenticated)
		if name == "expired" {
			want = models.ReasonTokenExpired
		}
		user, err := v.Verify(t.Context(), token)
		if got := verdict(user, err); got != want || len(err.Error()) < 10 || len(err.Error()) > 200 {
			t.Errorf("%s: Verify = %s (%v), want %s", name, got, err, want)
		}
	}
	if got := verdict(v.Verify(t.Context(), ed.token(t, claims()))); got != "user ada" {
		t.Errorf("a valid token: Verify = %s", got)
	}
	if reads := src.reads.Load(); reads != 1+3 {
		t.Errorf("%d reads of the keys, want the first and one for each unknown kid", reads)
	}
}

func TestKeysThatCannotBeUsed(t *testing.T) {
	good := newSigner(t, "good", jwa.EdDSA)
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	must(t, err)
	entry := func(changes ...any) map[string]any {
		e := good.entry(t, true)
		e["kid"] = "bad"
		for i := 0; i < len(changes); i += 2 {
			e[changes[i].(string)] = changes[i+1]
		}
		return e
	}
	for name, bad := range map[string]map[string]any{
		"short Ed25519 key":    entry("x", "AAAA"),
		"long Ed25519 key":     entry("x", strings.Repeat("A", 86)),
		"empty Ed25519 key":    entry("x", ""),
		"no kid":               entry("kid", ""),
		"for encryption":       entry("use", "enc"),
		"unknown type":         entry("kty", "FUTURE"),
		"unknown curve":        entry("crv", "Ed1"),
		"alg of another type":  entry("alg", "RS256"),
		"alg that is none":     entry("alg", "none"),
		"symmetric":            {"kty": "oct", "kid": "bad", "k": "c2VjcmV0"},
		"point off the curve":  {"kty": "EC", "crv": "P-256", "kid": "bad", "x": strings.Repeat("A", 43), "y": strings.Repeat("A", 43)},
		"coordinates too long": {"kty": "EC", "crv": "P-256", "kid": "bad", "alg": "ES256", "x": strings.Repeat("_", 44), "y": strings.Repeat("_", 44)},
		"RSA of 1024 bits":     signer{"bad", jwa.RS256, short}.entry(t, true),
		"RSA with exponent 1":  {"kty": "RSA", "kid": "bad", "n": strings.Repeat("_", 342), "e": "AQ"},
	} {
		set, err := parseKeys(document(t, bad, good.entry(t, true)))
		if err != nil || len(set) != 1 || set["good"] == nil {
			t.Errorf("%s beside a valid key: %v, %v", name, set, err)
		}
		if _, err := parseKeys(document(t, bad)); err == nil {
			t.Errorf("%s alone was accepted", name)
		}
	}
	for _, text := range []string{"", "null", "[]", `{"keys":[]}`, `{"keys":{}}`, "<html>", `{"keys":[1,"x",null]}`} {
		if _, err := parseKeys([]byte(text)); err == nil {
			t.Errorf("parseKeys(%q) accepted it", text)
		}
	}
}

func TestRotation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before, after := newSigner(t, "1", jwa.EdDSA), newSigner(t, "2", jwa.EdDSA)
		src := &source{text: document(t, before.entry(t, true))}
		keys := src.keys()
		v := verifierOf(t, keys)
		must(t, keys.Load(t.Context()))
		old := before.token(t, claims())
		if got := verdict(v.Verify(t.Context(), old)); got != "user ada" {
			t.Fatalf("Verify = %s", got)
		}
		// A hundred requests at once, each with a token of its own, cause one read, and all succeed.
		src.set(document(t, before.entry(t, true), after.entry(t, true)), nil)
		src.mu.Lock()
		src.hold = make(chan struct{})
		src.mu.Unlock()
		reads := src.reads.Load()
		var wg sync.WaitGroup
		for i := range 100 {
			wg.Go(func() {
				if got := verdict(v.Verify(t.Context(), after.token(t, claims("sub", fmt.Sprint(i))))); got != fmt.Sprint("user ", i) {
					t.Errorf("Verify after the rotation = %s", got)
				}
			})
		}
		synctest.Wait()
		close(src.hold)
		wg.Wait()
		if n := src.reads.Load() - reads; n != 1 {
			t.Errorf("%d reads after the rotation, want 1", n)
		}
		if got := verdict(v.Verify(t.Context(), old)); got != "user ada" {
			t.Errorf("Verify of the old key's token while it is in the set = %s", got)
		}
		// A key that is listed twice counts once.
		src.set(document(t, before.entry(t, true), before.entry(t, true), after.entry(t, true)), nil)
		must(t, keys.Load(t.Context()))
		// The old key leaves the set. Tokens that it signed are refused, cached or not, and their sessions end.
		user, err := v.Verify(t.Context(), old)
		must(t, err)
		session, cancel := user.Session(t.Context())
		defer cancel()
		src.set(document(t, after.entry(t, true)), nil)
		must(t, keys.Load(t.Context()))
		if synctest.Wait(); session.Err() == nil || !user.Revoked() {
			t.Error("a session of the old key's token goes on after it has left")
		}
		if got := verdict(v.Verify(t.Context(), old)); got != "UNAUTHENTICATED" {
			t.Errorf("Verify of the old key's token after it has left = %s", got)
		}
	})
}

// TestRotationDuringARead sends a new key's token while a read of the old set is in progress. The result of that read is
// not a reason to refuse the token.
func TestRotationDuringARead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before, after := newSigner(t, "1", jwa.EdDSA), newSigner(t, "2", jwa.EdDSA)
		hold := make(chan struct{})
		src := &source{text: document(t, before.entry(t, true)), hold: hold}
		keys := src.keys()
		v := verifierOf(t, keys)
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := keys.Load(t.Context()); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		src.mu.Lock()
		src.text, src.hold = document(t, before.entry(t, true), after.entry(t, true)), nil
		src.mu.Unlock()
		wg.Go(func() {
			if got := verdict(v.Verify(t.Context(), after.token(t, claims()))); got != "user ada" {
				t.Errorf("Verify = %s", got)
			}
		})
		synctest.Wait()
		close(hold)
		wg.Wait()
	})
}

// junk returns a token with an unknown key id. It is refused before the signature is checked.
func junk(signed string, kid any) string {
	_, rest, _ := strings.Cut(signed, ".")
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, `{"alg":"EdDSA","kid":"junk %v"}`, kid)) + "." + rest
}

func TestFloodOfUnknownKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSigner(t, "1", jwa.EdDSA)
		src := &source{text: document(t, s.entry(t, true))}
		keys := src.keys()
		v := verifierOf(t, keys)
		must(t, keys.Load(t.Context()))
		signed := s.token(t, claims())
		flood := func(reads int) {
			t.Helper()
			before, refused := src.reads.Load(), 0
			for i := range 10_000 {
				switch got := verdict(v.Verify(t.Context(), junk(signed, i+reads*10_000))); got {
				case "UNAUTHENTICATED":
					refused++
				case "AUTH_UNAVAILABLE": // which of them are valid is not known without a read
				default:
					t.Fatalf("Verify = %s", got)
				}
			}
			if n := int(src.reads.Load() - before); n != reads || refused != reads {
				t.Errorf("%d reads and %d refused tokens, want %d", n, refused, reads)
			}
		}
		flood(maxUnknown)
		time.Sleep(2 * unknownEvery)
		flood(2)
	})
}

// TestRotationDuringAFlood rotates the keys while somebody sends tokens with random key ids. A valid token must never be
// refused as invalid: a front end would sign its user out.
func TestRotationDuringAFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before, after := newSigner(t, "1", jwa.EdDSA), newSigner(t, "2", jwa.EdDSA)
		src := &source{text: document(t, before.entry(t, true))}
		keys := src.keys()
		v := verifierOf(t, keys)
		must(t, keys.Load(t.Context()))
		signed := before.token(t, claims())
		for kid, flood := range []int{1, 2 * maxUnknown} {
			src.set(document(t, before.entry(t, true)), nil)
			must(t, keys.Load(t.Context()))
			for i := range flood {
				_, _ = v.Verify(t.Context(), junk(signed, fmt.Sprint(kid, " ", i))) // refused or not, it is junk
			}
			src.set(document(t, before.entry(t, true), after.entry(t, true)), nil)
			began := time.Now()
			got := ""
			for got != "user ada" && time.Since(began) < time.Minute {
				if got = verdict(v.Verify(t.Context(), after.token(t, claims()))); got == "AUTH_UNAVAILABLE" {
					time.Sleep(time.Second)
				} else if got != "user ada" {
					t.Fatalf("after %d tokens with unknown keys: Verify = %s", flood, got)
				}
			}
			if waited := time.Since(began); waited > unknownEvery || flood == 1 && waited > 0 {
				t.Errorf("after %d tokens with unknown keys, the new key works after %v", flood, waited)
			}
		}
	})
}

// TestMissingKey sends tokens with a key that the auth server does not have: they cause one read.
func TestMissingKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSigner(t, "1", jwa.EdDSA)
		src := &source{text: document(t, s.entry(t, true))}
		v := verifierOf(t, src.keys())
		token := junk(s.token(t, claims()), 0)
		for range 2 {
			reads := src.reads.Load()
			for range 100 {
				if got := verdict(v.Verify(t.Context(), token)); got != "UNAUTHENTICATED" {
					t.Fatalf("Verify = %s", got)
				}
			}
			if n := src.reads.Load() - reads; n != 1 {
				t.Errorf("%d reads, want 1", n)
			}
			time.Sleep(missingFor)
		}
	})
}

// TestCallerLeavesDuringARead cancels a request that waits for a read. Others that wait for it get its result.
func TestCallerLeavesDuringARead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSigner(t, "1", jwa.EdDSA)
		src := &source{text: document(t, s.entry(t, true)), hold: make(chan struct{})}
		v := verifierOf(t, src.keys())
		ctx, leave := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for _, caller := range []struct {
			ctx  context.Context
			want string
		}{{ctx, "AUTH_UNAVAILABLE"}, {t.Context(), "user ada"}} {
			wg.Go(func() {
				if got := verdict(v.Verify(caller.ctx, s.token(t, claims()))); got != caller.want {
					t.Errorf("Verify = %s, want %s", got, caller.want)
				}
			})
			synctest.Wait() // the first causes the read
		}
		leave()
		synctest.Wait()
		close(src.hold)
		wg.Wait()
		if n := src.reads.Load(); n != 1 {
			t.Errorf("%d reads, want 1", n)
		}
	})
}

func TestAuthServerInTrouble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		known, unknown := newSigner(t, "1", jwa.EdDSA), newSigner(t, "2", jwa.EdDSA)
		src := &source{err: errors.New("connection refused")}
		keys := src.keys()
		v := verifierOf(t, keys)
		ctx, cancel := context.WithCancel(t.Context())
		go keys.Run(ctx)
		defer func() { cancel(); synctest.Wait() }()
		synctest.Wait()
		if got := verdict(v.Verify(t.Context(), known.token(t, claims()))); got != "AUTH_UNAVAILABLE" || keys.Ready() {
			t.Errorf("Verify before keys were ever read = %s", got)
		}
		// The auth server starts. Run reads its keys without a request.
		src.set(document(t, known.entry(t, true)), nil)
		time.Sleep(retryMax)
		synctest.Wait()
		if got := verdict(v.Verify(t.Context(), known.token(t, claims()))); got != "user ada" || !keys.Ready() {
			t.Errorf("Verify after it came up = %s", got)
		}
		for name, trouble := range map[string]func(){
			"refusing": func() { src.set(nil, errors.New("connection refused")) },
			"nonsense": func() { src.set([]byte("<html>"), nil) },
			"no keys":  func() { src.set([]byte(`{"keys":[]}`), nil) },
			"hanging": func() {
				src.mu.Lock()
				src.hold = make(chan struct{})
				src.mu.Unlock()
			},
		} {
			trouble()
			time.Sleep(refreshAfter + retryMax) // the refresh has failed
			start := time.Now()
			if got := verdict(v.Verify(t.Context(), known.token(t, claims("sub", name)))); got != "user "+name || time.Since(start) > 0 {
				t.Errorf("%s: Verify of a known key's token = %s after %v", name, got, time.Since(start))
			}
			if got := verdict(v.Verify(t.Context(), unknown.token(t, claims()))); got != "AUTH_UNAVAILABLE" || time.Since(start) > readTimeout {
				t.Errorf("%s: Verify of an unknown key's token = %s after %v", name, got, time.Since(start))
			}
		}
	})
}

func TestKeysOverHTTP(t *testing.T) {
	s := newSigner(t, "1", jwa.EdDSA)
	text := document(t, s.entry(t, true))
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(text) }))
	defer elsewhere.Close()
	mux := http.NewServeMux()
	mux.HandleFunc("/good", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(text) })
	mux.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/good", http.StatusFound) })
	// The same machine, but another host.
	away := strings.Replace(elsewhere.URL, "127.0.0.1", "localhost", 1)
	mux.HandleFunc("/away", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, away, http.StatusFound) })
	mux.HandleFunc("/round", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/round", http.StatusFound) })
	mux.HandleFunc("/error", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500); _, _ = w.Write(text) })
	mux.HandleFunc("/created", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(201); _, _ = w.Write(text) })
	mux.HandleFunc("/large", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(append(text, bytes.Repeat([]byte(" "), maxKeySet)...))
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	for path, good := range map[string]bool{
		"/good": true, "/moved": true, "/away": false, "/round": false, "/error": false, "/created": false, "/large": false, "/none": false,
	} {
		keys := KeysAt(server.URL+path, slog.New(slog.DiscardHandler))
		if err := keys.Load(t.Context()); (err == nil) != good || keys.Ready() != good {
			t.Errorf("Load of %s = %v, ready %v", path, err, keys.Ready())
		}
	}
}

func TestKeysInAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	keys := KeysIn(path, slog.New(slog.DiscardHandler))
	if err := keys.Load(t.Context()); err == nil {
		t.Error("Load of a file that is not there succeeded")
	}
	s := newSigner(t, "1", jwa.EdDSA)
	must(t, os.WriteFile(path, document(t, s.entry(t, true)), 0o600))
	must(t, keys.Load(t.Context()))
	if list := keys.List(); len(list) != 1 || list[0] != (Key{"1", "EdDSA"}) {
		t.Errorf("List = %v", list)
	}
}

func BenchmarkVerifyWithKeys(b *testing.B) {
	for _, alg := range []jwa.SignatureAlgorithm{jwa.EdDSA, jwa.ES256, jwa.RS256, jwa.PS256, jwa.ES512} {
		s := newSigner(b, "1", alg)
		src := &source{text: document(b, s.entry(b, true))}
		v := verifierOf(b, src.keys(), alg.String())
		token := s.token(b, claims())
		b.Run(alg.String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				v.cache.Purge()
				if _, err := v.Verify(b.Context(), token); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(alg.String()+" cached", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := v.Verify(b.Context(), token); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
