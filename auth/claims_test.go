package auth_test

import (
	"context"
	"testing"
	"time"

	"taskql/models"
)

func TestVerifyTimes(t *testing.T) {
	expired := models.ReasonTokenExpired
	at := func(offset time.Duration) int64 { return start.Add(offset).Unix() }
	for _, tt := range []struct {
		name   string
		claims claims
		good   bool
		reason string
	}{
		{"exp ahead", claims{"exp": at(time.Second)}, true, ""},
		{"exp now: within the skew", claims{"exp": at(0)}, true, ""},
		{"exp 14 s ago: within the skew", claims{"exp": at(-14 * time.Second)}, true, ""},
		{"exp 16 s ago", claims{"exp": at(-16 * time.Second)}, false, expired},
		{"exp long ago", claims{"exp": 1}, false, expired},
		{"exp 0", claims{"exp": 0}, false, expired},
		{"exp negative", claims{"exp": -5}, false, expired},
		{"exp with a fraction", claims{"exp": float64(at(-15*time.Second)) + 0.5}, true, ""},
		{"exp in the year 9999", claims{"exp": 253402300799}, true, ""},
		{"no exp", claims{"exp": nil}, false, ""},
		{"exp as text", claims{"exp": "1772367300"}, false, ""},
		{"exp as a date", claims{"exp": "2099-01-01T00:00:00Z"}, false, ""},
		{"exp true", claims{"exp": true}, false, ""},
		{"exp a list", claims{"exp": []int64{at(time.Hour)}}, false, ""},
		{"exp in milliseconds", claims{"exp": at(time.Hour) * 1000}, false, ""},
		{"exp enormous", claims{"exp": 1e300}, false, ""},
		{"exp beyond int64", claims{"exp": 1e19}, false, ""},
		{"no iat", claims{"iat": nil}, true, ""},
		{"iat 14 s ahead: within the skew", claims{"iat": at(14 * time.Second)}, true, ""},
		{"iat 16 s ahead", claims{"iat": at(16 * time.Second)}, false, ""},
		{"iat as text", claims{"iat": "1772366400"}, false, ""},
		{"nbf now", claims{"nbf": at(0)}, true, ""},
		{"nbf 14 s ahead: within the skew", claims{"nbf": at(14 * time.Second)}, true, ""},
		{"nbf 16 s ahead", claims{"nbf": at(16 * time.Second)}, false, ""},
		{"nbf as text", claims{"nbf": "x"}, false, ""},
		{"expired and without a user", claims{"exp": 1, "sub": ""}, false, expired},
	} {
		token := mustToken(t, tt.claims)
		user, err := mustVerifier(t, config(), newClock().now).Verify(context.Background(), token)
		if !tt.good {
			wantRefused(t, tt.name, token, user, err, tt.reason)
		} else if err != nil || user.ID != "alice" {
			t.Errorf("Verify(%s) = %v, %v, want alice", tt.name, user, err)
		}
	}
	for _, body := range []string{`{"sub":"alice","exp":null}`, `{"sub":"alice","exp":1772367300,"nbf":null}`} {
		token := signed(hs256, body)
		user, err := mustVerifier(t, config(), newClock().now).Verify(context.Background(), token)
		wantRefused(t, body, token, user, err, "")
	}
}

// TOKEN_EXPIRED is reported for tokens with a valid signature only. The dates of a forged token mean nothing.
func TestVerifyExpiredAndForged(t *testing.T) {
	body := payload(t, claims{"sub": "alice", "exp": 1})
	for name, token := range map[string]string{
		"other secret": signedWith("HS256", otherSecret, hs256, body),
		"alg none":     encode(`{"alg":"none"}`) + "." + encode(body) + ".",
	} {
		user, err := mustVerifier(t, config(), newClock().now).Verify(context.Background(), token)
		wantRefused(t, "expired, "+name, token, user, err, "")
	}
}

func TestVerifyIssuerAndAudience(t *testing.T) {
	a, b, c := "https://a.example", "https://b.example", "https://c.example"
	for _, tt := range []struct {
		name               string
		issuers, audiences []string
		claims             claims
		good               bool
	}{
		{"not configured, not given", nil, nil, claims{}, true},
		{"not configured, any", nil, nil, claims{"iss": "x", "aud": []string{"y"}}, true},
		{"iss", []string{a}, nil, claims{"iss": a}, true},
		{"iss, the second", []string{a, b}, nil, claims{"iss": b}, true},
		{"iss wrong", []string{a, b}, nil, claims{"iss": c}, false},
		{"iss with a slash", []string{a}, nil, claims{"iss": a + "/"}, false},
		{"iss in other letters", []string{a}, nil, claims{"iss": "https://A.example"}, false},
		{"iss longer", []string{a}, nil, claims{"iss": a + ".evil.example"}, false},
		{"iss missing", []string{a}, nil, claims{}, false},
		{"iss empty", []string{a}, nil, claims{"iss": ""}, false},
		{"iss a list", []string{a}, nil, claims{"iss": []string{a}}, false},
		{"aud", nil, []string{a}, claims{"aud": a}, true},
		{"aud, the second", nil, []string{a, b}, claims{"aud": b}, true},
		{"aud a list", nil, []string{b}, claims{"aud": []string{a, b}}, true},
		{"aud a list of others", nil, []string{c}, claims{"aud": []string{a, b}}, false},
		{"aud an empty list", nil, []string{a}, claims{"aud": []string{}}, false},
		{"aud wrong", nil, []string{a}, claims{"aud": b}, false},
		{"aud a comma list", nil, []string{a}, claims{"aud": a + "," + b}, false},
		{"aud missing", nil, []string{a}, claims{}, false},
		{"aud null", nil, []string{a}, claims{"aud": []any{nil}}, false},
		{"aud a number", nil, []string{"5"}, claims{"aud": 5}, false},
		{"aud an object", nil, []string{a}, claims{"aud": claims{"0": a}}, false},
		{"both", []string{a}, []string{b}, claims{"iss": a, "aud": b}, true},
		{"both, iss wrong", []string{a}, []string{b}, claims{"iss": b, "aud": b}, false},
		{"both, aud wrong", []string{a}, []string{b}, claims{"iss": a, "aud": a}, false},
	} {
		config := config()
		config.Issuers, config.Audiences = tt.issuers, tt.audiences
		token := mustToken(t, tt.claims)
		user, err := mustVerifier(t, config, newClock().now).Verify(context.Background(), token)
		if !tt.good {
			wantRefused(t, tt.name, token, user, err, "")
		} else if err != nil || user.ID != "alice" {
			t.Errorf("Verify(%s) = %v, %v, want alice", tt.name, user, err)
		}
	}
}
