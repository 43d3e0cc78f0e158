package auth

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lestrrat-go/jwx/v2/jwa"
)

// TestWhenKeysAreRead checks the times of the reads that Run starts.
func TestWhenKeysAreRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := &source{err: errors.New("connection refused")}
		keys := src.keys()
		begin := time.Now()
		var mu sync.Mutex
		var times []time.Duration
		keys.read = func(ctx context.Context) ([]byte, error) {
			mu.Lock()
			times = append(times, time.Since(begin))
			mu.Unlock()
			return src.read(ctx)
		}
		taken := func() []time.Duration {
			mu.Lock()
			defer mu.Unlock()
			defer func() { times = nil }()
			return times
		}
		ctx, cancel := context.WithCancel(t.Context())
		go keys.Run(ctx)
		time.Sleep(125 * time.Second)
		synctest.Wait()
		seconds := func(list ...int) (all []time.Duration) {
			for _, n := range list {
				all = append(all, time.Duration(n)*time.Second)
			}
			return all
		}
		if got, want := taken(), seconds(0, 1, 3, 7, 15, 31, 61, 91, 121); !slices.Equal(got, want) {
			t.Errorf("reads while they fail at %v, want %v", got, want)
		}
		src.set(document(t, newSigner(t, "1", jwa.EdDSA).entry(t, true)), nil)
		time.Sleep(26*time.Second + 20*time.Minute)
		synctest.Wait()
		if got, want := taken(), seconds(151, 151+600, 151+1200); !slices.Equal(got, want) {
			t.Errorf("reads once they succeed at %v, want %v", got, want)
		}
		cancel()
		synctest.Wait()
	})
}

func TestAReadThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := &source{hold: make(chan struct{})}
		start := time.Now()
		if err := src.keys().Load(t.Context()); err == nil || time.Since(start) != 2*time.Second {
			t.Errorf("Load = %v after %v, want an error after 2s", err, time.Since(start))
		}
	})
}

func TestTooManyKeys(t *testing.T) {
	s := newSigner(t, "1", jwa.EdDSA)
	entries := slices.Repeat([]map[string]any{s.entry(t, true)}, 100)
	if _, err := parseKeys(document(t, entries...)); err != nil {
		t.Errorf("parseKeys of 100 keys = %v", err)
	}
	if _, err := parseKeys(document(t, append(entries, s.entry(t, true))...)); err == nil {
		t.Error("parseKeys accepted 101 keys")
	}
	huge := map[string]any{"kty": "RSA", "kid": "1", "alg": "RS256", "n": strings.Repeat("_", 1400), "e": "AQAB"}
	if _, err := parseKeys(document(t, huge)); err == nil {
		t.Error("parseKeys accepted an RSA key of 8400 bits")
	}
}

// TestHeadersOfRefusals checks the headers that tell a client what to do, without the body.
func TestHeadersOfRefusals(t *testing.T) {
	s := newSigner(t, "1", jwa.EdDSA)
	down := verifierOf(t, (&source{err: errors.New("connection refused")}).keys())
	up := verifierOf(t, (&source{text: document(t, s.entry(t, true))}).keys())
	for _, tt := range []struct {
		name                          string
		verifier                      *Verifier
		authorization                 string
		wantRetryAfter, wantChallenge string
	}{
		{"keys that cannot be read", down, "Bearer " + s.token(t, claims()), "5", ""},
		{"no token", up, "", "", "Bearer"},
		{"bad token", up, "Bearer x.y.z", "", `Bearer error="invalid_token"`},
		{"token without a kid", up, "Bearer " + signer{"", s.alg, s.private}.token(t, claims()), "", `Bearer error="invalid_token"`},
		{"expired token", up, "Bearer " + s.token(t, claims("exp", 1)), "", `Bearer error="invalid_token", error_description="TOKEN_EXPIRED"`},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		if tt.authorization != "" {
			r.Header.Set("Authorization", tt.authorization)
		}
		w := httptest.NewRecorder()
		denied := false
		tt.verifier.Middleware(http.NotFoundHandler(), func(http.ResponseWriter, *http.Request, error) { denied = true }).ServeHTTP(w, r)
		if got, challenge := w.Header().Get("Retry-After"), w.Header().Get("WWW-Authenticate"); !denied || got != tt.wantRetryAfter || challenge != tt.wantChallenge {
			t.Errorf("%s: denied %v, Retry-After %q, WWW-Authenticate %q, want %q and %q", tt.name, denied, got, challenge, tt.wantRetryAfter, tt.wantChallenge)
		}
	}
}
