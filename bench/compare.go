package main

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// measured is the figures of all rounds of one kind of server.
type measured struct {
	byWorkload map[string][]figures
	startups   []float64 // ms
	resident   []float64 // MiB, after the last workload
}

// contender is one of the two programs that are compared.
type contender struct {
	name    string
	kind    kind
	program string
	*measured
}

// compare prints what a request costs taskql and the limit handler, or another build of taskql, on each database, and how long a user
// waits beside another.
func compare(ctx context.Context, o options, out io.Writer) error {
	data := newDataset(equalSizes(o.users, o.tasks))
	for _, name := range o.databases {
		if err := o.compareOn(ctx, name, data, out); err != nil {
			return err
		}
		if err := o.neighbours(ctx, name, out); err != nil {
			return err
		}
	}
	return nil
}

func (o options) compareOn(ctx context.Context, name string, data *dataset, out io.Writer) (err error) {
	db, err := o.open(ctx, name, data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.close(context.WithoutCancel(ctx))) }()
	first := contender{"taskql", taskqlKind, o.programs.taskql, &measured{byWorkload: map[string][]figures{}}}
	second := contender{"limit", limitKind, o.programs.limit, &measured{byWorkload: map[string][]figures{}}}
	if o.against != "" {
		second.name, second.kind, second.program = "other", taskqlKind, o.against
	}
	order := []contender{first, second}
	for range o.rounds {
		for _, c := range order {
			if err := o.compareTurn(ctx, db, c, data); err != nil {
				return fmt.Errorf("%s, %s: %w", db.name(), c.name, err)
			}
		}
		order[0], order[1] = order[1], order[0]
	}
	o.printComparison(out, db, first, second)
	return nil
}

func (o options) compareTurn(ctx context.Context, db database, c contender, data *dataset) (err error) {
	requests := newRequests(data, indexes(len(data.sizes)), o.secret)
	t, err := o.newTurn(ctx, db, c.kind, c.program, 1, requests)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.end(ctx)) }()
	c.startups = append(c.startups, micros(t.servers[0].startup)/1000)
	var last figures
	for _, workload := range o.workloads {
		if last, err = t.run(ctx, workload); err != nil {
			return err
		}
		c.byWorkload[workload] = append(c.byWorkload[workload], last)
	}
	c.resident = append(c.resident, last.residentMiB)
	return nil
}

func indexes(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// medianOf returns the median of one figure of the rounds.
func medianOf(rounds []figures, figure func(figures) float64) float64 {
	var values []float64
	for _, f := range rounds {
		values = append(values, figure(f))
	}
	return median(values)
}

func (o options) printComparison(out io.Writer, db database, first, second contender) {
	fmt.Fprintf(out, "\n## %s\n\n%d users × %d tasks, %d connections, medians of %d rounds of %s. CPU is µs a request",
		db.name(), o.users, o.tasks, o.connections, o.rounds, o.window)
	if db.pid() != 0 {
		fmt.Fprint(out, ", server + database")
	}
	fmt.Fprint(out, ".\n\n| workload | taskql CPU | "+second.name+" CPU | ÷ | server alone ÷ | taskql req/s | "+second.name+" req/s | taskql p50, p99 ms | "+
		second.name+" p50, p99 ms |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|\n")
	for _, workload := range o.workloads {
		a, b := first.byWorkload[workload], second.byWorkload[workload]
		fmt.Fprintf(out, "| %s %s | %s | %s | %.1f | %.1f | %.0f | %.0f | %s | %s |\n", workload, workloadTitles[workload], cpuCell(db, a), cpuCell(db, b),
			medianOf(a, figures.cpu)/medianOf(b, figures.cpu), medianOf(a, serverCPU)/medianOf(b, serverCPU),
			medianOf(a, perSecond), medianOf(b, perSecond), latencyCell(a), latencyCell(b))
	}
	row := func(title string, a, b []float64) {
		fmt.Fprintf(out, "| %s | %.0f | %.0f | %.1f | | | | | |\n", title, median(a), median(b), median(a)/median(b))
	}
	row("start to first answer, ms", first.startups, second.startups)
	row("memory after load, MiB", first.resident, second.resident)
}

func serverCPU(f figures) float64   { return f.server }
func databaseCPU(f figures) float64 { return f.database }
func perSecond(f figures) float64   { return f.perSecond }

func cpuCell(db database, rounds []figures) string {
	if db.pid() == 0 {
		return fmt.Sprintf("%.0f", medianOf(rounds, serverCPU))
	}
	return fmt.Sprintf("%.0f + %.0f", medianOf(rounds, serverCPU), medianOf(rounds, databaseCPU))
}

func latencyCell(rounds []figures) string {
	return fmt.Sprintf("%.1f, %.1f", medianOf(rounds, func(f figures) float64 { return f.p50 }), medianOf(rounds, func(f figures) float64 { return f.p99 }))
}
