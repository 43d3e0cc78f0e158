package agents

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"taskql/e2e/harness"
)

// bearer sends a token with each request.
type bearer string

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+string(b))
	return http.DefaultTransport.RoundTrip(r)
}

// agent is a client that is connected as a user.
type agent struct {
	t *testing.T
	*mcp.ClientSession
}

func mustConnect(t *testing.T, transport mcp.Transport) agent {
	t.Helper()
	session, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil).Connect(t.Context(), transport, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = session.Close() })
	return agent{t, session}
}

func agentAs(t *testing.T, s *harness.Server, user string) agent {
	t.Helper()
	return mustConnect(t, &mcp.StreamableClientTransport{
		Endpoint: s.URL + "/mcp", HTTPClient: &http.Client{Transport: bearer(harness.Token(t, user))}, DisableStandaloneSSE: true,
	})
}

// call returns the content of a call, and whether it is an error. A result is the same as text and as structured content; an error is text.
func (a agent) call(tool, arguments string) (content map[string]any, failed bool) {
	a.t.Helper()
	result, err := a.CallTool(a.t.Context(), &mcp.CallToolParams{Name: tool, Arguments: json.RawMessage(arguments)})
	if err != nil {
		a.t.Fatalf("%s %s: %v", tool, arguments, err)
	}
	text := result.Content[0].(*mcp.TextContent).Text
	if err := json.Unmarshal([]byte(text), &content); err != nil {
		a.t.Fatalf("%s %s = %q, want JSON", tool, arguments, text)
	}
	if structured, _ := result.StructuredContent.(map[string]any); result.IsError != (structured == nil) || !result.IsError && !reflect.DeepEqual(structured, content) {
		a.t.Fatalf("%s %s = %q, %v", tool, arguments, text, structured)
	}
	return content, result.IsError
}

// task calls a tool that returns a task.
func (a agent) task(tool, arguments string) map[string]any {
	a.t.Helper()
	content, failed := a.call(tool, arguments)
	task, _ := content["task"].(map[string]any)
	if failed || task == nil {
		a.t.Fatalf("%s %s = %v", tool, arguments, content)
	}
	return task
}

// titles returns those of a list.
func (a agent) titles(arguments string) (titles []string) {
	a.t.Helper()
	content, failed := a.call("list_tasks", arguments)
	if failed {
		a.t.Fatalf("list_tasks %s = %v", arguments, content)
	}
	for _, task := range content["tasks"].([]any) {
		titles = append(titles, task.(map[string]any)["title"].(string))
	}
	return titles
}

// TestTools works with tasks as an agent does, on both databases.
func TestTools(t *testing.T) {
	t.Parallel()
	harness.EachServer(t, func(t *testing.T, s *harness.Server) {
		a := agentAs(t, s, "ada")
		milk := a.task("add_task", `{"title": " Buy milk ", "priority": "high", "tags": ["home"], "due": "2026-03-01", "description": "Two litres", "user_id": "ada"}`)
		if milk["title"] != "Buy milk" || milk["priority"] != "HIGH" || milk["due"] != "2026-03-01" || milk["completed"] != false || milk["description"] != "Two litres" {
			t.Errorf("add_task = %v", milk)
		}
		call := a.task("add_task", `{"title": "Call", "due": "2026-03-01T09:00:00+01:00"}`)
		if call["due"] != "2026-03-01T08:00:00Z" || call["priority"] != "MEDIUM" {
			t.Errorf("add_task = %v", call)
		}
		id := fmt.Sprint(milk["id"])
		if again := a.task("get_task", `{"task_id": "`+id+`"}`); again["title"] != "Buy milk" || again["version"] != milk["version"] {
			t.Errorf("get_task = %v", again)
		}
		if changed := a.task("update_task", `{"task_id": `+id+`, "due": "2026-03-02T10:30", "description": null, "tags": []}`); changed["due"] != "2026-03-02T10:30:00" || changed["description"] != nil || len(changed["tags"].([]any)) != 0 || changed["title"] != "Buy milk" {
			t.Errorf("update_task = %v", changed)
		}
		for _, step := range []struct{ tool, list, want string }{
			{"complete_task", `{}`, "Call"}, {"complete_task", `{"status": "completed"}`, "Buy milk"}, {"reopen_task", `{"search": "MILK"}`, "Buy milk"},
			{"delete_task", `{"status": "all"}`, "Call"}, {"delete_task", `{"status": "trash"}`, "Buy milk"}, {"restore_task", `{"priority": "HIGH"}`, "Buy milk"},
		} {
			a.task(step.tool, `{"task_id": `+id+`}`)
			if got := a.titles(step.list); !slices.Equal(got, []string{step.want}) {
				t.Errorf("after %s, list_tasks %s = %q, want %q", step.tool, step.list, got, step.want)
			}
		}
		page, _ := a.call("list_tasks", `{"limit": 1}`)
		cursor, _ := page["next_cursor"].(string)
		if got := a.titles(`{"limit": 1, "cursor": "` + cursor + `"}`); !slices.Equal(got, []string{"Buy milk"}) {
			t.Errorf("the second page = %q", got)
		}
		if stats, failed := a.call("task_stats", `{"time_zone": "Asia/Tokyo"}`); failed || stats["total"] != 2.0 || stats["overdue"] != 2.0 {
			t.Errorf("task_stats = %v", stats)
		}
		// The same task, by the other API.
		if got := s.As("ada").GraphQL(`{ task(id: ` + id + `) { title } }`); !strings.Contains(got.Body, "Buy milk") {
			t.Errorf("GraphQL = %s", got.Body)
		}
		eve := agentAs(t, s, "eve")
		for _, tool := range []string{"get_task", "update_task", "complete_task", "reopen_task", "delete_task", "restore_task"} {
			wantFault(t, eve, tool, `{"task_id": `+id+`}`, "NOT_FOUND", "task_id")
		}
		if got := eve.titles(`{"status": "all"}`); len(got) != 0 {
			t.Errorf("another user's list = %q", got)
		}
	})
}

// wantFault calls a tool and wants its first error to have a code and a path.
func wantFault(t *testing.T, a agent, tool, arguments, code, path string) {
	t.Helper()
	content, failed := a.call(tool, arguments)
	if !failed {
		t.Errorf("%s %.100s = %v, want %s", tool, arguments, content, code)
		return
	}
	fault := content["errors"].([]any)[0].(map[string]any)
	steps, _ := fault["path"].([]any)
	got := strings.ReplaceAll(strings.Trim(fmt.Sprint(steps), "[]"), " ", ".")
	if fault["code"] != code || got != path || fault["message"] == "" {
		t.Errorf("%s %.100s = %v, want %s at %q", tool, arguments, fault, code, path)
	}
}

// TestBadArguments wants a coded error with the path of the argument for each.
func TestBadArguments(t *testing.T) {
	t.Parallel()
	harness.EachServer(t, func(t *testing.T, s *harness.Server) {
		a := agentAs(t, s, "ada")
		for _, tt := range []struct{ tool, arguments, code, path string }{
			{"add_task", `{}`, "BAD_USER_INPUT", "title"},
			{"add_task", `{"title": " "}`, "BLANK", "title"},
			{"add_task", `{"title": 5}`, "BAD_USER_INPUT", "title"},
			{"add_task", `{"title": "` + strings.Repeat("x", 201) + `"}`, "TOO_LONG", "title"},
			{"add_task", `{"title": "x", "priority": "soon"}`, "BAD_USER_INPUT", "priority"},
			{"add_task", `{"title": "x", "due": "tomorrow"}`, "BAD_USER_INPUT", "due"},
			{"add_task", `{"title": "x", "tags": "home"}`, "BAD_USER_INPUT", "tags"},
			{"add_task", `{"title": "x", "tags": ["ok", " "]}`, "BLANK", "tags.1"},
			{"add_task", `{"title": "x", "titel": "y"}`, "BAD_USER_INPUT", "titel"},
			{"add_task", `{"title": "x", "user_id": "eve"}`, "FORBIDDEN", "user_id"},
			{"add_task", `{"title": "x", "description": "` + strings.Repeat("x", 1<<20) + `"}`, "BAD_USER_INPUT", ""},
			{"add_task", `{"title": "x", "tags": ` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`, "BAD_USER_INPUT", "tags" + strings.Repeat(".0", 31)},
			{"get_task", `{}`, "BAD_USER_INPUT", "task_id"},
			{"get_task", `{"task_id": null}`, "BAD_USER_INPUT", "task_id"},
			{"get_task", `{"task_id": true}`, "BAD_USER_INPUT", "task_id"},
			{"get_task", `{"task_id": "milk"}`, "NOT_FOUND", "task_id"},
			{"get_task", `{"task_id": 1e3}`, "NOT_FOUND", "task_id"},
			{"update_task", `{"task_id": 1, "title": null}`, "NOT_FOUND", "task_id"},
			{"list_tasks", `{"status": "later"}`, "BAD_USER_INPUT", "status"},
			{"list_tasks", `{"limit": 0}`, "BAD_PAGE_SIZE", "limit"},
			{"list_tasks", `{"limit": 101}`, "BAD_PAGE_SIZE", "limit"},
			{"list_tasks", `{"limit": 1.5}`, "BAD_USER_INPUT", "limit"},
			{"list_tasks", `{"cursor": "nowhere"}`, "BAD_CURSOR", "cursor"},
			{"list_tasks", `{"due": "SOMEDAY"}`, "BAD_USER_INPUT", "due"},
			{"task_stats", `{"time_zone": "Mars"}`, "BAD_USER_INPUT", "time_zone"},
		} {
			wantFault(t, a, tt.tool, tt.arguments, tt.code, tt.path)
		}
		if got := a.titles(`{"status": "all"}`); len(got) != 0 {
			t.Errorf("bad calls made %q", got)
		}
		if _, err := a.CallTool(t.Context(), &mcp.CallToolParams{Name: "drop_table"}); err == nil || !strings.Contains(err.Error(), "drop_table") {
			t.Errorf("an unknown tool = %v, want an error of the protocol", err)
		}
	})
}

// TestDescriptions lists the tools, as a model sees them.
func TestDescriptions(t *testing.T) {
	t.Parallel()
	harness.EachServer(t, func(t *testing.T, s *harness.Server) {
		tools, err := agentAs(t, s, "ada").ListTools(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, tool := range tools.Tools {
			hints := ""
			for hint, set := range map[string]bool{"+": tool.Annotations.ReadOnlyHint, "!": *tool.Annotations.DestructiveHint, "=": tool.Annotations.IdempotentHint} {
				if set {
					hints += hint
				}
			}
			letters := strings.Split(hints, "")
			slices.Sort(letters)
			got = append(got, tool.Name+strings.Join(letters, ""))
			if tool.Description == "" || tool.OutputSchema == nil {
				t.Errorf("%s has no description or no output schema", tool.Name)
			}
		}
		slices.Sort(got)
		want := []string{"add_task", "complete_task=", "delete_task!=", "get_task+=", "list_tasks+=", "reopen_task=", "restore_task=", "task_stats+=", "update_task="}
		if !slices.Equal(got, want) {
			t.Errorf("tools = %q, want %q", got, want)
		}
	})
}

// TestSignIn sends requests without a valid token, and from a page elsewhere.
func TestSignIn(t *testing.T) {
	t.Parallel()
	harness.EachServer(t, func(t *testing.T, s *harness.Server) {
		const ping = `{"jsonrpc": "2.0", "id": 1, "method": "ping"}`
		accept := []string{"Accept", "application/json, text/event-stream", "Content-Type", "application/json"}
		for token, want := range map[string]string{
			"": `Bearer resource_metadata="` + s.URL + `/.well-known/oauth-protected-resource/mcp"`, "nonsense": `Bearer error="invalid_token", resource_metadata="` + s.URL + `/.well-known/oauth-protected-resource/mcp"`,
		} {
			got := s.With("ada", token).Send("POST", "/mcp", ping, accept...)
			if got.Status != 401 || got.Header.Get("WWW-Authenticate") != want {
				t.Errorf("POST with the token %q = %d, %s, want %s", token, got.Status, got.Header.Get("WWW-Authenticate"), want)
			}
		}
		if got := s.As("ada").Send("POST", "/mcp", ping, append(accept, "Origin", "https://evil.example")...); got.Status != 403 {
			t.Errorf("POST from a page elsewhere = %d %s", got.Status, got.Body)
		}
		if got := s.As("ada").Send("POST", "/mcp", ping, append(accept, "Origin", "http://localhost:3000")...); got.Status != 200 {
			t.Errorf("POST from a page of CORS_ORIGINS = %d %s", got.Status, got.Body)
		}
		if got := s.As("ada").Send("POST", "/mcp", `{"jsonrpc": "2.0", "id": 1`, accept...); got.Status != 400 {
			t.Errorf("POST of half a message = %d %s", got.Status, got.Body)
		}
		for _, path := range []string{"/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp"} {
			if got := s.Anonymous().Send("GET", path, ""); got.Status != 200 || !strings.Contains(got.Body, `"resource":"`+s.URL+`/mcp"`) {
				t.Errorf("GET %s = %d %s", path, got.Status, got.Body)
			}
		}
	})
}

// TestCommand has an agent start taskql mcp.
func TestCommand(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	command := func(env ...string) *exec.Cmd {
		c := exec.Command(harness.Build(t), "mcp")
		c.Dir, c.Env, c.Stderr = dir, append(env, "PATH="+os.Getenv("PATH")), t.Output()
		return c
	}
	a := mustConnect(t, &mcp.CommandTransport{Command: command()})
	a.task("add_task", `{"title": "by an agent", "user_id": "dev"}`)
	if err := a.Close(); err != nil {
		t.Error(err)
	}
	signedIn := mustConnect(t, &mcp.CommandTransport{Command: command("BETTER_AUTH_SECRET="+harness.Secret, "TASKQL_TOKEN="+harness.Token(t, "ada"))})
	if got := signedIn.titles(`{"status": "all"}`); len(got) != 0 {
		t.Errorf("ada's tasks are those of the development user: %q", got)
	}
	for _, env := range [][]string{{"BETTER_AUTH_SECRET=" + harness.Secret}, {"BETTER_AUTH_SECRET=" + harness.Secret, "TASKQL_TOKEN=nonsense"}} {
		c := command(env...)
		c.Stderr = nil
		if out, err := c.Output(); err == nil || len(out) > 0 || !strings.Contains(string(err.(*exec.ExitError).Stderr), "TASKQL_TOKEN") {
			t.Errorf("taskql mcp with %q = %v, %s", env, err, out)
		}
	}
}
