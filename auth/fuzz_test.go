package auth_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"taskql/auth"
)

// genuine reports whether a token is signed with the secret, without the code under test: its last part must be the HMAC
// of the text before it.
func genuine(token string) bool {
	dot := strings.LastIndexByte(token, '.')
	if dot < 0 {
		return false
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(token[:dot]))
	given, err := base64.RawURLEncoding.DecodeString(token[dot+1:])
	return err == nil && hmac.Equal(given, mac.Sum(nil))
}

// FuzzVerify checks that Verify never panics and accepts only tokens signed with the secret.
func FuzzVerify(f *testing.F) {
	body := payload(f, claims{"sub": "alice"})
	for _, seed := range []string{
		mustToken(f), signed(hs256, `{"user":{"id":7},"exp":1772367300}`), signedWith("HS256", otherSecret, hs256, body),
		encode(`{"alg":"none"}`) + "." + encode(body) + ".", "", "..", "a.b.c", `{"payload":"","x":".."}`, mustToken(f) + "=",
	} {
		f.Add(seed)
	}
	v := mustVerifier(f, config(), newClock().now)
	f.Fuzz(func(t *testing.T, token string) {
		user, err := v.Verify(context.Background(), token)
		var refusal *auth.Refusal
		switch {
		case err != nil && (user != nil || !errors.As(err, &refusal)):
			t.Errorf("Verify(%q) = %v, %v, want nothing but a refusal", token, user, err)
		case err == nil && (user == nil || user.ID == "" || !genuine(token)):
			t.Errorf("Verify(%q) = %v, want a refusal", token, user)
		}
	})
}

// FuzzVerifySigned checks that for any token signed with the secret Verify does not panic, and returns only users that the
// database can store.
func FuzzVerifySigned(f *testing.F) {
	f.Add(hs256, payload(f, claims{"sub": "alice"}))
	f.Add(`{"alg":"HS256","crit":["b64"],"b64":false}`, `{"user":{"id":7},"exp":1772367300.5}`)
	f.Add(`{"alg":"HS256","b64":false}`, `{"sub":1e3,"exp":-1e300,"aud":[1,"x"]}`)
	config := config()
	config.Audiences = []string{"x"}
	verifiers := []*auth.Verifier{mustVerifier(f, config, newClock().now), mustVerifier(f, auth.Config{Secrets: []string{secret}, Algorithm: "HS256"}, newClock().now)}
	f.Fuzz(func(t *testing.T, header, body string) {
		for _, v := range verifiers {
			user, err := v.Verify(context.Background(), signed(header, body))
			if err == nil && (user.ID == "" || len(user.ID) > 255 || strings.ContainsRune(user.ID, 0)) {
				t.Errorf("Verify(%s %s) = %q, want an id of 1 to 255 bytes", header, body, user.ID)
			}
		}
	})
}

// FuzzSign checks that Sign returns a token that names exactly the given user, or fails.
func FuzzSign(f *testing.F) {
	f.Add("alice")
	f.Add("Ü 😀\"\\\u2028")
	v := mustVerifier(f, config(), newClock().now)
	f.Fuzz(func(t *testing.T, id string) {
		token, err := auth.Sign(config(), id, start, time.Minute)
		if err != nil {
			return
		}
		if user, err := v.Verify(context.Background(), token); err != nil || user.ID != id {
			t.Errorf("Verify(Sign(%q)) = %+v, %v, want the same user", id, user, err)
		}
	})
}
