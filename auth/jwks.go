package auth

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwk"
)

const (
	maxKeySet = 1 << 20 // bytes
	maxKeys   = 100
)

// reader reads a key set over HTTP.
func reader(address string) func(context.Context) ([]byte, error) {
	client := &http.Client{
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			first := via[0].URL
			insecure := first.Scheme == "https" && r.URL.Scheme != "https"
			if r.URL.Hostname() != first.Hostname() || insecure || len(via) > 3 {
				return errors.New("it redirects to another host, or too often")
			}
			return nil
		},
	}
	return func(ctx context.Context) ([]byte, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			return nil, err
		}
		r.Header.Set("Accept", "application/json")
		response, err := client.Do(r)
		if err != nil {
			return nil, err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("%s answers %s", address, response.Status)
		}
		return limited(response.Body)
	}
}

// fileReader reads a key set from a file.
func fileReader(path string) func(context.Context) ([]byte, error) {
	return func(context.Context) ([]byte, error) {
		file, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		return limited(file)
	}
}

func limited(r io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxKeySet+1))
	if err == nil && len(text) > maxKeySet {
		err = fmt.Errorf("the key set has more than %d bytes", maxKeySet)
	}
	return text, err
}

// parseKeys reads a JWKS and keeps the keys that can be used. What cannot stands beside what can
// without harm: symmetric keys, unknown types, broken ones. A set without any usable key is an error.
func parseKeys(text []byte) (keySet, error) {
	var document struct {
		Keys []jsontext.Value `json:"keys"`
	}
	if err := json.Unmarshal(text, &document); err != nil {
		return nil, errors.New("it is not a JSON Web Key Set")
	}
	if len(document.Keys) > maxKeys {
		return nil, fmt.Errorf("the key set has %d keys, more than %d", len(document.Keys), maxKeys)
	}
	set := keySet{}
	for _, entry := range document.Keys {
		parsed := parseKey(entry)
		if parsed != nil && !slices.ContainsFunc(set[parsed.id], func(other *key) bool { return other.print == parsed.print }) {
			set[parsed.id] = append(set[parsed.id], parsed)
		}
	}
	if len(set) == 0 {
		return nil, fmt.Errorf("none of the %d keys can be used", len(document.Keys))
	}
	return set, nil
}

// parseKey returns nil for a key that cannot be used, also where jwx panics on one, as it does on
// coordinates that are too long.
func parseKey(text []byte) (usable *key) {
	defer func() {
		if recover() != nil {
			usable = nil
		}
	}()
	parsed, err := jwk.ParseKey(text)
	if err != nil || parsed.KeyID() == "" || parsed.KeyUsage() != "" && parsed.KeyUsage() != string(jwk.ForSignature) {
		return nil
	}
	parsed, err = parsed.PublicKey()
	if err != nil {
		return nil
	}
	var public any
	if err := parsed.Raw(&public); err != nil {
		return nil
	}
	print, err := parsed.Thumbprint(crypto.SHA256)
	if err != nil {
		return nil
	}
	algorithms := algorithmsOf(public)
	// Older versions of Better Auth leave alg out; where it stands, it alone counts.
	if alg := parsed.Algorithm().String(); alg != "" {
		algorithms = only(algorithms, alg)
	}
	if len(algorithms) == 0 {
		return nil
	}
	return &key{id: parsed.KeyID(), algorithms: algorithms, public: public, print: joined(algorithms) + string(print)}
}

// algorithmsOf is what a public key may verify, or nil when it is no good: jwx takes keys whose use
// panics or proves nothing.
func algorithmsOf(public any) []jwa.SignatureAlgorithm {
	switch public := public.(type) {
	case ed25519.PublicKey:
		if len(public) == ed25519.PublicKeySize {
			return []jwa.SignatureAlgorithm{jwa.EdDSA}
		}
	case *ecdsa.PublicKey:
		if _, err := public.ECDH(); err != nil { // the point is not on the curve
			return nil
		}
		switch public.Curve {
		case elliptic.P256():
			return []jwa.SignatureAlgorithm{jwa.ES256}
		case elliptic.P521():
			return []jwa.SignatureAlgorithm{jwa.ES512}
		}
	case *rsa.PublicKey:
		// RFC 7518, section 3.3, asks for 2048 bits; far longer ones only cost time.
		if bits := public.N.BitLen(); bits >= 2048 && bits <= 8192 && public.E >= 3 && public.E%2 == 1 {
			return []jwa.SignatureAlgorithm{jwa.RS256, jwa.PS256}
		}
	}
	return nil
}

func only(algorithms []jwa.SignatureAlgorithm, name string) []jwa.SignatureAlgorithm {
	for _, algorithm := range algorithms {
		if algorithm.String() == name {
			return []jwa.SignatureAlgorithm{algorithm}
		}
	}
	return nil
}
