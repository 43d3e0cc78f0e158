package budget

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"taskql/models"
)

// wait returns the error's RetryAfter, or 0 for a request that is allowed.
func wait(refused *models.Error) int {
	if refused == nil {
		return 0
	}
	return refused.RetryAfter
}

// TestCharge spends a budget of 60 a minute, which grows by 1 a second.
func TestCharge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(60, time.Minute, nil)
		for i, step := range []struct {
			after      time.Duration
			user       string
			complexity int
			want       int
		}{
			{0, "a", 5_900, 0}, // 59
			{0, "a", 0, 0},     // free
			{0, "a", 101, 1},   // 2, and 1 is left
			{0, "a", 1, 0},
			{0, "a", 1, 1},
			{0, "a", 0, 0}, // free on an empty budget
			{0, "b", 6_000, 0},
			{0, "a", 1_000, 10},
			{9 * time.Second, "a", 1_000, 1},
			{time.Second, "a", 1_000, 0},
			{time.Second / 2, "a", 1, 1},
			{time.Minute, "a", 1_000_000, 0}, // more than a whole budget
			{0, "a", 1_000_000, 60},
			{time.Hour, "a", 6_000, 0}, // no more than a whole budget is saved
			{0, "a", 1, 1},
		} {
			time.Sleep(step.after)
			refused := b.Charge(step.user, step.complexity)
			if got := wait(refused); got != step.want {
				t.Errorf("step %d: Charge(%s, %d) waits %d s, want %d", i, step.user, step.complexity, got, step.want)
			}
			if refused != nil && refused.Code != models.CodeRateLimited {
				t.Errorf("step %d: code %s", i, refused.Code)
			}
		}
	})
}

// TestSpend takes what is left if it is less.
func TestSpend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(60, time.Minute, nil)
		b.Spend("a", 1_000)
		if refused := b.Refusal("a"); refused != nil {
			t.Errorf("a budget of 50 is refused: %v", refused)
		}
		b.Spend("a", 1_000_000)
		if got := wait(b.Refusal("a")); got != 1 {
			t.Errorf("an empty budget waits %d s, want 1", got)
		}
		if got := wait(b.Charge("a", 6_000)); got != 60 {
			t.Errorf("a whole budget waits %d s, want 60", got)
		}
	})
}

func TestDescribe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(60_000, time.Minute, nil)
		for _, step := range []struct {
			spend, retryAfter int
			want              string
		}{
			{0, 0, `"default";r=60000;t=1`}, {100, 0, `"default";r=59999;t=1`}, {1_499_900, 0, `"default";r=45000;t=15`}, {9e6, 0, `"default";r=0;t=60`}, {0, 3, `"default";r=0;t=3`},
		} {
			b.Spend("a", step.spend)
			header := http.Header{}
			b.Describe(header, "a", step.retryAfter)
			if got := header.Get("RateLimit"); got != step.want {
				t.Errorf("RateLimit = %s, want %s", got, step.want)
			}
			if got, want := header.Get("RateLimit-Policy"), `"default";q=60000;w=60`; got != want {
				t.Errorf("RateLimit-Policy = %s, want %s", got, want)
			}
		}
	})
}

// TestOff has no limit and no headers.
func TestOff(t *testing.T) {
	for _, b := range []*Budgets{nil, New(0, 0, nil)} {
		header, r := http.Header{}, httptest.NewRequest("GET", "/", nil)
		b.Spend("a", 1e9)
		b.Describe(header, "a", 0)
		if b.Charge("a", 1e9) != nil || b.Refusal("a") != nil || b.ChargeAddress(r) != nil || len(header) > 0 {
			t.Error("there is a limit")
		}
	}
}

// TestForgotten counts the buckets that are remembered for ever more addresses.
func TestForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(60, time.Minute, nil)
		b.Spend("poor", 6_000)
		for i := range 100 * sweepAt {
			if i%100 == 0 {
				time.Sleep(time.Second) // the last 100 are full again
			}
			b.Spend(fmt.Sprint(i), 1)
			if i < 30*100 && wait(b.Charge("poor", 6_000)) == 0 {
				t.Fatal("a budget that is not whole was forgotten")
			}
			if len(b.users.known) > sweepAt {
				t.Fatalf("%d buckets are remembered", len(b.users.known))
			}
		}
	})
	synctest.Test(t, func(t *testing.T) {
		b := New(60, time.Hour, nil)
		for i := range 2 * maxBuckets {
			if b.Spend(fmt.Sprint(i), 1); len(b.users.known) > maxBuckets {
				t.Fatalf("%d buckets are remembered", len(b.users.known))
			}
		}
		if got := wait(b.Charge(fmt.Sprint(2*maxBuckets-1), 6_000)); got == 0 {
			t.Error("the last bucket was forgotten")
		}
	})
}
