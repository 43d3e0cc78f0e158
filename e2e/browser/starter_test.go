package browser

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

const starter = "examples/next"

// TestStarter uses the production build of examples/next in several browsers at once: the Node tests in clients/starter. They start and kill
// the servers themselves.
func TestStarter(t *testing.T) {
	t.Parallel()
	harness.InstallClients(t, "clients/starter")
	harness.InstallClients(t, starter)
	buildStarter(t)
	program := harness.Build(t)
	run := func(t *testing.T, cases, databaseURL string) {
		t.Parallel()
		harness.RunNode(t, nil, "clients/starter", "CASES="+cases, "TASKQL_PROGRAM="+program, "STARTER="+harness.File(starter),
			"CHROMIUM="+chromium(t), "DATABASE_URL="+databaseURL)
	}
	storetest.Each(t, func(t *testing.T, databaseURL string) { run(t, "each", databaseURL) })
	// The other cases would be the same on every database. They have their own servers, so that they do not wait for the ones above.
	t.Run("once", func(t *testing.T) { run(t, "once", storetest.SQLite(t)) })
}

// buildStarter builds the front end, unless its build is newer than its sources.
func buildStarter(t *testing.T) {
	t.Helper()
	dir := harness.File(starter)
	defer harness.LockFolder(t, dir)()
	built, err := os.Stat(filepath.Join(dir, ".next/BUILD_ID"))
	isFresh := err == nil
	changed := func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := os.Stat(path) // go test repeats a cached result only while these files are unchanged
		isFresh = isFresh && err == nil && info.ModTime().Before(built.ModTime())
		return err
	}
	for _, source := range []string{"src", "package-lock.json", "next.config.ts", "tsconfig.json"} {
		if err := filepath.WalkDir(filepath.Join(dir, source), changed); err != nil {
			t.Fatal(err)
		}
	}
	if isFresh {
		return
	}
	begun := time.Now()
	build := exec.CommandContext(t.Context(), "npm", "run", "build")
	build.Dir = dir
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("npm run build: %v\n%s", err, out)
	}
	t.Logf("built in %s", time.Since(begun).Round(time.Second))
}
