package web_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"taskql/web"
)

// TestSignInRefused sends sign-ins that reach no auth server, or one that is none. e2e/browser signs in at a real one.
func TestSignInRefused(t *testing.T) {
	t.Parallel()
	strange := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/page/sign-in/email":
			_, _ = w.Write([]byte("<!doctype html>"))
		case "/away/sign-in/email":
			http.Redirect(w, r, "http://192.0.2.1/", http.StatusFound)
		case "/nojwt/sign-in/email", "/empty/sign-in/email", "/empty/token":
			_, _ = w.Write([]byte("{}"))
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(strange.Close)
	closed := httptest.NewServer(nil)
	closed.Close()
	form := func(address string) string {
		text, err := json.Marshal(map[string]string{"address": address, "email": "a@example.com", "password": "secret"})
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	own := func(*http.Request) {}
	for name, tt := range map[string]struct {
		change     func(r *http.Request)
		body, want string
	}{
		"another site":               {func(r *http.Request) { r.Header.Set("Origin", "https://example.com") }, form(strange.URL), "on the page of the playground"},
		"no site":                    {func(r *http.Request) { r.Header.Del("Origin") }, form(strange.URL), "on the page of the playground"},
		"a form of another site":     {func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }, form(strange.URL), "on the page of the playground"},
		"another machine":            {func(r *http.Request) { r.RemoteAddr = "192.0.2.1:50000" }, form(strange.URL), "development mode or from another machine, you can sign in at this server's own BETTER_AUTH_URL only"},
		"another machine as allowed": {func(r *http.Request) { r.RemoteAddr = "192.0.2.1:50000" }, form("http://127.0.0.1:1/"), "cannot be reached at http://127.0.0.1:1/api/auth."},
		"no JSON":                    {own, "address=x", "cannot be read"},
		"a long form":                {own, form(strings.Repeat("x", 9000)), "cannot be read"},
		"no scheme":                  {own, form("localhost:3000"), "must begin with http:// or https://"},
		"a file":                     {own, form("file:///etc/passwd"), "must begin with http:// or https://"},
		"a user":                     {own, form("http://a:b@127.0.0.1"), "no user, query or fragment"},
		"no password":                {own, `{"address": "http://127.0.0.1", "email": "a@example.com"}`, "E-mail and password are required"},
		"nobody":                     {own, form(closed.URL), "cannot be reached at " + closed.URL + "/api/auth."},
		"another server":             {own, form(strange.URL), strange.URL + "/api/auth/sign-in/email answers with 404, not as Better Auth does."},
		"a page":                     {own, form(strange.URL + "/page"), "answers with 200, not as Better Auth does."},
		"a redirect":                 {own, form(strange.URL + "/away"), "answers with 302, not as Better Auth does."},
		"no jwt plugin":              {own, form(strange.URL + "/nojwt"), "There is no " + strange.URL + "/nojwt/token: add the jwt plugin"},
		"no token":                   {own, form(strange.URL + "/empty"), "has no token: add the jwt plugin"},
	} {
		r := request(http.MethodPost, "/playground/sign-in")
		r.Body = io.NopCloser(strings.NewReader(tt.body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Origin", "http://"+local)
		tt.change(r)
		w := httptest.NewRecorder()
		web.NewPlayground(web.PlaygroundOptions{Token: func() string { return "" }, AuthURL: "http://127.0.0.1:1/api/auth"}).ServeHTTP(w, r)
		var answer struct{ Token, Error string }
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != http.StatusUnprocessableEntity || answer.Token != "" || !strings.Contains(answer.Error, tt.want) {
			t.Errorf("%s = %d %s, want an error with %q", name, w.Code, w.Body, tt.want)
		}
		if cache := w.Header().Get("Cache-Control"); cache != "no-store" {
			t.Errorf("%s: Cache-Control = %q", name, cache)
		}
	}
}

// TestTooManySignIns refuses attempts at once. Requests that are no attempts, such as those of other sites, do not count.
func TestTooManySignIns(t *testing.T) {
	t.Parallel()
	asked := 0
	page := web.NewPlayground(web.PlaygroundOptions{AuthURL: "http://127.0.0.1:1/api/auth", Admit: func(*http.Request) int {
		asked++
		return 7
	}})
	send := func(origin string) *httptest.ResponseRecorder {
		r := request(http.MethodPost, "/playground/sign-in")
		r.Body = io.NopCloser(strings.NewReader(`{"address": "http://127.0.0.1:1", "email": "a@example.com", "password": "secret"}`))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Origin", origin)
		w := httptest.NewRecorder()
		page.ServeHTTP(w, r)
		return w
	}
	if w := send("https://example.com"); w.Code != http.StatusUnprocessableEntity || asked != 0 {
		t.Errorf("the form of another site = %d, and %d attempts", w.Code, asked)
	}
	w := send("http://" + local)
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") != "7" || !strings.Contains(w.Body.String(), "Try again in 7 s.") || asked != 1 {
		t.Errorf("an attempt = %d, Retry-After %q, %s, want 429 after 7 s", w.Code, w.Header().Get("Retry-After"), w.Body)
	}
}
