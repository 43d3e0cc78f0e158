package models_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"taskql/models"
)

func mustLieBetween(t *testing.T, key, low, high string) {
	t.Helper()
	if !(low < key && key < high) || strings.HasSuffix(key, "0") {
		t.Fatalf("key %q, want one between %q and %q that does not end with 0", key, low, high)
	}
}

func TestPositionsAtTheEnds(t *testing.T) {
	for n := int64(1); n < 1_000_000_000_000; n *= 7 {
		if top, next := models.TopPosition(n), models.TopPosition(n+1); next >= top {
			t.Errorf("TopPosition(%d) = %q, not above %q", n+1, next, top)
		}
		if bottom, next := models.BottomPosition(n), models.BottomPosition(n+1); next <= bottom || bottom <= models.TopPosition(1) {
			t.Errorf("BottomPosition(%d) = %q after %q", n+1, next, bottom)
		}
	}
}

// ranks is a sorted list of keys.
type ranks []string

// put moves a new task behind the one at i, or before the one behind it, and spreads the keys around
// anew where they become too long. It returns how many keys it wrote.
func (r *ranks) put(t *testing.T, i int, before bool) int {
	t.Helper()
	low, high := (*r)[i], (*r)[i+1]
	key := models.PositionAfter(low, high)
	if before {
		key = models.PositionBefore(low, high)
	}
	mustLieBetween(t, key, low, high)
	*r = slices.Insert(*r, i+1, key)
	if len(key) <= models.MaxPosition {
		return 1
	}
	from, to := max(1, i-31), min(len(*r)-1, i+32)
	copy((*r)[from:to], models.Positions((*r)[from-1], (*r)[to], to-from))
	for n := from; n <= to; n++ {
		mustLieBetween(t, (*r)[n], (*r)[n-1], "z")
	}
	return to - from
}

func newRanks(n int64) (r ranks) {
	for ; n > 0; n-- {
		r = append(r, models.TopPosition(n))
	}
	return r
}

func (r ranks) longest() (longest int) {
	for _, key := range r {
		longest = max(longest, len(key))
	}
	return longest
}

// TestMovesToOneSpot puts tasks behind, or before, one and the same task.
func TestMovesToOneSpot(t *testing.T) {
	for _, before := range []bool{false, true} {
		r, written := newRanks(50), 0
		for n := range 10_000 {
			at := 20
			if before {
				at += n
			}
			written += r.put(t, at, before)
		}
		t.Logf("before %v: %d characters, %d keys written", before, r.longest(), written)
		if r.longest() > models.MaxPosition || written > 15_000 {
			t.Errorf("before %v: keys of %d characters after %d were written", before, r.longest(), written)
		}
	}
}

// TestRandomMoves moves random tasks of a list next to random others.
func TestRandomMoves(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	r, written := newRanks(200), 0
	for range 100_000 {
		from := random.IntN(len(r))
		r = slices.Delete(r, from, from+1)
		written += r.put(t, random.IntN(len(r)-1), random.IntN(2) == 0)
	}
	t.Logf("%d characters, %d keys written", r.longest(), written)
	if r.longest() > models.MaxPosition || written > 150_000 {
		t.Errorf("keys of %d characters after %d were written", r.longest(), written)
	}
}

func TestPositionsApart(t *testing.T) {
	for _, n := range []int{1, 2, 7, 100, 1000} {
		low, high := "hV", "hW"
		last := low
		for _, key := range models.Positions(low, high, n) {
			mustLieBetween(t, key, last, high)
			if len(key) > 6 {
				t.Errorf("Positions of %d: %q is long", n, key)
			}
			last = key
		}
	}
}
