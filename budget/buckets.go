package budget

import (
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// The numbers of buckets that are remembered. Those that are full again are forgotten when there are sweepAt, or twice as many as the last time were
// left. Of maxBuckets that are not full, half are forgotten: somebody with so many addresses is not limited by the address.
const (
	sweepAt    = 1_000
	maxBuckets = 100_000
)

// buckets are token buckets of one size. One that is not remembered is full.
type buckets[K comparable] struct {
	size   int
	refill rate.Limit

	mu      sync.Mutex
	known   map[K]*rate.Limiter
	sweepAt int
}

func newBuckets[K comparable](size int, refill rate.Limit) *buckets[K] {
	return &buckets[K]{size: size, refill: refill, known: map[K]*rate.Limiter{}, sweepAt: sweepAt}
}

// take takes cost out of a bucket. If it has less, take takes nothing and returns after how long it will have as much.
func (b *buckets[K]) take(key K, cost int) (wait time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	bucket := b.of(key, now)
	if bucket.AllowN(now, cost) {
		return 0
	}
	return max(1, b.after(float64(cost)-bucket.TokensAt(now)))
}

// drain takes cost out of a bucket, or what it has.
func (b *buckets[K]) drain(key K, cost int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	bucket := b.of(key, now)
	bucket.AllowN(now, min(cost, int(bucket.TokensAt(now))))
}

// left returns what a bucket has.
func (b *buckets[K]) left(key K) float64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	bucket := b.known[key]
	if bucket == nil {
		return float64(b.size)
	}
	return math.Max(0, bucket.TokensAt(time.Now()))
}

// after returns in which time a bucket gets tokens.
func (b *buckets[K]) after(tokens float64) time.Duration {
	return time.Duration(tokens / float64(b.refill) * float64(time.Second))
}

// of returns the bucket of a key. The caller holds b.mu.
func (b *buckets[K]) of(key K, now time.Time) *rate.Limiter {
	bucket := b.known[key]
	if bucket == nil {
		if len(b.known) >= b.sweepAt {
			b.sweep(now)
		}
		bucket = rate.NewLimiter(b.refill, b.size)
		b.known[key] = bucket
	}
	return bucket
}

// sweep forgets the buckets that are full, and some others if there are too many.
func (b *buckets[K]) sweep(now time.Time) {
	for key, bucket := range b.known {
		if bucket.TokensAt(now) >= float64(b.size) {
			delete(b.known, key)
		}
	}
	for key := range b.known {
		if len(b.known) <= maxBuckets/2 {
			break
		}
		delete(b.known, key)
	}
	b.sweepAt = max(sweepAt, 2*len(b.known))
}
