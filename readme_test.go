package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

var (
	block  = regexp.MustCompile("(?m)^```sh\n((?:[^`\n].*\n)+)```\n\n```json\n(.*)\n```$")
	moment = regexp.MustCompile(`20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`)
)

// TestReadme runs the README's commands on a fresh server and wants the README's answers, all but
// the time of day.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	binary := filepath.Join(dir, "taskql")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	t.Chdir(dir)
	s := start(t, nil)
	blocks := block.FindAllStringSubmatch(string(text), -1)
	if len(blocks) < 2 {
		t.Fatalf("%d commands with answers in the README, want one for each door", len(blocks))
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for _, b := range blocks {
		commands := strings.NewReplacer("go run .", "./taskql", "http://127.0.0.1:8000", s.url).Replace(b[1])
		out, err := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", commands).CombinedOutput()
		got, want := moment.ReplaceAllString(strings.TrimSpace(string(out)), "…"), moment.ReplaceAllString(strings.TrimSpace(b[2]), "…")
		if err != nil || got != want {
			t.Errorf("%s\nprinted %v\n%s\nwant\n%s", commands, err, got, want)
		}
	}
}
