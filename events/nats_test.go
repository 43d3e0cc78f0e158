package events_test

import (
	"bytes"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"taskql/events"
)

// natsServer runs a NATS server in this process; port -1 is any free one.
func natsServer(t *testing.T, port int) *server.Server {
	t.Helper()
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: port, NoLog: true, NoSigs: true})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the NATS server does not start")
	}
	t.Cleanup(s.Shutdown)
	return s
}

// lines is a log that can be read while it is written.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// TestNATS connects two buses by a NATS server, then stops that and starts it again.
func TestNATS(t *testing.T) {
	first := natsServer(t, -1)
	port := first.Addr().(*net.TCPAddr).Port
	var logged lines
	d := &database{numbers: map[string]int64{}}
	bus := func(user string) (*events.Bus, *events.Listener) {
		relay, stop, err := events.NATS(first.ClientURL(), "subject")
		if err != nil {
			t.Fatal(err)
		}
		b := events.NewBus(relay, d.read, slog.New(slog.NewTextHandler(&logged, nil)))
		var running sync.WaitGroup
		running.Go(func() { b.Run(t.Context()) })
		t.Cleanup(func() {
			running.Wait()
			stop()
		})
		return b, b.Listen(user, 1)
	}
	a, own := bus("u")
	_, l := bus("u")
	notified := func(within time.Duration) bool {
		for deadline := time.After(within); ; {
			a.Announce("u")
			select {
			case <-l.C:
				return true
			case <-deadline:
				return false
			case <-time.After(100 * time.Millisecond):
			}
		}
	}
	if !notified(10 * time.Second) {
		t.Fatal("no notification over NATS")
	}
	<-own.C
	time.Sleep(2 * time.Second) // time in which nothing may be sent again
	if text := logged.String(); text != "" {
		t.Errorf("log = %s, want nothing", text)
	}
	for drained := false; !drained; {
		select {
		case <-l.C:
		case <-time.After(500 * time.Millisecond):
			drained = true
		}
	}
	first.Shutdown()
	first.WaitForShutdown()
	d.write("u") // only polling finds this
	begin := time.Now()
	select {
	case <-l.C:
	case <-time.After(10 * time.Second):
		t.Error("without NATS, no notification of a change")
	}
	t.Logf("notified %v after NATS has stopped", time.Since(begin))
	if !strings.Contains(logged.String(), "are polled for") {
		t.Errorf("log = %s, want that NATS has stopped", logged.String())
	}
	natsServer(t, port)
	begin = time.Now()
	for quick := false; !quick; { // until a message, not polling, is the cause
		if time.Since(begin) > 20*time.Second {
			t.Fatal("no notification since NATS works again")
		}
		select {
		case <-l.C:
			continue
		case <-time.After(400 * time.Millisecond):
		}
		a.Announce("u")
		select {
		case <-l.C:
			quick = true
		case <-time.After(300 * time.Millisecond):
		}
	}
}
