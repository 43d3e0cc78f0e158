package harness

import (
	"bytes"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"
)

// Proxy forwards connections from the server to its database, and can cut them.
type Proxy struct {
	// Address is where it listens, with the port.
	Address string

	mu     sync.Mutex
	target string
	isCut  bool
	conns  []net.Conn
	made   int
	// counted is a text of Count, sent is how often it came.
	counted []byte
	sent    int
	// stalled is closed when everything flows.
	stalled chan struct{}
	// recorder is that of Record, or nil.
	recorder *recorder
}

// NewProxy returns a Proxy for the database at a host and port. It is closed when the test ends.
func NewProxy(t *testing.T, target string) *Proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{Address: listener.Addr().String(), target: target}
	t.Cleanup(func() {
		_ = listener.Close()
		p.Stall(false)
		p.Cut(true)
	})
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			p.join(conn)
		}
	}()
	return p
}

func (p *Proxy) join(conn net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.isCut {
		_ = conn.Close()
		return
	}
	behind, err := net.DialTimeout("tcp", p.target, 5*time.Second)
	if err != nil {
		_ = conn.Close()
		return
	}
	p.made++
	p.conns = append(p.conns, conn, behind)
	sent, record := io.Reader(conn), io.WriteCloser(nil)
	if p.recorder != nil {
		record = p.recorder.follow()
		sent = io.TeeReader(conn, record)
	}
	go func() {
		_, _ = io.Copy(flow{behind, p, true}, sent)
		_ = behind.Close()
		if record != nil {
			_ = record.Close()
		}
	}()
	go func() {
		_, _ = io.Copy(flow{conn, p, false}, behind)
		_ = conn.Close()
	}()
}

// Cut ends all connections and refuses new ones; Cut(false) accepts new ones again.
func (p *Proxy) Cut(isCut bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.isCut = isCut
	for _, conn := range p.conns {
		_ = conn.Close()
	}
	p.conns = nil
}

// Move forwards new connections to another host and port. The others stay where they are, as after a change of a name in the DNS.
func (p *Proxy) Move(target string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.target = target
}

// Stall holds everything back, in both directions and on new connections too; Stall(false) lets it flow again.
func (p *Proxy) Stall(isStalled bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stalled != nil {
		close(p.stalled)
		p.stalled = nil
	}
	if isStalled {
		p.stalled = make(chan struct{})
	}
}

// flow is a connection that forwards nothing while the proxy is stalled.
type flow struct {
	net.Conn
	proxy      *Proxy
	toDatabase bool
}

func (f flow) Write(b []byte) (int, error) {
	f.proxy.mu.Lock()
	stalled := f.proxy.stalled
	f.proxy.mu.Unlock()
	if stalled != nil {
		<-stalled
	}
	if f.toDatabase {
		f.proxy.count(b)
	}
	return f.Conn.Write(b)
}

// Count counts how often the server sends a text to its database. The connection must not be encrypted.
func (p *Proxy) Count(text string) (sent func() int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.counted = []byte(text)
	return func() int {
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.sent
	}
}

func (p *Proxy) count(message []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.counted) > 0 {
		p.sent += bytes.Count(message, p.counted)
	}
}

// Made returns how many connections there have been so far, those for cancel requests included.
func (p *Proxy) Made() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.made
}

// NewProxyOf returns a Proxy for the PostgreSQL at an address, and that address through it.
func NewProxyOf(t *testing.T, databaseURL string) (p *Proxy, through string) {
	t.Helper()
	address, err := url.Parse(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	p = NewProxy(t, address.Host)
	address.Host = p.Address
	return p, address.String()
}
