package e2e

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"taskql/app"
	"taskql/config"
	"taskql/events"
	"taskql/store"
	"taskql/store/storetest"
)

// pipes is a network in memory, whose connections a bubble of testing/synctest knows to be idle.
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

// inBubble runs a test on a server in a bubble, where hours pass in a moment when all wait.
func inBubble(t *testing.T, test func(t *testing.T, s *server)) {
	databaseURL := storetest.SQLite(t)
	synctest.Test(t, func(t *testing.T) {
		s, stop := serveInBubble(t, databaseURL, nil)
		test(t, s)
		stop()
	})
}

// serveInBubble serves until it is stopped; the relay may be nil.
func serveInBubble(t *testing.T, databaseURL string, relay *events.Relay) (s *server, stop func()) {
	t.Helper()
	c, err := config.Load(signedIn(databaseURL))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	db, err := store.Open(ctx, store.Options{URL: c.DatabaseURL})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewJSONHandler(io.Discard, nil))
	bus := events.NewBus(relay, db.Numbers, log)
	whole, err := app.New(ctx, app.Parts{Config: c, SignIn: c.Auth, Store: db, Bus: bus, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	network := &pipes{dialed: make(chan net.Conn), closed: make(chan struct{})}
	var running sync.WaitGroup
	running.Go(func() { bus.Run(ctx) })
	running.Go(func() {
		if err := whole.Serve(ctx, network); err != nil {
			t.Error(err)
		}
	})
	transport := &http.Transport{DialContext: network.dial}
	return &server{t: t, url: "http://server", http: &http.Client{Transport: transport}}, func() {
		transport.CloseIdleConnections()
		cancel()
		running.Wait()
		_ = db.Close()
	}
}

// TestQuietStreams has subscriptions on which nothing happens for longer than anything else may take: they stay,
// are kept alive, deliver, and end with their token.
func TestQuietStreams(t *testing.T) {
	for _, door := range doors {
		t.Run(door, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *server) {
				u := s.as("u")
				begin := time.Now()
				f := u.follow(door, u.now())
				time.Sleep(59 * time.Minute)
				id := u.add("late")
				f.want("SAVED " + id + " late")
				if took := time.Since(begin); took != 59*time.Minute {
					t.Errorf("the change was heard after %v", took)
				}
				want := "4401 TOKEN_EXPIRED"
				if door == "events by POST" || door == "events by GET" {
					want = "complete"
				}
				select {
				case how := <-f.ended:
					if how != want || time.Since(begin) != time.Hour {
						t.Errorf("ended with %q after %v, want %q after the token's hour", how, time.Since(begin), want)
					}
				case <-time.After(2 * time.Minute):
					t.Error("the subscription outlives its token")
				}
				f.stop()
			})
		})
	}
}

// TestKeepAlive counts what is sent while nothing happens.
func TestKeepAlive(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := s.as("u")
		for protocol, ping := range map[string]string{transportWS: `{"type":"ping"}`, legacyWS: `{"type":"ka"}`} {
			socket := s.socket(t, protocol)
			socket.signIn(u.token)
			pings := 0
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			for {
				_, text, err := socket.ws.Read(ctx)
				if err != nil {
					break
				}
				if string(text) == ping {
					pings++
				}
			}
			cancel()
			if pings < 4 || pings > 5 {
				t.Errorf("%s: %d of %s in two minutes, want one every 25 seconds", protocol, pings, ping)
			}
		}
		r, err := http.NewRequestWithContext(t.Context(), "GET", s.url+"/graphql?query=subscription%7BtaskChanged%7Btoken%7D%7D", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+u.token)
		r.Header.Set("Accept", "text/event-stream")
		response, err := s.http.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(2*time.Minute, func() { response.Body.Close() })
		text, _ := io.ReadAll(response.Body) // it is cut off
		if string(text) != ":\n\n:\n\n:\n\n:\n\n:\n\n" {
			t.Errorf("two minutes of events are %q, want a comment at once and every 25 seconds", text)
		}
	})
}

// TestDeafSubscribers take nothing of what is sent: they are cut off in the end, and nobody else notices.
func TestDeafSubscribers(t *testing.T) {
	for _, door := range doors {
		t.Run(door, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *server) {
				u := s.as("u")
				since := u.now()
				deaf, other := u.follow(door, since), u.follow(transportWS, since)
				begin := time.Now()
				for range 300 {
					id := u.add("x")
					other.want("SAVED " + id + " x")
				}
				if took := time.Since(begin); took > 0 {
					t.Errorf("300 writes and their hearing waited %v", took)
				}
				time.Sleep(15 * time.Second) // the deaf one's time is up
				deaf.next()                  // which was on its way already
				for {
					select {
					case <-deaf.changes:
						continue
					case how := <-deaf.ended:
						if how == "complete" {
							t.Error("the deaf subscriber is told that this is the end, and will not come back")
						}
					}
					break
				}
				id := u.add("y")
				other.want("SAVED " + id + " y")
				other.stop()
			})
		})
	}
}

// TestSocketsWithoutAToken are closed after ten seconds.
func TestSocketsWithoutAToken(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		begin := time.Now()
		socket := s.socket(t, transportWS)
		_, _, err := socket.ws.Read(t.Context())
		if code := websocket.CloseStatus(err); code != 4408 || time.Since(begin) != 10*time.Second {
			t.Errorf("closed with %d after %v, want 4408 after 10s", code, time.Since(begin))
		}
	})
}
