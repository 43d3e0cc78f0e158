package graphql

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"taskql/e2e/harness"
)

// TestClients runs the Node tests in clients/ on a server of each kind of database: the GraphQL clients of front ends,
// and fetch for REST.
func TestClients(t *testing.T) {
	t.Parallel()
	harness.InstallClients(t, "clients")
	harness.EachServer(t, func(t *testing.T, s *harness.Server) {
		runNode(t, s, "clients")
	})
}

// runNode runs the Node tests in a folder on a server.
func runNode(t *testing.T, s *harness.Server, folder string, environ ...string) {
	t.Helper()
	ada, grace := s.As("ada@example.com"), s.As("grace@example.com")
	// The runner's report is TAP for this test and plain text for people.
	var tap, report bytes.Buffer
	node := exec.CommandContext(t.Context(), "node", "--test", "--test-timeout=300000",
		"--test-reporter=tap", "--test-reporter-destination=stdout",
		"--test-reporter=spec", "--test-reporter-destination=stderr")
	node.Dir, node.Stdout, node.Stderr = harness.File(folder), &tap, &report
	files, err := filepath.Glob(filepath.Join(node.Dir, "*.test.mjs")) // by itself, Node would run those of the folders within, too
	if err != nil || len(files) == 0 {
		t.Fatalf("the tests in %s: %v, %v", folder, files, err)
	}
	node.Args = append(node.Args, files...)
	node.Env = append(append(node.Environ(), environ...), "TASKQL_URL="+s.URL,
		"TASKQL_USER="+ada.User, "TASKQL_TOKEN="+ada.Token,
		"TASKQL_OTHER_USER="+grace.User, "TASKQL_OTHER_TOKEN="+grace.Token)
	if err := node.Run(); err != nil {
		t.Fatalf("node --test: %v\n%s", err, &report)
	}
	if problem := harness.NotRun(tap.String()); problem != "" {
		t.Fatalf("%s\n%s", problem, &report)
	}
	t.Logf("%s", bytes.Join(tapRemark.FindAll(tap.Bytes(), -1), []byte("\n")))
}

// tapRemark matches the numbers that tests and the runner print.
var tapRemark = regexp.MustCompile(`(?m)^# \d.*|^# (?:tests|pass) .*`)
