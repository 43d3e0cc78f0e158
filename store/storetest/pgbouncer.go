package storetest

import (
	"bytes"
	"context"
	"crypto/rand"
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
	for range 5 {
		if address, ok := startPgBouncer(t, databaseURL, settings); ok {
			return address
		}
	}
	t.Fatal("pgbouncer ends when it is started")
	return ""
}

// startPgBouncer reports false if the program has ended, as it does if another one has taken its port meanwhile.
func startPgBouncer(t testing.TB, databaseURL string, settings []string) (string, bool) {
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
	name := "tasks_" + strings.ToLower(rand.Text()) // which the pooler of another test at this port does not have
	file := fmt.Sprintf(`[databases]
%s = host=%s port=%s dbname=%s %s connect_query='SET search_path TO %s'
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %s
unix_socket_dir =
auth_type = any
pool_mode = transaction
`, name, database.Hostname(), database.Port(), strings.TrimPrefix(database.Path, "/"), user, database.Query().Get("search_path"), port)
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
	ended := make(chan struct{})
	go func() {
		_ = pooler.Wait() // it is killed
		close(ended)
	}()
	t.Cleanup(func() {
		cancel()
		if <-ended; t.Failed() {
			t.Logf("pgbouncer: %v\n%s", pooler.ProcessState, &out)
		}
	})
	address := "postgres://anyone@127.0.0.1:" + port + "/" + name
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		conn, err := pgx.Connect(t.Context(), address)
		if err == nil {
			_ = conn.Close(t.Context())
			return address, true
		}
		select {
		case <-ended:
			return "", false
		default:
		}
		if time.Now().After(deadline) {
			t.Fatalf("pgbouncer does not answer: %v", err)
		}
	}
}
