package delivery

import (
	"context"
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

	"taskql/e2e/harness"
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

// testHTTPS runs the sites of deploy before taskql at an address: requests of both APIs pass, a WebSocket and a stream of events get each change
// at once.
func testHTTPS(t *testing.T, taskql string) {
	certificate, key, pool := mustCertificate(t)
	for name, run := range map[string]func(t *testing.T, site string){"nginx/taskql.conf": harness.Nginx, "caddy/Caddyfile": harness.Caddy} {
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(harness.File("deploy/" + name))
			if err != nil {
				t.Fatal(err)
			}
			secure, plain := harness.FreeAddress(t), harness.FreeAddress(t)
			_, port, _ := net.SplitHostPort(secure)
			run(t, strings.NewReplacer("listen 443", "listen "+secure, "listen 80;", "listen "+plain+";", "127.0.0.1:8000", taskql,
				"/etc/letsencrypt/live/"+site+"/fullchain.pem", certificate, "/etc/letsencrypt/live/"+site+"/privkey.pem", key,
				site+" {\n", site+":"+port+" {\n\ttls "+certificate+" "+key+"\n").Replace(string(text)))
			// The site's name leads to the proxy.
			dialer := &net.Dialer{}
			s := harness.At(t, "https://"+site+":"+port)
			s.HTTP = &http.Client{Transport: &http.Transport{
				TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true, DisableCompression: true,
				DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
					return dialer.DialContext(ctx, network, strings.Replace(address, site, "127.0.0.1", 1))
				},
			}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
			u := s.As("user of " + name)
			harness.Eventually(t, "the proxy listens", func() bool {
				answer, err := u.Try("GET", "/ready", "")
				return err == nil && answer.Status == http.StatusOK
			})
			if strings.HasPrefix(name, "nginx") {
				response, err := s.HTTP.Get("http://" + plain + "/graphql")
				if err != nil || response.StatusCode != http.StatusMovedPermanently || !strings.HasPrefix(response.Header.Get("Location"), "https://") {
					t.Errorf("GET over HTTP = %v, %v, want a redirect", response, err)
				}
			}
			since := u.SyncToken()
			followers := []*harness.Follower{u.Follow(harness.TransportWS, since), u.Follow(harness.EventsByPOST, since)}
			var id string
			for _, want := range []func() string{
				func() string {
					id = u.MustCreate(map[string]any{"title": "by GraphQL"})
					return "SAVED " + id + " by GraphQL"
				},
				func() string { id = u.Add("by REST"); return "SAVED " + id + " by REST" },
			} {
				// The streams go on, so that a proxy which waits for more would let this time out.
				change := want()
				for _, f := range followers {
					f.Want(change)
				}
			}
			if got := u.Send("GET", u.Tasks(id), ""); got.Status != http.StatusOK || got.Header.Get("Strict-Transport-Security") == "" {
				t.Errorf("GET = %d %v %s", got.Status, got.Header, got.Body)
			}
		})
	}
}
