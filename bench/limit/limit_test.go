package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"testing"
	"time"
)

func TestTokens(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	sign := func(secret, payload string) string {
		signed := tokenHeader + "." + base64.RawURLEncoding.EncodeToString([]byte(payload))
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(signed))
		return "Bearer " + signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
	}
	valid := sign("secret", `{"sub":"user-1","exp":1800000001}`)
	tokens := newTokens([]byte("secret"))
	if user, err := tokens.user(valid, now); err != nil || user != "user-1" {
		t.Errorf("user = %q, %v, want user-1", user, err)
	}
	for name, header := range map[string]string{
		"another secret": sign("other", `{"sub":"user-1","exp":1800000001}`), "expired": sign("secret", `{"sub":"user-1","exp":1800000000}`),
		"no end": sign("secret", `{"sub":"user-1"}`), "no subject": sign("secret", `{"exp":1800000001}`), "not JSON": sign("secret", `x`),
		"cut off": valid[:len(valid)-1], "no payload": "Bearer " + tokenHeader + ".", "nothing": "", "no dots": "Bearer x",
	} {
		if user, err := tokens.user(header, now); err == nil {
			t.Errorf("%s: user = %q, want an error", name, user)
		}
	}
}

func TestAppendTask(t *testing.T) {
	text := "a\"b\\c\n\x01ä"
	r := row{id: 7, version: 3, user: []byte("u"), title: []byte(text), priority: []byte("LOW"), tags: []byte(`["x"]`), due: 1_500_000, dueSet: true, created: 2_000_000}
	var got struct {
		ID, Title string
		DueAt     time.Time
		Version   int
		Tags      []string
		// Description stays set where the answer has no null.
		Description *string
	}
	got.Description = &text
	out := appendTask(nil, &r)
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	if got.ID != "7" || got.Title != text || got.Description != nil || got.Version != 3 || len(got.Tags) != 1 || !got.DueAt.Equal(time.UnixMicro(1_500_000)) {
		t.Errorf("appendTask = %s", out)
	}
}
