package live

import (
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/coder/websocket"

	"taskql/e2e/harness"
)

// TestQuietStreams has subscriptions without changes for an hour. They stay open, deliver a late change, and end with
// their token.
func TestQuietStreams(t *testing.T) {
	t.Parallel()
	for _, transport := range harness.Transports {
		t.Run(transport, func(t *testing.T) {
			harness.InBubble(t, func(t *testing.T, s *harness.Server) {
				u := s.As("u")
				begin := time.Now()
				f := u.Follow(transport, u.SyncToken())
				time.Sleep(59 * time.Minute)
				id := u.Add("late")
				f.Want("SAVED " + id + " late")
				if took := time.Since(begin); took != 59*time.Minute {
					t.Errorf("the change was received after %v", took)
				}
				want := "4401 TOKEN_EXPIRED"
				if harness.IsEvents(transport) {
					want = "complete"
				}
				select {
				case how := <-f.Ended:
					if how != want || time.Since(begin) != time.Hour {
						t.Errorf("ended with %q after %v, want %q after the token's hour", how, time.Since(begin), want)
					}
				case <-time.After(2 * time.Minute):
					t.Error("the subscription outlives its token")
				}
				f.Stop()
			})
		})
	}
}

// TestKeepAlive counts the messages that keep an idle connection open.
func TestKeepAlive(t *testing.T) {
	t.Parallel()
	harness.InBubble(t, func(t *testing.T, s *harness.Server) {
		u := s.As("u")
		for protocol, ping := range map[string]string{harness.TransportWS: `{"type":"ping"}`, harness.LegacyWS: `{"type":"ka"}`} {
			socket := s.Socket(t, protocol)
			socket.SignIn(u.Token)
			pings := 0
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			for {
				_, text, err := socket.Conn.Read(ctx)
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
		r, err := http.NewRequestWithContext(t.Context(), "GET", s.URL+"/graphql?query=subscription%7BtaskChanged%7Btoken%7D%7D", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+u.Token)
		r.Header.Set("Accept", "text/event-stream")
		response, err := s.HTTP.Do(r)
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

// TestSubscribersThatDoNotRead has subscribers that read nothing: they are cut off, and others notice nothing.
func TestSubscribersThatDoNotRead(t *testing.T) {
	t.Parallel()
	for _, transport := range harness.Transports {
		t.Run(transport, func(t *testing.T) {
			harness.InBubble(t, func(t *testing.T, s *harness.Server) {
				u := s.As("u")
				since := u.SyncToken()
				silent, other := u.Follow(transport, since), u.Follow(harness.TransportWS, since)
				begin := time.Now()
				for range 300 {
					id := u.Add("x")
					other.Want("SAVED " + id + " x")
				}
				if took := time.Since(begin); took > 0 {
					t.Errorf("300 writes and their hearing waited %v", took)
				}
				time.Sleep(15 * time.Second) // the silent one's time is up
				silent.Next()                // which was on its way already
				for {
					select {
					case <-silent.Changes:
						continue
					case how := <-silent.Ended:
						if how == "complete" {
							t.Error("the silent subscriber is told that this is the end, and will not come back")
						}
					}
					break
				}
				id := u.Add("y")
				other.Want("SAVED " + id + " y")
				other.Stop()
			})
		})
	}
}

// TestSocketsWithoutAToken checks that a socket without connection_init is closed after ten seconds.
func TestSocketsWithoutAToken(t *testing.T) {
	t.Parallel()
	harness.InBubble(t, func(t *testing.T, s *harness.Server) {
		begin := time.Now()
		socket := s.Socket(t, harness.TransportWS)
		_, _, err := socket.Conn.Read(t.Context())
		if code := websocket.CloseStatus(err); code != 4408 || time.Since(begin) != 10*time.Second {
			t.Errorf("closed with %d after %v, want 4408 after 10s", code, time.Since(begin))
		}
	})
}

// TestIdleSocketEnds leaves a socket without an operation until its token expires.
func TestIdleSocketEnds(t *testing.T) {
	t.Parallel()
	harness.InBubble(t, func(t *testing.T, s *harness.Server) {
		begin := time.Now()
		socket := s.Socket(t, harness.TransportWS)
		socket.SignIn(harness.Token(t, "u"))
		for {
			_, _, err := socket.Conn.Read(t.Context())
			if err == nil {
				continue // a ping
			}
			if code := websocket.CloseStatus(err); code != 4401 || time.Since(begin) != time.Hour {
				t.Errorf("closed with %v after %v, want 4401 after the token's hour", err, time.Since(begin))
			}
			return
		}
	})
}
