package graph

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"time"

	"taskql/models"
)

// A tenth of the streams may be sockets without a token.
const strangersShare = 10

// evictionTime is how long the close handshake of a socket may take that leaves its place to another.
const evictionTime = time.Second

// streams bounds the connections that stay open: WebSockets and streams of server-sent events.
type streams struct {
	max, maxPerUser int

	mu   sync.Mutex
	open int
	// byUser counts the streams of each user.
	byUser map[string]int
	// strangers are the sockets without a token, the oldest first.
	strangers []*conn
}

func newStreams(limit, limitPerUser int) *streams {
	return &streams{max: limit, maxPerUser: limitPerUser, byUser: map[string]int{}}
}

// begin counts a stream, and reports false if there are too many already. Call end afterwards.
func (s *streams) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open >= s.max {
		return false
	}
	s.open++
	return true
}

func (s *streams) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open--
}

// refuse writes the response to a request for a stream for which begin reported false.
func (s *streams) refuse(reply reply) {
	reply.fail(http.StatusServiceUnavailable, printed(&models.Error{
		Code: models.CodeRateLimited, RetryAfter: 5, Message: "The server has as many WebSockets and event streams as it allows. Try again shortly.",
	}))
}

// beginFor counts a stream of a user. It fails with models.CodeRateLimited if the user has too many already. Call endFor
// afterwards.
func (s *streams) beginFor(user string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byUser[user] >= s.maxPerUser {
		return &models.Error{
			Code: models.CodeRateLimited, Message: fmt.Sprintf("You have %d WebSockets and event streams, which is as many as this server allows.", s.maxPerUser),
		}
	}
	s.byUser[user]++
	return nil
}

func (s *streams) endFor(user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byUser[user]--; s.byUser[user] == 0 {
		delete(s.byUser, user)
	}
}

// admit adds a socket that has no token yet. If there are too many of them, the address with the most loses its oldest:
// a client that sends its token at once succeeds even while others open sockets and send nothing, also behind a proxy,
// where all clients have one address.
func (s *streams) admit(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.strangers = append(s.strangers, c)
	if len(s.strangers) <= max(1, s.max/strangersShare) {
		return
	}
	count, most := map[netip.Prefix]int{}, 0
	for _, c := range s.strangers {
		count[c.network]++
		most = max(most, count[c.network])
	}
	i := slices.IndexFunc(s.strangers, func(c *conn) bool { return count[c.network] == most })
	evicted := s.strangers[i]
	s.strangers = slices.Delete(s.strangers, i, i+1)
	go evicted.evict()
}

// known removes a socket that has sent its token or has ended.
func (s *streams) known(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(s.strangers, c); i >= 0 {
		s.strangers = slices.Delete(s.strangers, i, i+1)
	}
}
