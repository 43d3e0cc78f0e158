package web_test

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"taskql/web"
)

const local = "localhost:8080"

// loopback is the address of a client on this machine.
const loopback = "127.0.0.1:50000"

// request returns a request of a browser on this machine to the port of local.
func request(method, target string) *http.Request {
	arrived := context.WithValue(context.Background(), http.LocalAddrContextKey, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080})
	r := httptest.NewRequestWithContext(arrived, method, target, nil)
	r.Host, r.RemoteAddr = local, loopback
	r.Header.Set("Connection", "keep-alive")
	return r
}

// get serves one GET request and returns the whole answer.
func get(t *testing.T, o web.PlaygroundOptions, host, target string) *httptest.ResponseRecorder {
	t.Helper()
	return do(t, o, http.MethodGet, host, target)
}

func do(t *testing.T, o web.PlaygroundOptions, method, host, target string) *httptest.ResponseRecorder {
	t.Helper()
	r := request(method, target)
	r.Host = host
	w := httptest.NewRecorder()
	web.NewPlayground(o).ServeHTTP(w, r)
	return w
}

func token(s string) func() string { return func() string { return s } }

type config struct {
	Endpoint string
	Token    string
}

// pageConfig reads the page's config element as a browser does: its text ends at the first
// "</script".
func pageConfig(t *testing.T, page string) config {
	t.Helper()
	m := regexp.MustCompile(`(?s)<script type="application/json" id="config">(.*?)</script`).FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("no config element in the page:\n%s", page)
	}
	var c config
	if err := json.Unmarshal([]byte(m[1]), &c); err != nil {
		t.Fatalf("config %q: %v", m[1], err)
	}
	return c
}

func TestPage(t *testing.T) {
	w := get(t, web.PlaygroundOptions{Endpoint: "/graphql"}, local, "/")
	if w.Code != http.StatusOK {
		t.Fatalf("status = %d, want 200", w.Code)
	}
	for name, want := range map[string]string{
		"Content-Type":           "text/html; charset=utf-8",
		"Cache-Control":          "no-store",
		"X-Content-Type-Options": "nosniff",
		"X-Frame-Options":        "DENY",
		"Referrer-Policy":        "no-referrer",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if page := w.Body.String(); !strings.Contains(page, "<title>taskql</title>") {
		t.Errorf("the page has no title:\n%s", page)
	}
}

func TestContentSecurityPolicy(t *testing.T) {
	w := get(t, web.PlaygroundOptions{Endpoint: "/graphql"}, local, "/")
	got := map[string]string{}
	for directive := range strings.SplitSeq(w.Header().Get("Content-Security-Policy"), ";") {
		name, sources, _ := strings.Cut(strings.TrimSpace(directive), " ")
		got[name] = sources
	}
	for name, want := range map[string]string{
		"default-src":     "'self'",
		"style-src":       "'self' 'unsafe-inline'",
		"img-src":         "'self' data:",
		"object-src":      "'none'",
		"base-uri":        "'none'",
		"form-action":     "'none'",
		"frame-ancestors": "'none'",
	} {
		if got[name] != want {
			t.Errorf("%s = %q, want %q", name, got[name], want)
		}
		delete(got, name)
	}
	// Anything more can only widen what default-src allows.
	for name, sources := range got {
		t.Errorf("unexpected directive %s %s", name, sources)
	}
}

func TestNoExecutableInlineScript(t *testing.T) {
	page := get(t, web.PlaygroundOptions{Endpoint: "/graphql"}, local, "/").Body.String()
	for _, tag := range regexp.MustCompile(`<script[^>]*>`).FindAllString(page, -1) {
		if !strings.Contains(tag, ` src="`) && !strings.Contains(tag, `type="application/json"`) {
			t.Errorf("inline script %s", tag)
		}
	}
}

func TestHead(t *testing.T) {
	s := httptest.NewServer(web.NewPlayground(web.PlaygroundOptions{Endpoint: "/graphql"}))
	defer s.Close()
	res, err := http.Head(s.URL + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Security-Policy") == "" {
		t.Errorf("HEAD / = %d with %v, want 200 with the headers of GET", res.StatusCode, res.Header)
	}
}

func TestTokenOnlyForLoopbackHosts(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost":             false,
		"localhost:8080":        true,
		"LocalHost:8080":        true,
		"tasks.localhost":       false,
		"tasks.localhost:8080":  true,
		"127.0.0.1":             false,
		"127.0.0.1:8080":        true,
		"[::1]":                 false,
		"[::1]:8080":            true,
		"127.0.0.1:80":          false, // of another program
		"localhost:":            false,
		"":                      false,
		"example.com":           false,
		"example.com:8080":      false,
		"localhost.example.com": false,
		"notlocalhost":          false,
		"127.0.0.1.example.com": false,
		"192.168.0.10:8080":     false,
		"0.0.0.0:8080":          false,
		"[::]:8080":             false,
		"[2001:db8::1]:8080":    false,
		"example.com:127.0.0.1": false,
		"localhost@example.com": false,
	} {
		w := get(t, web.PlaygroundOptions{Endpoint: "/graphql", Token: token("secret")}, host, "/")
		if w.Code != http.StatusOK {
			t.Errorf("host %q: status = %d, want 200", host, w.Code)
			continue
		}
		c := pageConfig(t, w.Body.String())
		if got := c.Token == "secret"; got != want {
			t.Errorf("host %q: token given = %t, want %t", host, got, want)
		}
		if !want && strings.Contains(w.Body.String(), "secret") {
			t.Errorf("host %q: the token is somewhere in the page", host)
		}
		if c.Endpoint != "/graphql" {
			t.Errorf("host %q: endpoint = %q, want /graphql", host, c.Endpoint)
		}
	}
}

// TestTokenOnlyForThisMachine sends requests of other machines that ask for this machine's own host, as proxies do.
func TestTokenOnlyForThisMachine(t *testing.T) {
	h := web.NewPlayground(web.PlaygroundOptions{Token: token("secret")})
	for name, tt := range map[string]struct {
		change func(r *http.Request)
		want   bool
	}{
		"browser":            {func(*http.Request) {}, true},
		"browser by IPv6":    {func(r *http.Request) { r.RemoteAddr = "[::1]:50000" }, true},
		"mapped address":     {func(r *http.Request) { r.RemoteAddr = "[::ffff:127.0.0.1]:50000" }, true},
		"another machine":    {func(r *http.Request) { r.RemoteAddr = "192.0.2.1:50000" }, false},
		"an unknown address": {func(r *http.Request) { r.RemoteAddr = "@" }, false},
		"X-Forwarded-For":    {func(r *http.Request) { r.Header.Set("X-Forwarded-For", "127.0.0.1") }, false},
		"X-Forwarded-Host":   {func(r *http.Request) { r.Header.Set("X-Forwarded-Host", "localhost") }, false},
		"X-Real-IP":          {func(r *http.Request) { r.Header.Set("X-Real-IP", "192.0.2.1") }, false},
		"Forwarded":          {func(r *http.Request) { r.Header.Set("Forwarded", "for=192.0.2.1") }, false},
		"an empty header":    {func(r *http.Request) { r.Header.Set("Via", "") }, false},
		"only another Host":  {func(r *http.Request) { r.Host = "127.0.0.1" }, false},
		"the default port": {func(r *http.Request) {
			r.Host = "127.0.0.1"
			*r = *r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, &net.TCPAddr{Port: 80}))
		}, true},
		"nginx with HTTP/1.1":               {func(r *http.Request) { r.Header.Set("Connection", "close") }, false},
		"nginx with WebSockets":             {func(r *http.Request) { r.Header.Set("Connection", "upgrade") }, false},
		"nginx that keeps connections open": {func(r *http.Request) { r.Header.Del("Connection") }, false},
		"nginx by its preset":               {func(r *http.Request) { r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/1.0", 1, 0 }, false},
	} {
		r := request(http.MethodGet, "/")
		tt.change(r)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if got := strings.Contains(w.Body.String(), "secret"); w.Code != http.StatusOK || got != tt.want {
			t.Errorf("%s: %d, token given = %t, want %t", name, w.Code, got, tt.want)
		}
	}
}

func TestTokenIsOptional(t *testing.T) {
	for name, source := range map[string]func() string{"nil": nil, "empty": token("")} {
		w := get(t, web.PlaygroundOptions{Endpoint: "/graphql", Token: source}, local, "/")
		if c := pageConfig(t, w.Body.String()); c.Token != "" || c.Endpoint != "/graphql" {
			t.Errorf("%s: config = %+v, want the endpoint alone", name, c)
		}
	}
}

func TestTokenIsAskedForAtEachLoad(t *testing.T) {
	calls := 0
	h := web.NewPlayground(web.PlaygroundOptions{Token: func() string {
		calls++
		return strings.Repeat("x", calls)
	}})
	for _, want := range []string{"x", "xx"} {
		r := request(http.MethodGet, "/")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if got := pageConfig(t, w.Body.String()).Token; got != want {
			t.Errorf("token = %q, want %q", got, want)
		}
	}
}

func TestConfigIsEscaped(t *testing.T) {
	plain := get(t, web.PlaygroundOptions{}, local, "/").Body.String()
	for _, hostile := range []string{
		`</script><script>alert(1)</script>`,
		`<!--<script>`,
		`"},"endpoint":"https://example.com`,
		"\u2028\u2029\\\n",
		`{{.}} & ' "`,
	} {
		o := web.PlaygroundOptions{Endpoint: hostile, Token: token(hostile)}
		page := get(t, o, local, "/").Body.String()
		if got, want := pageConfig(t, page), (config{hostile, hostile}); got != want {
			t.Errorf("config = %+v, want %+v", got, want)
		}
		if got, want := strings.Count(page, "<"), strings.Count(plain, "<"); got != want {
			t.Errorf("%q adds markup to the page:\n%s", hostile, page)
		}
	}
}

func TestNotServed(t *testing.T) {
	for target, want := range map[string]int{
		"/index.html":                 http.StatusNotFound,
		"/graphql":                    http.StatusNotFound,
		"/playground":                 http.StatusNotFound,
		"/playground/":                http.StatusNotFound,
		"/playground/missing.js":      http.StatusNotFound,
		"/playground/index.html":      http.StatusNotFound,
		"/playground/assets":          http.StatusNotFound,
		"/playground/..%2Findex.html": http.StatusNotFound,
		"/playground/%2E":             http.StatusNotFound,
		"/playground/a%2F..":          http.StatusNotFound,
	} {
		w := get(t, web.PlaygroundOptions{}, local, target)
		if w.Code != want {
			t.Errorf("GET %s = %d, want %d", target, w.Code, want)
		}
		if cache := w.Header().Get("Cache-Control"); cache != "" {
			t.Errorf("GET %s: Cache-Control = %q on an error", target, cache)
		}
	}
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete} {
		if w := do(t, web.PlaygroundOptions{}, method, local, "/"); w.Code != http.StatusMethodNotAllowed {
			t.Errorf("%s / = %d, want 405", method, w.Code)
		}
	}
}

// TestPageAndFilesBelongTogether catches a dist that was only half committed.
func TestPageAndFilesBelongTogether(t *testing.T) {
	page := get(t, web.PlaygroundOptions{}, local, "/").Body.String()
	referenced := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		referenced[m[1]] = true
	}
	contentTypes := map[string]string{
		".js":  "text/javascript; charset=utf-8",
		".css": "text/css; charset=utf-8",
		".svg": "image/svg+xml",
		".txt": "text/plain; charset=utf-8",
	}
	hashed := regexp.MustCompile(`^/playground/\w+-[0-9A-Z]{8}\.\w+$`)
	for target := range referenced {
		w := get(t, web.PlaygroundOptions{}, "example.com", target)
		if w.Code != http.StatusOK || w.Body.Len() == 0 {
			t.Errorf("GET %s = %d with %d bytes, want 200 with content", target, w.Code, w.Body.Len())
		}
		if !hashed.MatchString(target) {
			t.Errorf("%s is cached for ever but carries no hash", target)
		}
		for name, want := range map[string]string{
			"Content-Type":           contentTypes[filepath.Ext(target)],
			"Cache-Control":          "public, max-age=31536000, immutable",
			"X-Content-Type-Options": "nosniff",
			"Referrer-Policy":        "no-referrer",
		} {
			if got := w.Header().Get(name); got != want {
				t.Errorf("%s: %s = %q, want %q", target, name, got, want)
			}
		}
	}
	files, err := os.ReadDir("dist/playground/assets")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if target := "/playground/" + strings.TrimSuffix(f.Name(), ".gz"); !referenced[target] {
			t.Errorf("%s is built but the page does not refer to it", target)
		}
	}
}

// TestNothingComesFromElsewhere reads the built files for addresses on other origins. Bundled
// code may name some that it never loads; those are listed, so that a new one is noticed.
func TestNothingComesFromElsewhere(t *testing.T) {
	harmless := map[string]string{
		"http://www.w3.org/":                  "XML namespaces",
		"https://react.dev/errors/":           "a link in React's error messages",
		"https://yarnpkg.com/":                "a link in an error message of GraphQL",
		"https://commonmark.org/":             "GraphQL's description of @deprecated",
		"https://en.wikipedia.org/":           "GraphQL's description of Float",
		"https://github.com/graphql/graphiql": "a link on GraphiQL's own logo",
		"https://codemirror.net/5/doc/":       "a link in the dialog of short keys",
		"https://www.onegraph.com":            "a link in the explorer to its authors",
		"https://github.com/OneGraph/":        "a link in the explorer to its source",
		"http://localhost:3000":               "the address that the sign-in form suggests",
		"http://${":                           "Markdown's guess at the scheme of a link",
		`http://"`:                            "the same",
	}
	address := regexp.MustCompile(`(?i)(?:https?|wss?|ftp)://[^\s'\x60)]{0,40}|["'\x60(]//[\w-]+\.[\w.-]+`)
	worker := regexp.MustCompile(`\bimportScripts\(|\bnew (?:Shared)?Worker\(|serviceWorker`)
	err := filepath.WalkDir("dist/playground", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".txt.gz") {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if name, packed := strings.CutSuffix(path, ".gz"); packed {
			path, content = name, get(t, web.PlaygroundOptions{}, local, "/playground/"+filepath.Base(name)).Body.Bytes()
		}
	addresses:
		for _, found := range address.FindAllString(string(content), -1) {
			for prefix := range harmless {
				if filepath.Ext(path) != ".css" && strings.HasPrefix(found, prefix) {
					continue addresses
				}
			}
			t.Errorf("%s names %s", path, found)
		}
		if found := worker.Find(content); found != nil {
			t.Errorf("%s starts a worker: %s", path, found)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestExamplesFitTheSchema keeps the tabs of a first visit working while the schema changes.
func TestExamplesFitTheSchema(t *testing.T) {
	sdl, err := os.ReadFile("../schema.graphqls")
	if err != nil {
		t.Fatal(err)
	}
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "schema.graphqls", Input: string(sdl)})
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("src/playground/examples/*.graphql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, file := range files {
		example, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := gqlparser.LoadQueryWithRules(schema, string(example), rules.NewDefaultRules()); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}
