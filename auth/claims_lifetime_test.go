package auth

import (
	"testing"
	"time"
)

// TestDistantExpiry checks that a deadline far in the future does not overflow a time.Duration.
func TestDistantExpiry(t *testing.T) {
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for exp, want := range map[string]time.Time{
		"1772323260":   now.Add(time.Minute),
		"32503680000":  now.Add(maxLifetime), // the year 3000
		"253402300799": now.Add(maxLifetime), // the year 9999
	} {
		user, err := readClaims([]byte(`{"sub":"u","exp":`+exp+`}`), nil, nil, now)
		if err != nil || !user.Expires.Equal(want) {
			t.Errorf("readClaims with exp %s = %+v, %v, want %v", exp, user, err, want)
		}
	}
}

// TestOddUserIDs checks that ids of any form pass unchanged.
func TestOddUserIDs(t *testing.T) {
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for _, id := range []string{"https://idp.example/u/1", "a//b", ".", "..", "a.b", " a ", "%2F", "auth0|1"} {
		user, err := readClaims([]byte(`{"sub":"`+id+`","exp":1772323260}`), nil, nil, now)
		if err != nil || user.ID != id {
			t.Errorf("readClaims with sub %q = %+v, %v, want that id", id, user, err)
		}
	}
}
