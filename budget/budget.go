// Package budget limits what the requests of one user, or of one address without a token, may cost.
package budget

import (
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"golang.org/x/time/rate"

	"taskql/models"
)

// unit is the complexity that costs 1. The complexity is that of a user with 100,000 tasks, and most users have less than a hundredth
// of them.
const unit = 100

// Budgets are the budgets of all users and of all addresses, in the memory of this process. A budget is a token bucket: it is whole at
// first, requests take their costs from it, and it grows until it is whole again. A nil *Budgets has no limits and believes no proxy.
type Budgets struct {
	proxies []netip.Prefix
	// quota is a whole budget. It is 0 without a limit, and then the others are not set.
	quota     int
	policy    []string
	users     *buckets[string]
	addresses *buckets[netip.Prefix]
}

// New returns budgets of quota that are whole again after a window of full seconds. A quota of 0 means that there is no limit. proxies are
// the networks of the proxies whose X-Forwarded-For is believed.
func New(quota int, window time.Duration, proxies []netip.Prefix) *Budgets {
	b := &Budgets{quota: quota, proxies: proxies}
	if quota > 0 {
		refill := rate.Limit(float64(quota) / window.Seconds())
		b.users, b.addresses = newBuckets[string](quota, refill), newBuckets[netip.Prefix](quota, refill)
		b.policy = []string{policyName + ";q=" + strconv.Itoa(quota) + ";w=" + strconv.Itoa(int(window/time.Second))}
	}
	return b
}

// limited reports whether there are limits.
func (b *Budgets) limited() bool { return b != nil && b.quota > 0 }

// Charge takes the cost of a request with a complexity from the user's budget. A complexity of 0 is free. The error has models.CodeRateLimited and
// RetryAfter; then nothing is taken. A request that costs more than a whole budget takes all of it.
func (b *Budgets) Charge(user string, complexity int) *models.Error {
	if !b.limited() || complexity == 0 {
		return nil
	}
	return refusal(b.users.take(user, b.cost(complexity)))
}

// Spend takes the cost of what has been done already, or what is left if that is less.
func (b *Budgets) Spend(user string, complexity int) {
	if b.limited() && complexity > 0 {
		b.users.drain(user, b.cost(complexity))
	}
}

// Refusal returns the error of Charge if the user's budget does not even allow the cheapest request, or nil. It takes nothing.
func (b *Budgets) Refusal(user string) *models.Error {
	if !b.limited() {
		return nil
	}
	if left := b.users.left(user); left < 1 {
		return refusal(b.users.after(1 - left))
	}
	return nil
}

// ChargeAddress takes 1 from the budget of the address that a request without a valid token comes from. The error is that of Charge.
func (b *Budgets) ChargeAddress(r *http.Request) *models.Error {
	if !b.limited() {
		return nil
	}
	return refusal(b.addresses.take(b.Network(r), 1))
}

// cost returns what a complexity costs.
func (b *Budgets) cost(complexity int) int { return min((complexity+unit-1)/unit, b.quota) }

// refusal returns the error for a request that must wait, or nil.
func refusal(wait time.Duration) *models.Error {
	if wait == 0 {
		return nil
	}
	after := seconds(wait)
	return &models.Error{
		Code: models.CodeRateLimited, RetryAfter: after,
		Message: "You have asked for more than this server allows in a time. Try again in " + strconv.Itoa(after) + " s.",
	}
}

// seconds returns a duration in full seconds, at least 1.
func seconds(d time.Duration) int { return max(1, int((d+time.Second-1)/time.Second)) }
