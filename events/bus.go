package events

import (
	"context"
	"crypto/rand"
	"log/slog"
	"strings"
	"sync"
	"time"
)

// Relay carries messages between processes. They are short texts of at most maxMessage bytes.
type Relay struct {
	// Name is for the log.
	Name string
	// Send sends a message to all processes.
	Send func(ctx context.Context, message string) error
	// Receive calls heard with each message until ctx ends or the connection is lost. It calls ready whenever it has
	// begun to listen, after an interruption again: what was sent before was not heard.
	Receive func(ctx context.Context, ready func(), heard func(message string)) error
}

// Bus brings hints from those who write to those who listen.
type Bus struct {
	hub *hub
	// relay is nil where nothing connects the processes.
	relay *Relay
	// numbers returns the number of each user's last change.
	numbers func(ctx context.Context, users []string) (map[string]int64, error)
	log     *slog.Logger
	// process tells this process's messages from others'.
	process string

	mu sync.Mutex
	// pending are the marks that other processes are still to hear of; more receives a value when there are some.
	pending map[string]bool
	more    chan struct{}
	// connected is whether the relay is being listened to.
	connected bool
}

const (
	// sendPause is the least time between two messages, so that a busy server sends a few per second.
	sendPause = 200 * time.Millisecond
	// pollPause is how often a process with listeners looks for changes itself where no relay works, and
	// checkPause how often where one does, in case that a hint was lost.
	pollPause  = 3 * time.Second
	checkPause = 30 * time.Second
	// sendTimeout is how long sending may take.
	sendTimeout = 5 * time.Second
	// retryPause is how long to wait before a relay that failed is tried again, twice as long each time up to
	// longestPause; leavePause how often to look whether the last listener has
	// gone and the relay is left, so that an idle database can go to sleep.
	retryPause   = time.Second
	longestPause = time.Minute
	leavePause   = time.Minute
	// maxMessage is below what NOTIFY takes, 8,000 bytes.
	maxMessage = 7000
	// maxPending is how many users are named one by one; beyond, a message is about all.
	maxPending = 10_000
	everyone   = "*"
)

// NewBus returns a bus whose processes are connected by the relay, which may be nil. numbers returns the
// number of each user's last change, by which a lost hint is noticed. Run makes the bus work between processes.
func NewBus(relay *Relay, numbers func(ctx context.Context, users []string) (map[string]int64, error), log *slog.Logger) *Bus {
	return &Bus{
		hub: newHub(), relay: relay, numbers: numbers, log: log, process: rand.Text()[:8],
		pending: map[string]bool{}, more: make(chan struct{}, 1),
	}
}

// Listen returns a listener for hints about a user, which Close ends; nil when the user has most of them already.
func (b *Bus) Listen(user string, most int) *Listener { return b.hub.listen(user, most) }

// Announce tells the user's listeners, in this process at once and in others soon, that something of the user's has
// changed. It never waits.
func (b *Bus) Announce(user string) {
	m := mark(user)
	b.hub.hint(m)
	if b.relay == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.pending) >= maxPending {
		b.pending = map[string]bool{everyone: true}
	}
	if !b.pending[everyone] {
		b.pending[m] = true
	}
	wake(b.more)
}

// Run works until ctx ends, and sends what is left to be sent then.
func (b *Bus) Run(ctx context.Context) {
	var tasks sync.WaitGroup
	tasks.Go(func() { b.poll(ctx) })
	if b.relay != nil {
		tasks.Go(func() { b.send(ctx) })
		tasks.Go(func() { b.receive(ctx) })
	}
	tasks.Wait()
}

// send sends what is pending, some of it together.
func (b *Bus) send(ctx context.Context) {
	for ctx.Err() == nil {
		select {
		case <-b.more:
			// What has begun is finished, so that nothing is left half sent at the end.
			pause := sendPause
			if !b.flush(context.WithoutCancel(ctx), sendTimeout) {
				pause = retryPause
			}
			sleep(ctx, pause)
		case <-ctx.Done():
		}
	}
	b.flush(context.WithoutCancel(ctx), retryPause)
}

// flush sends what is pending, and reports false when it could not.
func (b *Bus) flush(ctx context.Context, most time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	b.mu.Lock()
	pending := b.pending
	b.pending = map[string]bool{}
	b.mu.Unlock()
	for _, message := range messages(b.process, pending) {
		if err := b.relay.Send(ctx, message); err != nil {
			b.log.Warn("other processes cannot be told of changes", "relay", b.relay.Name, "error", err)
			b.mu.Lock()
			for m := range pending {
				b.pending[m] = true
			}
			b.mu.Unlock()
			wake(b.more)
			return false
		}
	}
	return true
}

// messages begin with the process and go on with marks, one in a line.
func messages(process string, marks map[string]bool) []string {
	var all []string
	var b strings.Builder
	for m := range marks {
		if b.Len() > maxMessage {
			all = append(all, b.String())
			b.Reset()
		}
		if b.Len() == 0 {
			b.WriteString(process)
		}
		b.WriteString("\n" + m)
	}
	if b.Len() > 0 {
		all = append(all, b.String())
	}
	return all
}

// receive listens to the relay while there are listeners.
func (b *Bus) receive(ctx context.Context) {
	pause := retryPause
	for ctx.Err() == nil {
		if b.hub.empty() {
			select {
			case <-b.hub.arrived:
			case <-ctx.Done():
			}
			continue
		}
		connection, cancel := context.WithCancel(ctx)
		go b.leaveWhenEmpty(connection, cancel)
		err := b.relay.Receive(connection, func() {
			pause = retryPause
			b.setConnected(true)
			b.hub.hintAll()
		}, b.heard)
		b.setConnected(false)
		if left := connection.Err() != nil; !left {
			b.log.Warn("changes of other processes are looked for, not heard", "relay", b.relay.Name, "again", pause.String(), "error", err)
			sleep(ctx, pause)
			pause = min(2*pause, longestPause)
		}
		cancel()
	}
}

// leaveWhenEmpty ends a connection when there has been nobody to listen for a while.
func (b *Bus) leaveWhenEmpty(ctx context.Context, leave context.CancelFunc) {
	for ctx.Err() == nil {
		sleep(ctx, leavePause)
		if b.hub.empty() {
			leave()
		}
	}
}

func (b *Bus) heard(message string) {
	process, marks, _ := strings.Cut(message, "\n")
	if process == b.process {
		return
	}
	for m := range strings.SplitSeq(marks, "\n") {
		if m == everyone {
			b.hub.hintAll()
		} else {
			b.hub.hint(m)
		}
	}
}

func (b *Bus) setConnected(connected bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.connected = connected
}

// poll looks for changes that no hint has told of, while there are listeners.
func (b *Bus) poll(ctx context.Context) {
	known, last := map[string]int64{}, time.Time{}
	for ctx.Err() == nil {
		sleep(ctx, pollPause)
		b.mu.Lock()
		due := !b.connected || time.Since(last) >= checkPause
		b.mu.Unlock()
		if !due {
			continue
		}
		last = time.Now()
		known = b.look(ctx, known)
	}
}

// look compares the numbers of the listened-to users with those known, and hints at the changed ones.
func (b *Bus) look(ctx context.Context, known map[string]int64) map[string]int64 {
	var users []string
	for user := range b.hub.users() {
		users = append(users, user)
	}
	if len(users) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, checkPause)
	defer cancel()
	now, err := b.numbers(ctx, users)
	if err != nil {
		if ctx.Err() == nil {
			b.log.Warn("changes cannot be looked for", "error", err)
		}
		return known
	}
	for user, n := range now {
		if before, ok := known[user]; !ok || before != n {
			b.hub.hint(mark(user))
		}
	}
	return now
}

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
