// Package events tells those who listen that something of a user's has changed: within the process at
// once, and between processes by a relay. It carries hints, which say that it is worth to look, and no data: one
// may be lost or doubled without harm.
package events

import (
	"crypto/sha256"
	"encoding/base64"
	"sync"
)

// mark stands for a user in hints. Users may share one, which costs them a look in vain and nothing else.
func mark(user string) string {
	sum := sha256.Sum256([]byte(user))
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}

// hub hands hints to the listeners of this process.
type hub struct {
	mu        sync.Mutex
	listeners map[string]map[*Listener]bool // by mark
	// arrived receives a value when there is a listener after there was none.
	arrived chan struct{}
}

func newHub() *hub {
	return &hub{listeners: map[string]map[*Listener]bool{}, arrived: make(chan struct{}, 1)}
}

// Listener hears the hints about one user.
type Listener struct {
	// C receives a value when there was a hint since the last one was received: several are one.
	C    <-chan struct{}
	c    chan struct{}
	hub  *hub
	user string
	mark string
}

// listen returns nil when the user has most listeners already.
func (h *hub) listen(user string, most int) *Listener {
	c := make(chan struct{}, 1)
	l := &Listener{C: c, c: c, hub: h, user: user, mark: mark(user)}
	h.mu.Lock()
	defer h.mu.Unlock()
	count := 0
	for other := range h.listeners[l.mark] {
		if other.user == user {
			count++
		}
	}
	if count >= most {
		return nil
	}
	if h.listeners[l.mark] == nil {
		h.listeners[l.mark] = map[*Listener]bool{}
	}
	h.listeners[l.mark][l] = true
	wake(h.arrived)
	return l
}

// Close ends the listening.
func (l *Listener) Close() {
	l.hub.mu.Lock()
	defer l.hub.mu.Unlock()
	delete(l.hub.listeners[l.mark], l)
	if len(l.hub.listeners[l.mark]) == 0 {
		delete(l.hub.listeners, l.mark)
	}
}

// hint wakes the listeners of a mark. It never waits for them.
func (h *hub) hint(mark string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for l := range h.listeners[mark] {
		wake(l.c)
	}
}

// hintAll wakes every listener, because hints may have been lost.
func (h *hub) hintAll() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, all := range h.listeners {
		for l := range all {
			wake(l.c)
		}
	}
}

// users are those with listeners.
func (h *hub) users() map[string]bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	users := make(map[string]bool, len(h.listeners))
	for _, all := range h.listeners {
		for l := range all {
			users[l.user] = true
		}
	}
	return users
}

func (h *hub) empty() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.listeners) == 0
}

// wake leaves a value in a channel with room for one, unless one is waiting there already.
func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
