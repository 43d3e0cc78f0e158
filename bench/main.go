// Command bench measures what a request to taskql costs, and compares it with a limit handler that answers the same
// requests with as little work as possible. docs/performance.md explains the figures.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// options are the flags, and what every command needs.
type options struct {
	users, tasks, connections, rounds int
	window, ramp                      time.Duration
	workloads, databases, series      []string
	out                               string
	// against is the path of another build of taskql that takes the place of the limit handler, or empty.
	against string

	programs programs
	dir      string
	secret   string
	postgres string // the URL of a PostgreSQL server whose databases may be created and dropped
}

const usage = `usage: go run ./bench compare|growth|profile [flags]

  compare  taskql beside the limit handler, and a user beside another, as tables
  growth   taskql with more connections, more tasks of one user and more processes, as tables and SVG plots
  profile  CPU and allocation profiles and PostgreSQL's statistics of statements, as text files

It runs in the repository's root. PostgreSQL is the server at TEST_DATABASE_URL, as scripts/with-postgres sets it. The
program creates databases of its own there, listens on loopback only, and ends the processes that it has started.

`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	commands := map[string]func(context.Context, options, io.Writer) error{"compare": compare, "growth": growth, "profile": profile}
	var command func(context.Context, options, io.Writer) error
	if len(args) > 0 {
		command = commands[args[0]]
	}
	if command == nil {
		return fmt.Errorf("name a command\n\n%s", usage)
	}
	o, limit, err := parseFlags(args[0], args[1:])
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("not done after %s; -limit sets the time", limit))
	defer cancel()
	if o.dir, err = os.MkdirTemp("", "taskql-bench-*"); err != nil {
		return err
	}
	defer os.RemoveAll(o.dir)
	if o.programs, err = build(ctx, o.dir); err != nil {
		return err
	}
	fmt.Fprintf(out, "%s, %d processors, Go %s, load average %s.\n", time.Now().UTC().Format("2006-01-02 15:04 MST"), runtime.NumCPU(),
		strings.TrimPrefix(runtime.Version(), "go"), loadAverage())
	return command(ctx, o, out)
}

func parseFlags(command string, args []string) (o options, limit time.Duration, err error) {
	flags := flag.NewFlagSet(command, flag.ContinueOnError)
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), usage, "flags of ", command, ":\n")
		flags.PrintDefaults()
	}
	flags.IntVar(&o.users, "users", 50, "users in the database")
	flags.IntVar(&o.tasks, "tasks", 1000, "tasks of each user, 600 or more")
	flags.IntVar(&o.connections, "connections", 32, "connections of the closed loop")
	flags.IntVar(&o.rounds, "rounds", 3, "rounds; the figures are medians")
	flags.DurationVar(&o.window, "window", time.Second, "measured time of a workload in a round")
	flags.DurationVar(&o.ramp, "ramp", 200*time.Millisecond, "time of a workload before it is measured")
	flags.DurationVar(&limit, "limit", 15*time.Minute, "time after which the run is given up")
	flags.StringVar(&o.out, "out", "bench/out", "directory of the plots and profiles")
	if command == "compare" {
		flags.StringVar(&o.against, "against", "", "path of another build of taskql to compare with instead of the limit handler")
	}
	seriesList := flags.String("series", strings.Join(seriesNames, ","), "series of growth to measure")
	workloadList := flags.String("workloads", strings.Join(workloads, ","), "workloads to run")
	databaseList := flags.String("databases", "postgres,sqlite", "databases to run on")
	if err := flags.Parse(args); err != nil {
		return o, 0, err
	}
	o.secret, o.postgres = "a secret of the benchmark, long enough", os.Getenv("TEST_DATABASE_URL")
	if o.against != "" {
		if o.against, err = filepath.Abs(o.against); err != nil { // servers have directories of their own
			return o, 0, err
		}
	}
	o.databases = strings.Split(*databaseList, ",")
	for _, name := range o.databases {
		if name != "postgres" && name != "sqlite" {
			return o, 0, fmt.Errorf("there is no database %q: name postgres or sqlite", name)
		}
		if name == "postgres" && o.postgres == "" {
			return o, 0, errors.New("TEST_DATABASE_URL is not set: run it by scripts/with-postgres")
		}
	}
	for _, name := range strings.Split(*workloadList, ",") {
		if !slices.Contains(workloads, name) {
			return o, 0, fmt.Errorf("there is no workload %q: name some of %s", name, strings.Join(workloads, ","))
		}
	}
	for _, name := range workloads {
		if slices.Contains(strings.Split(*workloadList, ","), name) {
			o.workloads = append(o.workloads, name)
		}
	}
	o.series = strings.Split(*seriesList, ",")
	for _, name := range o.series {
		if !slices.Contains(seriesNames, name) {
			return o, 0, fmt.Errorf("there is no series %q: name some of %s", name, strings.Join(seriesNames, ","))
		}
	}
	if flags.NArg() > 0 || o.users < 1 || o.tasks < 600 || o.connections < 1 || o.rounds < 1 || o.window < 100*time.Millisecond {
		return o, 0, errors.New("there must be 1 user, 600 tasks, 1 connection and 1 round or more, a window of 100ms or more, and nothing behind the flags")
	}
	return o, limit, nil
}

// open fills the named database.
func (o options) open(ctx context.Context, name string, data *dataset) (database, error) {
	if name == "sqlite" {
		return newSQLite(ctx, o.dir, o.programs, data)
	}
	return newPostgres(ctx, o.postgres, o.dir, o.programs, data)
}

func loadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	if fields := strings.Fields(string(text)); err == nil && len(fields) > 2 {
		return strings.Join(fields[:3], " ")
	}
	return "unknown"
}
