// Package events notifies subscribers that a user's data has changed: within the process at once, and between
// processes through a relay. A notification carries no data, so it may be lost or doubled without harm: its receiver
// reads from the database what has changed.
package events

import (
	"context"
	"crypto/rand"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"
)

// Relay carries messages between processes. A message is UTF-8 text of fewer than 8,000 bytes.
type Relay struct {
	// Name appears in the log.
	Name string
	// Send sends a message to all processes, the sender included.
	Send func(ctx context.Context, message string) error
	// Receive calls received with each message. It returns an error when ctx ends or the connection is lost. It calls
	// ready whenever it is subscribed, also after each reconnection: messages sent before that call may be lost.
	Receive func(ctx context.Context, ready func(), received func(message string)) error
}

// Bus delivers notifications from writers to listeners. It may be used from many goroutines.
type Bus struct {
	hub *hub
	// relay is nil where nothing connects the processes.
	relay *Relay
	// numbers returns the number of each user's last change.
	numbers func(ctx context.Context, users []string) (map[string]int64, error)
	log     *slog.Logger
	// process identifies the messages of this process, which receive ignores.
	process string

	mu sync.Mutex
	// pending are the user keys not yet sent to other processes; more receives a value when there are some.
	pending map[string]bool
	more    chan struct{}
	// connected is set while the relay receives messages.
	connected bool
	// lost receives a value when notifications of several users may have been lost.
	lost chan struct{}
}

const (
	// sendPause is the least time between two messages, so that a busy server sends a few per second.
	sendPause = 200 * time.Millisecond
	// A process with listeners polls the database every pollPause where no relay works, and every checkPause
	// where one does, in case a notification was lost.
	pollPause  = 3 * time.Second
	checkPause = 30 * time.Second
	// sendTimeout limits one send.
	sendTimeout = 5 * time.Second
	// A relay that failed is tried again after retryPause, then twice as long each time, up to longestPause.
	retryPause   = time.Second
	longestPause = time.Minute
	// Every leavePause the bus disconnects the relay if no listener is left, so that an idle database can go to sleep.
	leavePause = time.Minute
	// maxUsers is the number of users in one query of numbers.
	maxUsers = 1000
	// maxMessage is below the limit of PostgreSQL's NOTIFY, 8,000 bytes.
	maxMessage = 7000
	// With more than maxPending pending users, one message notifies everyone.
	maxPending = 10_000
	everyone   = "*"
)

// NewBus returns a bus. The relay connects the processes; nil means that polling alone does. numbers returns the
// number of each user's last change, 0 where a user is missing; the bus polls it to detect lost notifications. Until Run is called,
// notifications stay within the process.
func NewBus(relay *Relay, numbers func(ctx context.Context, users []string) (map[string]int64, error), log *slog.Logger) *Bus {
	return &Bus{
		hub: newHub(), relay: relay, numbers: numbers, log: log, process: rand.Text()[:8],
		pending: map[string]bool{}, more: make(chan struct{}, 1), lost: make(chan struct{}, 1),
	}
}

// Listen returns a listener that receives the notifications for a user, or nil if the user already has limit
// listeners in this process. The caller must Close it.
func (b *Bus) Listen(user string, limit int) *Listener { return b.hub.listen(user, limit) }

// Listeners returns the number of listeners in this process.
func (b *Bus) Listeners() int { return b.hub.count() }

// Connected reports whether the relay receives messages.
func (b *Bus) Connected() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.connected
}

// Announce notifies the user's listeners that the user's data has changed: in this process at once, in others
// within about 200 ms. It never blocks.
func (b *Bus) Announce(user string) {
	key := userKey(user)
	b.hub.notify(key)
	if b.relay == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.pending) >= maxPending {
		b.pending = map[string]bool{everyone: true}
	}
	if !b.pending[everyone] {
		b.pending[key] = true
	}
	wake(b.more)
}

// Run connects the bus with those of other processes until ctx ends. Before it returns it sends what is pending,
// for one second at most.
func (b *Bus) Run(ctx context.Context) {
	var loops sync.WaitGroup
	loops.Go(func() { b.poll(ctx) })
	if b.relay != nil {
		loops.Go(func() { b.send(ctx) })
		loops.Go(func() { b.receive(ctx) })
	}
	loops.Wait()
}

// send sends what is pending in batches.
func (b *Bus) send(ctx context.Context) {
	for ctx.Err() == nil {
		select {
		case <-b.more:
			// Cancelling a batch would lose the part that is not sent yet.
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

// flush sends what is pending and reports whether that worked. After a failure it is pending again.
func (b *Bus) flush(ctx context.Context, timeout time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	b.mu.Lock()
	pending := b.pending
	b.pending = map[string]bool{}
	b.mu.Unlock()
	for _, message := range messages(b.process, pending) {
		if err := b.relay.Send(ctx, message); err != nil {
			b.log.Warn("other processes cannot be notified of changes", "relay", b.relay.Name, "error", err)
			b.mu.Lock()
			for key := range pending {
				b.pending[key] = true
			}
			b.mu.Unlock()
			wake(b.more)
			return false
		}
	}
	return true
}

// messages returns texts of limited length, each with the process in the first line and then one user key a line.
func messages(process string, keys map[string]bool) []string {
	var all []string
	var b strings.Builder
	for key := range keys {
		if b.Len() > maxMessage {
			all = append(all, b.String())
			b.Reset()
		}
		if b.Len() == 0 {
			b.WriteString(process)
		}
		b.WriteString("\n" + key)
	}
	if b.Len() > 0 {
		all = append(all, b.String())
	}
	return all
}

// receive passes the relay's messages on while there are listeners.
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
			wake(b.lost)
		}, b.received)
		b.setConnected(false)
		if left := connection.Err() != nil; !left {
			b.log.Warn("the relay does not receive; changes by other processes are polled for", "relay", b.relay.Name, "again_in", pause.String(), "error", err)
			sleep(ctx, pause)
			pause = min(2*pause, longestPause)
		}
		cancel()
	}
}

// leaveWhenEmpty ends the relay's connection when no listener is left. It checks every leavePause.
func (b *Bus) leaveWhenEmpty(ctx context.Context, leave context.CancelFunc) {
	for ctx.Err() == nil {
		sleep(ctx, leavePause)
		if b.hub.empty() {
			leave()
		}
	}
}

// received notifies the listeners of the users in another process's message.
func (b *Bus) received(message string) {
	process, keys, _ := strings.Cut(message, "\n")
	if process == b.process {
		return
	}
	for key := range strings.SplitSeq(keys, "\n") {
		if key == everyone {
			wake(b.lost)
		} else {
			b.hub.notify(key)
		}
	}
}

func (b *Bus) setConnected(connected bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.connected = connected
}

// poll detects changes whose notification was lost, while there are listeners.
func (b *Bus) poll(ctx context.Context) {
	var last time.Time
	known := true // the last poll worked
	for ctx.Err() == nil {
		timer := time.NewTimer(pollPause)
		select {
		case <-b.lost:
			known = false
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
		b.mu.Lock()
		due := !known || !b.connected || time.Since(last) >= checkPause
		b.mu.Unlock()
		if due && ctx.Err() == nil {
			last, known = time.Now(), b.pollOnce(ctx)
		}
	}
}

// pollOnce notifies the listeners that are not at the number of their user's last change. Only they read the database, so that
// a reconnection of the relay costs one query for many users. It reports false after a failure.
func (b *Bus) pollOnce(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, checkPause)
	defer cancel()
	for users := range slices.Chunk(b.hub.users(), maxUsers) {
		numbers, err := b.numbers(ctx, users)
		if err != nil {
			if ctx.Err() == nil {
				b.log.Warn("polling for changes failed", "error", err)
			}
			return false
		}
		b.hub.catchUp(users, numbers)
	}
	return true
}

// sleep returns after d or when ctx ends.
func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
