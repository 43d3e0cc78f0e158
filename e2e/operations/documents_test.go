package operations

import (
	"os"
	"strings"
	"testing"

	"taskql/e2e/harness"
)

// TestWrongDocuments starts the program with manifests that it cannot use. It ends before it opens the database, with one sentence that names
// the setting and the fault.
func TestWrongDocuments(t *testing.T) {
	for _, tt := range []struct{ name, manifest, want string }{
		{"no manifest", `[]`, "TRUSTED_DOCUMENTS: queries.json: the file is not a JSON object"},
		{"no such field", `{"good": "{ viewer { id } }", "bad": "query TaskList {\n  tasks { nodes { titel } }\n}"}`,
			`TRUSTED_DOCUMENTS: queries.json: the document "bad" (TaskList), line 2, column 19: Cannot query field "titel" on type "Task".`},
		{"no GraphQL", `{"bad": "query {"}`, `TRUSTED_DOCUMENTS: queries.json: the document "bad", line 1, column 8: Expected Name`},
		{"no operation", `{"bad": "fragment F on Task { id }"}`, `the document "bad" has no operation`},
		{"beyond the limits", `{"bad": "{ ` + strings.Repeat("viewer { id } ", 300) + `}"}`, `the document "bad": The document repeats fields`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			mustWrite(t, "queries.json", tt.manifest)
			environ := []string{"PORT=0", "TRUSTED_DOCUMENTS=queries.json"}
			for _, command := range [][]string{nil, {"check"}} {
				out, err := harness.Command(t, environ, command...)
				if err == nil || !strings.Contains(err.Error()+out, tt.want) || strings.Contains(err.Error(), "\n") {
					t.Errorf("taskql %s = %v\n%s, want %q", command, err, out, tt.want)
				}
			}
			if _, err := os.Stat("taskql.db"); err == nil {
				t.Error("the program has made a database")
			}
		})
	}
	for environ, want := range map[string]string{
		"TRUSTED_DOCUMENTS=nowhere.json": "TRUSTED_DOCUMENTS: open nowhere.json",
		"TRUSTED_DOCUMENTS_ONLY=true":    "TRUSTED_DOCUMENTS_ONLY needs TRUSTED_DOCUMENTS",
		"TRUSTED_DOCUMENTS_ONLY=perhaps": "TRUSTED_DOCUMENTS_ONLY is \"perhaps\"",
	} {
		t.Run(environ, func(t *testing.T) {
			t.Chdir(t.TempDir())
			if _, err := harness.Command(t, []string{"PORT=0", environ}); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("run = %v, want %q", err, want)
			}
		})
	}
}

// TestCheckDocuments has check report the documents of several manifests.
func TestCheckDocuments(t *testing.T) {
	t.Chdir(t.TempDir())
	mustWrite(t, "one.json", `{"a": "{ viewer { id } }", "b": "{ viewer { name } }"}`)
	mustWrite(t, "two.json", `{"a": "{ viewer { id } }", "c": "{ viewer { email } }"}`)
	environ := []string{"TRUSTED_DOCUMENTS=one.json, two.json"}
	for more, want := range map[string]string{"": "3 trusted documents; others", "TRUSTED_DOCUMENTS_ONLY=true": "3 trusted documents, and no others"} {
		if out, err := harness.Command(t, append(environ, more), "check"); err != nil || !strings.Contains(out, want) {
			t.Errorf("check with %q = %v\n%s, want %q", more, err, out, want)
		}
	}
}

func mustWrite(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
