// Package contract compares what the APIs promise with what they promised in the last release.
package contract

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oasdiff/oasdiff/checker"
	"github.com/oasdiff/oasdiff/diff"
	"github.com/oasdiff/oasdiff/load"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

var accept = flag.Bool("accept", false, "make the present contract the released one")

// contracts are the files in released/ and where a server has the present text of each.
var contracts = []struct{ file, path string }{
	{"schema.graphqls", "/schema.graphql"},
	{"seed.json", "/seed/openapi.json"},
	{"web.json", "/web/openapi.json"},
}

// TestContract fails for a change that may break a client of the last release: one that it may have to be changed or generated again for.
func TestContract(t *testing.T) {
	t.Parallel()
	s := harness.Start(t, harness.Env(storetest.SQLite(t))).Anonymous()
	for _, c := range contracts {
		a := s.Send("GET", c.path, "")
		if a.Status != 200 {
			t.Fatalf("GET %s = %d %.100s", c.path, a.Status, a.Body)
		}
		present := []byte(a.Body)
		if strings.HasSuffix(c.file, ".json") {
			var lines bytes.Buffer
			if err := json.Indent(&lines, present, "", "  "); err != nil {
				t.Fatal(err)
			}
			present = append(lines.Bytes(), '\n')
		}
		released := filepath.Join("released", c.file)
		if *accept {
			write(t, released, present)
			continue
		}
		if found := breaks(t, released, present)[0]; len(found) > 0 {
			t.Errorf(`%s breaks clients of the last release:

  %s

The last release promised e2e/contract/%s.
If you did not mean to break it: add beside what is there, and deprecate the old field, argument or property.
If you did: run "make accept-contract", commit what it changes, and tell users in CHANGELOG.md what to do.`,
				c.path, strings.Join(found, "\n  "), released)
		}
	}
}

// TestNoticesBreaks makes changes to the released contract, of which some break clients.
func TestNoticesBreaks(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		file    string
		changes []change
	}{
		{"schema.graphqls", []change{
			{"  position: String!", "  place: String!", "Task.position: Field 'position' was removed from object type 'Task'"},
			{"  title: String!\n  \"Notes as", "  title: String\n  \"Notes as", "Task.title: Field 'Task.title' changed type from 'String!' to 'String'"},
			{"enum Priority {", "enum Priority {\n  NONE", ""},
			{"  LOW\n", "  LOWEST\n", "Priority.LOW: Enum value 'LOW' was removed from enum 'Priority'"},
			{"    id: ID!\n    \"The new position.\"", "    id: ID!\n    list: ID!\n    \"The new position.\"", "Mutation.moveTask.list: Argument 'list: ID!' added to field 'Mutation.moveTask'"},
			{"    id: ID!\n    \"The new position.\"", "    id: ID!\n    list: ID\n    \"The new position.\"", ""},
			{"input CreateTaskInput {", "input CreateTaskInput {\n  list: ID!", "CreateTaskInput.list: Input field 'list' of type 'ID!' was added to input object type 'CreateTaskInput'"},
			{"input CreateTaskInput {", "input CreateTaskInput {\n  list: ID", ""},
			{"first: Int! = 100", "first: Int! = 50", "Query.taskChanges.first: Default value for argument 'first' on field 'Query.taskChanges' changed from '100' to '50'"},
			{"type Task implements Node {", "type Task implements Node {\n  list: ID", ""},
			{"\"A task.\"", "\"A thing to do.\"", ""},
		}},
		{"seed.json", []change{
			{`"/api/{user_id}/tasks/{id}/complete"`, `"/api/{user_id}/tasks/{id}/finish"`, "PATCH /api/{user_id}/tasks/{id}/complete: API path removed without deprecation"},
			{"\"title\"\n        ],\n        \"title\": \"TaskCreate\"", "\"title\", \"tags\"\n        ],\n        \"title\": \"TaskCreate\"", "POST /api/{user_id}/tasks: the request property `tags` became required"},
			{"          \"total\",\n          \"pending\"", "          \"pending\"", "GET /api/{user_id}/stats: the response property `total` became optional"},
			{`"maxLength": 200`, `"maxLength": 100`, "`title`"},
			{`"version": "1"`, `"version": "2"`, ""},
			{`"summary": "`, `"summary": "New: `, ""},
		}},
	} {
		released := filepath.Join("released", tt.file)
		old := read(t, released)
		var revisions [][]byte
		for _, c := range tt.changes {
			revised := strings.Replace(old, c.from, c.to, 1)
			if revised == old {
				t.Fatalf("%s does not contain %q", released, c.from)
			}
			revisions = append(revisions, []byte(revised))
		}
		for i, found := range breaks(t, released, revisions...) {
			c := tt.changes[i]
			if got := strings.Join(found, "\n"); c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("%s with %q for %q breaks %q, want %q", tt.file, c.to, c.from, got, c.want)
			}
		}
	}
}

// change replaces a text of a contract by another one. want is in what it breaks, or "" for nothing.
type change struct{ from, to, want string }

// breaks returns, for each text, what of a released contract it breaks.
func breaks(t *testing.T, released string, texts ...[]byte) (found [][]string) {
	t.Helper()
	if strings.HasSuffix(released, ".json") {
		for _, text := range texts {
			found = append(found, documentBreaks(t, released, text))
		}
		return found
	}
	return schemaBreaks(t, released, texts)
}

// schemaBreaks compares GraphQL schemas with graphql-inspector.
func schemaBreaks(t *testing.T, released string, texts [][]byte) (found [][]string) {
	t.Helper()
	harness.InstallClients(t, "clients")
	args, dir := []string{harness.File("clients/contract.mjs"), released}, t.TempDir()
	for i, text := range texts {
		args = append(args, filepath.Join(dir, string(rune('a'+i))))
		write(t, args[len(args)-1], text)
	}
	var problem bytes.Buffer
	node := exec.CommandContext(t.Context(), "node", args...)
	node.Stderr = &problem
	out, err := node.Output()
	if err != nil {
		t.Fatalf("node contract.mjs: %v\n%s", err, &problem)
	}
	if err := json.Unmarshal(out, &found); err != nil || len(found) != len(texts) {
		t.Fatalf("node contract.mjs printed %s, %v", out, err)
	}
	return found
}

// documentBreaks compares OpenAPI documents with oasdiff.
func documentBreaks(t *testing.T, released string, text []byte) (found []string) {
	t.Helper()
	old, err := load.NewSpecInfo(openapi3.NewLoader(), load.NewSource(released))
	if err != nil {
		t.Fatal(err)
	}
	revised, err := load.NewSpecInfoFromData(openapi3.NewLoader(), text, "present")
	if err != nil {
		t.Fatal(err)
	}
	differences, operations, err := diff.GetWithOperationsSourcesMap(diff.NewConfig(), old, revised)
	if err != nil {
		t.Fatal(err)
	}
	config := checker.NewConfig(checker.GetAllChecks())
	for _, c := range checker.CheckBackwardCompatibility(config, differences, operations) {
		if c.IsBreaking() {
			found = append(found, c.GetOperation()+" "+c.GetPath()+": "+c.GetUncolorizedText(checker.NewDefaultLocalizer()))
		}
	}
	return found
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func write(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
}
