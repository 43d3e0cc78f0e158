package auth

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lestrrat-go/jwx/v2/jwa"

	"taskql/models"
)

// How often the keys are read, and how long a read may take; no request waits for them longer.
const (
	readTimeout  = 2 * time.Second
	refreshAfter = 10 * time.Minute
	// A read that failed is tried again after retryFirst, then twice as long each time up to retryMost.
	retryFirst = time.Second
	retryMost  = 30 * time.Second
	// Unknown key ids cause one read in this time, however many tokens have one.
	unknownEvery = 10 * time.Second
)

// Keys is the key set of an auth server (a JWKS, RFC 7517), kept up to date. It never gives up a key
// that it has for an answer it cannot use: while the auth server is in trouble, known keys go on working.
//
// jwx's own jwk.Cache will not do: it remembers a failure at the start for a quarter of an hour, has
// every reader wait for an address that hangs, and does not read again for an unknown key.
type Keys struct {
	read func(context.Context) ([]byte, error)
	log  *slog.Logger
	now  func() time.Time

	// set is nil until keys were read once.
	set atomic.Pointer[keySet]

	mu sync.Mutex
	// under is the read under way, nil when there is none.
	under *reading
	// failed is why the last read gave no keys.
	failed error
	// asked is when an unknown key id last caused a read.
	asked time.Time
}

// reading is a read of the keys that several requests may wait for.
type reading struct {
	done chan struct{}
	err  error // set before done is closed
}

// keySet has the keys by their ids. A set is never changed.
type keySet map[string][]*key

// key is a public key of the set.
type key struct {
	id         string
	algorithms []jwa.SignatureAlgorithm
	public     any
	// print tells keys of the same id apart.
	print string
	// gone is set when the key has left the set: what it signed is no longer good.
	gone atomic.Bool
}

// Key describes a key for people.
type Key struct{ ID, Algorithms string }

// KeysAt returns the keys at an address, an http or https URL. Nothing is read before Run or Load.
func KeysAt(address string, log *slog.Logger) *Keys {
	return &Keys{read: reader(address), log: log, now: time.Now}
}

// KeysIn returns the keys in a file. Nothing is read before Run or Load.
func KeysIn(path string, log *slog.Logger) *Keys {
	return &Keys{read: fileReader(path), log: log, now: time.Now}
}

// Run reads the keys, and again and again, until ctx ends.
func (k *Keys) Run(ctx context.Context) {
	retry := retryFirst
	for {
		wait := refreshAfter
		if err := k.Load(ctx); err != nil && ctx.Err() == nil {
			k.log.Warn("the keys of the auth server cannot be read", "error", err, "ready", k.Ready(), "again_in", retry)
			wait, retry = retry, min(2*retry, retryMost)
		} else {
			retry = retryFirst
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// Load reads the keys now, or waits for the read that is under way. It fails when they cannot be
// read or none of them can be used; the keys from before are kept then.
func (k *Keys) Load(ctx context.Context) error {
	k.mu.Lock()
	under := k.begin()
	k.mu.Unlock()
	return under.wait(ctx)
}

// Ready reports whether keys were read once.
func (k *Keys) Ready() bool { return k.set.Load() != nil }

// List returns the keys, by their ids.
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

// begin returns the read under way, or starts one. It is called with k.mu held.
func (k *Keys) begin() *reading {
	if k.under == nil {
		k.under = &reading{done: make(chan struct{})}
		// On its own, because the request that caused it may give up while others wait for it.
		go k.run(k.under)
	}
	return k.under
}

func (r *reading) wait(ctx context.Context) error {
	select {
	case <-r.done:
		return r.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (k *Keys) run(under *reading) {
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
	k.failed, k.under, under.err = err, nil, err
	close(under.done)
}

// replace puts a new set in the place of the old one. A key in both stays the same, so that the
// tokens it signed stay verified; those of a key that is only in the old one do not.
func (k *Keys) replace(set keySet) {
	if old := k.set.Load(); old != nil {
		for id, keys := range *old {
			for _, before := range keys {
				i := slices.IndexFunc(set[id], func(now *key) bool { return now.print == before.print })
				if i >= 0 {
					set[id][i] = before
				} else {
					before.gone.Store(true)
					k.log.Info("a key left the auth server's set", "kid", id)
				}
			}
		}
	}
	k.set.Store(&set)
}

// find returns the key that verifies tokens with this id and algorithm. An unknown id may be a new
// key's, so the keys are read again, unless that was just done for another. The error is a *Refusal, with
// models.CodeAuthUnavailable where the key may well exist but cannot be had.
func (k *Keys) find(ctx context.Context, id string, algorithm jwa.SignatureAlgorithm) (*key, error) {
	found, err := k.lookup(id, algorithm)
	if found != nil || err != nil {
		return found, err
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	for own := false; !own; {
		var under *reading
		if under, own = k.askFor(); under != nil {
			if err := under.wait(ctx); ctx.Err() != nil {
				return nil, unavailable("the keys were not read in time: %v", err)
			}
		}
		// Also without a read of its own: one that has just ended may have brought the key.
		found, err = k.lookup(id, algorithm)
		if found != nil || err != nil {
			return found, err
		}
		// A read that was under way may have begun before there was the key.
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.failed != nil || !k.Ready() {
		return nil, unavailable("no key with the kid %.50q is known, and the keys cannot be read: %v", id, k.failed)
	}
	return nil, refuse("the auth server has no key with the kid %.50q", id)
}

// askFor returns a read to wait for, or nil when the time for another has not come. own is false when
// that read began before the call.
func (k *Keys) askFor() (under *reading, own bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.under != nil {
		return k.under, false
	}
	if !k.asked.IsZero() && k.now().Sub(k.asked) < unknownEvery {
		return nil, true
	}
	k.asked = k.now()
	return k.begin(), true
}

// lookup returns nil without an error when no key has the id.
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

func unavailable(format string, args ...any) error {
	err := refuse(format, args...).(*Refusal)
	err.public = &models.Error{Code: models.CodeAuthUnavailable, Message: "The token cannot be checked at the moment. Try again shortly."}
	return err
}
