package harness

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// FreeAddress returns an address on the loopback interface at which nothing listens.
func FreeAddress(t *testing.T) string {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer free.Close()
	return free.Addr().String()
}

// Nginx runs nginx with a site until the test ends.
func Nginx(t *testing.T, site string) {
	t.Helper()
	dir := t.TempDir()
	paths := ""
	for _, name := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		paths += name + "_temp_path " + filepath.Join(dir, name) + ";\n"
	}
	main := "daemon off;\nmaster_process off;\nerror_log stderr;\npid " + filepath.Join(dir, "pid") + ";\nevents {}\nhttp {\naccess_log off;\n" + paths + site + "}\n"
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(main), 0o600); err != nil {
		t.Fatal(err)
	}
	runUntilEnd(t, exec.Command(program(t, "nginx"), "-c", file, "-p", dir, "-e", "stderr"))
}

// Caddy runs Caddy with a site until the test ends. It gets no certificates.
func Caddy(t *testing.T, site string) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "Caddyfile")
	if err := os.WriteFile(file, []byte("{\n\tadmin off\n\tauto_https off\n}\n"+site), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(program(t, "caddy"), "run", "--config", file, "--adapter", "caddyfile")
	command.Env = append(os.Environ(), "HOME="+dir, "XDG_DATA_HOME="+dir, "XDG_CONFIG_HOME="+dir)
	runUntilEnd(t, command)
}

// program returns the path of a program that the tests need.
func program(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if path, err = exec.LookPath("/usr/sbin/" + name); err != nil {
			t.Fatalf("%s was not found: scripts/install-test-needs installs it", name)
		}
	}
	return path
}

// runUntilEnd runs a program until the test ends.
func runUntilEnd(t *testing.T, command *exec.Cmd) {
	t.Helper()
	var out bytes.Buffer // read when the program has ended
	command.Stdout, command.Stderr = &out, &out
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
		if t.Failed() {
			t.Logf("%s:\n%s", command, &out)
		}
	})
}
