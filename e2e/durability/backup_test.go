package durability

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"taskql/e2e/harness"
)

// TestPostgresBackups puts back a PostgreSQL under a running server, as docs/restoring.md describes it: from a dump, and to a point in time. Nobody
// tells the server. Clients that have seen lost changes notice and start anew.
func TestPostgresBackups(t *testing.T) {
	t.Parallel()
	p := newPostgres(t)
	archive, base, dump := filepath.Join(p.dir, "archive"), filepath.Join(p.dir, "base"), filepath.Join(p.dir, "tasks.dump")
	p.run("mkdir", archive)
	p.stop(syscall.SIGINT)
	p.configure("archive_mode = on", "archive_command = 'cp %p "+archive+"/%f'")
	p.start()
	u := harness.Start(t, harness.Env(p.url())).As("u")

	kept := u.Tasks(u.Add("kept"))
	p.run(filepath.Join(p.bin, "pg_dump"), "--format=custom", "--file="+dump, p.url())
	putBack(t, u, kept, 1, func() {
		p.run(filepath.Join(p.bin, "pg_restore"), "--clean", "--if-exists", "--no-owner", "--dbname="+p.url(), dump)
	})

	p.run(filepath.Join(p.bin, "pg_basebackup"), "--dbname="+p.url(), "--pgdata="+base, "--checkpoint=fast")
	u.Add("after the base backup")
	p.query("SELECT pg_create_restore_point('here')::text")
	putBack(t, u, kept, 3, func() {
		p.query("SELECT pg_switch_wal()::text")
		p.stop(syscall.SIGINT) // it archives what is left
		if err := os.Rename(p.data(), filepath.Join(p.dir, "lost")); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(base, p.data()); err != nil {
			t.Fatal(err)
		}
		p.configure("restore_command = 'cp "+archive+"/%f %p'", "recovery_target_name = 'here'", "recovery_target_action = 'promote'")
		p.run("touch", filepath.Join(p.data(), "recovery.signal"))
		p.start()
		harness.Eventually(t, "the recovery ends", func() bool { return p.query("SELECT pg_is_in_recovery()::text") == "false" })
	})
}

// putBack changes the task at the path kept, lets back put the database back, and checks what clients get. The user had n tasks before.
func putBack(t *testing.T, u *harness.Client, kept string, n int, back func()) {
	t.Helper()
	early, before := u.SyncToken(), u.Send("GET", kept, "").Header.Get("ETag")
	u.Add("lost")
	lost := u.Send("PUT", kept, `{"title": "lost"}`).Header.Get("ETag")
	late := u.SyncToken()
	back()
	harness.Eventually(t, "the server answers", func() bool { return u.GraphQL("{ tasks { totalCount } }").Status == 200 })
	if got, want := u.GraphQL("{ tasks { totalCount } }").Body, fmt.Sprintf(`{"data":{"tasks":{"totalCount":%d}}}`, n); got != want {
		t.Errorf("the tasks after = %s, want %s", got, want)
	}
	if a := u.Send("PUT", kept, `{"title": "over"}`, "If-Match", lost); a.Status != 412 {
		t.Errorf("a write with the lost tag = %d %s, want 412", a.Status, a.Body)
	}
	if a := u.Send("PUT", kept, fmt.Sprintf(`{"title": "again %d"}`, n), "If-Match", before); a.Status != 200 || a.Header.Get("ETag") == lost {
		t.Errorf("a write with the tag of before = %d, with the tag %s", a.Status, a.Header.Get("ETag"))
	}
	u.Add("new")
	if page := u.Changes(late, 10); !page.Reset {
		t.Errorf("a token of a lost change = %+v, want a reset", page)
	}
	if page := u.Changes(early, 10); page.Reset || len(page.Changes) != 2 {
		t.Errorf("a token of before = %+v, want the two changes since", page)
	}
}

// run runs a program as the server's account.
func (p *postgres) run(program string, args ...string) {
	p.t.Helper()
	command := p.command("", args...)
	command.Path, command.Args[0] = program, program
	if !strings.Contains(program, "/") {
		command.Path = "/bin/" + program
	}
	if out, err := command.CombinedOutput(); err != nil {
		p.t.Fatalf("%s: %v\n%s", program, err, out)
	}
}

// configure adds settings to those of the server, for its next start.
func (p *postgres) configure(settings ...string) {
	p.t.Helper()
	file, err := os.OpenFile(filepath.Join(p.data(), "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		p.t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.WriteString("\n" + strings.Join(settings, "\n") + "\n"); err != nil {
		p.t.Fatal(err)
	}
}

// query returns the value of a query.
func (p *postgres) query(statement string) (value string) {
	p.t.Helper()
	conn, err := pgx.Connect(p.t.Context(), p.url())
	if err != nil {
		p.t.Fatal(err)
	}
	defer conn.Close(p.t.Context())
	if err := conn.QueryRow(p.t.Context(), statement).Scan(&value); err != nil {
		p.t.Fatal(err)
	}
	return value
}
