package auth_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"taskql/auth"
	"taskql/models"
)

// allocations returns how many objects Verify allocates for a valid token on average. before is called before each Verify.
// A cached token needs no allocation, a verification many.
func allocations(tb testing.TB, v *auth.Verifier, token string, before func()) float64 {
	tb.Helper()
	return testing.AllocsPerRun(10, func() {
		before()
		if user, err := v.Verify(context.Background(), token); err != nil || user.ID != "alice" {
			tb.Fatalf("Verify = %v, %v, want alice", user, err)
		}
	})
}

// cached reports whether the token is in the cache of v.
func cached(tb testing.TB, v *auth.Verifier, token string) bool {
	tb.Helper()
	return allocations(tb, v, token, func() {}) < 5
}

func TestVerifiedTokensAreCachedForFiveMinutes(t *testing.T) {
	at := newClock()
	v := mustVerifier(t, config(), at.now)
	at.set(start.Add(time.Hour))
	full := allocations(t, v, mustToken(t, claims{"exp": start.Add(time.Hour).Unix()}), func() {}) // valid only because clocks differ: never cached
	at.set(start)
	token := mustToken(t, claims{"exp": start.Add(2 * time.Hour).Unix()})
	if _, err := v.Verify(context.Background(), token); err != nil {
		t.Fatal(err)
	}
	for _, age := range []time.Duration{0, time.Minute, 5*time.Minute - 1} {
		at.set(start.Add(age))
		if !cached(t, v, token) {
			t.Errorf("cached after %v = false, want true", age)
		}
	}
	step := func(d time.Duration) func() { return func() { at.set(at.now().Add(d)) } }
	at.set(start)
	if got := allocations(t, v, token, step(5*time.Minute)); got < 0.9*full {
		t.Errorf("Verify every 5 minutes allocates %v objects, want as many as a verification, %v", got, full)
	}
	at.set(start)
	v = mustVerifier(t, config(), at.now)
	if got := allocations(t, v, token, step(4*time.Minute)); got < 0.3*full {
		t.Errorf("Verify every 4 minutes allocates %v objects, want a verification every other time: a cache hit must not extend the time in the cache", got)
	}
}

func TestCachedTokensEndWithTheirExp(t *testing.T) {
	at := newClock()
	v := mustVerifier(t, config(), at.now)
	exp := start.Add(time.Minute)
	token := mustToken(t, claims{"exp": exp.Unix()})
	if _, err := v.Verify(context.Background(), token); err != nil {
		t.Fatal(err)
	}
	at.set(exp.Add(-1))
	if !cached(t, v, token) {
		t.Error("cached before its exp = false, want true")
	}
	at.set(exp)
	if cached(t, v, token) {
		t.Error("cached at its exp = true, want false")
	}
	at.set(exp.Add(16 * time.Second))
	user, err := v.Verify(context.Background(), token)
	wantRefused(t, "a cached token that has expired", token, user, err, models.ReasonTokenExpired)
	at.set(start)
	if user, err := v.Verify(context.Background(), token); err != nil || user.ID != "alice" {
		t.Errorf("Verify with the clock set back = %v, %v, want alice: failures are not cached", user, err)
	}
}

func TestTheCacheKeyIsTheWholeToken(t *testing.T) {
	v := mustVerifier(t, config(), newClock().now)
	token := mustToken(t)
	if _, err := v.Verify(context.Background(), token); err != nil {
		t.Fatal(err)
	}
	changed := []byte(token)
	for i := range changed {
		was := changed[i]
		if was == '.' || i == len(changed)-1 { // only four bits of the last character are used
			continue
		}
		if changed[i] = 'A'; was == 'A' {
			changed[i] = 'B'
		}
		user, err := v.Verify(context.Background(), string(changed))
		wantRefused(t, fmt.Sprint("the token with another letter at ", i), string(changed), user, err, "")
		changed[i] = was
	}
}

func TestVerifiersShareNothing(t *testing.T) {
	token := mustToken(t)
	if _, err := mustVerifier(t, config(), newClock().now).Verify(context.Background(), token); err != nil {
		t.Fatal(err)
	}
	user, err := mustVerifier(t, auth.Config{Secrets: []string{otherSecret}, Algorithm: "HS256"}, newClock().now).Verify(context.Background(), token)
	wantRefused(t, "a token that another verifier knows", token, user, err, "")
}

func TestVerifyFromManyGoroutines(t *testing.T) {
	at := newClock()
	v := mustVerifier(t, config(), at.now)
	var wg sync.WaitGroup
	for n := range 8 {
		want := fmt.Sprint("user", n%4)
		token := mustToken(t, claims{"sub": want})
		wg.Go(func() {
			for range 200 {
				if user, err := v.Verify(context.Background(), token); err != nil || user.ID != want {
					t.Errorf("Verify = %v, %v, want %s", user, err, want)
				}
				at.set(at.now().Add(time.Millisecond))
				if user, err := v.Verify(context.Background(), token+"A"); err == nil {
					t.Errorf("Verify(changed) = %v, want a refusal", user)
				}
			}
		})
	}
	wg.Wait()
}

func BenchmarkVerify(b *testing.B) {
	token := mustToken(b, claims{"email": "a@example.com", "name": "Alice", "exp": start.Add(time.Hour).Unix()})
	b.Run("hit", func(b *testing.B) {
		v := mustVerifier(b, config(), newClock().now)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := v.Verify(context.Background(), token); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("miss", func(b *testing.B) {
		// A token that is valid only because clocks differ is not cached.
		at := newClock()
		at.set(start.Add(time.Hour))
		v := mustVerifier(b, config(), at.now)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := v.Verify(context.Background(), token); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("refused", func(b *testing.B) {
		v := mustVerifier(b, config(), newClock().now)
		forged := token[:len(token)-8] + "AAAAAAAA"
		b.ReportAllocs()
		for b.Loop() {
			if _, err := v.Verify(context.Background(), forged); err == nil {
				b.Fatal("Verify(forged) = a user, want a refusal")
			}
		}
	})
}
