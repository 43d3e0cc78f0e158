package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

var (
	// A command and, in the next block, what it prints.
	block  = regexp.MustCompile("(?m)^```sh\n((?:[^`\n].*\n)+)```\n\n```json\n(.*)\n```$")
	moment = regexp.MustCompile(`20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`)
)

// TestReadme runs the commands of the README and of each page in docs/ on a fresh server, and compares what they print
// with the page, except for the time of day.
func TestReadme(t *testing.T) {
	pages, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(t.TempDir(), "taskql")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	commands := 0
	for _, page := range append(pages, "README.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		blocks := block.FindAllStringSubmatch(string(text), -1)
		if len(blocks) == 0 {
			continue
		}
		if page == "README.md" && len(blocks) < 2 {
			t.Errorf("%d commands with answers in the README, want one for GraphQL and one for REST", len(blocks))
		}
		commands += len(blocks)
		t.Run(page, func(t *testing.T) { runBlocks(t, binary, blocks) })
	}
	if commands < 3 {
		t.Errorf("%d commands with answers in all pages, want 3 or more", commands)
	}
}

func runBlocks(t *testing.T, binary string, blocks [][]string) {
	dir := t.TempDir()
	url := serve(t, binary, dir)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for _, b := range blocks {
		commands := strings.NewReplacer("go run .", binary, "http://127.0.0.1:8000", url).Replace(b[1])
		shell := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", commands)
		shell.Dir = dir
		out, err := shell.CombinedOutput()
		got, want := moment.ReplaceAllString(strings.TrimSpace(string(out)), "…"), moment.ReplaceAllString(strings.TrimSpace(b[2]), "…")
		if err != nil || got != want {
			t.Errorf("%s\nprinted %v\n%s\nwant\n%s", commands, err, got, want)
		}
	}
}

// serve runs the program in a directory until the test ends, and returns its address.
func serve(t *testing.T, binary, dir string) (url string) {
	t.Helper()
	server := exec.Command(binary)
	server.Dir, server.Env = dir, append(os.Environ(), "PORT=0")
	log, err := server.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	drained := make(chan struct{})
	t.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGTERM)
		<-drained
		if err := server.Wait(); err != nil {
			t.Errorf("the server ended with %v", err)
		}
	})
	lines := bufio.NewReader(log)
	defer func() {
		go func() {
			_, _ = io.Copy(io.Discard, lines)
			close(drained)
		}()
	}()
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatalf("the server did not start: %v", err)
		}
		var entry struct{ Msg, Address string }
		if json.Unmarshal([]byte(line), &entry) == nil && entry.Msg == "listening" {
			return "http://" + entry.Address
		}
	}
}
