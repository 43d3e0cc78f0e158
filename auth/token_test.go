package auth_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"strings"
	"sync"
	"testing"
	"time"

	"taskql/auth"
	"taskql/models"
)

const (
	secret      = "0123456789abcdef0123456789abcdef"
	otherSecret = "fedcba9876543210fedcba9876543210"
	hs256       = `{"alg":"HS256"}`
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// clock returns the same time until set is called.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: start} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = at
}

func config() auth.Config { return auth.Config{Secrets: []string{secret}, Algorithm: "HS256"} }

func mustVerifier(tb testing.TB, config auth.Config, now func() time.Time) *auth.Verifier {
	tb.Helper()
	v, err := auth.NewVerifier(config, now)
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

func encode(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// signature returns the third part of a token. It does not use the JWT library, which would refuse invalid tokens.
func signature(algorithm, key, input string) string {
	mac := hmac.New(map[string]func() hash.Hash{"HS256": sha256.New, "HS384": sha512.New384, "HS512": sha512.New}[algorithm], []byte(key))
	mac.Write([]byte(input))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// signed returns a token with exactly this header and payload, signed with HS256 and the secret.
func signed(header, payload string) string { return signedWith("HS256", secret, header, payload) }

func signedWith(algorithm, key, header, payload string) string {
	input := encode(header) + "." + encode(payload)
	return input + "." + signature(algorithm, key, input)
}

// payload returns claims as JSON: iat and exp of a token issued at start for 15 minutes, and the given ones. A claim with
// the value nil is removed.
func payload(tb testing.TB, claims map[string]any) string {
	tb.Helper()
	all := map[string]any{"iat": start.Unix(), "exp": start.Add(15 * time.Minute).Unix()}
	for name, value := range claims {
		if all[name] = value; value == nil {
			delete(all, name)
		}
	}
	text, err := json.Marshal(all)
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}

type claims = map[string]any

// mustToken returns a valid token for the user "alice" with changed claims.
func mustToken(tb testing.TB, changes ...claims) string {
	tb.Helper()
	all := claims{"sub": "alice"}
	for _, change := range changes {
		for name, value := range change {
			all[name] = value
		}
	}
	return signed(hs256, payload(tb, all))
}

// wantRefused checks that err is a *Refusal with the code UNAUTHENTICATED and the reason, and that its texts contain no part
// of the token and no secret.
func wantRefused(tb testing.TB, name, token string, user *auth.User, err error, reason string) {
	tb.Helper()
	var refusal *auth.Refusal
	var public *models.Error
	if user != nil || !errors.As(err, &refusal) || !errors.As(err, &public) {
		tb.Errorf("Verify(%s) = %v, %v, want a refusal", name, user, err)
		return
	}
	if public.Code != models.CodeUnauthenticated || public.Reason != reason || models.Status(public.Code) != 401 {
		tb.Errorf("Verify(%s) = %s %q, want UNAUTHENTICATED %q", name, public.Code, public.Reason, reason)
	}
	for part := range strings.SplitSeq(token, ".") {
		if len(part) >= 8 && (strings.Contains(err.Error(), part) || strings.Contains(public.Error(), part)) {
			tb.Errorf("Verify(%s) = %q, want no part of the token in it", name, fmt.Sprint(err, public))
		}
	}
	for _, key := range []string{secret, otherSecret} {
		if strings.Contains(err.Error()+public.Error(), key) {
			tb.Errorf("Verify(%s) = %v, want no secret in it", name, err)
		}
	}
}
