package harness

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Build builds the program and returns its path.
func Build(t testing.TB) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "taskql")
	if out, err := exec.Command("go", "build", "-o", binary, "taskql").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return binary
}

// StartProcess runs the built program as a process of its own.
func StartProcess(t testing.TB, binary, databaseURL string) (*Server, *os.Process) {
	t.Helper()
	out := NewOutput()
	command := exec.Command(binary)
	command.Dir = t.TempDir()
	command.Env = []string{"PORT=0", "HOST=127.0.0.1", "BETTER_AUTH_SECRET=" + Secret, "DATABASE_URL=" + databaseURL}
	command.Stdout, command.Stderr = out, out
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = command.Wait() // killed
		out.close()
		close(ended)
	}()
	t.Cleanup(func() {
		_ = command.Process.Kill() // it may have ended
		<-ended
	})
	line, ok := out.Wait(`"msg":"listening"`)
	if !ok {
		t.Fatalf("the program did not start:\n%s", out)
	}
	var entry struct{ Address string }
	if err := json.Unmarshal([]byte(line), &entry); err != nil {
		t.Fatal(err)
	}
	return &Server{T: t, URL: "http://" + entry.Address, Out: out}, command.Process
}
