package transfer

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// TestKilledCopy interrupts a copy with SIGKILL and another run with SIGINT. The third run finishes it.
func TestKilledCopy(t *testing.T) {
	t.Parallel()
	binary := harness.Build(t)
	for name, addresses := range map[string][2]string{
		"SQLite to PostgreSQL": {storetest.SQLite(t), storetest.Postgres(t)},
		"PostgreSQL to SQLite": {storetest.Postgres(t), storetest.SQLite(t)},
	} {
		t.Run(name, func(t *testing.T) {
			const tasks = 40_000
			from, to := addresses[0], addresses[1]
			makeTasks(t, from, tasks)
			target := openSQL(t, to)
			copied := func() (rows int) {
				_ = target.QueryRow("SELECT count(*) FROM task").Scan(&rows) // it may not be there yet
				return rows
			}
			run := func() (*exec.Cmd, *harness.Output) {
				command := exec.Command(binary, "migrate", "copy", "--from", from, "--to", to)
				command.Dir, command.Env = t.TempDir(), []string{}
				out := harness.NewOutput()
				command.Stdout, command.Stderr = out, out
				if err := command.Start(); err != nil {
					t.Fatal(err)
				}
				return command, out
			}
			before := 0
			for _, signal := range []os.Signal{syscall.SIGKILL, syscall.SIGINT} {
				command, out := run()
				for copied() == before {
					time.Sleep(time.Millisecond)
					if command.Process.Signal(syscall.Signal(0)) != nil {
						break
					}
				}
				if err := command.Process.Signal(signal); err != nil {
					t.Fatal(err)
				}
				var exit *exec.ExitError
				if err := command.Wait(); !errors.As(err, &exit) {
					t.Fatalf("after %v: %v\n%s", signal, err, out)
				}
				if signal == syscall.SIGINT && (exit.ExitCode() != 1 || !strings.Contains(out.String(), "taskql: interrupted, with ") ||
					!strings.Contains(out.String(), "run the same command again to continue")) {
					t.Errorf("after %v: %v\n%s", signal, exit, out)
				}
				if rows := copied(); rows <= before || rows >= tasks {
					t.Fatalf("after %v the target has %d of %d tasks, and %d before", signal, rows, tasks, before)
				}
				before = copied()
			}
			command, out := run()
			if err := command.Wait(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			for _, line := range []string{
				`(?m)^copying: 0 of 40001 rows$`, `(?m)^copying: 40001 of 40001 rows$`, `(?m)^comparing: 40001 of 40001 rows$`,
				`(?m)^ *tasks +40000 +40000$`, `(?m)^ *users +1 +1$`, fmt.Sprintf("same content.*; %d rows were written now", tasks+1-before),
			} {
				if !regexp.MustCompile(line).MatchString(strings.ReplaceAll(out.String(), " \n", "\n")) {
					t.Errorf("the copy printed\n%s\nwant %s", out, line)
				}
			}
			// A server on the target goes on where the source has stopped.
			u := harness.Start(t, harness.Env(to)).As("u")
			var created struct {
				CreateTask struct {
					Task struct {
						ID      string
						Version int
					}
				}
			}
			u.GraphQL(`mutation { createTask(input: {title: "next"}) { task { id version } } }`).Data(t, &created)
			if task := created.CreateTask.Task; task.ID != fmt.Sprint(tasks+1) || task.Version != tasks+1 {
				t.Errorf("the next task has id %s and version %d, want %d for both", task.ID, task.Version, tasks+1)
			}
		})
	}
}

func TestCopyCommand(t *testing.T) {
	t.Parallel()
	from, to := storetest.SQLite(t), storetest.Postgres(t)
	makeTasks(t, from, 5)
	for _, tt := range []struct{ args, want, error string }{
		{"--from " + from + " --to " + from, ``, "same database"},
		{"--from " + from, ``, `"to"`},
		{"--to " + from, ``, `"from"`},
		{"--from " + from + " --to " + to + " more", ``, `"more"`},
		{"--from " + from + " --to postgres://u:hidden@127.0.0.1:1/d", ``, "the target"},
		{"--from sqlite:typo.db --to " + to, ``, "the source: the SQLite file cannot be opened: no such file"},
		{"--from " + from + " --to " + to, `(?s)^ +source +target *\n +tasks +5 +5 *\n.* users +1 +1 *\nBoth databases have the same content.*; 6 rows`, ""},
	} {
		out, err := harness.Command(t, nil, append([]string{"migrate", "copy"}, strings.Fields(tt.args)...)...)
		switch {
		case tt.error != "" && (err == nil || !strings.Contains(err.Error(), tt.error) || strings.Contains(out+err.Error(), "hidden")):
			t.Errorf("migrate copy %s = %v, want an error with %q\n%s", tt.args, err, tt.error, out)
		case tt.error == "" && (err != nil || !regexp.MustCompile(tt.want).MatchString(out)):
			t.Errorf("migrate copy %s = %v\n%s\nwant %s", tt.args, err, out, tt.want)
		}
	}
	// What is different in the end is an error, and what was found is shown.
	mustExecSQL(t, from, "ALTER TABLE task ADD COLUMN colour text")
	if out, err := harness.Command(t, nil, "migrate", "copy", "--from", from, "--to", to); err != nil || !strings.Contains(out, `Left behind: the column "colour"`) {
		t.Errorf("migrate copy with a column of others = %v\n%s", err, out)
	}
}

// makeTasks creates n tasks of the user u in an empty database.
func makeTasks(t *testing.T, address string, n int) {
	t.Helper()
	if _, err := harness.Command(t, []string{"DATABASE_URL=" + address}, "migrate", "up"); err != nil {
		t.Fatal(err)
	}
	mustExecSQL(t, address, fmt.Sprintf(`WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < %d)
		INSERT INTO task (user_id, title, title_lower, created_at, updated_at, position, version)
		SELECT 'u', 'task ' || i, 'task ' || i, '2026-01-01 10:00:00.123456+00:00', '2026-01-01 10:00:00+00:00', 'h' || i, i FROM s`, n))
	mustExecSQL(t, address, fmt.Sprintf("INSERT INTO task_counter (user_id, n) VALUES ('u', %d)", n))
}

func mustExecSQL(t *testing.T, address, statement string) {
	t.Helper()
	if _, err := openSQL(t, address).Exec(statement); err != nil {
		t.Fatal(err)
	}
}

// openSQL opens a database without the program.
func openSQL(t *testing.T, address string) *sql.DB {
	t.Helper()
	driver := "pgx"
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		driver, address = "sqlite", path+"?_pragma=busy_timeout(10000)"
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}
