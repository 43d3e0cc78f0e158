package harness

import (
	"bytes"
	"strings"
	"sync"
	"time"
)

// Output collects what a program prints.
type Output struct {
	mu     sync.Mutex
	more   *sync.Cond // waits for more text, or the end
	text   bytes.Buffer
	closed bool
}

// NewOutput returns an Output for the standard output and error of one program.
func NewOutput() *Output {
	o := &Output{}
	o.more = sync.NewCond(&o.mu)
	return o
}

// Write adds what the program prints.
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

// Wait waits for a line that contains a text and returns the first. It reports false if there is none within Patience, or
// the program ends.
func (o *Output) Wait(part string) (string, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	deadline := time.Now().Add(Patience)
	defer time.AfterFunc(Patience, o.more.Broadcast).Stop()
	for {
		for line := range strings.Lines(o.text.String()) {
			if strings.Contains(line, part) && strings.HasSuffix(line, "\n") {
				return line, true
			}
		}
		if o.closed || !time.Now().Before(deadline) {
			return "", false
		}
		o.more.Wait()
	}
}

// String returns what was printed until now.
func (o *Output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}
