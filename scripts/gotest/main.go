// Command gotest runs go test with its arguments. It prints a line for each package, the output of the tests that fail,
// and in the end the ten slowest tests. It fails when go test does.
package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
)

func main() {
	code, err := run(os.Args[1:], os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "gotest:", err)
		code = 1
	}
	os.Exit(code)
}

func run(args []string, w io.Writer) (code int, err error) {
	command := exec.Command("go", append([]string{"test", "-json"}, args...)...)
	command.Stderr = os.Stderr
	events, err := command.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := command.Start(); err != nil {
		return 0, err
	}
	if err := report(events, w); err != nil {
		return 0, errors.Join(err, command.Wait())
	}
	var exit *exec.ExitError
	if err := command.Wait(); errors.As(err, &exit) {
		return exit.ExitCode(), nil
	} else if err != nil {
		return 0, err
	}
	return 0, nil
}

// event is one of those that `go doc test2json` describes.
type event struct {
	Action, Package, Test, Output string
	Elapsed                       float64 // in seconds
}

// result is a finished test that is no subtest.
type result struct {
	name    string
	elapsed float64
}

const slowest = 10

// report reads the events of go test and prints what a person wants to see of them.
func report(events io.Reader, w io.Writer) error {
	var results []result
	outputs := map[string]map[string]*strings.Builder{} // of the tests that have not passed, by package
	lines := bufio.NewReader(events)
	for {
		line, err := lines.ReadString('\n')
		if err == io.EOF {
			break
		} else if err != nil {
			return err
		}
		var e event
		if json.Unmarshal([]byte(line), &e) != nil {
			fmt.Fprint(w, line) // from a program that writes past go test
			continue
		}
		tests := outputs[e.Package]
		if tests == nil {
			tests = map[string]*strings.Builder{}
			outputs[e.Package] = tests
		}
		switch {
		case e.Action == "build-output":
			fmt.Fprint(w, e.Output)
		case e.Action == "output" && e.Test == "":
			if e.Output != "PASS\n" && e.Output != "FAIL\n" && !strings.HasSuffix(e.Output, "\t[no test files]\n") {
				fmt.Fprint(w, e.Output)
			}
		case e.Action == "output" && !strings.HasPrefix(e.Output, "=== "):
			if tests[e.Test] == nil {
				tests[e.Test] = &strings.Builder{}
			}
			tests[e.Test].WriteString(e.Output)
		case e.Test != "" && (e.Action == "pass" || e.Action == "skip" || e.Action == "fail"):
			if e.Action == "fail" && tests[e.Test] != nil {
				fmt.Fprint(w, tests[e.Test])
			}
			delete(tests, e.Test)
			if !strings.Contains(e.Test, "/") {
				results = append(results, result{e.Package + "." + e.Test, e.Elapsed})
			}
		case e.Action == "fail":
			// The tests that a panic or the timeout has ended have no event of their own.
			for _, test := range slices.Sorted(maps.Keys(tests)) {
				fmt.Fprint(w, tests[test])
			}
			delete(outputs, e.Package)
		}
	}
	if len(results) == 0 {
		return nil
	}
	slices.SortFunc(results, func(a, b result) int { return cmp.Compare(b.elapsed, a.elapsed) })
	fmt.Fprintln(w, "\nThe slowest tests, which may have run at the same time:")
	for _, r := range results[:min(slowest, len(results))] {
		fmt.Fprintf(w, "%7.1fs  %s\n", r.elapsed, r.name)
	}
	return nil
}
