package web_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"taskql/web"
)

// serve answers one GET request as the server does.
func serve(target string, headers ...string) *httptest.ResponseRecorder {
	mux := http.NewServeMux()
	mux.Handle("GET /docs", web.SwaggerUI("/openapi.json"))
	mux.Handle("GET /redoc", web.ReDoc("/web/openapi.json"))
	mux.HandleFunc(web.ReferenceAssets, web.ReferenceAsset)
	r := httptest.NewRequest(http.MethodGet, target, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	return w
}

func TestPages(t *testing.T) {
	asset := regexp.MustCompile(`(?:src|href)="(/docs/assets/[^"]+)"`)
	for _, page := range []string{"/docs", "/redoc"} {
		w := serve(page)
		for name, want := range map[string]string{
			"Content-Type":           "text/html; charset=utf-8",
			"Cache-Control":          "no-cache",
			"X-Content-Type-Options": "nosniff",
			"X-Frame-Options":        "DENY",
			"Referrer-Policy":        "no-referrer",
			"Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
				"object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; worker-src blob:",
		} {
			if got := w.Header().Get(name); got != want {
				t.Errorf("%s: %s = %q, want %q", page, name, got, want)
			}
		}
		html := w.Body.String()
		if strings.Contains(html, "://") {
			t.Errorf("%s names another server:\n%s", page, html)
		}
		files := asset.FindAllStringSubmatch(html, -1)
		if len(files) < 5 {
			t.Fatalf("%s loads %d files:\n%s", page, len(files), html)
		}
		for _, file := range files {
			if w := serve(file[1]); w.Code != http.StatusOK || w.Body.Len() == 0 {
				t.Errorf("%s: GET %s = %d", page, file[1], w.Code)
			}
		}
	}
}

// TestAssets has each file in both encodings, by a name that can be kept for ever.
func TestAssets(t *testing.T) {
	files, err := filepath.Glob("dist/reference/assets/*.gz")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	types := map[string]string{
		".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8",
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".gz")
		plain, packed := serve("/docs/assets/"+name), serve("/docs/assets/"+name, "Accept-Encoding", "br, gzip;q=0.8")
		for _, w := range []*httptest.ResponseRecorder{plain, packed} {
			for header, want := range map[string]string{
				"Content-Type":           types[filepath.Ext(name)],
				"Cache-Control":          "public, max-age=31536000, immutable",
				"Vary":                   "Accept-Encoding",
				"X-Content-Type-Options": "nosniff",
			} {
				if got := w.Header().Get(header); got != want {
					t.Errorf("%s: %s = %q, want %q", name, header, got, want)
				}
			}
		}
		if plain.Header().Get("Content-Encoding") != "" || packed.Header().Get("Content-Encoding") != "gzip" {
			t.Errorf("%s: the encodings are %q and %q", name, plain.Header(), packed.Header())
		}
		unpacked, err := gzip.NewReader(packed.Body)
		if err != nil {
			t.Fatal(err)
		}
		if text, err := io.ReadAll(unpacked); err != nil || string(text) != plain.Body.String() || len(text) == 0 {
			t.Errorf("%s: the encodings differ: %v", name, err)
		}
	}
	for _, accepted := range []string{"", "br", "gzip;q=0", "identity, gzip; q=0.0", "x-gzip"} {
		if w := serve("/docs/assets/"+strings.TrimSuffix(filepath.Base(files[0]), ".gz"), "Accept-Encoding", accepted); w.Header().Get("Content-Encoding") != "" {
			t.Errorf("Accept-Encoding %q is answered with %s", accepted, w.Header().Get("Content-Encoding"))
		}
	}
	for _, name := range []string{"", "nothing.js", "..%2Fdocs.html", "../docs.html"} {
		if w := serve("/docs/assets/" + name); w.Code == http.StatusOK {
			t.Errorf("GET %q = %d", name, w.Code)
		}
	}
}

// TestNoticesAreKept names both packages and some of what they are made of.
func TestNoticesAreKept(t *testing.T) {
	files, err := filepath.Glob("dist/reference/assets/licences-*.txt.gz")
	if err != nil || len(files) != 1 {
		t.Fatalf("%q, %v", files, err)
	}
	notices := serve("/docs/assets/" + strings.TrimSuffix(filepath.Base(files[0]), ".gz")).Body.String()
	manifest, err := os.ReadFile("package.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"redoc", "swagger-ui-dist"} {
		version := regexp.MustCompile(`"` + name + `": "([^"]+)"`).FindStringSubmatch(string(manifest))
		if version == nil || !strings.Contains(notices, name+" "+version[1]) {
			t.Errorf("the notices are not those of %s %q", name, version)
		}
	}
	for _, part := range []string{"Apache License", "SmartBear Software", "Rebilly", "Facebook, Inc.", "DOMPurify"} {
		if !strings.Contains(notices, part) {
			t.Errorf("the notices do not have %q", part)
		}
	}
}
