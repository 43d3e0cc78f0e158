package events

import (
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"slices"
	"sync"
)

// userKey is a short name for a user that needs no escaping in messages. If two users share one, they only receive
// notifications too many.
func userKey(user string) string {
	sum := sha256.Sum256([]byte(user))
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}

// hub passes notifications to the listeners of this process.
type hub struct {
	mu        sync.Mutex
	listeners map[string]map[*Listener]bool // by user key
	// arrived receives a value when a listener is added.
	arrived chan struct{}
}

func newHub() *hub {
	return &hub{listeners: map[string]map[*Listener]bool{}, arrived: make(chan struct{}, 1)}
}

// Listener receives the notifications for one user.
type Listener struct {
	// C receives a value after each notification. Several notifications that wait to be received count as one.
	C    <-chan struct{}
	c    chan struct{}
	hub  *hub
	user string
	key  string
	// number is the number of the user's last change when it was compared last, or unknown.
	number int64
}

// unknown is a number that no change has.
const unknown = -1

// Seen tells the bus the number of the user's last change that the listener has read, or is about to read without a
// notification.
func (l *Listener) Seen(number int64) {
	l.hub.mu.Lock()
	defer l.hub.mu.Unlock()
	l.number = number
}

// listen returns nil if the user already has limit listeners.
func (h *hub) listen(user string, limit int) *Listener {
	c := make(chan struct{}, 1)
	l := &Listener{C: c, c: c, hub: h, user: user, key: userKey(user), number: unknown}
	h.mu.Lock()
	defer h.mu.Unlock()
	count := 0
	for other := range h.listeners[l.key] {
		if other.user == user {
			count++
		}
	}
	if count >= limit {
		return nil
	}
	if h.listeners[l.key] == nil {
		h.listeners[l.key] = map[*Listener]bool{}
	}
	h.listeners[l.key][l] = true
	wake(h.arrived)
	return l
}

// Close stops the listener. Nothing is sent to C afterwards.
func (l *Listener) Close() {
	l.hub.mu.Lock()
	defer l.hub.mu.Unlock()
	delete(l.hub.listeners[l.key], l)
	if len(l.hub.listeners[l.key]) == 0 {
		delete(l.hub.listeners, l.key)
	}
}

// notify wakes the listeners with a user key. It never blocks.
func (h *hub) notify(key string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for l := range h.listeners[key] {
		wake(l.c)
	}
}

// catchUp wakes the listeners of these users whose number is another one.
func (h *hub) catchUp(users []string, numbers map[string]int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, user := range users {
		for l := range h.listeners[userKey(user)] {
			if number := numbers[user]; l.user == user && l.number != number {
				l.number = number
				wake(l.c)
			}
		}
	}
}

// users returns the users with listeners.
func (h *hub) users() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	users := make(map[string]bool, len(h.listeners))
	for _, all := range h.listeners {
		for l := range all {
			users[l.user] = true
		}
	}
	return slices.Collect(maps.Keys(users))
}

// count returns the number of listeners.
func (h *hub) count() (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, all := range h.listeners {
		n += len(all)
	}
	return n
}

func (h *hub) empty() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.listeners) == 0
}

// wake sends a value to a channel with a buffer of one, unless the buffer is full.
func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
