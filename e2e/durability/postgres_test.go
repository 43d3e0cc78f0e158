package durability

import (
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"taskql/e2e/harness"
)

// postgres is a PostgreSQL server of one test, which the test may stop and start.
type postgres struct {
	t    *testing.T
	dir  string
	bin  string
	port string
	// owner runs it, because PostgreSQL refuses to run as root; nil is the test's own user.
	owner  *syscall.Credential
	server *exec.Cmd
	out    *harness.Output
}

// newPostgres creates a database cluster in a temporary directory and starts a server on it.
func newPostgres(t *testing.T) *postgres {
	t.Helper()
	dir, err := os.MkdirTemp("", "taskql-postgres") // only its owner may enter the directories of t.TempDir
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	p := &postgres{t: t, dir: dir, bin: postgresPrograms(t)}
	if os.Getuid() == 0 {
		account, err := user.Lookup("postgres")
		if err != nil {
			t.Fatal(err)
		}
		uid, _ := strconv.Atoi(account.Uid)
		gid, _ := strconv.Atoi(account.Gid)
		p.owner = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		if err := os.Chown(dir, uid, gid); err != nil {
			t.Fatal(err)
		}
	}
	p.port = freePort(t)
	initdb := p.command("initdb", "-D", p.data(), "-U", "taskql", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
	if out, err := initdb.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	p.start()
	t.Cleanup(p.end)
	return p
}

// end stops the server, unless the test has.
func (p *postgres) end() {
	if p.server.Process.Signal(syscall.SIGQUIT) == nil {
		p.wait(syscall.SIGQUIT)
	}
}

func freePort(t *testing.T) (port string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ = net.SplitHostPort(listener.Addr().String())
	listener.Close()
	return port
}

// postgresPrograms returns the directory of the server's programs, which Debian keeps out of the PATH.
func postgresPrograms(t *testing.T) string {
	t.Helper()
	places, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	if out, err := exec.Command("pg_config", "--bindir").Output(); err == nil {
		places = append([]string{strings.TrimSpace(string(out))}, places...)
	}
	for _, place := range places {
		if _, err := os.Stat(filepath.Join(place, "initdb")); err == nil {
			return place
		}
	}
	t.Fatal("initdb was not found: scripts/with-postgres installs it")
	return ""
}

func (p *postgres) data() string { return filepath.Join(p.dir, "data") }

func (p *postgres) url() string { return "postgres://taskql@127.0.0.1:" + p.port + "/postgres" }

func (p *postgres) command(program string, args ...string) *exec.Cmd {
	command := exec.Command(filepath.Join(p.bin, program), args...)
	command.Dir = p.dir
	command.SysProcAttr = &syscall.SysProcAttr{Credential: p.owner}
	return command
}

// start starts the server and waits until it accepts connections.
func (p *postgres) start() {
	p.t.Helper()
	// After a crash, the next server does not start before the last process of the one before has ended.
	harness.Eventually(p.t, "PostgreSQL starts", func() bool {
		p.out = harness.NewOutput()
		// The tests end processes and not the machine: what the kernel has is not lost. Waiting for the disk would take most of their time.
		server := p.command("postgres", "-D", p.data(), "-p", p.port, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off")
		server.Stdout, server.Stderr = p.out, p.out
		if err := server.Start(); err != nil {
			p.t.Fatal(err)
		}
		p.server = server
		ended := make(chan struct{})
		go func() {
			_ = server.Wait() // the test stops it, or its output tells why it has ended
			close(ended)
		}()
		return harness.WaitUntil(harness.Patience, func() bool {
			select {
			case <-ended:
				return true
			default:
				return p.accepts()
			}
		}) && p.accepts()
	})
}

func (p *postgres) accepts() bool {
	conn, err := pgx.Connect(p.t.Context(), p.url())
	if err != nil {
		return false
	}
	return conn.Close(p.t.Context()) == nil
}

// stop ends the server: SIGINT cuts its connections, SIGQUIT is an immediate shutdown, SIGKILL a crash.
func (p *postgres) stop(signal syscall.Signal) {
	p.t.Helper()
	if err := p.server.Process.Signal(signal); err != nil {
		p.t.Fatalf("PostgreSQL has ended: %v\n%s", err, p.out)
	}
	p.wait(signal)
}

// wait waits for the end of the server.
func (p *postgres) wait(signal syscall.Signal) {
	p.t.Helper()
	if !harness.WaitUntil(harness.Patience, func() bool { return p.server.Process.Signal(syscall.Signal(0)) != nil }) {
		p.t.Errorf("PostgreSQL does not end after %v\n%s", signal, p.out)
	}
}
