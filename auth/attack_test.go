package auth_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jws"
)

// refusedAll checks that each token is refused, without the reason TOKEN_EXPIRED.
func refusedAll(t *testing.T, tokens map[string]string) {
	t.Helper()
	v := mustVerifier(t, config(), newClock().now)
	for name, token := range tokens {
		user, err := v.Verify(context.Background(), token)
		wantRefused(t, name, token, user, err, "")
	}
}

func TestVerifyRefusesOtherAlgorithms(t *testing.T) {
	body := payload(t, claims{"sub": "alice"})
	tokens := map[string]string{
		"signed with another secret": signedWith("HS256", otherSecret, hs256, body),
		"signed with no secret":      signedWith("HS256", "", hs256, body),
		"signed with the secret cut": signedWith("HS256", secret[:31], hs256, body),
		"HS384 signed as HS384":      signedWith("HS384", secret, `{"alg":"HS384"}`, body),
		"HS512 signed as HS512":      signedWith("HS512", secret, `{"alg":"HS512"}`, body),
		"HS512 signed as HS256":      signedWith("HS256", secret, `{"alg":"HS512"}`, body),
		"HS256 signed as HS512":      signedWith("HS512", secret, hs256, body),
		"no alg":                     signed(`{}`, body),
		"alg null":                   signed(`{"alg":null}`, body),
		"alg a number":               signed(`{"alg":256}`, body),
		"alg a list":                 signed(`{"alg":["HS256"]}`, body),
		"alg in lower case":          signed(`{"alg":"hs256"}`, body),
		"alg with a blank":           signed(`{"alg":"HS256 "}`, body),
		"Alg":                        signed(`{"Alg":"HS256"}`, body),
		"alg and none after it":      signed(`{"alg":"HS256","alg":"none"}`, body),
		"no signature":               encode(hs256) + "." + encode(body) + ".",
		"a zero signature":           encode(hs256) + "." + encode(body) + "." + encode(strings.Repeat("\x00", 32)),
		"a signature cut short":      strings.TrimSuffix(mustToken(t), mustToken(t)[len(mustToken(t))-4:]),
		"a signature with more":      mustToken(t) + "AAAA",
	}
	for _, none := range []string{"none", "None", "NONE", "nOnE", "none ", "", "\x00none"} {
		header := `{"alg":"` + strings.ReplaceAll(none, "\x00", `\u0000`) + `"}`
		tokens["alg "+none+" without a signature"] = encode(header) + "." + encode(body) + "."
		tokens["alg "+none+" with one"] = signed(header, body)
		tokens["alg "+none+" with an empty key's"] = signedWith("HS256", "", header, body)
	}
	for _, alg := range []string{"RS256", "RS384", "RS512", "PS256", "ES256", "ES256K", "ES384", "ES512", "EdDSA", "dir", "A128KW"} {
		tokens[alg+" signed with the secret"] = signed(`{"alg":"`+alg+`"}`, body)
	}
	refusedAll(t, tokens)
}

func TestVerifyRefusesAsymmetricTokens(t *testing.T) {
	body := []byte(payload(t, claims{"sub": "alice"}))
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tokens := map[string]string{}
	for algorithm, key := range map[jwa.SignatureAlgorithm]any{jwa.RS256: rsaKey, jwa.PS256: rsaKey, jwa.ES256: ecKey, jwa.EdDSA: edKey} {
		token, err := jws.Sign(body, jws.WithKey(algorithm, key))
		if err != nil {
			t.Fatal(err)
		}
		tokens[algorithm.String()] = string(token)
	}
	refusedAll(t, tokens)
}

func TestVerifyRefusesHeaders(t *testing.T) {
	body := payload(t, claims{"sub": "alice"})
	tokens := map[string]string{}
	for _, header := range []string{
		`{"alg":"HS256","crit":["exp"],"exp":1}`, `{"alg":"HS256","crit":[]}`, `{"alg":"HS256","crit":["b64"],"b64":false}`, `{"alg":"HS256","crit":["x"]}`,
		`{"alg":"HS256","typ":"JWE"}`, `{"alg":"HS256","typ":"id+jwt"}`, `{"alg":"HS256","typ":"logout+jwt"}`, `{"alg":"HS256","typ":"JWT "}`, `{"alg":"HS256","typ":5}`,
		`{"alg":"HS256","typ":"application/json"}`, `["HS256"]`, `"HS256"`, `null`, ``, `{`, `{"alg":"HS256"}x`, "\xff",
	} {
		tokens["header "+header] = signed(header, body)
	}
	refusedAll(t, tokens)
}

func TestVerifyRefusesForms(t *testing.T) {
	good := mustToken(t)
	parts := strings.Split(good, ".")
	header, body, mac := parts[0], parts[1], parts[2]
	large := mustToken(t, claims{"x": strings.Repeat("x", 20<<10)})
	refusedAll(t, map[string]string{
		"nothing":                       "",
		"two dots":                      "..",
		"a session token":               "Vq3TnH8pXcZk5RwYb2GfLd9MsJ7uAe4E",
		"a signed session token":        "Vq3TnH8pXcZk5RwYb2GfLd9MsJ7uAe4E.mBpRxQ0v3nY2zK8wT5uJ6sL1hG4fD7aC9eO%2BiUyZlk%3D",
		"two segments":                  header + "." + body,
		"four segments":                 good + "." + mac,
		"four segments, the last empty": good + ".",
		"a dot in front":                "." + good,
		"five segments, as a JWE":       good + "." + header + "." + body,
		"no header":                     "." + body + "." + mac,
		"no payload":                    header + ".." + mac,
		"20 KB":                         large,
		"200 KB of dots":                strings.Repeat(".", 200<<10),
		"JSON form":                     `{"payload":"` + body + `","protected":"` + header + `","signature":"` + mac + `"}`,
		"JSON form with two dots":       `{"payload":"` + body + `","protected":"` + header + `","signature":"` + mac + `","x":".."}`,
		"JSON form of several":          `{"payload":"` + body + `","signatures":[{"protected":"` + header + `","signature":"` + mac + `"}],"x":".."}`,
		"two tokens":                    good + " " + good,
		"the scheme in front":           "Bearer " + good,
		"quotes around":                 `"` + good + `"`,
		"a payload of another token":    header + "." + encode(payload(t, claims{"sub": "bob"})) + "." + mac,
		"a header of another token":     encode(`{"alg":"HS256","x":1}`) + "." + body + "." + mac,
		"a payload that is a text":      signed(hs256, `"alice"`),
		"a payload that is a list":      signed(hs256, `[{"sub":"alice"}]`),
		"a payload that is null":        signed(hs256, `null`),
		"a payload that is no JSON":     signed(hs256, `sub=alice`),
		"an empty payload":              signed(hs256, ``),
		"two payloads":                  signed(hs256, payload(t, claims{"sub": "alice"})+`{}`),
		"repeated sub":                  signed(hs256, `{"sub":"alice","sub":"bob","iat":1772366400,"exp":1772367300}`),
		"repeated exp":                  signed(hs256, `{"sub":"alice","exp":1,"exp":1772367300}`),
		"repeated id within user":       signed(hs256, `{"user":{"id":"alice","id":"bob"},"exp":1772367300}`),
		"repeated name, escaped":        signed(hs256, `{"sub":"alice","su\u0062":"bob","exp":1772367300}`),
		"invalid UTF-8 in a claim":      signed(hs256, "{\"sub\":\"a\xff\",\"exp\":1772367300}"),
		"a lone surrogate in a claim":   signed(hs256, `{"sub":"a\ud800","exp":1772367300}`),
	})
}

// A token has exactly one encoding: a change that leaves the signature valid, such as padding, is refused, too.
func TestVerifyRefusesOtherSpellings(t *testing.T) {
	good := mustToken(t)
	parts := strings.Split(good, ".")
	signedRaw := func(header, body string) string {
		return header + "." + body + "." + signature("HS256", secret, header+"."+body)
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		t.Fatal(err)
	}
	// A signature with base64url characters that differ from those of standard base64.
	n := 0
	for ; !strings.ContainsAny(parts[2], "-_"); n++ {
		parts = strings.Split(mustToken(t, claims{"n": n}), ".")
	}
	body := payload(t, claims{"sub": "alice"})
	padded := base64.URLEncoding.EncodeToString([]byte(body + strings.Repeat(" ", (4-len(body)%3)%3)))
	refusedAll(t, map[string]string{
		"a padded signature":               good + "=",
		"a signature padded too much":      good + "==",
		"a signature in standard base64":   parts[0] + "." + parts[1] + "." + strings.NewReplacer("-", "+", "_", "/").Replace(parts[2]),
		"a signature with a byte more":     parts[0] + "." + parts[1] + "." + encode(string(raw)+"\x00"),
		"a padded header, signed":          signedRaw(base64.URLEncoding.EncodeToString([]byte(hs256+" ")), encode(body)),
		"a padded payload, signed":         signedRaw(encode(hs256), padded),
		"a blank behind":                   good + " ",
		"a blank in front":                 " " + good,
		"a line break behind":              good + "\n",
		"a line break in front":            "\r\n" + good,
		"a line break inside":              good[:len(good)-8] + "\n" + good[len(good)-8:],
		"a blank inside":                   good[:len(good)-8] + " " + good[len(good)-8:],
		"a NUL behind":                     good + "\x00",
		"a percent escape":                 strings.Replace(good, ".", "%2e", 1),
		"a letter that stands for another": strings.Replace(good, ".", "\u2024", 1),
	})
}

func TestVerifyRefusesUsers(t *testing.T) {
	tokens := map[string]string{}
	for name, body := range map[string]string{
		"no user":                 `{}`,
		"an e-mail verification":  `{"email":"a@example.com"}`,
		"an e-mail change":        `{"email":"a@example.com","updateTo":"b@example.com","requestType":"change-email-verification"}`,
		"empty":                   `{"sub":"","user":{"id":""}}`,
		"null":                    `{"sub":null}`,
		"true":                    `{"sub":true}`,
		"a list":                  `{"sub":["alice"]}`,
		"an object":               `{"sub":{"id":"alice"}}`,
		"a fraction":              `{"sub":1.5}`,
		"a power":                 `{"sub":1e3}`,
		"negative":                `{"sub":-1}`,
		"user as text":            `{"user":"alice"}`,
		"user as a list":          `{"user":[{"id":"alice"}]}`,
		"user.id missing":         `{"user":{"email":"a@example.com"}}`,
		"other letter case":       `{"Sub":"alice","USER_ID":"alice","ID":"alice"}`,
		"NUL":                     `{"sub":"alice\u0000"}`,
		"NUL in user.id":          `{"user":{"id":"\u0000"}}`,
		"256 bytes":               `{"sub":"` + strings.Repeat("x", 256) + `"}`,
		"256 bytes of characters": `{"sub":"` + strings.Repeat("ä", 128) + `"}`,
		"a number of 300 digits":  `{"sub":1` + strings.Repeat("0", 300) + `}`,
	} {
		tokens[name] = signed(hs256, `{"iat":1772366400,"exp":1772367300`+strings.Replace(","+body[1:], ",}", "}", 1))
	}
	refusedAll(t, tokens)
}
