package auth

import (
	"context"
	"crypto/sha256"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/lestrrat-go/jwx/v2/jwa"
	"golang.org/x/time/rate"

	"taskql/models"
)

const (
	// readTimeout limits a read of the keys, and how long a request waits for one.
	readTimeout  = 2 * time.Second
	refreshAfter = 10 * time.Minute
	// A failed read is repeated after retryMin. The wait doubles after each further failure, up to retryMax.
	retryMin = time.Second
	retryMax = 30 * time.Second
	// Tokens with unknown key ids cause maxUnknown reads at once at most, and then one in unknownEvery.
	maxUnknown   = 5
	unknownEvery = 5 * time.Second
	// A key id that the auth server does not have is refused for missingFor without a read. maxMissing ids are remembered.
	missingFor = 10 * time.Second
	maxMissing = 1024
)

// Keys is the key set of an auth server (a JWKS, RFC 7517), which Run keeps up to date. If a read fails, the known keys
// stay valid. It may be used from many goroutines.
//
// It replaces jwk.Cache of jwx for three reasons: jwk.Cache remembers a failure at start for 15 minutes, makes every
// reader wait for an address that hangs, and does not read again for an unknown key.
type Keys struct {
	read func(context.Context) ([]byte, error)
	log  *slog.Logger
	now  func() time.Time

	// set is nil until the first successful read.
	set atomic.Pointer[keySet]

	// missing holds the ids that the auth server does not have, by their hash, with the time when that was found out.
	missing *lru.Cache[[sha256.Size]byte, time.Time]
	// unknown limits the reads that tokens with unknown key ids cause.
	unknown *rate.Limiter

	mu sync.Mutex
	// begun is how many reads have begun.
	begun int
	// current is the read in progress, last the one that ended last. They are nil if there is none.
	current, last *reading
}

// reading is a read of the keys. Several requests may wait for it.
type reading struct {
	// number counts the reads.
	number int
	done   chan struct{}
	err    error // set before done is closed
}

// keySet maps ids to keys. A stored set is never changed.
type keySet map[string][]*key

// key is a public key of the set.
type key struct {
	id         string
	algorithms []jwa.SignatureAlgorithm
	public     any
	// fingerprint identifies the key material. Several keys may have the same id.
	fingerprint string
	trust
}

// Key describes a key for display: its id and the names of its algorithms, joined by " or ".
type Key struct{ ID, Algorithms string }

// KeysAt returns the keys at an http or https URL. The first Run, Load or Verify reads them.
func KeysAt(address string, log *slog.Logger) *Keys {
	return newKeys(httpReader(address), log)
}

// KeysIn returns the keys in a file. The first Run, Load or Verify reads them.
func KeysIn(path string, log *slog.Logger) *Keys {
	return newKeys(fileReader(path), log)
}

func newKeys(read func(context.Context) ([]byte, error), log *slog.Logger) *Keys {
	missing, _ := lru.New[[sha256.Size]byte, time.Time](maxMissing) // fails for no size only
	return &Keys{read: read, log: log, now: time.Now, missing: missing, unknown: rate.NewLimiter(rate.Every(unknownEvery), maxUnknown)}
}

// Run reads the keys every ten minutes until ctx ends, and sooner after a failure.
func (k *Keys) Run(ctx context.Context) {
	retry := retryMin
	for {
		wait := refreshAfter
		if err := k.Load(ctx); err != nil && ctx.Err() == nil {
			k.log.Warn("the keys of the auth server cannot be read", "error", err, "ready", k.Ready(), "again_in", retry)
			wait, retry = retry, min(2*retry, retryMax)
		} else {
			retry = retryMin
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// Load reads the keys now, or waits for the read in progress. It fails if the keys cannot be read or none of them can
// be used. The known keys are kept in that case.
func (k *Keys) Load(ctx context.Context) error {
	k.mu.Lock()
	current := k.begin()
	k.mu.Unlock()
	return current.wait(ctx)
}

// Ready reports whether a read of the keys has ever succeeded.
func (k *Keys) Ready() bool { return k.set.Load() != nil }

// List returns the known keys, sorted by id.
func (k *Keys) List() (list []Key) {
	if set := k.set.Load(); set != nil {
		for id, keys := range *set {
			for _, key := range keys {
				list = append(list, Key{id, joined(key.algorithms)})
			}
		}
	}
	slices.SortFunc(list, func(a, b Key) int { return strings.Compare(a.ID, b.ID) })
	return list
}

func joined(algorithms []jwa.SignatureAlgorithm) string {
	names := make([]string, len(algorithms))
	for i, algorithm := range algorithms {
		names[i] = algorithm.String()
	}
	return strings.Join(names, " or ")
}

// begin returns the read in progress, or starts one. The caller holds k.mu.
func (k *Keys) begin() *reading {
	if k.current == nil {
		k.begun++
		k.current = &reading{number: k.begun, done: make(chan struct{})}
		// The read has its own goroutine, because the request that caused it may end while others wait for the read.
		go k.run(k.current)
	}
	return k.current
}

// wait returns the error of the read, or that of ctx if ctx ends first.
func (r *reading) wait(ctx context.Context) error {
	select {
	case <-r.done:
		return r.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// run reads the keys once and then wakes up those who wait for r.
func (k *Keys) run(r *reading) {
	ctx, cancel := context.WithTimeout(context.Background(), readTimeout)
	defer cancel()
	text, err := k.read(ctx)
	var set keySet
	if err == nil {
		set, err = parseKeys(text)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if err == nil {
		k.replace(set)
	}
	r.err = err
	k.current, k.last = nil, r
	close(r.done)
}

// replace stores a new set. A key that is in both sets keeps its *key, so that cached tokens that it signed stay valid.
// A key that is only in the old set is marked as removed. The caller holds k.mu.
func (k *Keys) replace(set keySet) {
	if old := k.set.Load(); old != nil {
		for id, keys := range *old {
			for _, before := range keys {
				i := slices.IndexFunc(set[id], func(now *key) bool { return now.fingerprint == before.fingerprint })
				if i >= 0 {
					set[id][i] = before
				} else {
					before.remove()
					k.log.Info("a key left the auth server's set", "kid", id)
				}
			}
		}
	}
	k.set.Store(&set)
}

// find returns the key that verifies tokens with this id and algorithm. An unknown id may belong to a new key, so find
// reads the keys again. The error is a *Refusal. Its code is models.CodeAuthUnavailable if the key may exist, but the keys
// cannot be read or have been read too often.
func (k *Keys) find(ctx context.Context, id string, algorithm jwa.SignatureAlgorithm) (*key, error) {
	found, err := k.lookup(id, algorithm)
	if found != nil || err != nil {
		return found, err
	}
	hash := sha256.Sum256([]byte(id))
	if at, ok := k.missing.Get(hash); ok && k.now().Sub(at) < missingFor {
		return nil, noSuchKey(id)
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	k.mu.Lock()
	before := k.begun
	k.mu.Unlock()
	for {
		r := k.readForUnknown(before)
		if r == nil {
			return nil, unavailable("no key with the kid %.50q is known, and unknown kids have caused too many reads of the keys", id)
		}
		err := r.wait(ctx)
		if ctx.Err() != nil {
			return nil, unavailable("the keys were not read in time: %v", err)
		}
		if found, refused := k.lookup(id, algorithm); found != nil || refused != nil {
			return found, refused
		}
		if r.number <= before {
			continue // the read may have begun before the key existed
		}
		if err != nil {
			return nil, unavailable("no key with the kid %.50q is known, and the keys cannot be read: %v", id, err)
		}
		k.missing.Add(hash, k.now())
		return nil, noSuchKey(id)
	}
}

// readForUnknown returns the read in progress or one that has begun after the read with the number before. It returns nil if
// there is neither and no read is allowed.
func (k *Keys) readForUnknown(before int) *reading {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case k.current != nil:
		return k.current
	case k.last != nil && k.last.number > before:
		return k.last
	case k.unknown.AllowN(k.now(), 1):
		return k.begin()
	default:
		return nil
	}
}

func noSuchKey(id string) error { return refuse("the auth server has no key with the kid %.50q", id) }

// lookup returns the key, nil without an error if no key has the id, and a *Refusal if the key is for other algorithms.
func (k *Keys) lookup(id string, algorithm jwa.SignatureAlgorithm) (*key, error) {
	set := k.set.Load()
	if set == nil || len((*set)[id]) == 0 {
		return nil, nil
	}
	for _, key := range (*set)[id] {
		if slices.Contains(key.algorithms, algorithm) {
			return key, nil
		}
	}
	return nil, refuse("the key with the kid %.50q is not for %s", id, algorithm)
}

// unavailable returns a *Refusal with models.CodeAuthUnavailable.
func unavailable(format string, args ...any) error {
	err := refuse(format, args...).(*Refusal)
	err.public = &models.Error{Code: models.CodeAuthUnavailable, Message: "The token cannot be checked at the moment. Try again shortly."}
	return err
}
