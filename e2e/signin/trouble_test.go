package signin

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"taskql/e2e/harness"
)

// The auth server rotates its key while tokens of the old key are in use.
func testRotation(t *testing.T, servers *authServers) {
	ada := servers.start(t, nil).signUp("Ada")
	s := startTrusting(t, ada.authServer)
	old := s.With(ada.id, ada.token())
	wantAccepted(old, "a token before the rotation")
	before := ada.fetches()
	ada.do("rotate", nil)
	worksInBothAPIs(s.With(ada.id, ada.token()))
	if got := ada.fetches() - before; got != 1 {
		t.Errorf("%d fetches after a rotation, want 1", got)
	}
	worksInBothAPIs(old)
}

// When a key leaves the set, its tokens become invalid, also those in the cache.
func testRetiredKey(t *testing.T, servers *authServers) {
	ada := servers.start(t, nil).signUp("Ada")
	s := startTrusting(t, ada.authServer)
	remembered, unseen := s.With(ada.id, ada.token()), s.With(ada.id, ada.signed(map[string]any{"sub": ada.id}))
	wantAccepted(remembered, "a token before the rotation")
	ada.do("rotate", nil)
	fresh := s.With(ada.id, ada.token())
	ada.do("retire", nil)
	wantAccepted(remembered, "a token whose key has left the set, which taskql cannot know yet")
	wantAccepted(fresh, "a token of the new key")
	wantRefused(remembered, "a remembered token whose key has left the set", "kid")
	wantRefused(unseen, "a token whose key has left the set", "kid")
	worksInBothAPIs(fresh)
}

// After a rotation, a hundred requests with tokens of the new key cause one request for the keys.
func testHerd(t *testing.T, servers *authServers) {
	const tabs = 100
	ada := servers.start(t, options{"algorithm": "ES256"}).signUp("Ada") // no two signatures are the same
	s := startTrusting(t, ada.authServer)
	ada.do("rotate", nil)
	var tokens [tabs]string
	for i := range tokens {
		tokens[i] = ada.token()
	}
	before := ada.fetches()
	ada.answer("hold")
	var sent atomic.Int64
	trace := &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { sent.Add(1) }}
	var wg sync.WaitGroup
	var answers [tabs]int
	for i, token := range tokens {
		wg.Go(func() {
			got, err := status(httptrace.WithClientTrace(t.Context(), trace), http.DefaultClient, s.URL+s.With(ada.id, "").Tasks(), token)
			if answers[i] = got; err != nil {
				t.Error(err)
			}
		})
	}
	harness.Eventually(t, "the keys are asked for", func() bool { return ada.fetches() > before })
	// taskql waits 2 seconds for them. On a slow machine some requests are sent after the answer.
	harness.WaitUntil(time.Second, func() bool { return sent.Load() >= tabs })
	ada.do("release", nil)
	wg.Wait()
	for i, status := range answers {
		if status != http.StatusOK {
			t.Errorf("request %d of %d = %d, want 200", i, tabs, status)
		}
	}
	if got := ada.fetches() - before; got != 1 {
		t.Errorf("%d fetches for %d requests, want 1", got, tabs)
	}
}

// status returns the status of a GET with a token. It may run in many goroutines.
func status(ctx context.Context, client *http.Client, url, token string) (int, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	response, err := client.Do(r)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return response.StatusCode, err
}

// Known keys work whatever the auth server answers, and also when it is down. A token with an unknown key gets 503, because
// it may be valid, and 401 would sign its user out.
func testTrouble(t *testing.T, servers *authServers) {
	for _, how := range []string{
		"stopped", "hang", "status 500", "status 404", "a page", "no body", "no keys", "2 MB", "2 MB behind the keys", "half",
		"redirect to another host", "only a symmetric key",
	} {
		t.Run(how, func(t *testing.T) {
			ada := servers.start(t, nil).signUp("Ada")
			s := startTrusting(t, ada.authServer)
			known := s.With(ada.id, ada.token())
			wantAccepted(known, "a token")
			unseen := s.With(ada.id, ada.signed(map[string]any{"sub": ada.id, "n": 1}))
			ada.do("rotate", nil)
			unknown := s.With(ada.id, ada.token())
			before := ada.fetches()
			if how == "stopped" {
				ada.do("close", nil)
			} else {
				ada.answer(how)
			}
			wantUnavailable(unknown, "a token of an unknown key")
			worksInBothAPIs(known)
			worksInBothAPIs(unseen)
			wantUnavailable(unknown, "a token of an unknown key, again")
			if ready := ready(s); ready.Status != http.StatusOK {
				t.Errorf("GET /ready = %d %s, want 200: known keys work", ready.Status, ready.Body)
			}
			if got := ada.fetches() - before; got > fetchesAtOnce {
				t.Errorf("%d fetches, want at most %d", got, fetchesAtOnce)
			}
			if got := ada.requests("/elsewhere/jwks"); got != 0 {
				t.Errorf("%d requests at another host, want none", got)
			}
		})
	}
}

// After a failure of the auth server, tokens of a new key work without a restart.
func testRecovery(t *testing.T, servers *authServers) {
	ada := servers.start(t, nil).signUp("Ada")
	s := startTrusting(t, ada.authServer)
	ada.do("rotate", nil)
	c := s.With(ada.id, ada.token())
	ada.answer("status 500")
	wantUnavailable(c, "a token of an unknown key")
	ada.do("release", nil)
	harness.Eventually(t, "tokens of the new key work", func() bool {
		status := c.Send("GET", c.Tasks(), "").Status
		if status != http.StatusOK && status != http.StatusServiceUnavailable {
			t.Fatalf("GET = %d, want 503 until it is 200", status)
		}
		return status == http.StatusOK
	})
	worksInBothAPIs(c)
}

func testStartBeforeAuthServer(t *testing.T, servers *authServers) {
	ada := servers.start(t, nil).signUp("Ada")
	token := ada.token()
	ada.do("close", nil)
	env := trusting(ada.authServer, "sqlite:"+filepath.Join(t.TempDir(), "taskql.db"))
	env["BETTER_AUTH_SECRET"] = harness.Secret
	s := harness.Start(t, env)
	c := s.With(ada.id, token)
	wantUnavailable(c, "a token before the keys are known")
	if got := ready(s).Status; got != http.StatusServiceUnavailable {
		t.Errorf("GET /ready = %d, want 503 before the keys are known", got)
	}
	// What needs no keys works meanwhile, and what is wrong without them is.
	worksInBothAPIs(s.With(ada.id, resigned(t, map[string]any{"sub": ada.id})))
	wantRefused(s.With(ada.id, ada.session), "the session token", "session token")
	ada.do("listen", nil)
	waitReady(s)
	worksInBothAPIs(c)
}

// fetchesAtOnce and fetchEvery bound the requests for keys that unknown key ids cause.
const (
	fetchesAtOnce = 5
	fetchEvery    = 5 * time.Second
)

// Made-up key ids must cause few requests to the auth server and must not delay users with valid tokens. While no request is allowed,
// such a token may be valid: it is refused with 503.
func testFlood(t *testing.T, servers *authServers) {
	const tokens, senders = 10_000, 16
	ada := servers.start(t, nil).signUp("Ada")
	s := startTrusting(t, ada.authServer)
	c := s.With(ada.id, ada.token())
	wantAccepted(c, "a token before the flood")
	unseen := s.With(ada.id, ada.signed(map[string]any{"sub": ada.id}))
	parts := strings.Split(c.Token, ".")
	before, began := ada.fetches(), time.Now()
	forged := func() string {
		header := fmt.Sprintf(`{"alg":"EdDSA","kid":%q}`, rand.Text())
		return base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + parts[1] + "." + parts[2]
	}
	// Connections are kept, or making them took most of the time.
	transport := &http.Transport{MaxIdleConnsPerHost: senders}
	defer transport.CloseIdleConnections()
	var wg sync.WaitGroup
	var refused atomic.Int64
	for range senders {
		wg.Go(func() {
			for range tokens / senders {
				got, err := status(t.Context(), &http.Client{Transport: transport}, s.URL+c.Tasks(), forged())
				if err != nil || got != http.StatusUnauthorized && got != http.StatusServiceUnavailable {
					t.Errorf("a token with a made-up kid = %d, %v, want 401 or 503", got, err)
					return
				}
				refused.Add(1)
			}
		})
	}
	wantAccepted(unseen, "a token during the flood")
	wg.Wait()
	if refused.Load() != tokens {
		t.Errorf("%d of %d were refused", refused.Load(), tokens)
	}
	took := time.Since(began)
	if got, most := ada.fetches()-before, fetchesAtOnce+1+int(took/fetchEvery); got > most {
		t.Errorf("%d fetches in %v, want at most %d", got, took, most)
	}
	t.Logf("%d tokens in %v", tokens, took)
}
