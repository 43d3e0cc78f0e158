package operations

import (
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// TestDevelopmentBehindAProxy requests the playground of development mode through a reverse proxy on the same machine,
// which asks for the server's own address.
func TestDevelopmentBehindAProxy(t *testing.T) {
	t.Chdir(t.TempDir()) // development mode leaves its secret there
	s := harness.Start(t, map[string]string{"DATABASE_URL": storetest.SQLite(t)})
	target, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.SetXForwarded()
	}})
	defer proxy.Close()
	for address, want := range map[string]bool{s.URL: true, proxy.URL: false} {
		a := harness.At(t, address).Anonymous().Send("GET", "/", "", "Connection", "keep-alive")
		if got := strings.Contains(a.Body, `"token"`); a.Status != 200 || got != want {
			t.Errorf("GET %s = %d, token given = %t, want %t", address, a.Status, got, want)
		}
	}
}
