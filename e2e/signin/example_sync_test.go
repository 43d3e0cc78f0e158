package signin

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"taskql/e2e/harness"
)

// TestSyncExample compiles examples/sync and runs its test with a Better Auth whose first token has expired.
func TestSyncExample(t *testing.T) {
	t.Parallel()
	ada := startAuthServers(t).start(t, nil).signUp("Ada")
	s := startTrusting(t, ada.authServer)
	clients := harness.File("clients")
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(harness.File("examples/sync"))); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(clients, "node_modules"), filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	tsc := exec.CommandContext(t.Context(), filepath.Join(clients, "node_modules/.bin/tsc"))
	tsc.Dir = dir
	if out, err := tsc.CombinedOutput(); err != nil {
		t.Fatalf("tsc: %v\n%s", err, out)
	}
	ada.do("expire", options{"tokens": 1})
	node := exec.CommandContext(t.Context(), "node", "--test", "--test-timeout=300000", "--test-reporter=tap", "sync.test.mjs")
	node.Dir = dir
	node.Env = append(os.Environ(), "TASKQL_URL="+s.URL+"/graphql", "AUTH_URL="+ada.url, "COOKIE="+ada.cookie())
	out, err := node.CombinedOutput()
	if err != nil {
		t.Fatalf("node --test: %v\n%s", err, out)
	}
	if problem := harness.NotRun(string(out)); problem != "" {
		t.Fatalf("%s\n%s", problem, out)
	}
}

// TestSyncExamplePackages checks that the example uses the package versions that are tested.
func TestSyncExamplePackages(t *testing.T) {
	t.Parallel()
	read := func(path string) map[string]string {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var list struct{ Dependencies, DevDependencies map[string]string }
		if err := json.Unmarshal(text, &list); err != nil {
			t.Fatal(err)
		}
		all := map[string]string{}
		for _, some := range []map[string]string{list.Dependencies, list.DevDependencies} {
			for name, version := range some {
				all[name] = version
			}
		}
		return all
	}
	tested := read(harness.File("clients/package.json"))
	for name, version := range read(harness.File("examples/sync/package.json")) {
		if tested[name] != version {
			t.Errorf("%s is %s in the example and %q in clients", name, version, tested[name])
		}
	}
	if text, _ := os.ReadFile(harness.File("examples/sync/README.md")); !strings.Contains(string(text), "TestSyncExample") {
		t.Error("the example's README does not say how it is tested")
	}
}
