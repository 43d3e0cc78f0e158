package auth_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwt"

	"taskql/auth"
	"taskql/models"
)

func TestSignAndVerify(t *testing.T) {
	for algorithm, key := range map[string]string{"HS256": secret, "HS384": secret + "äöü", "HS512": strings.Repeat(secret, 4)} {
		config := auth.Config{Secrets: []string{key}, Algorithm: algorithm}
		token, err := auth.Sign(config, "Ünï 😀/42", start, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		at := newClock()
		user, err := mustVerifier(t, config, at.now).Verify(context.Background(), token)
		if err != nil || user.ID != "Ünï 😀/42" || user.Name != nil || user.Email != nil {
			t.Errorf("%s: Verify(Sign(user)) = %+v, %v, want the user", algorithm, user, err)
		}
		at.set(start.Add(time.Hour + time.Minute))
		user, err = mustVerifier(t, config, at.now).Verify(context.Background(), token)
		wantRefused(t, algorithm+" after its ttl", token, user, err, models.ReasonTokenExpired)
		for other := range map[string]bool{"HS256": true, "HS384": true, "HS512": true} {
			if other != algorithm {
				user, err := mustVerifier(t, auth.Config{Secrets: []string{key}, Algorithm: other}, newClock().now).Verify(context.Background(), token)
				wantRefused(t, algorithm+" where "+other+" is configured", token, user, err, "")
			}
		}
	}
}

func TestSignForIssuerAndAudience(t *testing.T) {
	config := config()
	config.Issuers, config.Audiences = []string{"https://a.example", "https://b.example"}, []string{"https://c.example"}
	token, err := auth.Sign(config, "alice", start, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if user, err := mustVerifier(t, config, newClock().now).Verify(context.Background(), token); err != nil || user.ID != "alice" {
		t.Errorf("Verify(Sign(alice)) = %v, %v, want alice", user, err)
	}
}

func TestSignRefuses(t *testing.T) {
	for name, sign := range map[string]func() (string, error){
		"no user":      func() (string, error) { return auth.Sign(config(), "", start, time.Hour) },
		"no ttl":       func() (string, error) { return auth.Sign(config(), "alice", start, 0) },
		"negative ttl": func() (string, error) { return auth.Sign(config(), "alice", start, -time.Hour) },
		// Verify would refuse tokens with these, or return another user.
		"NUL in the user":  func() (string, error) { return auth.Sign(config(), "a\x00", start, time.Hour) },
		"a user of 256":    func() (string, error) { return auth.Sign(config(), strings.Repeat("x", 256), start, time.Hour) },
		"a user not UTF-8": func() (string, error) { return auth.Sign(config(), "a\xff", start, time.Hour) },
		"other algorithm": func() (string, error) {
			return auth.Sign(auth.Config{Secrets: []string{secret}, Algorithm: "none"}, "alice", start, time.Hour)
		},
	} {
		if token, err := sign(); err == nil || token != "" {
			t.Errorf("Sign(%s) = %q, %v, want an error", name, token, err)
		}
	}
}

func TestNewVerifierRefuses(t *testing.T) {
	for name, config := range map[string]auth.Config{
		"no secret":       {Algorithm: "HS256"},
		"31 bytes":        {Secrets: []string{secret[:31]}, Algorithm: "HS256"},
		"no algorithm":    {Secrets: []string{secret}},
		"none":            {Secrets: []string{secret}, Algorithm: "none"},
		"asymmetric":      {Secrets: []string{secret}, Algorithm: "RS256"},
		"lower case":      {Secrets: []string{secret}, Algorithm: "hs256"},
		"short for HS512": {Secrets: []string{secret[:31]}, Algorithm: "HS512"},
	} {
		if v, err := auth.NewVerifier(config, time.Now); err == nil || v != nil {
			t.Errorf("NewVerifier(%s) = %v, %v, want an error", name, v, err)
		} else if len(config.Secrets) > 0 && strings.Contains(err.Error(), config.Secrets[0]) {
			t.Errorf("NewVerifier(%s) = %v, want no secret in it", name, err)
		}
	}
}

// Verify accepts tokens issued by a common JWT library.
func TestVerifyTokenOfALibrary(t *testing.T) {
	token, err := jwt.NewBuilder().Subject("alice").Claim("email", "a@example.com").Claim("name", "Alice").Expiration(start.Add(time.Hour)).Build()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := jwt.Sign(token, jwt.WithKey(jwa.HS256, []byte(secret)))
	if err != nil {
		t.Fatal(err)
	}
	user, err := mustVerifier(t, config(), newClock().now).Verify(context.Background(), string(raw))
	if err != nil || user.ID != "alice" || *user.Name != "Alice" || *user.Email != "a@example.com" {
		t.Errorf("Verify = %+v, %v, want alice with name and email", user, err)
	}
}

func TestVerifyUser(t *testing.T) {
	long := strings.Repeat("x", 255)
	for _, tt := range []struct{ name, claims, want string }{
		{"sub", `"sub":"u1"`, "u1"},
		{"user_id", `"user_id":"u1"`, "u1"},
		{"userId", `"userId":"u1"`, "u1"},
		{"id", `"id":"u1"`, "u1"},
		{"user.id", `"user":{"id":"u1","email":"e"}`, "u1"},
		{"session_data cookie", `"session":{"id":"s1","userId":"x","token":"t"},"user":{"id":"u1","name":"N"}`, "u1"},
		{"sub before the others", `"id":"4","userId":"3","user_id":"2","sub":"1","user":{"id":"5"}`, "1"},
		{"user_id before userId", `"id":"4","userId":"3","user_id":"2"`, "2"},
		{"userId before id", `"id":"4","userId":"3"`, "3"},
		{"id before user.id", `"user":{"id":"5"},"id":"4"`, "4"},
		{"empty ones are passed over", `"sub":"","user_id":"","userId":"","id":"","user":{"id":"u1"}`, "u1"},
		{"null ones are passed over", `"sub":null,"user_id":null,"id":"u1"`, "u1"},
		{"other kinds are passed over", `"sub":true,"user_id":[],"userId":{},"id":"u1"`, "u1"},
		{"number", `"sub":42`, "42"},
		{"number of 18 digits", `"sub":123456789012345678`, "123456789012345678"},
		{"number beyond float64", `"sub":9007199254740993`, "9007199254740993"},
		{"number of 25 digits", `"sub":1234567890123456789012345`, "1234567890123456789012345"},
		{"number in user_id", `"user_id":7`, "7"},
		{"number in user.id", `"user":{"id":7}`, "7"},
		{"digits stay as they are", `"sub":"007"`, "007"},
		{"case and blanks stay", `"sub":" Al ice "`, " Al ice "},
		{"escapes", `"sub":"\u00e4\u002f\ud83d\ude00"`, "ä/😀"},
		{"255 bytes", `"sub":"` + long + `"`, long},
	} {
		t.Run(tt.name, func(t *testing.T) {
			body := `{` + tt.claims + `,"iat":1772366400,"exp":1772367300}`
			user, err := mustVerifier(t, config(), newClock().now).Verify(context.Background(), signed(hs256, body))
			if err != nil || user.ID != tt.want {
				t.Errorf("Verify(%s) = %+v, %v, want the user %q", body, user, err, tt.want)
			}
		})
	}
}

func TestVerifyNameAndEmail(t *testing.T) {
	for _, tt := range []struct {
		claims      claims
		name, email string
	}{
		{claims{}, "", ""},
		{claims{"name": "Älice 😀", "email": "a@example.com"}, "Älice 😀", "a@example.com"},
		{claims{"name": "", "email": ""}, "", ""},
		{claims{"name": 5, "email": []string{"a@example.com"}}, "", ""},
	} {
		user, err := mustVerifier(t, config(), newClock().now).Verify(context.Background(), mustToken(t, tt.claims))
		if err != nil {
			t.Errorf("Verify(%v) = %v, want a user", tt.claims, err)
			continue
		}
		for what, pair := range map[string][2]string{"name": {text(user.Name), tt.name}, "email": {text(user.Email), tt.email}} {
			if pair[0] != pair[1] {
				t.Errorf("Verify(%v): %s = %q, want %q", tt.claims, what, pair[0], pair[1])
			}
		}
	}
}

// text returns the claim's text, "" for nil, and a note for an empty text, which Verify must return as nil.
func text(s *string) string {
	switch {
	case s == nil:
		return ""
	case *s == "":
		return "an empty text instead of nil"
	}
	return *s
}

func TestVerifyHeaders(t *testing.T) {
	for _, header := range []string{
		`{"alg":"HS256"}`, `{"alg":"HS256","typ":"JWT"}`, `{"alg":"HS256","typ":"jwt"}`, `{"alg":"HS256","typ":"at+jwt"}`,
		`{"alg":"HS256","typ":"AT+JWT"}`, `{"alg":"HS256","kid":"k1","x":1}`, "{ \"alg\" :\n \"HS256\" }",
		// Headers that contain or name a key are ignored.
		`{"alg":"HS256","jku":"https://evil.example/jwks"}`, `{"alg":"HS256","jwk":{"kty":"oct","k":"AAAA"}}`, `{"alg":"HS256","x5u":"https://evil.example/x"}`,
	} {
		token := signed(header, payload(t, claims{"sub": "alice"}))
		if user, err := mustVerifier(t, config(), newClock().now).Verify(context.Background(), token); err != nil || user.ID != "alice" {
			t.Errorf("Verify(token with header %s) = %v, %v, want alice", header, user, err)
		}
	}
}
