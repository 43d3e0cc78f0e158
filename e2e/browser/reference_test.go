package browser

import (
	"context"
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// TestSwaggerUIInBrowser signs in on the page of Swagger UI, sends a request and reads the response. The browser has no
// network but this machine.
func TestSwaggerUIInBrowser(t *testing.T) {
	t.Parallel()
	s := harness.Start(t, harness.Env(storetest.SQLite(t)))
	ada := s.As("ada")
	ada.Send("POST", ada.Tasks(), `{"title":"Water the plants"}`)
	page := openBrowser(t)

	page.do(chromedp.Navigate(s.URL + "/docs"))
	for _, id := range []string{"tasks-listTasks", "tasks-createTask", "users-currentUser", "service-health"} {
		page.waitFor("operation", swaggerOperation(id)+"?.innerText", "/")
	}
	page.do(chromedp.Click(chromedp.CSS(".auth-wrapper .authorize")))
	page.do(chromedp.Click(chromedp.CSS(".auth-container input")))
	page.do(paste(ada.Token))
	page.do(chromedp.Click(chromedp.CSS(".auth-btn-wrapper .authorize")))
	page.do(chromedp.Click(chromedp.CSS(".auth-btn-wrapper .btn-done")))
	page.do(chromedp.Click(chromedp.CSS("#operations-tasks-listTasks .opblock-summary-control")))
	page.tryListTasks()

	// The operation is open and the token is there again on the next visit.
	page.do(chromedp.Reload())
	page.tryListTasks()

	// The page of a base sends requests to that base. It has the token, too.
	page.do(chromedp.Navigate(s.URL + "/web/docs#/tasks/listTasks"))
	page.tryListTasks()
	page.waitFor("task in the dialect of the base", swaggerOperation("tasks-listTasks")+`.querySelector(".live-responses-table tbody")?.innerText`,
		`"priority": "medium"`)
	page.checkTraffic(s.URL)
}

// paste inserts a text at the cursor.
func paste(text string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, input.InsertText, input.InsertTextParams{Text: text})
		return err
	})
}

// tryListTasks sends the request as the user of the examples, and waits for the answer.
func (b *browser) tryListTasks() {
	b.t.Helper()
	for _, button := range []string{".try-out__btn", ".execute"} {
		b.do(chromedp.Click(chromedp.CSS("#operations-tasks-listTasks " + button)))
	}
	b.waitFor("answer", swaggerOperation("tasks-listTasks")+`.querySelector(".live-responses-table tbody")?.innerText`,
		"200", "Water the plants")
}

func swaggerOperation(id string) string {
	return fmt.Sprintf("document.getElementById(%q)", "operations-"+id)
}

// TestReferencePaths reads the API reference without a token, with and without a slash at the end.
func TestReferencePaths(t *testing.T) {
	t.Parallel()
	anyone := harness.Start(t, harness.Env(storetest.SQLite(t))).Anonymous()
	for path, contentType := range map[string]string{
		"/docs": "text/html; charset=utf-8", "/redoc": "text/html; charset=utf-8", "/openapi.json": "application/json",
		"/web/docs": "text/html; charset=utf-8", "/seed/redoc": "text/html; charset=utf-8", "/web/openapi.json": "application/json",
	} {
		var first harness.Answer
		for _, request := range [][2]string{{"GET", path}, {"GET", path + "/"}, {"HEAD", path}, {"HEAD", path + "/"}} {
			got := anyone.Send(request[0], request[1], "")
			if got.Status != 200 || got.Header.Get("Content-Type") != contentType || got.Header.Get("Cache-Control") != "no-cache" {
				t.Errorf("%s = %d %v", request, got.Status, got.Header)
			}
			if first.Body == "" {
				first = got
			}
			if request[0] == "GET" && got.Body != first.Body || request[0] == "HEAD" && got.Body != "" {
				t.Errorf("%s has a body of %d bytes", request, len(got.Body))
			}
		}
		if got := anyone.Send("POST", path, "{}"); got.Status != 405 || got.Header.Get("Allow") != "GET" {
			t.Errorf("POST %s = %d, Allow %s", path, got.Status, got.Header.Get("Allow"))
		}
		if contentType != "application/json" {
			continue
		}
		etag := first.Header.Get("ETag")
		if again := anyone.Send("GET", path, "", "If-None-Match", etag); etag == "" || again.Status != 304 || again.Body != "" {
			t.Errorf("GET %s again = %d, ETag %s", path, again.Status, etag)
		}
	}
}

// TestReDocInBrowser reads and searches the page of ReDoc.
func TestReDocInBrowser(t *testing.T) {
	t.Parallel()
	s := harness.Start(t, harness.Env(storetest.SQLite(t)))
	page := openBrowser(t)
	page.do(chromedp.Navigate(s.URL + "/redoc"))
	page.waitFor("reference", `document.getElementById("redoc")?.innerText`,
		"List tasks", "Create a task", "/api/{user_id}/tasks", "Idempotency-Key", "Water the plants")
	page.do(chromedp.SendKeys(chromedp.CSS(`[role="search"] input`), "toggle"))
	page.waitFor("search result", `document.querySelector('[data-role="search:results"]')?.innerText`, "Complete or toggle a task")
	page.checkTraffic(s.URL)
}
