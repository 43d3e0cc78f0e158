package e2e

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

// TestClients runs the tests in the clients folder: the GraphQL clients that front ends use, and
// fetch, against a server of each kind of database.
func TestClients(t *testing.T) {
	installClients(t)
	eachServer(t, func(t *testing.T, s *server) {
		ada, grace := s.as("ada@example.com"), s.as("grace@example.com")
		// The runner's report is TAP for this test and plain text for people.
		var tap, report bytes.Buffer
		node := exec.CommandContext(t.Context(), "node", "--test", "--test-timeout=60000",
			"--test-reporter=tap", "--test-reporter-destination=stdout",
			"--test-reporter=spec", "--test-reporter-destination=stderr")
		node.Dir, node.Stdout, node.Stderr = "../clients", &tap, &report
		node.Env = append(os.Environ(), "TASKQL_URL="+s.url,
			"TASKQL_USER="+ada.user, "TASKQL_TOKEN="+ada.token,
			"TASKQL_OTHER_USER="+grace.user, "TASKQL_OTHER_TOKEN="+grace.token)
		if err := node.Run(); err != nil {
			t.Fatalf("node --test: %v\n%s", err, &report)
		}
		if problem := leftOut(tap.String()); problem != "" {
			t.Fatalf("%s\n%s", problem, &report)
		}
		t.Logf("%s", bytes.Join(tapRemark.FindAll(tap.Bytes(), -1), []byte("\n")))
	})
}

var (
	tapCounts = regexp.MustCompile(`(?m)^# tests (\d+)\n(?:# .*\n)*?# pass (\d+)$`)
	tapRemark = regexp.MustCompile(`(?m)^# \d.*|^# (?:tests|pass) .*`)
	// Node counts a file without tests as one test, with the file's name.
	tapEmptyFile = regexp.MustCompile(`(?m)^# Subtest: .*\.test\.mjs$`)
)

// leftOut says which tests did not run although none failed, in TAP; "" when all ran.
func leftOut(tap string) string {
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

// installClients installs the packages that the lock file names, unless they are there.
func installClients(t *testing.T) {
	t.Helper()
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Fatalf("%s was not found: the tests in clients/ need Node.js 20.11 or later with npm, so install it", program)
		}
	}
	// Looking at the files here makes go test run this again, instead of taking a result from its
	// cache, when one of them has changed.
	sources, err := filepath.Glob("../clients/*.mjs")
	if err != nil {
		t.Fatal(err)
	}
	for _, source := range append(sources, "../clients/package.json") {
		if _, err := os.Stat(source); err != nil {
			t.Fatal(err)
		}
	}
	lock, err := os.Stat("../clients/package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	// npm writes this file when an installation is complete.
	installed, err := os.Stat("../clients/node_modules/.package-lock.json")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	if err == nil && !installed.ModTime().Before(lock.ModTime()) {
		return
	}
	npm := exec.CommandContext(t.Context(), "npm", "ci", "--no-audit", "--no-fund")
	npm.Dir = "../clients"
	if out, err := npm.CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v\n%s", err, out)
	}
}
