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
	// sent are all messages; heard are those who listen.
	sent  []string
	heard map[int]func(string)
	last  int
	// broken has every call fail, deaf has every message lost. begun is how often listening was begun, or tried.
	broken, deaf bool
	begun        int
}

func newWire() *wire { return &wire{heard: map[int]func(string){}} }

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
	for _, heard := range w.heard {
		if !w.deaf {
			heard(message)
		}
	}
	return nil
}

func (w *wire) receive(ctx context.Context, ready func(), heard func(string)) error {
	w.mu.Lock()
	w.begun++
	broken := w.broken
	w.last++
	me := w.last
	if !broken {
		w.heard[me] = heard
	}
	w.mu.Unlock()
	if broken {
		return errBroken
	}
	ready()
	<-ctx.Done()
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.heard, me)
	return ctx.Err()
}

func (w *wire) mend() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.broken = false
}

// messages are those that were sent.
func (w *wire) messages() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.sent)
}

// state is how often listening was begun, or tried, and how many listen.
func (w *wire) state() (begun, listening int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.begun, len(w.heard)
}

// database has the numbers that buses look at, and counts the looks.
type database struct {
	mu      sync.Mutex
	numbers map[string]int64
	looks   int
}

func (d *database) read(_ context.Context, users []string) (map[string]int64, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.looks++
	numbers := map[string]int64{}
	for _, user := range users {
		numbers[user] = d.numbers[user]
	}
	return numbers, nil
}

func (d *database) looked() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.looks
}

func (d *database) write(user string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.numbers[user]++
}
