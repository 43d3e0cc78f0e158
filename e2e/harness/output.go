package harness

import (
	"bytes"
	"strings"
	"sync"
)

// Output collects what a program prints, and lets a test wait for a line.
type Output struct {
	mu     sync.Mutex
	more   *sync.Cond
	text   bytes.Buffer
	closed bool
}

func NewOutput() *Output {
	o := &Output{}
	o.more = sync.NewCond(&o.mu)
	return o
}

func (o *Output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.more.Broadcast()
	return o.text.Write(p)
}

func (o *Output) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	o.more.Broadcast()
}

// Wait returns the first line that contains part; false when the program ended without one.
func (o *Output) Wait(part string) (string, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for {
		for line := range strings.Lines(o.text.String()) {
			if strings.Contains(line, part) && strings.HasSuffix(line, "\n") {
				return line, true
			}
		}
		if o.closed {
			return "", false
		}
		o.more.Wait()
	}
}

func (o *Output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}
