package signin

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"taskql/e2e/harness"
)

// snippets are the files that pages show, in their order.
var snippets = map[string][]string{"docs/sign-in.md": {"auth.ts", "token.ts", "apollo.ts", "urql.ts"}, "docs/agents.md": {"agents.ts"}}

// compileSnippets checks the snippets with TypeScript and returns the directory of what it made of
// them, with other addresses than the page. Pairs are what to replace.
func compileSnippets(t *testing.T, pairs ...string) string {
	t.Helper()
	harness.InstallClients(t, "clients")
	clients := harness.File("clients")
	dir := t.TempDir()
	tsc := exec.CommandContext(t.Context(), filepath.Join(clients, "node_modules/.bin/tsc"), "-p", "snippets", "--noEmit", "false", "--outDir", dir)
	tsc.Dir = clients
	if out, err := tsc.CombinedOutput(); err != nil {
		t.Fatalf("tsc: %v\n%s", err, out)
	}
	// Bundlers find modules without their extension; Node does not.
	replacer := strings.NewReplacer(append(pairs, "'./token'", "'./token.js'")...)
	for _, name := range slices.Concat(slices.Collect(maps.Values(snippets))...) {
		path := filepath.Join(dir, strings.TrimSuffix(name, ".ts")+".js")
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(replacer.Replace(string(text))), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "package.json"), []byte(`{"type":"module"}`), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(clients, "node_modules"), filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// The clients of docs/sign-in.md, whose first token has expired: they fetch another one and repeat the request. If the new
// one has expired too, they return the error.
func testFrontEnds(t *testing.T, servers *authServers) {
	ada := servers.start(t, nil).signUp("Ada")
	s := startTrusting(t, ada.authServer)
	dir := compileSnippets(t, "http://localhost:3000", ada.url, "http://localhost:8000", s.URL)
	for _, name := range []string{"apollo", "urql"} {
		for _, expired := range []int{0, 1} {
			got := useFrontEnd(t, ada, dir, name, expired)
			for _, viewer := range append(got.Together, got.Later, got.AfterForgetting) {
				if viewer != ada.id {
					t.Errorf("%s with %d expired tokens: viewer = %q, want %q", name, expired, viewer, ada.id)
				}
			}
			if got.Tokens != 1+expired || got.TokensAtLast != 2+expired {
				t.Errorf("%s with %d expired tokens fetched %d tokens, then %d; want %d, then %d",
					name, expired, got.Tokens, got.TokensAtLast, 1+expired, 2+expired)
			}
		}
		got := useFrontEnd(t, ada, dir, name, 1000)
		if !strings.Contains(got.Later, "has expired") || got.Tokens > 10 {
			t.Errorf("%s with expired tokens only: %q with %d tokens, want the server's error after one more", name, got.Later, got.Tokens)
		}
	}
}

type frontEnd struct {
	// Together, Later and AfterForgetting are ids of the viewer, or errors.
	Together               []string
	Later, AfterForgetting string
	// Tokens is how many were fetched for Together.
	Tokens, TokensAtLast int
}

func useFrontEnd(t *testing.T, p *person, dir, name string, expired int) (result frontEnd) {
	t.Helper()
	p.do("expire", options{"tokens": expired})
	node := exec.CommandContext(t.Context(), "node", "front-end.mjs", dir, name)
	node.Dir = harness.File("clients")
	node.Env = append(os.Environ(), "AUTH_URL="+p.url, "COOKIE="+p.cookie())
	out, err := node.Output()
	if err != nil {
		t.Fatalf("node front-end.mjs %s: %v\n%s", name, err, stderrOf(err))
	}
	if err := json.Unmarshal(out, &result); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	return result
}

func stderrOf(err error) []byte {
	if exit, ok := err.(*exec.ExitError); ok {
		return exit.Stderr
	}
	return nil
}

// A server with the configuration of docs/sign-in.md issues tokens that taskql accepts.
func testSnippetAuth(t *testing.T, servers *authServers) {
	ada := servers.start(t, options{"configuration": filepath.Join(compileSnippets(t), "auth.js")}).signUp("Ada")
	s := startTrusting(t, ada.authServer)
	c := s.With(ada.id, ada.token())
	worksInBothAPIs(c)
	wantIdentity(c, ada.id, ada.email, ada.name)
}

var typescript = regexp.MustCompile("(?s)```ts\n(.*?)```")

// TestPagesShowTheSnippets compares the files that are tested with those that the pages show.
func TestPagesShowTheSnippets(t *testing.T) {
	t.Parallel()
	for name, files := range snippets {
		page, err := os.ReadFile(harness.File(name))
		if err != nil {
			t.Fatal(err)
		}
		var shown, want []string
		for _, block := range typescript.FindAllStringSubmatch(string(page), -1) {
			shown = append(shown, block[1])
		}
		for _, file := range files {
			text, err := os.ReadFile(filepath.Join(harness.File("clients/snippets"), file))
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, string(text))
		}
		if !slices.Equal(shown, want) {
			t.Errorf("%s shows %d blocks of TypeScript:\n%s\nwant the files in clients/snippets: %v", name, len(shown), strings.Join(shown, "\n"), files)
		}
	}
}
