package harness

import (
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
)

// temporary is the directory of Main, in which Build puts the program.
var temporary string

// Main is for the TestMain of packages whose tests wait more than they work, or that call Build:
//
//	func TestMain(m *testing.M) { os.Exit(harness.Main(m)) }
//
// It lets eight tests run at the same time, unless -parallel says otherwise, and removes the program in the end.
func Main(m *testing.M) int {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		if err := flag.Set("test.parallel", "8"); err != nil {
			panic(err)
		}
	}
	dir, err := os.MkdirTemp("", "taskql-e2e")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	temporary = dir
	return m.Run()
}

var build = sync.OnceValues(func() (string, error) {
	binary := filepath.Join(temporary, "taskql")
	if out, err := exec.Command("go", "build", "-o", binary, "taskql").CombinedOutput(); err != nil {
		return "", errors.New("go build: " + string(out))
	}
	return binary, nil
})

// Build builds the program, once for all tests of a package, and returns its path. The package must have Main.
func Build(t testing.TB) string {
	t.Helper()
	if temporary == "" {
		t.Fatal("the package has no TestMain that calls harness.Main")
	}
	binary, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return binary
}

// StartProcess runs the program as a process of its own, in an empty working directory, and waits until it listens. It
// is killed when the test ends.
func StartProcess(t testing.TB, env map[string]string) (*Server, *os.Process) {
	t.Helper()
	return StartProcessIn(t, t.TempDir(), env)
}

// StartProcessIn is StartProcess in a working directory of the test.
func StartProcessIn(t testing.TB, dir string, env map[string]string) (*Server, *os.Process) {
	t.Helper()
	command := exec.Command(Build(t))
	command.Dir, command.Env = dir, environ(env)
	return Run(t, command), command.Process
}

// Run starts a command that runs the program, and waits until it listens. It is killed when the test ends.
func Run(t testing.TB, command *exec.Cmd) *Server {
	t.Helper()
	out := NewOutput()
	command.Stdout, command.Stderr = out, out
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		ended <- command.Wait()
		out.close()
	}()
	wait := sync.OnceValue(func() error { return <-ended })
	t.Cleanup(func() {
		_ = command.Process.Kill() // it may have ended
		_ = wait()
	})
	stop := func() error {
		if err := command.Process.Signal(syscall.SIGTERM); err != nil {
			return err
		}
		return wait()
	}
	return &Server{T: t, URL: "http://" + address(t, out), Out: out, Stop: stop}
}
