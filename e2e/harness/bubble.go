package harness

import (
	"context"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"

	"taskql/events"
	"taskql/store/storetest"
)

// pipes is a network in memory. In a bubble of testing/synctest, waiting on its connections counts as idle, which waiting
// on a real network does not.
type pipes struct {
	dialed chan net.Conn
	once   sync.Once
	closed chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.dialed:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error { p.once.Do(func() { close(p.closed) }); return nil }

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes"} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case p.dialed <- there:
		return here, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// InBubble runs a test and a server on SQLite in a bubble of testing/synctest, whose clock jumps ahead while all wait.
func InBubble(t *testing.T, test func(t *testing.T, s *Server)) {
	databaseURL := storetest.SQLite(t)
	synctest.Test(t, func(t *testing.T) {
		s, stop := ServeInBubble(t, databaseURL, nil)
		test(t, s)
		stop()
	})
}

// ServeInBubble starts a server in the bubble of the test. The relay may be nil. Call stop before the test ends.
func ServeInBubble(t *testing.T, databaseURL string, relay *events.Relay) (s *Server, stop func()) {
	t.Helper()
	p := NewProgram(t, Env(databaseURL), relay)
	ctx, cancel := context.WithCancel(t.Context())
	network := &pipes{dialed: make(chan net.Conn), closed: make(chan struct{})}
	var running sync.WaitGroup
	running.Go(func() { p.bus.Run(ctx) })
	running.Go(func() {
		if err := p.Serve(ctx, network); err != nil {
			t.Error(err)
		}
	})
	transport := &http.Transport{DialContext: network.dial}
	return &Server{T: t, URL: "http://server", HTTP: &http.Client{Transport: transport}}, func() {
		transport.CloseIdleConnections()
		cancel()
		running.Wait()
		_ = p.Store.Close()
	}
}
