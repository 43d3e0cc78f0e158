package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// The two users of the neighbour figures. The first reads, while the clients of the other repeat a dear request.
const (
	reader, hostile = 0, 1
	hostileTasks    = 20_000
	hostileClients  = 24
)

// dear are root fields that are dear for a user with many tasks. Each is repeated under as many aliases as the limits allow, up to maxAliases.
var dear = []struct{ name, kind, field string }{
	{"counted lists", "query", `tasks(first: 1, filter: {title: {contains: "report"}, description: {notContains: "zebra"}}) { totalCount }`},
	{"searches", "query", `tasks(first: 100, search: "` + searchWord + ` review") { totalCount edges { cursor relevance } }`},
	{"statistics", "query", `taskStats { total open completed overdue dueToday dueNext7Days noDueDate openByPriority { count } completedPerDay(days: 90) { count } }`},
	{"whole tasks", "query", `tasks(first: 100) { nodes ` + fields + ` }`},
	{"bulk creates", "mutation", `createTasks(inputs: [` + strings.Repeat(`{title: "one of many", description: "created together"},`, 100) + `]) { tasks { id } userErrors { code } }`},
}

const maxAliases = 300

// everything are the settings with which a request passes budget, metrics and compression. The budget is too large to be used up.
func everything() ([]string, error) {
	port, err := freePort()
	return []string{"RATE_LIMIT=1000000000/1m", "METRICS_ADDRESS=" + net.JoinHostPort("127.0.0.1", port)}, err
}

// neighbours prints how long a user's list takes beside the dear requests of another user.
func (o options) neighbours(ctx context.Context, name string, out io.Writer) (err error) {
	data := newDataset([]int{o.tasks, hostileTasks})
	db, err := o.open(ctx, name, data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.close(context.WithoutCancel(ctx))) }()
	settings, err := everything()
	if err != nil {
		return err
	}
	requests := newRequests(data, []int{reader, hostile}, o.secret)
	t, err := o.newTurn(ctx, db, taskqlKind, o.programs.taskql, 1, requests, settings...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.end(ctx)) }()
	fmt.Fprintf(out, "\n### %s: a user beside another\n\nThe list W1 of a user with %d tasks, while %d clients of a user with %d tasks repeat a dear request for %s. Budget, metrics and compression are on.\n\n"+
		"| beside | aliases | answers a second | p50 ms | ÷ | p99 ms |\n|---|--:|--:|--:|--:|--:|\n", db.name(), o.tasks, hostileClients, hostileTasks, neighbourWindows*o.window)
	alone, err := o.read(ctx, t.servers[0], requests)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "| nobody | | | %.1f | | %.1f |\n", alone.p50, alone.p99)
	for _, d := range dear {
		body, aliases, err := dearest(t.servers[0], requests.tokens[hostile], d.kind, d.field)
		if err != nil {
			return fmt.Errorf("%s: %w", d.name, err)
		}
		l := startLoad(t.servers[0], requests.tokens[hostile], body)
		beside, err := o.read(ctx, t.servers[0], requests)
		if err = errors.Join(err, l.end()); err != nil {
			return fmt.Errorf("%s: %w", d.name, err)
		}
		fmt.Fprintf(out, "| %s | %d | %.1f | %.1f | %.1f | %.1f |\n", d.name, aliases, float64(l.answered.Load())/time.Since(l.begun).Seconds(), beside.p50, beside.p50/alone.p50, beside.p99)
	}
	return nil
}

// neighbourWindows is how many windows the list is read beside each request: one connection gets fewer answers than many.
const neighbourWindows = 3

// read sends W1 one after the other.
func (o options) read(ctx context.Context, s *server, requests *requests) (figures, error) {
	own := *requests
	own.users = []int{reader}
	l := load{requests: &own, workload: "W1", connections: 1, ramp: o.ramp, window: neighbourWindows * o.window, compressed: true}
	return l.run(ctx, []*server{s})
}

// dearest returns the request with as many aliases of a root field as the server allows.
func dearest(s *server, token, kind, field string) (body []byte, aliases int, err error) {
	c, err := dial(s.address)
	if err != nil {
		return nil, 0, err
	}
	defer c.close()
	for n := maxAliases; n > 0; n = n * 3 / 4 {
		query := []byte(kind + " {")
		for i := range n {
			query = fmt.Appendf(query, " a%d: %s", i, field)
		}
		if body, err = json.Marshal(map[string]string{"query": string(append(query, " }"...))}); err != nil {
			return nil, 0, err
		}
		if len(body) > 1<<20 {
			continue
		}
		var answered []byte
		if answered, err = c.post(token, body); err == nil {
			if kind == "mutation" && !bytes.Contains(answered, []byte(`"userErrors":[]`)) {
				return nil, 0, fmt.Errorf("refused: %.300s", answered)
			}
			return body, n, nil
		}
		if c, err = dial(s.address); err != nil { // the answer of an error may be unread
			return nil, 0, err
		}
	}
	return nil, 0, errors.New("the limits do not allow it once")
}

// hostileLoad is a request that many clients repeat.
type hostileLoad struct {
	begun    time.Time
	answered atomic.Int64
	// end stops the load, and returns its first error.
	end func() error
}

func startLoad(s *server, token string, body []byte) *hostileLoad {
	ctx, stop := context.WithCancel(context.Background())
	l := &hostileLoad{begun: time.Now()}
	var running sync.WaitGroup
	failed := make(chan error, hostileClients)
	for range hostileClients {
		running.Go(func() {
			c, err := dial(s.address)
			if err != nil {
				failed <- err
				return
			}
			context.AfterFunc(ctx, c.close) // which interrupts the request
			c.compressed, c.unread = true, true
			for ctx.Err() == nil {
				if _, err := c.post(token, body); err != nil {
					if ctx.Err() == nil {
						failed <- err
					}
					return
				}
				l.answered.Add(1)
			}
		})
	}
	l.end = func() error {
		stop()
		running.Wait()
		close(failed)
		return <-failed
	}
	return l
}
