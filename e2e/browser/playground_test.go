package browser

import (
	"context"
	"fmt"
	"net/url"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"taskql/e2e/harness"
)

// TestPlaygroundInBrowser opens the playground of a server in development mode, runs its examples, and opens it again.
// The browser has no network but this machine.
func TestPlaygroundInBrowser(t *testing.T) {
	t.Parallel()
	s, _ := harness.StartProcess(t, nil)
	baseURL := s.URL
	page := openBrowser(t)

	page.do(chromedp.Navigate(baseURL + "/"))
	page.do(chromedp.Click(chromedp.CSS(`[aria-label="Show Documentation Explorer"]`)))
	page.waitFor("schema in the documentation", jsDocumentation, "Mutation")

	page.runExample("CreateTask")
	page.waitFor("created task", jsResponse, `"createTask"`, `"title": "Water the plants"`, `"userErrors": []`)
	page.runExample("ListTasks")
	page.waitFor("list with the task", jsResponse, `"tasks"`, `"title": "Water the plants"`, `"completed": false`)
	page.runExample("Search")
	page.waitFor("task that was found", jsResponse, `"relevance"`, `"title": "Water the plants"`, `"totalCount": 1`)
	page.runExample("Badges")
	page.waitFor("counts", jsResponse, `"taskStats"`, `"open": 1`)
	page.runExample("CompleteTask")
	page.waitFor("completed task", jsResponse, `"completeTask"`, `"completed": true`, `"userErrors": []`)

	page.waitFor("saved tabs", jsSavedTabs, `"activeTabIndex":3`)
	if stored := page.text(jsStorage); strings.Contains(stored, "Bearer") {
		t.Errorf("the token was stored: %s", stored)
	}

	page.do(chromedp.Reload())
	token := page.text(`JSON.parse(document.getElementById("config").textContent).token`)
	page.waitFor("tabs of the last visit, and no more", jsTabs, "[CreateTask ListTasks Search CompleteTask Today Upcoming ByTag Done Badges Live]")
	page.waitFor("new token in a tab of the last visit", jsHeaders, "Bearer "+token)
	page.runExample("ListTasks")
	page.waitFor("list on a second visit", jsResponse, `"tasks"`, `"completed": true`)
	page.do(chromedp.Click(chromedp.CSS(".graphiql-tab-add")))
	page.waitFor("new tab", jsTabs, "[CreateTask ListTasks Search CompleteTask Today Upcoming ByTag Done Badges Live <untitled>]")
	page.waitFor("token in a new tab", jsHeaders, "Bearer "+token)
	page.do(chromedp.Click(chromedp.CSS(`[aria-label="Show History"]`)))
	page.do(chromedp.Click(chromedp.CSS(".graphiql-history-item-label")))
	page.waitFor("operation from the history", jsOperation, "ListTasks")
	page.waitFor("token in an operation from the history", jsHeaders, "Bearer "+token)

	page.checkTraffic(baseURL)
}

// TestLiveInBrowser runs the subscription of the playground and creates tasks meanwhile, which it shows.
func TestLiveInBrowser(t *testing.T) {
	t.Parallel()
	s, _ := harness.StartProcess(t, nil)
	page := openBrowser(t)
	page.do(chromedp.Navigate(s.URL + "/"))
	page.runExample("Live")
	dev := s.With("dev", page.text(`JSON.parse(document.getElementById("config").textContent).token`))
	harness.Eventually(t, "the subscription shows a task", func() bool { // nothing says when it has begun
		dev.Add("Made meanwhile")
		return strings.Contains(page.text(jsResponse), `"title": "Made meanwhile"`)
	})
	page.checkTraffic(s.URL)
}

// JavaScript expressions for what a person sees. The text of an editor comes from the editor, because the document contains
// only the visible lines.
const (
	jsDocumentation = `document.querySelector(".graphiql-doc-explorer-content")?.innerText`
	jsTabs          = `"[" + [...document.querySelectorAll(".graphiql-tab-button")].map((tab) => tab.textContent).join(" ") + "]"`
	jsOperation     = `document.querySelector(".graphiql-query-editor .CodeMirror")?.CodeMirror.operationName`
	jsResponse      = `document.querySelector(".graphiql-response .CodeMirror")?.CodeMirror.getValue()`
	jsHeaders       = `document.querySelectorAll(".graphiql-editor-tool .CodeMirror")[1]?.CodeMirror.getValue()`
	jsSavedTabs     = `localStorage.getItem("taskql:graphiql:tabState")`
	jsStorage       = `JSON.stringify(localStorage)`
)

// browser is one tab of a browser that was started for one test. It records requests and errors.
type browser struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	requests []string
	errors   []string
}

// openBrowser starts a browser with a new profile, which is closed when the test ends.
func openBrowser(t *testing.T) *browser {
	t.Helper()
	ctx, cancel := chromedp.NewExecAllocator(t.Context(),
		chromedp.ExecPath(chromium(t)),
		chromedp.Headless,
		chromedp.NoSandbox,
		chromedp.DisableGPU,
		chromedp.NoFirstRun,
		chromedp.WindowSize(1400, 900),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-dev-shm-usage", true), // It is too small in some containers.
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"),
	)
	t.Cleanup(cancel)
	b := &browser{t: t}
	ctx, cancel = chromedp.NewContext(ctx, chromedp.WithListener(b.record))
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("starting the browser: %v", err)
	}
	// Only now, as the context of the first call is the browser's life.
	b.ctx, cancel = context.WithTimeout(ctx, 2*harness.Patience)
	t.Cleanup(cancel)
	return b
}

// chromium finds a browser by the names that distributions give it.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("The playground's test needs a browser: install chromium, or put chromium-browser or google-chrome on the PATH.")
	return ""
}

// record receives the events of the browser, in another goroutine.
func (b *browser) record(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request.URL)
	case *network.EventWebSocketCreated:
		b.requests = append(b.requests, e.URL)
	case *runtime.EventExceptionThrown:
		b.errors = append(b.errors, exceptionText(e.ExceptionDetails))
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError {
			for _, arg := range e.Args {
				b.errors = append(b.errors, fmt.Sprintf("%s %s", arg.Value, arg.Description))
			}
		}
	case *log.EventEntryAdded: // The browser's own complaints, on failed requests and on policy.
		if e.Entry.Level == log.EntryLevelError {
			b.errors = append(b.errors, e.Entry.Text+" "+e.Entry.URL)
		}
	}
}

func exceptionText(d *runtime.ExceptionDetails) string {
	if d.Exception == nil {
		return d.Text
	}
	return d.Text + " " + d.Exception.Description
}

func (b *browser) do(action chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, action); err != nil {
		b.fail(err)
	}
}

// text returns the value of a JavaScript expression, or "" if it is undefined.
func (b *browser) text(expression string) string {
	b.t.Helper()
	s, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`(`+expression+`) ?? ""`))
	if err != nil {
		b.fail(err)
	}
	return s
}

// waitFor waits until the expression's text contains all of the parts. (chromedp.Poll makes a
// function from a string, which the page's policy forbids.)
func (b *browser) waitFor(what, expression string, parts ...string) {
	b.t.Helper()
	for deadline := time.Now().Add(harness.Patience); ; time.Sleep(50 * time.Millisecond) {
		text := b.text(expression)
		missing := ""
		for _, part := range parts {
			if !strings.Contains(text, part) {
				missing = part
			}
		}
		if missing == "" {
			return
		}
		if time.Now().After(deadline) {
			b.fail(fmt.Errorf("no %s within %s: %q is missing from %q", what, harness.Patience, missing, text))
		}
	}
}

// runExample opens the tab with that title and presses the button that runs it.
func (b *browser) runExample(title string) {
	b.t.Helper()
	b.do(chromedp.Click(chromedp.Search(
		fmt.Sprintf(`//button[contains(@class, "graphiql-tab-button")][.=%q]`, title))))
	// GraphiQL reads the operation's name from the text a moment after the text has changed.
	b.waitFor("example", jsOperation, title)
	b.do(chromedp.Click(chromedp.CSS(".graphiql-execute-button")))
}

// checkTraffic fails the test for every request to another origin and every error on the
// console since the browser was opened.
func (b *browser) checkTraffic(baseURL string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	home, err := url.Parse(baseURL)
	if err != nil {
		b.t.Fatal(err)
	}
	local := 0
	for _, request := range b.requests {
		u, err := url.Parse(request)
		switch {
		case err != nil:
			b.t.Errorf("request to an address that cannot be read: %v", err)
		case (u.Scheme == home.Scheme || u.Scheme == "ws") && u.Host == home.Host:
			local++
		case u.Scheme == "data", strings.HasPrefix(request, "blob:"+baseURL+"/"): // made by the page itself
		default:
			b.t.Errorf("request to another origin: %s", request)
		}
	}
	if local == 0 {
		b.t.Error("no request was seen at all")
	}
	for _, e := range b.errors {
		b.t.Errorf("console: %s", e)
	}
}

// fail ends the test with the error, the console and the requests.
func (b *browser) fail(err error) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.t.Fatalf("%v\nconsole: %q\nrequests: %q", err, b.errors, b.requests)
}
