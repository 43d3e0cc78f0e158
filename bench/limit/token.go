package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"hash"
	"strings"
	"sync"
	"time"
)

// tokens checks bearer tokens that are signed with HS256.
type tokens struct{ macs sync.Pool }

func newTokens(secret []byte) *tokens {
	return &tokens{sync.Pool{New: func() any { return hmac.New(sha256.New, secret) }}}
}

const tokenHeader = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9" // {"alg":"HS256","typ":"JWT"}

var errToken = errors.New("no valid token")

// user returns the subject of the token in an Authorization header, after a check of its signature and its end.
func (t *tokens) user(header string, now time.Time) (string, error) {
	token, _ := strings.CutPrefix(header, "Bearer ")
	dot := strings.LastIndexByte(token, '.')
	if dot < 0 || !strings.HasPrefix(token, tokenHeader+".") {
		return "", errToken
	}
	mac := t.macs.Get().(hash.Hash)
	defer t.macs.Put(mac)
	mac.Reset()
	mac.Write([]byte(token[:dot]))
	signature, err := base64.RawURLEncoding.DecodeString(token[dot+1:])
	if err != nil || !hmac.Equal(signature, mac.Sum(nil)) || dot < len(tokenHeader)+1 {
		return "", errToken
	}
	payload, err := base64.RawURLEncoding.DecodeString(token[len(tokenHeader)+1 : dot])
	if err != nil {
		return "", errToken
	}
	var claims struct {
		Sub string
		Exp int64
	}
	if err := json.Unmarshal(payload, &claims); err != nil || claims.Sub == "" || claims.Exp <= now.Unix() {
		return "", errToken
	}
	return claims.Sub, nil
}
