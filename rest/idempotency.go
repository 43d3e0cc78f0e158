package rest

import (
	"net/http"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"taskql/models"
)

// keyHeader is the header with which a write can be sent again, as faults name it.
const keyHeader = "idempotency-key"

// readKey reads the idempotency key, nil when there is none. Its rule is GraphQL's, because a key holds
// for both doors; the UUIDs that REST clients send have 36 characters.
func readKey(r *http.Request) (*string, error) {
	lines := r.Header.Values(keyHeader)
	if len(lines) == 0 {
		return nil, nil
	}
	key := strings.Join(lines, ", ") // which HTTP takes for the same
	if errs := models.CheckIdempotencyKey(&key); errs != nil {
		return nil, ruleFaults(errs, sentHeader(r))
	}
	return &key, nil
}

// sentHeader tells values as they were sent: the key's, and null for what stands in the body, which is
// looked into where it is read.
func sentHeader(r *http.Request) func(path []any) jsontext.Value {
	return func(path []any) jsontext.Value {
		if len(path) > 0 && path[0] == keyHeader { // a quota has no path
			return quoted(strings.Join(r.Header.Values(keyHeader), ", "))
		}
		return jsontext.Value("null")
	}
}
