package auth_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"taskql/auth"
)

// TestSetSecrets replaces the secrets of a verifier. Tokens of all present secrets are accepted, and those of a removed one are not, though they
// are in the cache; their sessions end.
func TestSetSecrets(t *testing.T) {
	v := mustVerifier(t, config(), time.Now)
	sign := func(secrets ...string) string {
		t.Helper()
		token, err := auth.Sign(auth.Config{Secrets: secrets, Algorithm: "HS256"}, "alice", time.Now(), time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	verify := func(token string) *auth.User {
		user, _ := v.Verify(t.Context(), token)
		return user
	}
	old, other := sign(secret, otherSecret), sign(otherSecret, secret)
	first := verify(old)
	if first == nil || verify(other) != nil {
		t.Fatal("not the first secret signs, or another one is accepted")
	}
	ended := func(ctx context.Context) bool { return ctx.Err() != nil }
	session, cancel := first.Session(t.Context())
	defer cancel()
	for _, secrets := range [][]string{nil, {}, {otherSecret, "short"}} {
		if err := v.SetSecrets(secrets); err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("SetSecrets(%q) = %v, want an error", secrets, err)
		}
	}
	for _, secrets := range [][]string{{otherSecret, secret}, {secret, otherSecret}} {
		if err := v.SetSecrets(secrets); err != nil {
			t.Fatal(err)
		}
		if verify(old) != first || verify(other) == nil || ended(session) || first.Revoked() {
			t.Error("a token of one of two secrets is not accepted, or its session has ended")
		}
	}
	second, cancelSecond := verify(other).Session(t.Context())
	defer cancelSecond()
	if err := v.SetSecrets([]string{otherSecret}); err != nil {
		t.Fatal(err)
	}
	<-session.Done()
	if verify(old) != nil || !first.Revoked() || verify(other) == nil || ended(second) {
		t.Error("a token of the removed secret is accepted, or one of the other is not")
	}
	// The same secret again is a new one for sessions, but its tokens are accepted.
	if err := v.SetSecrets([]string{secret}); err != nil {
		t.Fatal(err)
	}
	if user := verify(old); user == nil || user.Revoked() || !first.Revoked() {
		t.Error("a token of a secret that is back is not accepted")
	}
}

// TestRemovedSecretUnderLoad verifies tokens while their secret is removed: none is accepted after SetSecrets has returned.
func TestRemovedSecretUnderLoad(t *testing.T) {
	for range 50 {
		v := mustVerifier(t, config(), time.Now)
		token := mustToken(t, claims{"exp": time.Now().Add(time.Hour).Unix()})
		var verifying sync.WaitGroup
		begin := make(chan struct{})
		for range 4 {
			verifying.Go(func() {
				<-begin
				_, _ = v.Verify(t.Context(), token) // the secret may be there or not
			})
		}
		close(begin)
		if err := v.SetSecrets([]string{otherSecret}); err != nil {
			t.Fatal(err)
		}
		if _, err := v.Verify(t.Context(), token); err == nil {
			t.Fatal("a token of the removed secret is accepted")
		}
		verifying.Wait()
		if _, err := v.Verify(t.Context(), token); err == nil {
			t.Fatal("a token of the removed secret is accepted, because it was cached meanwhile")
		}
	}
}
