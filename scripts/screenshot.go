//go:build ignore

// Screenshot makes docs/images/playground.png: the playground of a fresh taskql with sample tasks, after a subscription and a query.
// It needs Chromium. Run it in the root of the repository:
//
//	go run scripts/screenshot.go
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/chromedp/chromedp"
)

const picture = "docs/images/playground.png"

// query is what the picture shows on the left, with its result on the right.
const query = `# Overdue or due today, and counts
query Today($zone: TimeZone = "UTC") {
  tasks(
    first: 4
    filter: {
      completed: false
      due: [OVERDUE, TODAY]
    }
    orderBy: [{ field: DUE }]
    timeZone: $zone
  ) {
    nodes {
      title
      priority
      dueDate(timeZone: $zone)
      isOverdue(timeZone: $zone)
    }
    totalCount
  }
  taskStats(timeZone: $zone) {
    open
    overdue
    dueToday
  }
}
`

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "screenshot:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) (err error) {
	dir, err := os.MkdirTemp("", "taskql-screenshot")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, "taskql")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	// A directory and environment of its own, so that no setting of this machine counts.
	taskql := func(args ...string) *exec.Cmd {
		cmd := exec.CommandContext(ctx, binary, args...)
		cmd.Dir, cmd.Env = dir, []string{"PORT=0", "HOME=" + dir, "PATH=" + os.Getenv("PATH")}
		return cmd
	}
	if out, err := taskql("seed", "--user", "dev").CombinedOutput(); err != nil {
		return fmt.Errorf("taskql seed: %w\n%s", err, out)
	}
	server := taskql()
	log, err := server.StderrPipe()
	if err != nil {
		return err
	}
	if err := server.Start(); err != nil {
		return err
	}
	defer func() {
		_ = server.Process.Signal(syscall.SIGTERM)
		err = errors.Join(err, server.Wait())
	}()
	url, err := address(log)
	if err != nil {
		return err
	}
	png, err := photograph(ctx, url)
	if err != nil {
		return err
	}
	return os.WriteFile(picture, png, 0o644)
}

// address reads the server's log up to the line with its address.
func address(log io.Reader) (url string, err error) {
	lines := bufio.NewReader(log)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return "", fmt.Errorf("the server did not start: %w", err)
		}
		var entry struct{ Msg, Address string }
		if json.Unmarshal([]byte(line), &entry) == nil && entry.Msg == "listening" {
			go func() { _, _ = io.Copy(io.Discard, lines) }()
			return "http://" + entry.Address, nil
		}
	}
}

// photograph opens the playground, runs the query and returns the picture.
func photograph(ctx context.Context, url string) ([]byte, error) {
	chromium, err := browser()
	if err != nil {
		return nil, err
	}
	ctx, cancel := chromedp.NewExecAllocator(ctx,
		chromedp.ExecPath(chromium), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.WindowSize(1440, 1000), chromedp.Flag("disable-dev-shm-usage", true))
	defer cancel()
	ctx, cancel = chromedp.NewContext(ctx)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Navigate(url+"/")); err != nil {
		return nil, err
	}
	const editor = `document.querySelector(".graphiql-query-editor .CodeMirror").CodeMirror`
	const run = `document.querySelector(".graphiql-execute-button").click(), "run"`
	example := func(name string) string {
		return `((button) => button && !button.disabled && (button.click(), "open") || "")([...document.querySelectorAll(".taskql-example")].find((b) => b.querySelector("strong").textContent === "` + name + `"))`
	}
	for _, step := range []struct{ script, want string }{
		{example("Live"), "open"},
		// The headers contain the token. The picture does not show them.
		{`document.querySelector('[aria-label="Hide editor tools"]').click(), "hidden"`, "hidden"},
		{editor + `.operationName`, "Live"},
		{run, "run"},
		// Nothing says when the subscription has begun.
		{change(`"completeTask"`, `mutation { toggleTask(id: 1) { task { id } } }`), "task 1"},
		{change(`"update"`, `mutation { updateTask(id: 2, input: {addTags: [\"soon\"]}) { task { id } } }`), "task 2"},
		{change(`"create"`, `mutation { createTask(input: {title: \"Book a table for Friday\"}) { task { id } } }`), "Book a table"},
		{change(`"delete"`, `mutation { deleteTask(id: 3) { task { id } } }`), "TRASHED"},
		{run, "run"}, // it stops the subscription
		{example("Today"), "open"},
		{editor + `.operationName`, "Today"},
		{editor + `.setValue(` + strconv.Quote(query) + `), "set"`, "set"},
		{run, "run"},
		{`document.querySelector(".graphiql-response .CodeMirror")?.CodeMirror.getValue()`, `"overdue"`},
	} {
		if err := await(ctx, step.script, step.want); err != nil {
			return nil, err
		}
	}
	return chromedp.Run(ctx, chromedp.CaptureScreenshot())
}

// change returns a script that executes a mutation once in a while, and whose result is the list of events.
func change(name, mutation string) string {
	return `(() => {
		const now = performance.now(), last = window.sent ??= {};
		if (!(now - last[` + name + `] < 2000)) {
			last[` + name + `] = now;
			const { token } = JSON.parse(document.getElementById("config").textContent);
			fetch("/graphql", {
				method: "POST",
				headers: { Authorization: "Bearer " + token, "Content-Type": "application/json" },
				body: JSON.stringify({ query: "` + mutation + `" }),
			});
		}
		return document.querySelector(".taskql-events ol")?.innerText;
	})()`
}

// await evaluates the script until its result contains want.
func await(ctx context.Context, script, want string) error {
	for {
		got, err := chromedp.Run(ctx, chromedp.Evaluate[string](`(`+script+`) ?? ""`))
		if err != nil {
			return fmt.Errorf("%s: %w", script, err)
		}
		if strings.Contains(got, want) {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func browser() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("install chromium, or put chromium-browser or google-chrome on the PATH")
}
