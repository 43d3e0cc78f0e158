package graphql

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// TestTrustedClients runs the compilers of front ends, which write manifests, and the front ends' clients, which send
// ids: on a server that runs the documents of the manifests only, and on one without manifests.
func TestTrustedClients(t *testing.T) {
	t.Parallel()
	harness.InstallClients(t, "clients/documents")
	compile := exec.CommandContext(t.Context(), "node", "compile.mjs")
	compile.Dir = harness.File("clients/documents")
	if out, err := compile.CombinedOutput(); err != nil {
		t.Fatalf("node compile.mjs: %v\n%s", err, out)
	}
	env := harness.Env(storetest.SQLite(t))
	var manifests []string
	for _, name := range []string{"apollo.json", "relay.json", "codegen/persisted-documents.json"} {
		manifests = append(manifests, harness.File("clients/documents/built/"+name))
	}
	env["TRUSTED_DOCUMENTS"], env["TRUSTED_DOCUMENTS_ONLY"] = strings.Join(manifests, ","), "true"
	s, open := harness.Start(t, env), harness.Start(t, harness.Env(storetest.SQLite(t)))
	harness.RunNode(t, s, "clients/documents", "TASKQL_OPEN_URL="+open.URL)
}

// TestRecipes takes the files out of docs/clients.md, runs the generators and the type checker on them, and runs the clients
// that they make.
func TestRecipes(t *testing.T) {
	t.Parallel()
	harness.InstallClients(t, "clients/documents")
	s := harness.Start(t, harness.Env(storetest.SQLite(t)))
	build := exec.CommandContext(t.Context(), "node", "recipes/build.mjs")
	build.Dir, build.Env = harness.File("clients/documents"), append(os.Environ(), "TASKQL_URL="+s.URL)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("node recipes/build.mjs: %v\n%s", err, out)
	}
	harness.RunNode(t, s, "clients/documents/recipes/built/checks")
}

// TestDocumentIDs sends the id of a document in every form, over every transport.
func TestDocumentIDs(t *testing.T) {
	t.Parallel()
	const (
		viewer = "query Viewer { viewer { id } }"
		create = "mutation Create($title: String!) { createTask(input: {title: $title}) { task { title } } }"
		live   = "subscription Live { taskChanged { task { title } } }"
		two    = "query One { viewer { id } } query Two { viewer { name } }"
	)
	dear := "{ " + numbered(strings.Repeat("a%d: tasks(first: 100) { nodes { id title description tags } } ", 20)) + "}"
	manifest, err := json.Marshal(map[string]string{"viewer": viewer, "create": create, "live": live, "two": two})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "manifest.json")
	if err := os.WriteFile(file, manifest, 0o600); err != nil {
		t.Fatal(err)
	}
	hash := func(text string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(text))) }
	env := harness.Env(storetest.SQLite(t))
	env["TRUSTED_DOCUMENTS"] = file
	both := harness.Start(t, env).As("u")
	env = maps.Clone(env)
	env["TRUSTED_DOCUMENTS_ONLY"] = "true"
	env["DATABASE_URL"] = storetest.SQLite(t)
	only := harness.Start(t, env).As("u")
	apq := func(hash string) string {
		return fmt.Sprintf(`{"persistedQuery": {"version": 1, "sha256Hash": %q}}`, hash)
	}
	const found, missing, refused, bad = `{"data":{"viewer":{"id":"u"}}}`, "PERSISTED_QUERY_NOT_FOUND", "PERSISTED_QUERY_ONLY", "BAD_USER_INPUT"
	for _, tt := range []struct{ name, body, both, only string }{
		{"documentId", `{"documentId": "viewer"}`, found, found},
		{"documentId with a hash", `{"documentId": "sha256:` + hash(viewer) + `"}`, found, found},
		{"documentId with a hash alone", `{"documentId": "` + hash(viewer) + `"}`, found, found},
		{"doc_id", `{"doc_id": "viewer"}`, found, found},
		{"id", `{"id": "viewer", "query": ""}`, found, found},
		{"documentId before id", `{"documentId": "viewer", "id": "create", "doc_id": "create"}`, found, found},
		{"doc_id before id", `{"id": "create", "doc_id": "viewer", "query": null}`, found, found},
		{"persistedQuery", `{"extensions": ` + apq("viewer") + `}`, found, found},
		{"persistedQuery with a hash", `{"extensions": ` + apq(hash(viewer)) + `}`, found, found},
		{"an operation of two", `{"documentId": "two", "operationName": "One"}`, found, found},
		{"no operation of two", `{"documentId": "two"}`, "GRAPHQL_VALIDATION_FAILED", "GRAPHQL_VALIDATION_FAILED"},
		{"the text of a trusted document", `{"query": "` + viewer + `"}`, found, found},
		{"the text and its id", `{"query": "` + viewer + `", "documentId": "viewer"}`, found, found},
		{"the text and its hash", `{"query": "` + viewer + `", "extensions": ` + apq(hash(viewer)) + `}`, found, found},
		{"the text and another's id", `{"query": "` + viewer + `", "documentId": "live"}`, bad, bad},
		{"the text and another's hash", `{"query": "` + viewer + `", "extensions": ` + apq(hash(live)) + `}`, bad, bad},
		{"the text and a wrong hash", `{"query": "` + viewer + `", "extensions": ` + apq(strings.Repeat("0", 64)) + `}`, bad, bad},
		{"the text and a prefixed wrong hash", `{"query": "` + viewer + `", "documentId": "sha256:0"}`, bad, bad},
		{"an id that means something else", `{"query": "` + viewer + `", "id": "live", "doc_id": 7}`, found, found},
		{"an unknown id", `{"documentId": "nobody's"}`, missing, missing},
		{"an unknown hash", `{"extensions": ` + apq(hash("{ viewer { id } }")) + `}`, missing, missing},
		{"another text", `{"query": "{ viewer { id } }"}`, found, refused},
		{"introspection", `{"query": "{ __typename }"}`, `{"data":{"__typename":"Query"}}`, refused},
		{"another text with its hash", `{"query": "{ viewer { id } }", "extensions": ` + apq(hash("{ viewer { id } }")) + `}`, found, refused},
		{"that hash afterwards", `{"extensions": ` + apq(hash("{ viewer { id } }")) + `}`, found, missing},
		{"a text that is not valid, with its hash", `{"query": "{ nothing }", "extensions": ` + apq(hash("{ nothing }")) + `}`, "GRAPHQL_VALIDATION_FAILED", refused},
		{"that hash afterwards", `{"extensions": ` + apq(hash("{ nothing }")) + `}`, missing, missing},
		{"a text beyond the limits, with its hash", `{"query": "` + dear + `", "extensions": ` + apq(hash(dear)) + `}`, "COMPLEXITY_LIMIT", refused},
		{"that hash afterwards", `{"extensions": ` + apq(hash(dear)) + `}`, missing, missing},
		{"documentId no text", `{"documentId": 5}`, bad, bad},
		{"another version", `{"extensions": {"persistedQuery": {"version": 2, "sha256Hash": "viewer"}}}`, bad, bad},
		{"no version", `{"extensions": {"persistedQuery": {"sha256Hash": "viewer"}}}`, bad, bad},
		{"no hash", `{"extensions": {"persistedQuery": {"version": 1}}}`, bad, bad},
		{"persistedQuery no object", `{"extensions": {"persistedQuery": [1]}}`, bad, bad},
		{"nothing", `{"variables": {}}`, bad, bad},
		{"empty", `{"documentId": "", "id": 5, "doc_id": null}`, bad, bad},
	} {
		for c, want := range map[*harness.Client]string{both: tt.both, only: tt.only} {
			a := c.Send("POST", "/graphql", tt.body)
			if code, _, _ := a.Problem(t); a.Body != want && code != want {
				t.Errorf("%s: %d %s, want %s", tt.name, a.Status, a.Body, want)
			}
		}
	}

	get := func(parameters ...string) harness.Answer {
		query := url.Values{}
		for i := 0; i < len(parameters); i += 2 {
			query.Set(parameters[i], parameters[i+1])
		}
		return only.Send("GET", "/graphql?"+query.Encode(), "", "Accept", "application/graphql-response+json")
	}
	for _, name := range []string{"documentId", "doc_id", "id"} {
		if a := get(name, "viewer"); a.Status != 200 || a.Body != found {
			t.Errorf("GET with %s = %d %s", name, a.Status, a.Body)
		}
	}
	for _, parameters := range [][]string{{"documentId", "create", "variables", `{"title": "no"}`}, {"extensions", apq("create"), "variables", `{"title": "no"}`}} {
		if a := get(parameters...); a.Status != 405 || a.Header.Get("Allow") != "POST" {
			t.Errorf("GET of a mutation with %s = %d %s, want 405", parameters[0], a.Status, a.Body)
		}
	}
	if a := get("documentId", "none"); a.Status != 400 || !strings.Contains(a.Body, `"message":"PersistedQueryNotFound"`) {
		t.Errorf("GET of no document = %d %s, want 400 with the message that clients look for", a.Status, a.Body)
	}
	if a := get("operationName", "x"); a.Status != 400 || !strings.Contains(a.Body, "names no document") {
		t.Errorf("GET of nothing = %d %s", a.Status, a.Body)
	}

	ws := only.Socket(t, harness.TransportWS)
	ws.SignIn(only.Token)
	ws.Send(`{"type": "subscribe", "id": "1", "payload": {"documentId": "create", "variables": {"title": "9007199254740993"}}}`)
	if got := ws.Receive("next", "error"); !strings.Contains(got, `{"task":{"title":"9007199254740993"}}`) {
		t.Errorf("create over a WebSocket = %s", got)
	}
	ws.Send(`{"type": "subscribe", "id": "2", "payload": {"query": "{ viewer { id } }"}}`)
	if got := ws.Receive("next", "error"); !strings.Contains(got, refused) {
		t.Errorf("another document over a WebSocket = %s", got)
	}
	ws.Send(`{"type": "subscribe", "id": "3", "payload": {"extensions": ` + apq("none") + `}}`)
	if got := ws.Receive("next", "error"); !strings.Contains(got, missing) {
		t.Errorf("an unknown document over a WebSocket = %s", got)
	}
	if a := only.Send("POST", "/graphql", `{"id": "viewer"}`, "Accept", "text/event-stream"); !strings.Contains(a.Body, "data: "+found) {
		t.Errorf("an event stream = %s", a.Body)
	}
}
