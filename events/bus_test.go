package events_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"taskql/events"
)

// inBubble runs a test on two buses of one database, whose Run ends with the test.
func inBubble(t *testing.T, relay *events.Relay, test func(t *testing.T, a, b *events.Bus, d *database)) {
	synctest.Test(t, func(t *testing.T) {
		d := &database{numbers: map[string]int64{}}
		log := slog.New(slog.DiscardHandler)
		a, b := events.NewBus(relay, d.read, log), events.NewBus(relay, d.read, log)
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { a.Run(ctx) })
		running.Go(func() { b.Run(ctx) })
		test(t, a, b, d)
		stop()
		running.Wait()
	})
}

// hinted reports whether there was a hint since the last one.
func hinted(l *events.Listener) bool {
	synctest.Wait()
	select {
	case <-l.C:
		return true
	default:
		return false
	}
}

// after is how long it takes until there is a hint.
func after(l *events.Listener) time.Duration {
	begin := time.Now()
	<-l.C
	return time.Since(begin)
}

func TestHints(t *testing.T) {
	w := newWire()
	inBubble(t, w.relay(), func(t *testing.T, a, b *events.Bus, _ *database) {
		near, far, other := a.Listen("u", 2), b.Listen("u", 2), a.Listen("v", 2)
		second := a.Listen("u", 2)
		if a.Listen("u", 2) != nil {
			t.Error("a third listener of two")
		}
		time.Sleep(time.Minute)
		hinted(near)
		hinted(far)
		hinted(other)
		hinted(second)
		a.Announce("u")
		synctest.Wait()
		for range 99 {
			a.Announce("u")
		}
		if !hinted(near) || !hinted(second) || !hinted(far) {
			t.Error("a hint is missing")
		}
		if hinted(near) || hinted(other) {
			t.Error("several hints are not one, or another user's came")
		}
		second.Close()
		second.Close() // does nothing
		if a.Listen("u", 2) == nil {
			t.Error("there is no room after a listener has gone")
		}
		time.Sleep(time.Second)
		if sent := w.messages(); len(sent) != 2 { // the first at once, the others together
			t.Errorf("%d messages for a hundred writes, want 2", len(sent))
		}
		hinted(near)
		hinted(far)
		b.Announce("u")
		if !hinted(near) || !hinted(far) {
			t.Error("no hint from the other process")
		}
	})
}

// TestManyHints has a busy server: a few messages a second, each within what NOTIFY takes.
func TestManyHints(t *testing.T) {
	w := newWire()
	inBubble(t, w.relay(), func(t *testing.T, a, b *events.Bus, _ *database) {
		l := b.Listen("user 9999", 1)
		time.Sleep(time.Second)
		hinted(l)
		begin := time.Now()
		for i := range 10_000 {
			a.Announce(fmt.Sprint("user ", i))
			if i%100 == 0 {
				time.Sleep(10 * time.Millisecond)
			}
		}
		<-l.C
		if rounds := time.Since(begin) / (200 * time.Millisecond); len(w.messages()) > 40+int(rounds) {
			t.Errorf("%d messages in %v", len(w.messages()), time.Since(begin))
		}
		time.Sleep(time.Second)
		for i := range 20_000 { // more than are named one by one
			a.Announce(fmt.Sprint("another ", i))
		}
		if time.Sleep(time.Second); !hinted(l) {
			t.Error("no hint from a message about everyone")
		}
		for _, message := range w.messages() {
			if len(message) >= 8000 {
				t.Errorf("a message of %d bytes", len(message))
			}
		}
	})
}

// TestIdleBus has nobody listening: then nothing is asked, and nobody connected.
func TestIdleBus(t *testing.T) {
	w := newWire()
	inBubble(t, w.relay(), func(t *testing.T, a, _ *events.Bus, d *database) {
		time.Sleep(time.Hour)
		a.Announce("u")
		time.Sleep(time.Hour)
		if begun, _ := w.state(); d.looked() > 0 || begun > 0 {
			t.Errorf("without listeners: %d looks, %d connections", d.looked(), begun)
		}
		l := a.Listen("u", 1)
		time.Sleep(time.Hour)
		if begun, _ := w.state(); d.looked() < 119 || d.looked() > 121 || begun != 1 {
			t.Errorf("connected: %d looks in an hour, want one every 30 s; %d connections", d.looked(), begun)
		}
		l.Close()
		time.Sleep(2 * time.Minute)
		looks := d.looked()
		time.Sleep(time.Hour)
		if _, listening := w.state(); d.looked() != looks || listening != 0 {
			t.Errorf("the listener has gone: %d looks more, %d connections", d.looked()-looks, listening)
		}
		a.Listen("u", 1)
		time.Sleep(time.Second)
		if begun, _ := w.state(); begun != 2 {
			t.Error("no connection for the next listener")
		}
	})
}

// TestLostHints has changes that nobody tells of.
func TestLostHints(t *testing.T) {
	for _, c := range []struct {
		name  string
		relay *events.Relay
		most  time.Duration
	}{
		{"no relay", nil, 3 * time.Second},
		{"a relay that loses everything", (&wire{heard: map[int]func(string){}, deaf: true}).relay(), 30 * time.Second},
		{"a relay that does not work", (&wire{heard: map[int]func(string){}, broken: true}).relay(), 3 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, c.relay, func(t *testing.T, a, b *events.Bus, d *database) {
				l := b.Listen("u", 1)
				time.Sleep(time.Hour)
				hinted(l)
				d.write("u")
				a.Announce("u")
				if took := after(l); took > c.most {
					t.Errorf("the change was noticed after %v, want %v", took, c.most)
				}
				if time.Sleep(time.Hour); hinted(l) {
					t.Error("a hint without a change")
				}
			})
		})
	}
}

// TestBrokenRelay has a relay come back: it is tried less and less often, and what was to be said is said then.
func TestBrokenRelay(t *testing.T) {
	w := newWire()
	w.broken = true
	inBubble(t, w.relay(), func(t *testing.T, a, b *events.Bus, _ *database) {
		l := b.Listen("u", 1)
		time.Sleep(time.Hour)
		if begun, _ := w.state(); begun < 60 || begun > 70 {
			t.Errorf("%d tries in an hour, want one a minute", begun)
		}
		a.Announce("u")
		time.Sleep(time.Minute)
		hinted(l)
		w.mend()
		if took := after(l); took > time.Minute {
			t.Errorf("heard %v after the relay has come back", took)
		}
		time.Sleep(time.Second)
		if sent := w.messages(); len(sent) != 1 {
			t.Errorf("messages %q, want the one from before", sent)
		}
	})
}

// TestLastWords has what was announced in the last moment sent when the bus ends.
func TestLastWords(t *testing.T) {
	w := newWire()
	inBubble(t, w.relay(), func(_ *testing.T, a, _ *events.Bus, _ *database) {
		a.Announce("u")
		synctest.Wait()
		a.Announce("v")
	})
	if sent := w.messages(); len(sent) != 2 || strings.Count(sent[1], "\n") != 1 {
		t.Errorf("messages %q, want the second one as well", sent)
	}
}
