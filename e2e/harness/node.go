package harness

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

var (
	tapCounts = regexp.MustCompile(`(?m)^# tests (\d+)\n(?:# .*\n)*?# pass (\d+)$`)
	// Node counts a file without tests as one test, with the file's name.
	tapEmptyFile = regexp.MustCompile(`(?m)^# Subtest: .*\.test\.mjs$`)
)

// NotRun says which tests did not run although none failed, in TAP; "" when all ran.
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

// InstallClients installs the packages that the lock file names, unless they are there.
func InstallClients(t *testing.T) {
	t.Helper()
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Fatalf("%s was not found: the tests in clients/ need Node.js 20.11 or later with npm, so install it", program)
		}
	}
	// Looking at the files here makes go test run this again, instead of taking a result from its
	// cache, when one of them has changed.
	sources, err := filepath.Glob(File("clients/*.mjs"))
	if err != nil {
		t.Fatal(err)
	}
	for _, source := range append(sources, File("clients/package.json")) {
		if _, err := os.Stat(source); err != nil {
			t.Fatal(err)
		}
	}
	lock, err := os.Stat(File("clients/package-lock.json"))
	if err != nil {
		t.Fatal(err)
	}
	// npm writes this file when an installation is complete.
	installed, err := os.Stat(File("clients/node_modules/.package-lock.json"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	if err == nil && !installed.ModTime().Before(lock.ModTime()) {
		return
	}
	npm := exec.CommandContext(t.Context(), "npm", "ci", "--no-audit", "--no-fund")
	npm.Dir = File("clients")
	if out, err := npm.CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v\n%s", err, out)
	}
}
