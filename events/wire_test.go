package events_test

import (
	"context"
	"errors"
	"slices"
	"sync"

	"taskql/events"
)

// wire connects buses as a server between processes would.
type wire struct {
	mu sync.Mutex
	// sent are all messages; receivers are the functions that receive them.
	sent      []string
	receivers map[int]func(string)
	last      int
	// With broken every call fails, with deaf every message is lost. begun counts the calls of receive.
	broken, deaf bool
	begun        int
	// cuts end a call of receive each.
	cuts chan struct{}
}

func newWire() *wire { return &wire{receivers: map[int]func(string){}} }

// cut ends a connection; the wire must have been made with cuts.
func (w *wire) cut() { w.cuts <- struct{}{} }

var errBroken = errors.New("the wire is broken")

func (w *wire) relay() *events.Relay {
	return &events.Relay{Name: "wire", Send: w.send, Receive: w.receive}
}

func (w *wire) send(_ context.Context, message string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.broken {
		return errBroken
	}
	w.sent = append(w.sent, message)
	for _, received := range w.receivers {
		if !w.deaf {
			received(message)
		}
	}
	return nil
}

func (w *wire) receive(ctx context.Context, ready func(), received func(string)) error {
	w.mu.Lock()
	w.begun++
	broken := w.broken
	w.last++
	me := w.last
	if !broken {
		w.receivers[me] = received
	}
	w.mu.Unlock()
	if broken {
		return errBroken
	}
	ready()
	select {
	case <-ctx.Done():
	case <-w.cuts:
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.receivers, me)
	return errBroken
}

func (w *wire) mend() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.broken = false
}

// messages returns the messages that were sent.
func (w *wire) messages() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.sent)
}

// state returns how often receive was called, and how many receivers there are.
func (w *wire) state() (begun, listening int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.begun, len(w.receivers)
}

// database has the change numbers that buses poll, and counts the polls.
type database struct {
	mu      sync.Mutex
	numbers map[string]int64
	polls   int
}

func (d *database) read(_ context.Context, users []string) (map[string]int64, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.polls++
	numbers := map[string]int64{}
	for _, user := range users {
		if n, ok := d.numbers[user]; ok {
			numbers[user] = n
		}
	}
	return numbers, nil
}

func (d *database) polled() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.polls
}

func (d *database) write(user string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.numbers[user]++
}

// set sets the user's number; 0 is that of a user who has not written.
func (d *database) set(user string, number int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.numbers[user] = number; number == 0 {
		delete(d.numbers, user)
	}
}
