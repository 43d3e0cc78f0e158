package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// server is a process that this program has started.
type server struct {
	address string
	startup time.Duration // from the start of the process to the first right answer
	command *exec.Cmd
	ended   chan struct{}
	log     string
}

// startServer starts a program that reads the settings of taskql, in a directory of its own, and returns when it has
// answered W2.
func startServer(ctx context.Context, program, dir, databaseURL string, requests *requests, secret string, more ...string) (*server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	s := &server{address: net.JoinHostPort("127.0.0.1", port), ended: make(chan struct{}), log: filepath.Join(dir, "server.log")}
	s.command = exec.CommandContext(ctx, program)
	s.command.Dir = dir
	s.command.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "HOST=127.0.0.1", "PORT=" + port, "DATABASE_URL=" + databaseURL,
		"BETTER_AUTH_SECRET=" + secret, "MAX_TASKS_PER_USER=10000000", "RATE_LIMIT=off",
	}, more...)
	// The server must not outlive this program.
	s.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	s.command.Cancel = func() error { return s.command.Process.Signal(syscall.SIGTERM) }
	s.command.WaitDelay = 15 * time.Second
	// A file takes less time than a pipe that the driver would have to read.
	log, err := os.Create(s.log)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	s.command.Stdout, s.command.Stderr = log, log
	start := time.Now()
	if err := s.command.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = s.command.Wait() // it ends by a signal
		close(s.ended)
	}()
	if err := s.awaitAnswer(requests); err != nil {
		s.stop()
		text, _ := os.ReadFile(s.log) // the error is enough without it
		return nil, fmt.Errorf("%s: %w\n%s", filepath.Base(program), err, text[max(0, len(text)-2000):])
	}
	s.startup = time.Since(start)
	return s, nil
}

func (s *server) pid() int { return s.command.Process.Pid }

// awaitAnswer returns when the server has answered W2 rightly.
func (s *server) awaitAnswer(requests *requests) error {
	sent, err := requests.random("W2", rand.New(rand.NewPCG(1, 1)))
	if err != nil {
		return err
	}
	for deadline := time.Now().Add(30 * time.Second); ; {
		c, err := dial(s.address)
		if err == nil {
			defer c.close()
			body, err := c.post(requests.tokens[sent.user], sent.body)
			if err != nil {
				return err
			}
			return requests.check(sent, body)
		}
		if time.Now().After(deadline) {
			return err
		}
		select {
		case <-s.ended:
			return fmt.Errorf("the server ended")
		case <-time.After(time.Millisecond):
		}
	}
}

// stop ends the server and waits for its end.
func (s *server) stop() {
	_ = s.command.Process.Signal(syscall.SIGTERM) // it may have ended
	select {
	case <-s.ended:
	case <-time.After(15 * time.Second):
		_ = s.command.Process.Kill()
		<-s.ended
	}
}

func freePort() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	return port, errors.Join(err, listener.Close())
}

// programs are the binaries that are measured.
type programs struct{ taskql, limit, profiled string }

// build compiles the binaries from the repository's root, the working directory, into dir.
func build(ctx context.Context, dir string) (programs, error) {
	p := programs{filepath.Join(dir, "taskql"), filepath.Join(dir, "limit"), filepath.Join(dir, "profiled")}
	for _, one := range []struct{ binary, source string }{{p.taskql, "."}, {p.limit, "./bench/limit"}, {p.profiled, "./bench/profiled"}} {
		if out, err := exec.CommandContext(ctx, "go", "build", "-o", one.binary, one.source).CombinedOutput(); err != nil {
			return p, fmt.Errorf("go build %s, which runs in the repository's root: %w\n%s", one.source, err, out)
		}
	}
	return p, nil
}
