package harness

import (
	"bufio"
	"encoding/json"
	"io"
	"maps"
	"os"
	"os/exec"
	"sync"
	"testing"
)

// AuthServers is a process that runs Better Auth servers: clients/better-auth.mjs.
type AuthServers struct {
	mu  sync.Mutex
	in  io.Writer
	out *bufio.Scanner
}

// StartAuthServers starts the process, which ends with the test. It runs no server yet: see Execute.
func StartAuthServers(t *testing.T) *AuthServers {
	t.Helper()
	InstallClients(t, "clients")
	node := exec.Command("node", "better-auth.mjs")
	node.Dir, node.Stderr = File("clients"), os.Stderr
	in, err := node.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := node.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := node.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close() // it ends then
		if err := node.Wait(); err != nil {
			t.Errorf("node better-auth.mjs: %v", err)
		}
	})
	servers := &AuthServers{in: in, out: bufio.NewScanner(out)}
	if !servers.out.Scan() {
		t.Fatal("node better-auth.mjs did not start")
	}
	return servers
}

// Execute has the process execute a command and returns its result. The command "start" starts a server; the others are the methods of AuthServer in
// clients/auth-server.mjs.
func (s *AuthServers) Execute(t testing.TB, command string, options map[string]any) json.RawMessage {
	t.Helper()
	with := map[string]any{"command": command}
	maps.Copy(with, options)
	line, err := json.Marshal(with)
	if err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.in.Write(append(line, '\n')); err != nil {
		t.Fatal(err)
	}
	if !s.out.Scan() {
		t.Fatalf("node better-auth.mjs ended at %s", line)
	}
	var answer struct {
		Result json.RawMessage
		Error  string
	}
	if err := json.Unmarshal(s.out.Bytes(), &answer); err != nil || answer.Error != "" {
		t.Fatalf("%s: %v %s", line, err, answer.Error)
	}
	return answer.Result
}
