package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// series is one way to grow: what a point on the x axis stands for, and the turn that measures it.
type series struct {
	name, title, x string
	points         []int
	turn           func(ctx context.Context, o options, point int) (*turn, error)
}

// seriesNames are the names of all series.
var seriesNames = []string{"connections", "tasks", "processes"}

// userSizes are the tasks of the users whose lists are measured alone. Further users have o.tasks each.
var userSizes = []int{1_000, 10_000, 100_000}

// growth prints what a request costs taskql with more connections, tasks of one user and processes, and plots it.
func growth(ctx context.Context, o options, out io.Writer) error {
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return err
	}
	data := newDataset(append(append([]int{}, userSizes...), equalSizes(o.users, o.tasks)...))
	for _, name := range o.databases {
		if err := o.growthOn(ctx, name, data, out); err != nil {
			return err
		}
	}
	return nil
}

func (o options) growthOn(ctx context.Context, name string, data *dataset, out io.Writer) (err error) {
	db, err := o.open(ctx, name, data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.close(context.WithoutCancel(ctx))) }()
	var others []int
	for user := range data.sizes[len(userSizes):] {
		others = append(others, user+len(userSizes))
	}
	start := func(ctx context.Context, o options, processes int, users []int) (*turn, error) {
		return o.newTurn(ctx, db, taskqlKind, o.programs.taskql, processes, newRequests(data, users, o.secret))
	}
	all := []series{
		{"connections", "connections", "connections", []int{1, 10, 100, 1000}, func(ctx context.Context, o options, point int) (*turn, error) {
			o.connections = point
			return start(ctx, o, 1, others)
		}},
		// Four connections, because the writes of one user wait for each other.
		{"tasks", "tasks of one user, 4 connections", "tasks of the user", userSizes, func(ctx context.Context, o options, point int) (*turn, error) {
			o.connections = 4
			for user, size := range userSizes {
				if size == point {
					return start(ctx, o, 1, []int{user})
				}
			}
			return nil, fmt.Errorf("no user has %d tasks", point)
		}},
		{"processes", "taskql processes", "processes", []int{1, 2, 4}, func(ctx context.Context, o options, point int) (*turn, error) {
			return start(ctx, o, point, others)
		}},
	}
	for _, s := range all {
		if !slices.Contains(o.series, s.name) {
			continue
		}
		if err := o.grow(ctx, s, db, out); err != nil {
			return fmt.Errorf("%s, %s: %w", db.name(), s.name, err)
		}
	}
	return nil
}

// grow measures each point of a series in one turn of each round, as medians, and writes a table and a plot.
func (o options) grow(ctx context.Context, s series, db database, out io.Writer) error {
	fmt.Fprintf(out, "\n## %s: %s\n\nCPU is µs a request of server and database, then requests per second, then p99 in ms.\n\n| workload |", db.name(), s.title)
	p := plot{title: db.name() + ": " + s.title, x: s.x, y: "CPU of server and database, µs a request"}
	byPoint := map[int]map[string][]figures{}
	for _, point := range s.points {
		fmt.Fprintf(out, " %s |", number(float64(point)))
		p.at = append(p.at, float64(point))
		byPoint[point] = map[string][]figures{}
	}
	// Each round has all points, so that other load on the machine meets them alike.
	for range o.rounds {
		for _, point := range s.points {
			if err := o.growTurn(ctx, s, point, byPoint[point]); err != nil {
				return err
			}
		}
	}
	fmt.Fprintf(out, "\n|---|%s\n", strings.Repeat("--:|", len(s.points)))
	for _, workload := range o.workloads {
		l := line{name: workload}
		fmt.Fprintf(out, "| %s |", workload)
		for _, point := range s.points {
			rounds := byPoint[point][workload]
			l.values = append(l.values, medianOf(rounds, figures.cpu))
			fmt.Fprintf(out, " %.0f; %.0f; %.1f |", medianOf(rounds, figures.cpu), medianOf(rounds, perSecond), medianOf(rounds, func(f figures) float64 { return f.p99 }))
		}
		p.lines = append(p.lines, l)
		fmt.Fprintln(out)
	}
	file, err := os.Create(filepath.Join(o.out, fmt.Sprintf("%s-%s.svg", strings.ToLower(db.name()), s.name)))
	if err != nil {
		return err
	}
	return errors.Join(p.write(file), file.Close())
}

func (o options) growTurn(ctx context.Context, s series, point int, byWorkload map[string][]figures) (err error) {
	t, err := s.turn(ctx, o, point)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.end(ctx)) }()
	for _, workload := range o.workloads {
		f, err := t.run(ctx, workload)
		if err != nil {
			return err
		}
		byWorkload[workload] = append(byWorkload[workload], f)
	}
	return nil
}
