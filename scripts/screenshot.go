//go:build ignore

// Screenshot makes docs/images/playground.png: the playground of a fresh taskql with sample tasks, after a query.
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
		chromedp.WindowSize(1200, 960), chromedp.Flag("disable-dev-shm-usage", true))
	defer cancel()
	ctx, cancel = chromedp.NewContext(ctx)
	defer cancel()
	for _, action := range []chromedp.Action[chromedp.Void]{
		chromedp.Navigate(url + "/"),
		// The headers contain the token. The picture does not show them.
		chromedp.Click(chromedp.CSS(`[aria-label="Hide editor tools"]`)),
		chromedp.Click(chromedp.Search(`//button[contains(@class, "graphiql-tab-button")][.="Today"]`)),
	} {
		if err := chromedp.Do(ctx, action); err != nil {
			return nil, err
		}
	}
	const editor = `document.querySelector(".graphiql-query-editor .CodeMirror").CodeMirror`
	for _, step := range []struct{ script, want string }{
		{editor + `.operationName`, "Today"},
		{editor + `.setValue(` + strconv.Quote(query) + `), "set"`, "set"},
		{`document.querySelector(".graphiql-execute-button").click(), "run"`, "run"},
		{`document.querySelector(".graphiql-response .CodeMirror")?.CodeMirror.getValue()`, `"overdue"`},
	} {
		if err := await(ctx, step.script, step.want); err != nil {
			return nil, err
		}
	}
	return chromedp.Run(ctx, chromedp.CaptureScreenshot())
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
