package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os/exec"
	"regexp"
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
	page.waitFor("examples by subject", jsPane("Examples"), "Write", "CreateTask", "Creates a task", "Lists", "Counts", "Live updates and sync")
	page.waitFor("tabs of a first visit", jsTabs, "[CreateTask ListTasks Live]")
	page.show("Documentation Explorer")
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

	page.waitFor("saved tabs", jsSavedTabs, `"activeTabIndex":5`, `"title":"CompleteTask"`)
	if stored := page.text(jsStorage); strings.Contains(stored, "Bearer") {
		t.Errorf("the token was stored: %s", stored)
	}

	page.do(chromedp.Reload())
	token := page.text(`JSON.parse(document.getElementById("config").textContent).token`)
	page.waitFor("tabs of the last visit, and no more", jsTabs, "[CreateTask ListTasks Live Search Badges CompleteTask]")
	page.waitFor("new token in a tab of the last visit", jsHeaders, "Bearer "+token)
	page.runExample("ListTasks")
	page.waitFor("list on a second visit", jsResponse, `"tasks"`, `"completed": true`)
	page.do(chromedp.Click(chromedp.CSS(".graphiql-tab-add")))
	page.waitFor("new tab", jsTabs, "[CreateTask ListTasks Live Search Badges CompleteTask <untitled>]")
	page.waitFor("token in a new tab", jsHeaders, "Bearer "+token)
	page.show("History")
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
	page.do(chromedp.Click(chromedp.CSS(".graphiql-execute-button"))) // it stops the subscription
	page.waitFor("button that runs", `document.querySelector(".graphiql-execute-button").ariaLabel`, "Execute")
	if events := page.text(jsEvents); !strings.Contains(events, "Made meanwhile") {
		t.Errorf("after the end of the subscription, the events are %q", events)
	}
	page.runExample("ListTasks")
	page.waitFor("list", jsResponse, `"tasks"`)
	if events := page.text(jsEvents); strings.Contains(events, "tasks") {
		t.Errorf("the result of a query is among the events: %s", events)
	}
	page.runExample("Live")
	harness.Eventually(t, "the subscription shows the last task", func() bool {
		dev.Add("Made last")
		return strings.Contains(page.text(jsResponse), `"title": "Made last"`)
	})
	page.waitFor("events with their times, the last one first", jsEvents, "Made last\n", "Made meanwhile")
	events := page.text(jsEvents)
	if !regexp.MustCompile(`^\d\d:\d\d:\d\d\.\d{3} SAVED · task \d+ · Made last\n`).MatchString(events) {
		t.Errorf("the events are\n%s", events)
	}
	page.do(chromedp.Click(chromedp.CSS(`.taskql-events li summary`)))
	page.waitFor("whole event", `document.querySelector(".taskql-events li pre")?.innerText`, `"taskChanged"`, `"title": "Made last"`)
	page.do(chromedp.Click(chromedp.Search(`//button[.="Clear"]`)))
	page.waitFor("no events", jsEvents+` ?? "none"`, "none")
	page.checkTraffic(s.URL)
}

// TestExplorerInBrowser composes a query in the explorer.
func TestExplorerInBrowser(t *testing.T) {
	t.Parallel()
	s, _ := harness.StartProcess(t, nil)
	page := openBrowser(t)
	page.do(chromedp.Navigate(s.URL + "/"))
	page.runExample("ListTasks")
	page.show("GraphiQL Explorer")
	page.waitFor("fields of the schema", `document.querySelector(".graphiql-explorer-root")?.innerText`, "taskStats", "viewer")
	page.do(chromedp.Click(chromedp.CSS(`.graphiql-explorer-root [data-field-name="viewer"]`)))
	page.waitFor("field in the query", `document.querySelector(".graphiql-query-editor .CodeMirror").CodeMirror.getValue()`, "viewer")
	page.checkTraffic(s.URL)
}

// TestSignInInBrowser signs in at a Better Auth server with the form of the playground.
func TestSignInInBrowser(t *testing.T) {
	t.Parallel()
	auth, sessions := startAuthServer(t)
	s, _ := harness.StartProcess(t, map[string]string{"HOST": "127.0.0.1", "BETTER_AUTH_URL": auth, "PLAYGROUND": "on"})
	page := openBrowser(t)
	page.do(chromedp.Navigate(s.URL + "/"))
	page.runExample("ListTasks")
	page.waitFor("answer without a token", jsResponse, "UNAUTHENTICATED")
	page.show("Sign in")
	page.waitFor("address of the auth server", `document.querySelector("[name=address]")?.value`, auth+"/api/auth")
	page.signIn("ada@example.com", "a wrong password")
	page.waitFor("reason", jsPane("Sign in"), "Better Auth says: Invalid email or password")
	page.signIn("ada@example.com", password)
	page.waitFor("who is signed in", jsPane("Sign in"), "Signed in as ada@example.com until ")
	page.waitFor("token in the headers", jsHeaders, "Bearer ey")
	if n := sessions(); n != 1 {
		t.Errorf("there are %d sessions, want only that of the sign-up", n)
	}
	page.do(chromedp.Click(chromedp.CSS(".graphiql-execute-button")))
	page.waitFor("answer with the token", jsResponse, `"totalCount": 0`)
	page.runExample("CreateTask")
	page.waitFor("answer in another tab", jsResponse, `"title": "Water the plants"`)
	page.waitFor("tabs saved with the token", jsSavedTabs, `"activeTabIndex":0`)
	if stored := page.text(jsStorage + ` + JSON.stringify(sessionStorage)`); strings.Contains(stored, "Bearer") || strings.Contains(stored, password) {
		t.Errorf("the token or the password was stored: %s", stored)
	}
	page.do(chromedp.Reload())
	page.waitFor("no token on a later visit", jsHeaders+` === "" ? "none" : "some"`, "none")
	page.checkOrigins(s.URL)
}

// password is that of the user ada@example.com of startAuthServer.
const password = "a password of Ada"

// startAuthServer runs a Better Auth server with one user who has signed up. It returns its address, and what counts its sessions.
func startAuthServer(t *testing.T) (address string, sessions func() int) {
	t.Helper()
	servers := harness.StartAuthServers(t)
	execute := func(command string, options map[string]any, result any) {
		t.Helper()
		if err := json.Unmarshal(servers.Execute(t, command, options), result); err != nil {
			t.Fatal(err)
		}
	}
	var started struct {
		Server int
		URL    string
	}
	execute("start", map[string]any{"secret": harness.Secret}, &started)
	body := fmt.Sprintf(`{"name": "Ada", "email": "ada@example.com", "password": %q}`, password)
	response, err := http.Post(started.URL+"/api/auth/sign-up/email", "application/json", strings.NewReader(body))
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("sign-up: %v, %v", response, err)
	}
	response.Body.Close()
	return started.URL, func() int {
		var sessions struct{ Count int }
		execute("sessions", map[string]any{"server": started.Server}, &sessions)
		return sessions.Count
	}
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
	jsEvents        = `document.querySelector(".taskql-events ol")?.innerText`
)

// jsPane is the text of a pane of ours.
func jsPane(name string) string {
	return fmt.Sprintf(`document.querySelector('section[aria-label=%q]')?.innerText`, name)
}

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

// show opens a pane, unless it is open.
func (b *browser) show(pane string) {
	b.t.Helper()
	b.waitFor("pane "+pane, fmt.Sprintf(`(document.querySelector('[aria-label="Show %[1]s"]')?.click(), document.querySelector('[aria-label="Hide %[1]s"]') && "shown")`, pane), "shown")
}

// signIn fills in the form of the pane and sends it.
func (b *browser) signIn(email, password string) {
	b.t.Helper()
	for name, value := range map[string]string{"email": email, "password": password} {
		b.do(chromedp.SetValue(chromedp.CSS(fmt.Sprintf(`.taskql-form [name=%s]`, name)), value))
	}
	b.do(chromedp.Click(chromedp.CSS(`.taskql-form button`)))
}

// runExample chooses an example from the menu and presses the button that runs it.
func (b *browser) runExample(title string) {
	b.t.Helper()
	b.show("Examples")
	b.do(chromedp.Click(chromedp.Search(
		fmt.Sprintf(`//button[contains(@class, "taskql-example")][strong=%q][not(@disabled)]`, title))))
	// GraphiQL reads the operation's name from the text a moment after the text has changed.
	b.waitFor("example", jsOperation, title)
	b.do(chromedp.Click(chromedp.CSS(".graphiql-execute-button")))
}

// checkTraffic fails the test for every request to another origin and every error on the
// console since the browser was opened.
func (b *browser) checkTraffic(baseURL string) {
	b.t.Helper()
	b.checkOrigins(baseURL)
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.errors {
		b.t.Errorf("console: %s", e)
	}
}

// checkOrigins fails the test for every request to another origin.
func (b *browser) checkOrigins(baseURL string) {
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
}

// fail ends the test with the error, the console and the requests.
func (b *browser) fail(err error) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.t.Fatalf("%v\nconsole: %q\nrequests: %q", err, b.errors, b.requests)
}
