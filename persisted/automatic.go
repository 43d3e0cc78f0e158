package persisted

import (
	"container/list"
	"strings"
	"sync"
)

// The limits of Automatic in bytes. Each document counts as its text and entrySize more.
const (
	maxCommon  = 4 << 20
	maxOwn     = 4 << 20
	maxUserOwn = 256 << 10
	maxText    = 32 << 10
	entrySize  = 256
)

// Automatic holds the documents that clients have sent with their hash, so that they need to send only the hash afterwards:
// automatic persisted queries, as the links of Apollo and urql speak them. A document belongs to the user who has sent it
// until another user uses it, too. The documents of one user push out that user's only: a user who sends many
// does not push out those that the others use. It may be used from many goroutines.
type Automatic struct {
	mu      sync.Mutex
	entries map[string]*entry // by hash
	// common are the documents of several users, own those of one. The last used ones are in front.
	common, own pool
	users       map[string]*pool
}

type entry struct {
	hash, text string
	// user is the owner, "" for a document of several users.
	user string
	// inPool is the place in common or in own, inUser that in the pool of the owner.
	inPool, inUser *list.Element
}

func (e *entry) size() int { return len(e.text) + entrySize }

// pool is a list of entries, and its size.
type pool struct {
	list.List
	bytes int
}

func (p *pool) push(e *entry) *list.Element {
	p.bytes += e.size()
	return p.PushFront(e)
}

func (p *pool) drop(at *list.Element) { p.bytes -= p.Remove(at).(*entry).size() }

func (p *pool) oldest() *entry { return p.Back().Value.(*entry) }

// NewAutomatic returns an empty Automatic.
func NewAutomatic() *Automatic {
	return &Automatic{entries: map[string]*entry{}, users: map[string]*pool{}}
}

// Text returns the document with a hash, with or without the prefix "sha256:", for a user.
func (a *Automatic) Text(user, hash string) (text string, found bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	e := a.entries[strings.TrimPrefix(hash, hashPrefix)]
	if e == nil {
		return "", false
	}
	a.use(user, e)
	return e.text, true
}

// Add keeps a document that a user has sent. hash must be its Hash. It ignores a document that is too long.
func (a *Automatic) Add(user, hash, text string) {
	if len(text) > maxText {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if known := a.entries[hash]; known != nil {
		a.use(user, known)
		return
	}
	e := &entry{hash: hash, text: strings.Clone(text), user: user}
	a.entries[hash] = e
	a.place(e)
}

// use moves an entry to the front. The caller holds a.mu.
func (a *Automatic) use(user string, e *entry) {
	a.displace(e)
	if e.user != user {
		e.user = ""
	}
	a.place(e)
}

// place puts an entry into its pools, and removes the oldest entries beyond their limits. The caller holds a.mu.
func (a *Automatic) place(e *entry) {
	if e.user == "" {
		e.inPool = a.common.push(e)
		for a.common.bytes > maxCommon {
			a.remove(a.common.oldest())
		}
		return
	}
	user := a.users[e.user]
	if user == nil {
		user = new(pool)
		a.users[e.user] = user
	}
	e.inPool, e.inUser = a.own.push(e), user.push(e)
	for user.bytes > maxUserOwn {
		a.remove(user.oldest())
	}
	for a.own.bytes > maxOwn {
		a.remove(a.own.oldest())
	}
}

// displace takes an entry out of its pools. The caller holds a.mu.
func (a *Automatic) displace(e *entry) {
	if e.user == "" {
		a.common.drop(e.inPool)
		return
	}
	a.own.drop(e.inPool)
	user := a.users[e.user]
	if user.drop(e.inUser); user.Len() == 0 {
		delete(a.users, e.user)
	}
}

// remove removes an entry. The caller holds a.mu.
func (a *Automatic) remove(e *entry) {
	a.displace(e)
	delete(a.entries, e.hash)
}
