package budget

import (
	"net/http"
	"strconv"
)

// The canonical forms of RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers-11).
const (
	headerPolicy = "Ratelimit-Policy"
	headerLimit  = "Ratelimit"
)

// policyName is the name of the policy. Its unit is left out, because none is registered for a cost.
const policyName = `"default"`

// Describe sets the headers RateLimit-Policy and RateLimit of an answer to a user. The parameter r is what is left, and t the seconds until the
// budget is whole again. In a refusal t is retryAfter, because Retry-After must not be earlier than t; else retryAfter is 0.
//
// The budgets of addresses are not described, because one would show the requests of others who have the same address.
func (b *Budgets) Describe(header http.Header, user string, retryAfter int) {
	if !b.limited() {
		return
	}
	left := b.users.left(user)
	until := retryAfter
	if until == 0 {
		until = seconds(b.users.after(float64(b.quota) - left))
	}
	text := make([]byte, 0, 48)
	text = strconv.AppendInt(append(text, policyName+";r="...), int64(left), 10)
	text = strconv.AppendInt(append(text, ";t="...), int64(until), 10)
	header[headerPolicy] = b.policy
	header[headerLimit] = []string{string(text)}
}
