package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// load is a closed loop: each connection sends its next request when it has the answer to the last one.
type load struct {
	requests     *requests
	workload     string
	connections  int
	ramp, window time.Duration
	databasePID  int // 0 for none
	compressed   bool
}

// figures are what one load measured.
type figures struct {
	server, database float64 // CPU per request in µs
	perSecond        float64
	p50, p99         float64 // ms
	residentMiB      float64
}

func (f figures) cpu() float64 { return f.server + f.database }

const (
	ramping int32 = iota
	measuring
	ending
)

// checkEvery is how many requests of a connection there are for one whose body is compared with the dataset.
const checkEvery = 64

// fewRequests is how many requests a figure needs: where fewer have ended, the window is up to ten times as long.
const fewRequests = 20

// run sends the load to the servers, each connection to one of them, and measures after the ramp. The first request
// that fails is an error.
func (l load) run(ctx context.Context, servers []*server) (figures, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var phase, count atomic.Int32
	var connections sync.WaitGroup
	times := make([][]time.Duration, l.connections)
	for i := range l.connections {
		connections.Go(func() {
			if err := l.connection(ctx, servers[i%len(servers)].address, uint64(i), &phase, &count, &times[i]); err != nil {
				cancel(fmt.Errorf("%s: %w", l.workload, err))
			}
		})
	}
	pids := make([]int, len(servers))
	for i, s := range servers {
		pids[i] = s.pid()
	}
	wait(ctx, l.ramp)
	start, server, database := time.Now(), treeCPU(pids...), treeCPU(l.databasePID)
	phase.Store(measuring)
	wait(ctx, l.window)
	for n := 1; count.Load() < fewRequests && n < 10; n++ {
		wait(ctx, l.window)
	}
	elapsed := time.Since(start)
	server, database = treeCPU(pids...)-server, treeCPU(l.databasePID)-database
	phase.Store(ending)
	f := figures{residentMiB: residentMiB(pids...)}
	connections.Wait()
	if err := context.Cause(ctx); err != nil {
		return figures{}, err
	}
	all := slices.Concat(times...)
	if len(all) == 0 {
		return figures{}, fmt.Errorf("%s: no request ended within %s", l.workload, elapsed)
	}
	slices.Sort(all)
	ended := float64(len(all))
	f.server, f.database = micros(server)/ended, micros(database)/ended
	f.perSecond = ended / elapsed.Seconds()
	f.p50, f.p99 = micros(quantile(all, 0.50))/1000, micros(quantile(all, 0.99))/1000
	return f, nil
}

// connection sends requests until the load ends, and appends to times how long those took that ended in the window.
func (l load) connection(ctx context.Context, address string, seed uint64, phase, count *atomic.Int32, times *[]time.Duration) error {
	c, err := dial(address)
	if err != nil {
		return err
	}
	defer c.close()
	c.compressed = l.compressed
	random := rand.New(rand.NewPCG(seed, uint64(time.Now().UnixNano())))
	for n := 0; phase.Load() != ending && ctx.Err() == nil; n++ {
		sent, err := l.requests.random(l.workload, random)
		if err != nil {
			return err
		}
		start := time.Now()
		body, err := c.post(l.requests.tokens[sent.user], sent.body)
		took := time.Since(start)
		if err == nil && n%checkEvery == 0 {
			err = l.requests.check(sent, body)
		}
		if err != nil {
			return err
		}
		if phase.Load() == measuring {
			*times = append(*times, took)
			count.Add(1)
		}
	}
	return nil
}

// fetchCursors asks a server for the first page of W6 of each user.
func (r *requests) fetchCursors(s *server) error {
	c, err := dial(s.address)
	if err != nil {
		return err
	}
	defer c.close()
	for _, user := range r.users {
		sent, err := r.firstPage(user)
		if err != nil {
			return err
		}
		body, err := c.post(r.tokens[user], sent.body)
		if err != nil {
			return err
		}
		var got answer
		if err := json.Unmarshal(body, &got); err != nil || got.Data.Tasks == nil || !got.Data.Tasks.PageInfo.HasNextPage {
			return fmt.Errorf("%s has no second page of W6: give the users more tasks", userName(user))
		}
		r.cursors[user] = got.Data.Tasks.PageInfo.EndCursor
	}
	return nil
}

// wait returns after a time, or earlier when ctx ends.
func wait(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// quantile returns the smallest of the sorted values that at least the share q of them does not exceed.
func quantile(sorted []time.Duration, q float64) time.Duration {
	at := int(q*float64(len(sorted))+0.999999) - 1
	return sorted[min(max(at, 0), len(sorted)-1)]
}

// median returns the middle value, or the mean of the two in the middle.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}
