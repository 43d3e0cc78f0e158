package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// profile writes for each workload and database the most expensive lines and functions by CPU and by allocations, and the
// most expensive statements of PostgreSQL.
func profile(ctx context.Context, o options, out io.Writer) error {
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return err
	}
	data := newDataset(equalSizes(o.users, o.tasks))
	for _, name := range o.databases {
		if err := o.profileOn(ctx, name, data, out); err != nil {
			return err
		}
	}
	return nil
}

func (o options) profileOn(ctx context.Context, name string, data *dataset, out io.Writer) (err error) {
	db, err := o.open(ctx, name, data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.close(context.WithoutCancel(ctx))) }()
	port, err := freePort()
	if err != nil {
		return err
	}
	pprof := "127.0.0.1:" + port
	requests := newRequests(data, indexes(len(data.sizes)), o.secret)
	// The garbage collector has the settings of taskql's main.
	t, err := o.newTurn(ctx, db, taskqlKind, o.programs.profiled, 1, requests, "PPROF_ADDRESS="+pprof, "GOGC=200", "GOMEMLIMIT=512MiB")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.end(ctx)) }()
	fmt.Fprintf(out, "\n## %s\n\n| workload | CPU µs | allocations a request | KiB allocated a request |\n|---|--:|--:|--:|\n", db.name())
	for _, workload := range o.workloads {
		if err := o.profileWorkload(ctx, db, t, pprof, workload, out); err != nil {
			return fmt.Errorf("%s: %w", db.name(), err)
		}
	}
	fmt.Fprintf(out, "\nThe lists are in %s.\n", o.out)
	return nil
}

func (o options) profileWorkload(ctx context.Context, db database, t *turn, pprof, workload string, out io.Writer) error {
	base := filepath.Join(o.out, strings.ToLower(db.name())+"-"+workload)
	var statements *pgx.Conn
	if p, ok := db.(*postgres); ok {
		var err error
		if statements, err = pgx.Connect(ctx, p.urlOf(p.prefix+turnName)); err != nil {
			return err
		}
		defer statements.Close(context.WithoutCancel(ctx))
		if _, err := statements.Exec(ctx, `CREATE EXTENSION IF NOT EXISTS pg_stat_statements; SELECT pg_stat_statements_reset(), pg_stat_reset()`); err != nil {
			return fmt.Errorf("start PostgreSQL with shared_preload_libraries=pg_stat_statements, as make profile does: %w", err)
		}
	}
	objects, bytes, err := allocated(ctx, pprof)
	if err != nil {
		return err
	}
	allocations := make(chan error, 1)
	cpu := make(chan error, 1)
	seconds := max(1, int((o.window+o.ramp)/time.Second))
	go func() {
		cpu <- save(ctx, base+".cpu.pprof", fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%d", pprof, seconds))
	}()
	go func() {
		allocations <- save(ctx, base+".allocs.pprof", fmt.Sprintf("http://%s/debug/pprof/allocs?seconds=%d", pprof, seconds))
	}()
	t.load.ramp = 0 // every allocation is that of a counted request, but for those of the last ones
	f, err := t.run(ctx, workload)
	if err = errors.Join(err, <-cpu, <-allocations); err != nil {
		return err
	}
	objectsAfter, bytesAfter, err := allocated(ctx, pprof)
	if err != nil {
		return err
	}
	count := f.perSecond * o.window.Seconds()
	fmt.Fprintf(out, "| %s | %.0f + %.0f | %.0f | %.0f |\n", workload, f.server, f.database, (objectsAfter-objects)/count, (bytesAfter-bytes)/count/1024)
	for _, list := range []struct{ name, profile, index string }{{"cpu", "cpu", "cpu"}, {"allocations", "allocs", "alloc_objects"}} {
		if err := o.writeTop(ctx, base+"."+list.name+".txt", base+"."+list.profile+".pprof", list.index); err != nil {
			return err
		}
	}
	if statements == nil {
		return nil
	}
	return writeStatements(ctx, statements, base+".statements.txt")
}

// writeTop writes the functions by their own cost, and the lines of taskql and then all lines by the cost of what they call.
func (o options) writeTop(ctx context.Context, file, profile, index string) error {
	var all []byte
	for _, list := range []struct {
		title string
		flags []string
	}{
		{"Functions by their own cost", nil},
		{"Lines of taskql by their cost with what they call", []string{"-lines", "-cum", "-show=^taskql/"}},
		{"Lines by their cost with what they call", []string{"-lines", "-cum"}},
	} {
		args := append([]string{"tool", "pprof", "-top", "-nodecount=120", "-ignore=runtime/pprof|net/http/pprof", "-sample_index=" + index}, list.flags...)
		text, err := exec.CommandContext(ctx, "go", append(args, profile)...).Output()
		if err != nil {
			return fmt.Errorf("go tool pprof: %w", err)
		}
		all = append(append(append(all, list.title+"\n\n"...), text...), '\n')
	}
	return os.WriteFile(file, all, 0o644)
}

// writeStatements writes the statements by their whole time, and what the writes did to the tables.
// pg_stat_statements replaces the statements' constants by $1.
func writeStatements(ctx context.Context, conn *pgx.Conn, file string) error {
	rows, err := conn.Query(ctx, `SELECT format(E'%s calls: planned %s times, %s µs each; %s µs running, %s rows, %s buffers and %s bytes of log each\n%s\n\n',
			calls, plans, round((mean_plan_time * 1000)::numeric), round((mean_exec_time * 1000)::numeric), round(rows::numeric / calls, 1),
			(shared_blks_hit + shared_blks_read) / calls, round(wal_bytes / calls), query)
		FROM pg_stat_statements WHERE query NOT LIKE '%pg_stat_%' ORDER BY total_plan_time + total_exec_time DESC LIMIT 10`)
	if err != nil {
		return err
	}
	statements, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	rows, err = conn.Query(ctx, `SELECT format(E'%s: %s inserts, %s updates of which %s are HOT, %s indexes\n', relname, n_tup_ins, n_tup_upd, n_tup_hot_upd,
			(SELECT count(*) FROM pg_index WHERE indrelid = relid))
		FROM pg_stat_user_tables WHERE n_tup_ins + n_tup_upd > 0 ORDER BY relname`)
	if err != nil {
		return err
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	return os.WriteFile(file, []byte(strings.Join(append(statements, tables...), "")), 0o644)
}

// save stores what a URL of pprof returns.
func save(ctx context.Context, file, url string) error {
	text, err := get(ctx, url)
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o644)
}

func get(ctx context.Context, url string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s: %s", url, response.Status, text)
	}
	return text, err
}

var memory = regexp.MustCompile(`(?m)^# (TotalAlloc|Mallocs) = (\d+)$`)

// allocated returns how many objects and bytes the server has allocated so far.
func allocated(ctx context.Context, pprof string) (objects, bytes float64, err error) {
	text, err := get(ctx, "http://"+pprof+"/debug/pprof/allocs?debug=1")
	if err != nil {
		return 0, 0, err
	}
	found := map[string]float64{}
	for _, match := range memory.FindAllSubmatch(text, -1) {
		found[string(match[1])], _ = strconv.ParseFloat(string(match[2]), 64) // digits only
	}
	if len(found) != 2 {
		return 0, 0, errors.New("pprof does not tell how much was allocated")
	}
	return found["Mallocs"], found["TotalAlloc"], nil
}
