package signin

import (
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// TestProxies runs the proxies of docs/sign-in.md before taskql and an old backend, which has the accounts and signs tokens.
func TestProxies(t *testing.T) {
	t.Parallel()
	old := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != "POST" || r.URL.Path != "/api/auth/login" || r.URL.Query().Get("next") != "tasks" {
			http.NotFound(w, r)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]string{"access_token": harness.Token(t, "ada")})
	}))
	t.Cleanup(old.Close)
	s := harness.Start(t, map[string]string{"DATABASE_URL": storetest.SQLite(t), "JWT_SECRET": harness.Secret, "HOST": "127.0.0.1"})
	for name, run := range map[string]func(t *testing.T, site string){"nginx": harness.Nginx, "caddyfile": harness.Caddy} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := harness.FreeAddress(t)
			_, port, _ := net.SplitHostPort(address)
			block := strings.NewReplacer("listen 8080", "listen "+address, ":8080 {", ":"+port+" {", "127.0.0.1:8001", old.Listener.Addr().String(),
				"127.0.0.1:8000", strings.TrimPrefix(s.URL, "http://")).Replace(pageBlock(t, name))
			run(t, block)
			proxy := harness.At(t, "http://"+address)
			harness.Eventually(t, "the proxy listens", func() bool {
				_, err := proxy.Anonymous().Try("GET", "/health", "")
				return err == nil
			})
			for _, base := range []string{"", "/web"} {
				var login struct {
					Token string `json:"access_token"`
				}
				proxy.Anonymous().Send("POST", base+"/api/auth/login?next=tasks", `{"email":"ada@example.com"}`).JSON(t, &login)
				ada := proxy.With("ada", login.Token)
				made := ada.Send("POST", base+ada.Tasks(), `{"title":"Through the proxy"}`)
				if made.Status != http.StatusCreated || !strings.HasPrefix(made.Header.Get("Location"), base+"/api/ada/tasks/") {
					t.Fatalf("POST below %q = %d %s", base, made.Status, made.Body)
				}
				socket := proxy.Socket(t, harness.TransportWS)
				socket.SignIn(login.Token)
				if got := ada.GraphQL(`{ viewer { id } }`); !strings.Contains(got.Body, `"ada"`) {
					t.Errorf("GraphQL = %d %s", got.Status, got.Body)
				}
			}
		})
	}
	// Without a proxy, taskql says where to read.
	if got := s.Anonymous().Send("POST", "/api/auth/login", `{}`); got.Status != http.StatusNotFound || !strings.Contains(got.Body, "docs/sign-in.md") {
		t.Errorf("POST /api/auth/login = %d %s", got.Status, got.Body)
	}
}

// pageBlock returns the block of docs/sign-in.md in a language.
func pageBlock(t *testing.T, language string) string {
	t.Helper()
	page, err := os.ReadFile(harness.File("docs/sign-in.md"))
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```" + language + "\n(.*?)```").FindSubmatch(page)
	if block == nil {
		t.Fatalf("docs/sign-in.md has no block of %s", language)
	}
	return string(block[1])
}
