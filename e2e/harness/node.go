package harness

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"
	"time"
)

var (
	tapCounts = regexp.MustCompile(`(?m)^# tests (\d+)\n(?:# .*\n)*?# pass (\d+)$`)
	// Node counts a file without tests as one test, with the file's name.
	tapEmptyFile = regexp.MustCompile(`(?m)^# Subtest: .*\.test\.mjs$`)
)

// NotRun reads the report of Node's test runner in TAP. It returns "" if all tests ran, or else a sentence on those that
// did not, which are no failures for Node.
func NotRun(tap string) string {
	counts := tapCounts.FindStringSubmatch(tap)
	switch {
	case counts == nil:
		return "the test runner did not say how many tests it ran"
	case counts[1] == "0":
		return "no tests ran"
	case counts[1] != counts[2]:
		return "only " + counts[2] + " of " + counts[1] + " tests ran"
	}
	if empty := tapEmptyFile.FindString(tap); empty != "" {
		return "a file has no tests: " + empty
	}
	return ""
}

// InstallClients installs the packages that package-lock.json in a folder names, clients or clients/openapi, unless they
// are installed.
func InstallClients(t *testing.T, name string) {
	t.Helper()
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Fatalf("%s was not found: the tests in clients/ need Node.js 20.11 or later with npm, so install it", program)
		}
	}
	dir := File(name)
	// go test repeats a cached result only while the files that the test has looked at are unchanged.
	for _, pattern := range []string{"package.json", "*.mjs", "*/*.ts"} {
		sources, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, source := range sources {
			if _, err := os.Stat(source); err != nil {
				t.Fatal(err)
			}
		}
	}
	defer LockFolder(t, dir)()
	lock, err := os.Stat(filepath.Join(dir, "package-lock.json"))
	if err != nil {
		t.Fatal(err)
	}
	// npm writes this file when an installation is complete.
	installed, err := os.Stat(filepath.Join(dir, "node_modules/.package-lock.json"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	if err == nil && !installed.ModTime().Before(lock.ModTime()) {
		return
	}
	npm := exec.CommandContext(t.Context(), "npm", "ci", "--no-audit", "--no-fund")
	npm.Dir = dir
	if out, err := npm.CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v\n%s", err, out)
	}
}

// LockFolder waits until no other test has locked the folder, those of other packages included. It returns a function that unlocks it.
func LockFolder(t *testing.T, dir string) (unlock func()) {
	t.Helper()
	folder, err := os.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Flock(int(folder.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	return func() { _ = folder.Close() }
}

// RunNode runs the Node tests in a folder on a server, or if it is nil on none. environ are more variables for them. It fails if a test does not
// run.
func RunNode(t *testing.T, s *Server, folder string, environ ...string) {
	t.Helper()
	// The runner's report is TAP for this test and plain text for people.
	var tap, report bytes.Buffer
	ctx, cancel := beforeDeadline(t)
	defer cancel()
	node := exec.CommandContext(ctx, "node", "--test", "--test-timeout=900000",
		"--test-reporter=tap", "--test-reporter-destination=stdout",
		"--test-reporter=spec", "--test-reporter-destination=stderr")
	node.Dir, node.Stdout, node.Stderr = File(folder), &tap, &report
	node.Cancel = func() error { return node.Process.Signal(syscall.SIGTERM) } // for which the runner ends its tests, and reports what has failed
	node.WaitDelay = 10 * time.Second
	files, err := filepath.Glob(filepath.Join(node.Dir, "*.test.mjs")) // by itself, Node would run those of the folders within, too
	if err != nil || len(files) == 0 {
		t.Fatalf("the tests in %s: %v, %v", folder, files, err)
	}
	node.Args = append(node.Args, files...)
	node.Env = append(node.Environ(), environ...)
	if s != nil {
		ada, grace := s.As("ada@example.com"), s.As("grace@example.com")
		node.Env = append(node.Env, "TASKQL_URL="+s.URL, "TASKQL_USER="+ada.User, "TASKQL_TOKEN="+ada.Token,
			"TASKQL_OTHER_USER="+grace.User, "TASKQL_OTHER_TOKEN="+grace.Token)
	}
	if err := node.Run(); err != nil {
		t.Fatalf("node --test: %v\n%s", err, &report)
	}
	if problem := NotRun(tap.String()); problem != "" {
		t.Fatalf("%s\n%s", problem, &report)
	}
	t.Logf("%s", bytes.Join(tapRemark.FindAll(tap.Bytes(), -1), []byte("\n")))
}

// beforeDeadline returns a context that ends a minute before go test ends all tests without their reports: a file of Node tests does not end while
// something that a failed test has left is open.
func beforeDeadline(t *testing.T) (context.Context, context.CancelFunc) {
	deadline, limited := t.Deadline()
	if !limited {
		return context.WithCancel(t.Context())
	}
	return context.WithDeadline(t.Context(), deadline.Add(-time.Minute))
}

// tapRemark matches the numbers that tests and the runner print.
var tapRemark = regexp.MustCompile(`(?m)^# \d.*|^# (?:tests|pass) .*`)
