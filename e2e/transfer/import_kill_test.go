package transfer

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// TestKilledImport interrupts an import with SIGKILL and another run with SIGINT. The third run finishes it: each task
// is stored once.
func TestKilledImport(t *testing.T) {
	t.Parallel()
	binary := harness.Build(t)
	storetest.Each(t, func(t *testing.T, databaseURL string) {
		const rows = 20_000 // so many that no run ends before its signal
		path := filepath.Join(t.TempDir(), "tasks.csv")
		if err := os.WriteFile(path, []byte(manyRows(rows, 10)), 0o600); err != nil {
			t.Fatal(err)
		}
		u := harness.Start(t, harness.Env(databaseURL)).As("u")
		imported := func() (n int) {
			var stats struct{ Total int }
			u.Send("GET", "/api/u/stats", "").JSON(t, &stats)
			return stats.Total
		}
		before := 0
		for _, signal := range []os.Signal{syscall.SIGKILL, syscall.SIGINT, nil} {
			out := harness.NewOutput()
			importing := exec.CommandContext(t.Context(), binary, "import", "--user", "u", path)
			importing.Dir, importing.Env = t.TempDir(), []string{"DATABASE_URL=" + databaseURL}
			importing.Stdout, importing.Stderr = out, out
			if err := importing.Start(); err != nil {
				t.Fatal(err)
			}
			if signal == nil {
				if err := importing.Wait(); err != nil || !strings.Contains(out.String(), fmt.Sprintf("%d tasks imported, %d there already\n", rows-before, before)) {
					t.Errorf("the last run: %v\n%s", err, out)
				}
				break
			}
			harness.Eventually(t, "more tasks", func() bool { return imported() > before })
			if err := importing.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			var exit *exec.ExitError
			if err := importing.Wait(); !errors.As(err, &exit) {
				t.Fatalf("after %v: %v\n%s", signal, err, out)
			}
			if signal == syscall.SIGINT && (exit.ExitCode() != 1 || !regexp.MustCompile(`interrupted before line \d+: run the same command again`).MatchString(out.String())) {
				t.Errorf("after %v: %v\n%s", signal, exit, out)
			}
			if before = imported(); before%100 != 0 || before >= rows {
				t.Fatalf("after %v there are %d tasks, want whole batches, and some missing", signal, before)
			}
		}
		if n := imported(); n != rows {
			t.Errorf("in the end there are %d tasks, want %d", n, rows)
		}
	})
}

// manyRows returns CSV with a number of tasks, whose descriptions have a length.
func manyRows(rows, bytes int) string {
	var text strings.Builder
	text.WriteString("id,title,description\n")
	for i := range rows {
		fmt.Fprintf(&text, "%d,task %d,%s\n", i+1, i+1, strings.Repeat("x", bytes))
	}
	return text.String()
}
