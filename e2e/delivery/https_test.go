package delivery

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

const site = "tasks.example.com"

// mustCertificate writes a certificate of the site, and returns the files and a pool that trusts it.
func mustCertificate(t *testing.T) (certificate, key string, pool *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{site}, NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certificate, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, block := range map[string]*pem.Block{certificate: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: encoded}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool = x509.NewCertPool()
	pool.AddCert(parsed)
	return certificate, key, pool
}

// TestHTTPS runs the sites of deploy before taskql: requests, WebSockets and event streams pass, and a stream's events come at once.
func TestHTTPS(t *testing.T) {
	t.Parallel()
	certificate, key, pool := mustCertificate(t)
	env := harness.Env(storetest.SQLite(t))
	env["TRUSTED_PROXIES"] = "127.0.0.1/32"
	s := harness.Start(t, env)
	taskql := strings.TrimPrefix(s.URL, "http://")
	for name, run := range map[string]func(t *testing.T, site string){"nginx/taskql.conf": harness.Nginx, "caddy/Caddyfile": harness.Caddy} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(harness.File("deploy/" + name))
			if err != nil {
				t.Fatal(err)
			}
			secure, plain := harness.FreeAddress(t), harness.FreeAddress(t)
			_, port, _ := net.SplitHostPort(secure)
			run(t, strings.NewReplacer("listen 443", "listen "+secure, "listen 80;", "listen "+plain+";", "127.0.0.1:8000", taskql,
				"/etc/letsencrypt/live/"+site+"/fullchain.pem", certificate, "/etc/letsencrypt/live/"+site+"/privkey.pem", key,
				site+" {\n", site+":"+port+" {\n\ttls "+certificate+" "+key+"\n").Replace(string(text)))
			client := &http.Client{Transport: &http.Transport{
				TLSClientConfig: &tls.Config{RootCAs: pool, ServerName: site}, ForceAttemptHTTP2: true, DisableCompression: true,
			}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
			send := func(method, url, body string, headers ...string) (*http.Response, error) {
				r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
				if err != nil {
					t.Fatal(err)
				}
				r.Host = site + ":" + port
				r.Header.Set("Authorization", "Bearer "+harness.Token(t, "ada"))
				for i := 0; i < len(headers); i += 2 {
					r.Header.Set(headers[i], headers[i+1])
				}
				return client.Do(r)
			}
			base := "https://" + secure
			harness.Eventually(t, "the proxy listens", func() bool {
				response, err := send("GET", base+"/ready", "")
				if err == nil {
					response.Body.Close()
				}
				return err == nil && response.StatusCode == 200
			})
			if strings.HasPrefix(name, "nginx") {
				response, err := send("GET", "http://"+plain+"/graphql", "")
				if err != nil || response.StatusCode != http.StatusMovedPermanently || !strings.HasPrefix(response.Header.Get("Location"), "https://"+site) {
					t.Errorf("GET over HTTP = %v, %v, want a redirect", response, err)
				}
			}
			events, err := send("POST", base+"/graphql", harness.GraphQLBody(harness.FollowQuery), "Content-Type", "application/json", "Accept", "text/event-stream")
			if err != nil || events.StatusCode != 200 {
				t.Fatalf("subscribe = %v, %v", events, err)
			}
			defer events.Body.Close()
			socket, _, err := websocket.Dial(t.Context(), strings.Replace(base, "https", "wss", 1)+"/graphql", &websocket.DialOptions{
				HTTPClient: client, Host: site + ":" + port, Subprotocols: []string{harness.TransportWS},
			})
			if err != nil {
				t.Fatal(err)
			}
			defer socket.CloseNow()
			if err := socket.Write(t.Context(), websocket.MessageText, []byte(harness.InitMessage(harness.Token(t, "ada")))); err != nil {
				t.Fatal(err)
			}
			if _, message, err := socket.Read(t.Context()); err != nil || !strings.Contains(string(message), "connection_ack") {
				t.Errorf("the socket answered %s, %v", message, err)
			}
			created, err := send("POST", base+"/graphql", harness.GraphQLBody(`mutation { createTask(input: {title: "seen at once"}) { task { id } } }`), "Content-Type", "application/json")
			if err != nil || created.StatusCode != 200 || created.Header.Get("Strict-Transport-Security") == "" {
				t.Errorf("createTask = %v, %v", created, err)
			}
			// The stream goes on, so that a proxy which waits for more would let this time out.
			for lines := bufio.NewScanner(events.Body); ; {
				if !lines.Scan() {
					t.Fatalf("the stream ended: %v", lines.Err())
				}
				if strings.Contains(lines.Text(), "seen at once") {
					break
				}
			}
		})
	}
}
