package browser

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jws"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// stranger is a front end of clients/strangers, which is written as those of FastAPI backends are.
type stranger struct {
	style string
	// base is the end of the base URL for which the front end works, wrong one for which it does not.
	base, wrong string
	// urgent, low and none are the words for priorities that a user types and sees: the highest, the lowest, and the default.
	urgent, low, none [2]string
	// symptom is a part of what the page shows with the wrong base URL.
	symptom string
}

// TestStrangers uses three front ends through every step in a browser. The base URL alone decides whether they work. Their pages
// are of another origin than taskql, and each gets its token in another way.
func TestStrangers(t *testing.T) {
	t.Parallel()
	site := strangersSite(t)
	s := harness.Start(t, map[string]string{
		"DATABASE_URL": storetest.SQLite(t), "HOST": "127.0.0.1", "BETTER_AUTH_URL": site, "JWT_SECRET": harness.Secret,
		"CORS_ORIGINS": `["` + site + `"]`, "REST_OPEN_STATUS": "todo",
	})
	harness.Eventually(t, "the keys are read", func() bool { return s.Anonymous().Send("GET", "/ready", "").Status == http.StatusOK })
	same := func(word string) [2]string { return [2]string{word, word} }
	page := openBrowser(t)
	for _, f := range []stranger{
		{"camel", "/web", "/seed", same("high"), same("low"), same("medium"), "task.tags.map is not a function"},
		{"snake", "/seed", "/web", same("HIGH"), same("LOW"), same("MEDIUM"), "is not valid JSON"},
		{"own", "/web", "/seed", [2]string{"urgent", "urgent!"}, same("low"), [2]string{"none", "–"}, "0 open of 1\n"},
	} {
		use := func(base string) {
			page.do(chromedp.Navigate(site + "/?" + url.Values{"style": {f.style}, "base": {s.URL + base}}.Encode()))
		}
		use(f.base)
		page.waitFor(f.style+": a first list", `document.querySelector("#counts")?.textContent`, "0 open of 0")
		page.useStranger(f)
		if errors := page.takeErrors(); len(errors) > 0 {
			t.Errorf("%s: console: %q", f.style, errors)
		}
		// Its task, read with the other base URL.
		use(f.wrong)
		page.waitFor(f.style+" with the wrong base URL", `document.body.innerText`, f.symptom)
		page.takeErrors() // the page's own
	}
}

// takeErrors returns the errors since the last call.
func (b *browser) takeErrors() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	errors := b.errors
	b.errors = nil
	return errors
}

// strangersSite serves the front ends as their own servers do, and returns its address. It has the routes from which they get their
// tokens: one of Better Auth's jwt plugin with its keys, one for Better Auth's cookie, and one that signs with the shared secret.
func strangersSite(t *testing.T) string {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	signed := func(algorithm jwa.SignatureAlgorithm, key any, claims map[string]any) string {
		claims["exp"] = time.Now().Add(time.Hour).Unix()
		payload, err := json.Marshal(claims)
		if err != nil {
			t.Fatal(err)
		}
		headers := jws.NewHeaders()
		_ = headers.Set(jws.KeyIDKey, "k1")
		token, err := jws.Sign(payload, jws.WithKey(algorithm, key, jws.WithProtectedHeaders(headers)))
		if err != nil {
			t.Fatal(err)
		}
		return string(token)
	}
	const cookie = "better-auth.session_data"
	secret := []byte(harness.Secret)
	mux := http.NewServeMux()
	site := httptest.NewServer(mux)
	t.Cleanup(site.Close)
	files := http.FileServer(http.Dir(harness.File("clients/strangers")))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: cookie, HttpOnly: true, Value: signed(jwa.HS256, secret, map[string]any{"user": map[string]any{"id": "snake"}})})
		files.ServeHTTP(w, r)
	})
	mux.HandleFunc("/api/auth/jwks", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"keys":[{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","kid":"k1","x":%q}]}`, base64.RawURLEncoding.EncodeToString(public))
	})
	mux.HandleFunc("/api/auth/token", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"token":%q}`, signed(jwa.EdDSA, private, map[string]any{"sub": "camel", "iss": site.URL, "aud": site.URL}))
	})
	mux.HandleFunc("/api/session-token", func(w http.ResponseWriter, r *http.Request) {
		if sent, err := r.Cookie(cookie); err == nil {
			fmt.Fprint(w, sent.Value)
		}
	})
	mux.HandleFunc("/api/token", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"access_token":%q}`, signed(jwa.HS256, secret, map[string]any{"sub": "own"}))
	})
	return site.URL
}

// useStranger creates, changes, completes, filters, sorts, finds and deletes tasks. Every change sends the task back as it was
// read, with one field changed. In the end there is one task.
func (b *browser) useStranger(f stranger) {
	b.t.Helper()
	category, kept := "", ""
	if f.style == "own" {
		category, kept = "work", " | work"
	}
	row := func(title, description, priority, tags, due, done string) string {
		return strings.Join([]string{title, description, priority, tags, due, done}, " | ")
	}
	shows := func(step string, rows ...string) {
		b.t.Helper()
		if got, want := b.text(jsRows), strings.Join(rows, "\n"); got != want {
			b.fail(fmt.Errorf("%s: %s: the list shows\n%s\nwant\n%s", f.style, step, got, want))
		}
	}
	b.fill("#new", "title", "Water", "description", "the plants", "priority", f.urgent[0], "tags", "home garden", "due", "2030-03-01")
	water := row("Water", "the plants", f.urgent[1], "#home #garden", "2030-03-01", "open")
	shows("create", water)
	b.fill("#new", "title", "Call", "priority", f.low[0], "due", "2030-01-01")
	call := row("Call", "", f.low[1], "", "2030-01-01", "open")
	b.fill("#new", "title", "Any")
	other := row("Any", "", f.none[1], "", "", "open")
	shows("list, newest first", other, call, water)
	b.waitFor("count", `document.querySelector("#counts").textContent`, "3 open of 3")

	edit := func(field, value, want string) {
		b.t.Helper()
		b.fill("#list li:nth-child(2) form", "field", field, "value", value)
		call = want
		shows("edit of "+field+" to "+value, other, call, water)
	}
	edit("title", "Ring", row("Ring", "", f.low[1], "", "2030-01-01", "open"))
	edit("description", "Ada", row("Ring", "Ada", f.low[1], "", "2030-01-01", "open"))
	edit("priority", f.urgent[0], row("Ring", "Ada", f.urgent[1], "", "2030-01-01", "open"))
	edit("priority", f.none[0], row("Ring", "Ada", f.none[1], "", "2030-01-01", "open"))
	edit("tags", "phone", row("Ring", "Ada", f.none[1], "#phone", "2030-01-01", "open"))
	if category != "" {
		edit("category", category, row("Ring", "Ada", f.none[1], "#phone", "2030-01-01", "open")+kept)
	}
	edit("due", "2030-06-01", row("Ring", "Ada", f.none[1], "#phone", "2030-06-01", "open")+kept)
	edit("due", "", row("Ring", "Ada", f.none[1], "#phone", "", "open")+kept)
	edit("description", "", row("Ring", "", f.none[1], "#phone", "", "open")+kept)
	edit("tags", "", row("Ring", "", f.none[1], "", "", "open")+kept)
	edit("priority", f.low[0], row("Ring", "", f.low[1], "", "", "open")+kept)

	done := row("Ring", "", f.low[1], "", "", "done") + kept
	for _, want := range []string{done, call, done} {
		b.click("#list li:nth-child(2) .toggle")
		shows("toggle", other, want, water)
	}
	b.waitFor("count", `document.querySelector("#counts").textContent`, "2 open of 3")

	for _, step := range []struct {
		field, value string
		rows         []string
	}{
		{"status", "open", []string{other, water}},
		{"status", "done", []string{done}},
		{"status", "all", []string{other, done, water}},
		{"priority", f.urgent[0], []string{water}},
		{"priority", f.low[0], []string{done}},
		{"priority", "", []string{other, done, water}},
		{"sort", "title", []string{other, done, water}},
		{"sort", "due", []string{water, other, done}},
		{"sort", "priority", []string{water, order(f, other, done)[0], order(f, other, done)[1]}},
		{"sort", "created", []string{other, done, water}},
		{"search", "ATE", []string{water}},
		{"search", "", []string{other, done, water}},
	} {
		b.set("#view", step.field, step.value)
		shows(step.field+" "+step.value, step.rows...)
	}
	b.click("#list li:nth-child(1) .remove")
	shows("delete", done, water)
	b.click("#list li:nth-child(1) .remove")
	shows("delete", water)
	b.do(chromedp.Reload())
	b.waitFor(f.style+": reload", jsRows, water)
}

// order returns two tasks in the order of their priorities: the default one is above low, but none is below it.
func order(f stranger, byDefault, low string) []string {
	if f.none[0] == "none" {
		return []string{low, byDefault}
	}
	return []string{byDefault, low}
}

// jsRows is what the list shows.
const jsRows = `[...document.querySelectorAll("#list .row")].map((row) => row.textContent).join("\n")`

// fill sets fields of a form and sends it.
func (b *browser) fill(form string, pairs ...string) {
	b.t.Helper()
	script := fmt.Sprintf("const form = document.querySelector(%q);", form)
	for i := 0; i < len(pairs); i += 2 {
		script += fmt.Sprintf("form.elements[%q].value = %q;", pairs[i], pairs[i+1])
	}
	b.act(script + "form.requestSubmit();")
}

// set sets a field of the form of filters.
func (b *browser) set(form, field, value string) {
	b.t.Helper()
	b.act(fmt.Sprintf(`const field = document.querySelector(%q).elements[%q]; field.value = %q; field.dispatchEvent(new Event("change", { bubbles: true }));`, form, field, value))
}

func (b *browser) click(selector string) {
	b.t.Helper()
	b.act(fmt.Sprintf("document.querySelector(%q).click();", selector))
}

// act runs a script and waits until the list is drawn again.
func (b *browser) act(script string) {
	b.t.Helper()
	b.do(chromedp.Evaluate[chromedp.Void](`new Promise((resolve, reject) => {
		new MutationObserver(resolve).observe(document.querySelector("#list"), { attributeFilter: ["data-drawn"] });
		addEventListener("unhandledrejection", ({ reason }) => reject(reason));
		`+script+`
	})`, chromedp.EvalAwaitPromise))
}
