package signin

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"taskql/e2e/harness"
)

// An agent of the official SDK gets its token from Better Auth's OAuth plugin, configured as in docs/agents.md, and adds a task. taskql
// is behind a proxy, so that its address is known before it starts.
func testAgents(t *testing.T, servers *authServers) {
	harness.InstallClients(t, "clients/agents")
	proxy := harness.NewProxy(t, "127.0.0.1:9")
	public := "http://" + proxy.Address
	a := servers.start(t, options{"configuration": filepath.Join(compileSnippets(t, "https://tasks.example.com", public), "agents.js")})
	ada := a.signUp("Ada")
	s := startTrusting(t, a, "PUBLIC_URL", public)
	proxy.Move(strings.TrimPrefix(s.URL, "http://"))

	node := exec.CommandContext(t.Context(), "node", "authorize.mjs")
	node.Dir = harness.File("clients/agents")
	node.Env = append(os.Environ(), "TASKQL_URL="+public, "AUTH_URL="+a.url, "COOKIE="+ada.cookie())
	out, err := node.Output()
	if err != nil {
		t.Fatalf("node authorize.mjs: %v\n%s\n%s", err, stderrOf(err), s.Out)
	}
	var got struct {
		Refused      bool
		Title, Token string
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	if !got.Refused || got.Title != "Added by an agent" {
		t.Errorf("the agent was refused at first: %t; then it added %q", got.Refused, got.Title)
	}
	// Ada sees the task in her front end.
	c := s.With(ada.id, ada.token())
	if tasks := c.Send("GET", c.Tasks(), ""); !strings.Contains(tasks.Body, "Added by an agent") {
		t.Errorf("GET the tasks = %d %s", tasks.Status, tasks.Body)
	}
	// The agent cannot do more than its tools.
	wantRefused(s.With(ada.id, got.Token), "an agent's token", "the token is for agents")
}
