package operations

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"taskql/e2e/harness"
)

// TestBackup backs up the file of a server that writes all the time. Each copy is a whole database with all that was acknowledged before.
func TestBackup(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	environ := []string{"DATABASE_URL=sqlite:" + filepath.Join(dir, "tasks.db"), "BETTER_AUTH_SECRET=" + harness.Secret}
	u := harness.Start(t, harness.Env("sqlite:"+filepath.Join(dir, "tasks.db"))).As("u")
	var acknowledged atomic.Int64
	stop := make(chan struct{})
	var writing sync.WaitGroup
	for range 2 {
		writing.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if a, err := u.Try("POST", u.Tasks(), `{"title": "task"}`); err != nil || a.Status != 201 {
					t.Errorf("a write = %d %s, %v", a.Status, a.Body, err)
					return
				}
				acknowledged.Add(1)
			}
		})
	}
	for i := range 3 {
		for want := acknowledged.Load() + 50; acknowledged.Load() < want && !t.Failed(); {
			u.Send("GET", "/health", "")
		}
		file := filepath.Join(dir, fmt.Sprintf("backup-%d.db", i))
		before := acknowledged.Load()
		out, err := harness.Command(t, environ, "backup", file)
		after := acknowledged.Load()
		if err != nil || !strings.Contains(out, "is whole") {
			t.Fatalf("backup = %q, %v", out, err)
		}
		if info, err := os.Stat(file); err != nil || info.Mode() != 0o600 {
			t.Errorf("the backup has the mode %v, %v, want only its owner to read it", info.Mode(), err)
		}
		copied := filepath.Join(t.TempDir(), "copied.db")
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		mustWrite(t, copied, string(text))
		restored := harness.Start(t, harness.Env("sqlite:"+copied)).As("u")
		// Writes that are not acknowledged yet may be there.
		if n := countTasks(t, restored); n < before || n > after+2 {
			t.Errorf("the backup has %d tasks, want %d to %d", n, before, after+2)
		}
		if _, err := harness.Command(t, environ, "backup", file); err == nil || !strings.Contains(err.Error(), "exists already") {
			t.Errorf("a second backup into the file = %v", err)
		}
		if now, err := os.ReadFile(file); err != nil || string(now) != string(text) {
			t.Error("the second backup has changed the file")
		}
	}
	close(stop)
	writing.Wait()
}

// TestRestore puts a backup in the place of a later state. Clients with bookmarks of the later state start anew.
func TestRestore(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, file := filepath.Join(dir, "tasks.db"), filepath.Join(dir, "backup.db")
	env := harness.Env("sqlite:" + path)
	environ := []string{"DATABASE_URL=sqlite:" + path, "BETTER_AUTH_SECRET=" + harness.Secret}
	s := harness.Start(t, env)
	u := s.As("u")
	u.Add("kept")
	early := u.SyncToken()
	if out, err := harness.Command(t, environ, "backup", file); err != nil {
		t.Fatalf("backup = %q, %v", out, err)
	}
	u.Add("lost")
	late := u.SyncToken()
	if _, err := harness.Command(t, environ, "restore", file); err == nil || !strings.HasSuffix(err.Error(), "is in use: stop the server first") {
		t.Errorf("restore under a running server = %v, want a refusal", err)
	}
	u.Add("lost, too")
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	// Files of a command that was killed are in the way of nothing.
	for _, name := range []string{path + ".restoring", path + ".restoring-wal", path + ".restoring.part", path + ".restoring.part-journal"} {
		mustWrite(t, name, "what a killed command has left")
	}
	out, err := harness.Command(t, environ, "restore", file)
	if err != nil || !strings.Contains(out, "has the state of") {
		t.Fatalf("restore = %q, %v", out, err)
	}
	u = harness.Start(t, env).As("u")
	if n := countTasks(t, u); n != 1 {
		t.Errorf("%d tasks after the restore, want 1", n)
	}
	u.Add("new")
	if page := u.Changes(late, 10); !page.Reset {
		t.Errorf("a token of a lost change = %+v, want a reset", page)
	}
	if page := u.Changes(early, 10); page.Reset || len(page.Changes) != 1 {
		t.Errorf("a token of before the backup = %+v, want the change since", page)
	}
	names, err := filepath.Glob(path + ".*")
	if err != nil || len(names) != 1 {
		t.Fatalf("beside the database are %q, %v, want the one of before", names, err)
	}
	before := harness.Start(t, harness.Env("sqlite:"+names[0])).As("u")
	if n := countTasks(t, before); n != 3 {
		t.Errorf("the database of before has %d tasks, want 3", n)
	}
}

// TestBadBackups restores what is no whole backup. Nothing changes.
func TestBadBackups(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "tasks.db")
	environ := []string{"DATABASE_URL=sqlite:" + path, "BETTER_AUTH_SECRET=" + harness.Secret}
	run := func(args ...string) (string, error) { return harness.Command(t, environ, args...) }
	if out, err := run("seed", "--user", "u"); err != nil {
		t.Fatalf("seed = %q, %v", out, err)
	}
	whole := filepath.Join(dir, "whole.db")
	if out, err := run("backup", whole); err != nil {
		t.Fatalf("backup = %q, %v", out, err)
	}
	text, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"cut.db": string(text[:len(text)/2]), "damaged.db": string(text[:8192]) + strings.Repeat("x", 4096) + string(text[12288:]),
		"empty.db": "", "no-database.db": strings.Repeat("no database ", 1000),
	} {
		mustWrite(t, filepath.Join(dir, name), content)
		if out, err := run("restore", filepath.Join(dir, name)); err == nil || strings.Contains(err.Error(), "panic") {
			t.Errorf("restore of %s = %q, %v, want an error", name, out, err)
		}
	}
	if _, err := run("restore", filepath.Join(dir, "nowhere.db")); err == nil || !strings.Contains(err.Error(), "nowhere.db") {
		t.Errorf("restore of no file = %v", err)
	}
	if _, err := run("backup", filepath.Join(dir, "nowhere", "x.db")); err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("backup into no folder = %v", err)
	}
	for _, command := range []string{"backup", "restore"} {
		if _, err := run(command); err == nil || !strings.Contains(err.Error(), "name one file: taskql "+command) {
			t.Errorf("%s without a file = %v", command, err)
		}
		_, err := harness.Command(t, []string{"DATABASE_URL=postgres://u:hidden@127.0.0.1:1/db"}, command, whole)
		if err == nil || !strings.Contains(err.Error(), "DATABASE_URL: this is for SQLite files; use pg_dump") {
			t.Errorf("%s with PostgreSQL = %v", command, err)
		}
	}
	const header = 100 // bytes; it has the mode of the log
	if now, err := os.ReadFile(path); err != nil || string(now[header:]) != string(before[header:]) {
		t.Error("a restore that failed has changed the database")
	}
	if names, _ := filepath.Glob(path + ".*"); len(names) > 0 {
		t.Errorf("restores that failed have left %q", names)
	}
}

// countTasks returns the number of a user's tasks.
func countTasks(t *testing.T, u *harness.Client) (n int64) {
	t.Helper()
	var data struct{ Tasks struct{ TotalCount int64 } }
	u.GraphQL("{ tasks { totalCount } }").Data(t, &data)
	return data.Tasks.TotalCount
}
