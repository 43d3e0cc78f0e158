package auth_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"taskql/auth"
	"taskql/models"
	"taskql/reqlog"
)

// answer is the result of a request: the user that the next handler received, or the error that deny received.
type answer struct {
	user   *auth.User
	err    error
	header http.Header
	log    map[string]any
	line   string
}

func ask(t *testing.T, r *http.Request) (a answer) {
	t.Helper()
	var lines bytes.Buffer
	v := mustVerifier(t, config(), newClock().now)
	next := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if a.user, a.err = auth.FromContext(r.Context()); a.err != nil {
			t.Error(a.err)
		}
	})
	deny := func(w http.ResponseWriter, _ *http.Request, err error) {
		a.err = err
		w.WriteHeader(http.StatusTeapot) // any status: deny chooses the response
	}
	w := httptest.NewRecorder()
	reqlog.Handler(slog.New(slog.NewJSONHandler(&lines, nil)), v.Middleware(next, deny), nil).ServeHTTP(w, r)
	if (w.Code == http.StatusTeapot) != (a.err != nil) || (a.user == nil) != (a.err != nil) {
		t.Errorf("status = %d, user = %v, error = %v, want either a user or a denial", w.Code, a.user, a.err)
	}
	a.header, a.line = w.Header(), lines.String()
	if err := json.Unmarshal(lines.Bytes(), &a.log); err != nil || strings.Count(a.line, "\n") != 1 {
		t.Fatalf("log = %q, %v, want one line", a.line, err)
	}
	return a
}

func request(authorization ...string) *http.Request {
	r := httptest.NewRequest("GET", "/graphql", nil)
	for _, value := range authorization {
		r.Header.Add("Authorization", value)
	}
	return r
}

func TestMiddlewareLetsThrough(t *testing.T) {
	token := mustToken(t, claims{"email": "a@example.com", "name": "Alice"})
	for _, header := range []string{"Bearer " + token, "bearer " + token, "BEARER " + token, "bEaReR " + token, "Bearer   " + token, " Bearer " + token + " "} {
		a := ask(t, request(header))
		if a.err != nil || a.user.ID != "alice" || text(a.user.Email) != "a@example.com" || text(a.user.Name) != "Alice" {
			t.Errorf("user = %+v, %v, want alice with her name and e-mail", a.user, a.err)
		}
		if a.log["user"] != "alice" || a.log["refused"] != nil || a.header.Get("WWW-Authenticate") != "" || strings.Contains(a.line, token) {
			t.Errorf("log = %s, header = %v, want the user, no challenge and no token", a.line, a.header)
		}
	}
}

func TestMiddlewareDenies(t *testing.T) {
	token := mustToken(t)
	expired := mustToken(t, claims{"exp": 1})
	const missing, invalid, gone = "Bearer", `Bearer error="invalid_token"`, `Bearer error="invalid_token", error_description="TOKEN_EXPIRED"`
	inQuery := httptest.NewRequest("GET", "/graphql?access_token="+token+"&token="+token, nil)
	inForm := httptest.NewRequest("POST", "/graphql", strings.NewReader("access_token="+token))
	inForm.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	inCookie := request()
	inCookie.AddCookie(&http.Cookie{Name: "better-auth.session_data", Value: token})
	inOther := request()
	for _, name := range []string{"X-Authorization", "Proxy-Authorization", "X-Access-Token", "Cookie"} {
		inOther.Header.Set(name, "Bearer "+token)
	}
	for _, tt := range []struct {
		name      string
		request   *http.Request
		challenge string // its beginning
		reason    string
		logged    string // part of it
	}{
		{"no token", request(), missing, "", "no token"},
		{"a token in the query string", inQuery, missing, "", "no token"},
		{"a token in the body", inForm, missing, "", "no token"},
		{"a token in a cookie", inCookie, missing, "", "no token"},
		{"a token in other headers", inOther, missing, "", "no token"},
		{"a bad token", request("Bearer " + token[:len(token)-4] + "AAAA"), invalid, "", "signature"},
		{"a session token", request("Bearer Vq3TnH8pXcZk5RwYb2GfLd9MsJ7uAe4E"), invalid, "", "session token"},
		{"an expired token", request("Bearer " + expired), gone, models.ReasonTokenExpired, "expired"},
		{"Basic", request("Basic " + token), "Bearer", "", "scheme"},
		{"a token without a scheme", request(token), "Bearer", "", "scheme"},
		{"a scheme that begins alike", request("BearerX " + token), "Bearer", "", "scheme"},
		{"a scheme of other letters", request("Bear\u212Ar " + token), "Bearer", "", "scheme"},
		{"a scheme alone", request("Bearer"), "Bearer", "", ""},
		{"an empty header", request(""), "Bearer", "", ""},
		{"two headers", request("Bearer "+token, "Bearer "+token), "Bearer", "", "more than one"},
		{"two headers, the first bad", request("Basic x", "Bearer "+token), "Bearer", "", "more than one"},
		{"two tokens in one header", request("Bearer " + token + ", Bearer " + token), invalid, "", ""},
		{"the token twice", request("Bearer " + token + " " + token), invalid, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := ask(t, tt.request)
			var public *models.Error
			if a.user != nil || !errors.As(a.err, &public) || public.Code != models.CodeUnauthenticated || public.Reason != tt.reason {
				t.Errorf("denied with %v (%+v), want UNAUTHENTICATED %q", a.err, public, tt.reason)
			}
			got := a.header.Values("WWW-Authenticate")
			exact := tt.challenge != missing || tt.logged == "no token"
			if len(got) != 1 || !strings.HasPrefix(got[0], tt.challenge) || exact && got[0] != tt.challenge {
				t.Errorf("WWW-Authenticate = %q, want %q", got, tt.challenge)
			}
			why, _ := a.log["refused"].(string)
			if why == "" || !strings.Contains(why, tt.logged) || a.log["user"] != nil {
				t.Errorf("log = %s, want refused with %q and no user", a.line, tt.logged)
			}
			for _, part := range append(strings.Split(token, "."), strings.Split(expired, ".")...) {
				if part != encode(hs256) && strings.Contains(a.line, part) || strings.Contains(a.line, "Vq3TnH8p") {
					t.Errorf("log = %s, want no part of a token in it", a.line)
				}
			}
		})
	}
}

func TestFromContextWithoutUser(t *testing.T) {
	user, err := auth.FromContext(t.Context())
	var public *models.Error
	if user != nil || !errors.As(err, &public) || public.Code != models.CodeUnauthenticated {
		t.Errorf("FromContext = %v, %v, want UNAUTHENTICATED", user, err)
	}
	want := &auth.User{ID: "alice"}
	if got, err := auth.FromContext(auth.NewContext(t.Context(), want)); got != want || err != nil {
		t.Errorf("FromContext = %v, %v, want %v", got, err, want)
	}
}
