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

// httpReader returns a function that fetches a key set from an http or https URL. Redirects are followed on the same
// host only, and never from https to http.
func httpReader(address string) func(context.Context) ([]byte, error) {
	client := &http.Client{
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			first := via[0].URL
			insecure := first.Scheme == "https" && r.URL.Scheme != "https"
			if r.URL.Hostname() != first.Hostname() || insecure || len(via) > 3 {
				return errors.New("the redirect leads to another host or to http, or there were too many redirects")
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
		return readLimited(response.Body)
	}
}

// fileReader returns a function that reads a key set from a file.
func fileReader(path string) func(context.Context) ([]byte, error) {
	return func(context.Context) ([]byte, error) {
		file, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		return readLimited(file)
	}
}

// readLimited reads r to its end. It fails if there are more than maxKeySet bytes.
func readLimited(r io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxKeySet+1))
	if err == nil && len(text) > maxKeySet {
		err = fmt.Errorf("the key set has more than %d bytes", maxKeySet)
	}
	return text, err
}

// parseKeys reads a JWKS and returns its usable keys. It skips the others: symmetric keys, unknown types and broken
// keys. A set without any usable key is an error.
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
		if parsed != nil && !slices.ContainsFunc(set[parsed.id], func(other *key) bool { return other.fingerprint == parsed.fingerprint }) {
			set[parsed.id] = append(set[parsed.id], parsed)
		}
	}
	if len(set) == 0 {
		return nil, fmt.Errorf("none of the %d keys can be used", len(document.Keys))
	}
	return set, nil
}

// parseKey returns nil for a key that cannot be used. It recovers from panics, because jwx panics on coordinates that
// are too long.
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
	thumbprint, err := parsed.Thumbprint(crypto.SHA256)
	if err != nil {
		return nil
	}
	algorithms := algorithmsOf(public)
	// Older versions of Better Auth omit alg. If it is present, the key verifies that algorithm only.
	if alg := parsed.Algorithm().String(); alg != "" {
		algorithms = only(algorithms, alg)
	}
	if len(algorithms) == 0 {
		return nil
	}
	return &key{id: parsed.KeyID(), algorithms: algorithms, public: public, fingerprint: joined(algorithms) + string(thumbprint), trust: newTrust()}
}

// algorithmsOf returns the algorithms that a public key may verify, or nil for an unsafe key. jwx itself accepts keys
// that make it panic or that are too weak to prove anything.
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
		// RFC 7518, section 3.3, requires 2048 bits. Verification with very long keys is slow, so they are refused.
		if bits := public.N.BitLen(); bits >= 2048 && bits <= 8192 && public.E >= 3 && public.E%2 == 1 {
			return []jwa.SignatureAlgorithm{jwa.RS256, jwa.PS256}
		}
	}
	return nil
}

// only returns the algorithm with the name, or nil if it is not in the list.
func only(algorithms []jwa.SignatureAlgorithm, name string) []jwa.SignatureAlgorithm {
	for _, algorithm := range algorithms {
		if algorithm.String() == name {
			return []jwa.SignatureAlgorithm{algorithm}
		}
	}
	return nil
}
