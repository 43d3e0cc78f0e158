package events_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
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

// notified reports whether a notification came since the last call.
func notified(l *events.Listener) bool {
	synctest.Wait()
	select {
	case <-l.C:
		return true
	default:
		return false
	}
}

// after returns how long the next notification takes.
func after(l *events.Listener) time.Duration {
	begin := time.Now()
	<-l.C
	return time.Since(begin)
}

func TestNotifications(t *testing.T) {
	w := newWire()
	inBubble(t, w.relay(), func(t *testing.T, a, b *events.Bus, _ *database) {
		near, far, other := a.Listen("u", 2), b.Listen("u", 2), a.Listen("v", 2)
		second := a.Listen("u", 2)
		if a.Listen("u", 2) != nil {
			t.Error("a third listener of two")
		}
		time.Sleep(time.Minute)
		notified(near)
		notified(far)
		notified(other)
		notified(second)
		a.Announce("u")
		synctest.Wait()
		for range 99 {
			a.Announce("u")
		}
		if !notified(near) || !notified(second) || !notified(far) {
			t.Error("a notification is missing")
		}
		if notified(near) || notified(other) {
			t.Error("several notifications did not count as one, or another user received one")
		}
		second.Close()
		second.Close() // does nothing
		if a.Listen("u", 2) == nil {
			t.Error("no new listener is possible after one was closed")
		}
		time.Sleep(time.Second)
		if sent := w.messages(); len(sent) != 2 { // the first at once, the others together
			t.Errorf("%d messages for a hundred writes, want 2", len(sent))
		}
		notified(near)
		notified(far)
		b.Announce("u")
		if !notified(near) || !notified(far) {
			t.Error("no notification from the other process")
		}
	})
}

// TestManyNotifications checks that a busy server sends a few messages a second, each within the limit of NOTIFY.
func TestManyNotifications(t *testing.T) {
	w := newWire()
	inBubble(t, w.relay(), func(t *testing.T, a, b *events.Bus, d *database) {
		l := b.Listen("user 9999", 1)
		time.Sleep(time.Second)
		notified(l)
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
		d.write("user 9999")
		for i := range 20_000 { // more than maxPending
			a.Announce(fmt.Sprint("another ", i))
		}
		if time.Sleep(time.Second); !notified(l) {
			t.Error("no notification from a message for everyone")
		}
		for _, message := range w.messages() {
			if len(message) >= 8000 {
				t.Errorf("a message of %d bytes", len(message))
			}
		}
	})
}

// TestIdleBus checks that a bus without listeners neither polls nor connects.
func TestIdleBus(t *testing.T) {
	w := newWire()
	inBubble(t, w.relay(), func(t *testing.T, a, _ *events.Bus, d *database) {
		time.Sleep(time.Hour)
		a.Announce("u")
		time.Sleep(time.Hour)
		if begun, _ := w.state(); d.polled() > 0 || begun > 0 {
			t.Errorf("without listeners: %d polls, %d connections", d.polled(), begun)
		}
		l := a.Listen("u", 1)
		time.Sleep(time.Hour)
		if begun, _ := w.state(); d.polled() < 119 || d.polled() > 123 || begun != 1 {
			t.Errorf("connected: %d polls in an hour, want one every 30 s; %d connections", d.polled(), begun)
		}
		l.Close()
		time.Sleep(2 * time.Minute)
		polls := d.polled()
		time.Sleep(time.Hour)
		if _, listening := w.state(); d.polled() != polls || listening != 0 {
			t.Errorf("after the last Close: %d more polls, %d connections", d.polled()-polls, listening)
		}
		a.Listen("u", 1)
		time.Sleep(time.Second)
		if begun, _ := w.state(); begun != 2 {
			t.Error("no connection for the next listener")
		}
	})
}

// TestLostNotifications checks that polling finds a change of which no notification arrived.
func TestLostNotifications(t *testing.T) {
	for _, c := range []struct {
		name  string
		relay *events.Relay
		limit time.Duration
	}{
		{"no relay", nil, 3 * time.Second},
		{"a relay that loses everything", (&wire{receivers: map[int]func(string){}, deaf: true}).relay(), 30 * time.Second},
		{"a relay that does not work", (&wire{receivers: map[int]func(string){}, broken: true}).relay(), 3 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, c.relay, func(t *testing.T, a, b *events.Bus, d *database) {
				l := b.Listen("u", 1)
				time.Sleep(time.Hour)
				notified(l)
				d.write("u")
				a.Announce("u")
				if took := after(l); took > c.limit {
					t.Errorf("the change was noticed after %v, want %v", took, c.limit)
				}
				if time.Sleep(time.Hour); notified(l) {
					t.Error("a notification without a change")
				}
			})
		})
	}
}

// TestNumbersThatGoBack checks that polling notices that the database was put back to an earlier state, also to one without the user.
func TestNumbersThatGoBack(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, a, _ *events.Bus, d *database) {
		l := a.Listen("u", 1)
		for range 3 {
			d.write("u")
		}
		time.Sleep(time.Hour)
		notified(l)
		d.set("u", 2)
		if time.Sleep(3 * time.Second); !notified(l) {
			t.Error("no notification of a lower number")
		}
		d.set("u", 0)
		if time.Sleep(3 * time.Second); !notified(l) {
			t.Error("no notification of a user who has not written any more")
		}
		if time.Sleep(time.Hour); notified(l) {
			t.Error("a notification without a change")
		}
	})
}

// TestBrokenRelay checks that a broken relay is tried ever less often, and that pending messages are sent when it works again.
func TestBrokenRelay(t *testing.T) {
	w := newWire()
	w.broken = true
	inBubble(t, w.relay(), func(t *testing.T, a, b *events.Bus, d *database) {
		l := b.Listen("u", 1)
		time.Sleep(time.Hour)
		if begun, _ := w.state(); begun < 60 || begun > 70 {
			t.Errorf("%d tries in an hour, want one a minute", begun)
		}
		a.Announce("u")
		time.Sleep(time.Minute)
		notified(l)
		d.write("u")
		w.mend()
		if took := after(l); took > time.Minute {
			t.Errorf("notified %v after the relay works again", took)
		}
		time.Sleep(time.Second)
		if sent := w.messages(); len(sent) != 1 {
			t.Errorf("messages %q, want the one from before", sent)
		}
	})
}

// TestReconnection checks that a relay that reconnects wakes only the listeners that have missed a change.
func TestReconnection(t *testing.T) {
	const users = 1000
	w := newWire()
	w.deaf = true
	synctest.Test(t, func(t *testing.T) {
		w.cuts = make(chan struct{}) // in the bubble
		d := &database{numbers: map[string]int64{}}
		b := events.NewBus(w.relay(), d.read, slog.New(slog.DiscardHandler))
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { b.Run(ctx) })
		listeners := make([]*events.Listener, users)
		for i := range listeners {
			user := fmt.Sprint("user ", i)
			d.write(user)
			listeners[i] = b.Listen(user, 1)
			listeners[i].Seen(1)
		}
		woken := func() (all []int) {
			for i, l := range listeners {
				if notified(l) {
					all = append(all, i)
				}
			}
			return all
		}
		time.Sleep(time.Minute)
		// The bus may connect while the first listeners begin.
		if got := woken(); len(got) > users/10 {
			t.Errorf("%d listeners were woken by the first connection", len(got))
		}
		for range 2 {
			polls := d.polled()
			d.write("user 7")
			d.write("user 999")
			w.cut()
			time.Sleep(2 * time.Second) // it is tried again after one
			if got := woken(); !slices.Equal(got, []int{7, 999}) {
				t.Errorf("%d listeners were woken by a reconnection, want those of 7 and 999", len(got))
			}
			if n := d.polled() - polls; n != 1 {
				t.Errorf("%d queries of the numbers, want 1", n)
			}
		}
		stop()
		running.Wait()
	})
}

// TestPendingIsSentAtTheEnd checks that Run sends what is pending before it returns.
func TestPendingIsSentAtTheEnd(t *testing.T) {
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
