package rest

import (
	"net/http"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"taskql/models"
)

// keyHeader is the header with the idempotency key, in the spelling of the validation errors.
const keyHeader = "idempotency-key"

// readKey returns the idempotency key, or nil if there is none. The rule is that of GraphQL, because a key is valid in both
// APIs. The UUIDs that REST clients send have 36 characters.
func readKey(r *http.Request) (*string, error) {
	lines := r.Header.Values(keyHeader)
	if len(lines) == 0 {
		return nil, nil
	}
	key := strings.Join(lines, ", ") // equal by RFC 9110, section 5.3
	if errs := models.CheckIdempotencyKey(&key); errs != nil {
		return nil, ruleErrors(errs, sentHeader(r))
	}
	return &key, nil
}

// sentHeader returns the value that the client sent in the key's header, and null for all fields of the body.
func sentHeader(r *http.Request) func(path []any) jsontext.Value {
	return func(path []any) jsontext.Value {
		if len(path) > 0 && path[0] == keyHeader { // a quota has no path
			return quoted(strings.Join(r.Header.Values(keyHeader), ", "))
		}
		return jsontext.Value("null")
	}
}
