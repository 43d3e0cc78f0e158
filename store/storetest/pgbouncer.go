package storetest

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// PgBouncer runs PgBouncer in transaction mode, with additional settings, in front of a database and returns its address.
func PgBouncer(t testing.TB, databaseURL string, settings ...string) string {
	t.Helper()
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		if program, err = exec.LookPath("/usr/sbin/pgbouncer"); err != nil {
			t.Fatal("pgbouncer was not found: scripts/install-test-needs installs it")
		}
	}
	database, err := url.Parse(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(free.Addr().String())
	free.Close()
	user := "user=" + database.User.Username()
	if password, ok := database.User.Password(); ok {
		user += " password='" + strings.ReplaceAll(password, "'", "''") + "'"
	}
	file := fmt.Sprintf(`[databases]
tasks = host=%s port=%s dbname=%s %s connect_query='SET search_path TO %s'
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %s
unix_socket_dir =
auth_type = any
pool_mode = transaction
`, database.Hostname(), database.Port(), strings.TrimPrefix(database.Path, "/"), user, database.Query().Get("search_path"), port)
	path := filepath.Join(t.TempDir(), "pgbouncer.ini")
	if err := os.WriteFile(path, []byte(file+strings.Join(settings, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	arguments := []string{"-q", path}
	if os.Getuid() == 0 { // as which it refuses to run
		arguments = []string{"-q", "-u", "nobody", path}
	}
	ctx, cancel := context.WithCancel(context.Background())
	var out bytes.Buffer // read when the program has ended
	pooler := exec.CommandContext(ctx, program, arguments...)
	pooler.Stdout, pooler.Stderr = &out, &out
	if err := pooler.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		if err := pooler.Wait(); t.Failed() { // killed
			t.Logf("pgbouncer: %v\n%s", err, &out)
		}
	})
	address := "postgres://anyone@127.0.0.1:" + port + "/tasks"
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		conn, err := pgx.Connect(t.Context(), address)
		if err == nil {
			_ = conn.Close(t.Context())
			return address
		}
		if time.Now().After(deadline) {
			t.Fatalf("pgbouncer does not answer: %v", err)
		}
	}
}
