package persisted_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"taskql/persisted"
)

const (
	list = "{ tasks { nodes { id } } }"
	md5  = "5325e3cf19c6e20512177003ea2530b0"
)

// TestBadManifests reads files that are no manifests, or not whole. Each error names the file and says where the fault is.
func TestBadManifests(t *testing.T) {
	apollo := func(rest string) string {
		return `{"format": "apollo-persisted-query-manifest", "version": 1` + rest + `}`
	}
	big := `{"a": "` + strings.Repeat(" ", 50<<20) + `"}`
	for _, tt := range []struct{ name, text, want string }{
		{"empty", " \n", "the file is empty"},
		{"no JSON", "hello", "not JSON in UTF-8: see byte 0"},
		{"cut", `{"a": "{ viewer`, "not JSON in UTF-8: see byte 15"},
		{"no UTF-8", "{\"a\": \"\xff\"}", "not JSON in UTF-8: see byte 7"},
		{"a list", `["{ viewer { id } }"]`, "not a JSON object"},
		{"two values", `{"a": "{ viewer { id } }"} {}`, "more than one JSON value"},
		{"no documents", `{}`, "no documents"},
		{"no text", `{"a": 5}`, `the document "a" is not a text`},
		{"an empty text", `{"a": " "}`, `the document "a" is empty`},
		{"no id", `{"": "{ viewer { id } }"}`, "the id"},
		{"a long id", `{"` + strings.Repeat("x", 257) + `": "{ viewer { id } }"}`, "must have 1 to 256 bytes"},
		{"two texts", `{"a": "{ viewer { id } }", "b": "{ viewer { id } }", "a": "{ viewer { name } }"}`, `the id "a" has two different documents`},
		{"MD5", `{"` + strings.Repeat("0", 32) + `": "` + list + `"}`, "is not the MD5"},
		{"SHA-1", `{"` + strings.Repeat("0", 40) + `": "` + list + `"}`, "is not the SHA-1"},
		{"SHA-256", `{"` + strings.Repeat("0", 64) + `": "` + list + `"}`, "is not the SHA-256"},
		{"SHA-256 with a prefix", `{"sha256:abc": "` + list + `"}`, "is not the SHA-256"},
		{"Apollo's other version", strings.Replace(apollo(`, "operations": [{"id": "a", "body": "{ viewer { id } }"}]`), "1", "2", 1), "with version 2 is not known"},
		{"another format", `{"format": "mine", "a": "{ viewer { id } }"}`, `the format "mine"`},
		{"Apollo without operations", apollo(""), "no documents"},
		{"Apollo without a body", apollo(`, "operations": [{"id": "a", "body": "{ viewer { id } }"}, {"id": "b"}]`), "operation 2 has no id or no body"},
		{"Apollo's body no text", apollo(`, "operations": [{"id": "a", "body": 5}]`), "the value at /operations/0/body"},
		{"Apollo's two texts", apollo(`, "operations": [{"id": "a", "body": "{ viewer { id } }"}, {"id": "a", "body": "{ viewer { name } }"}]`), `the id "a" has two`},
		{"Apollo's hash", apollo(`, "operations": [{"id": "` + strings.Repeat("a", 64) + `", "body": "{ viewer { id } }"}]`), "is not the SHA-256"},
		{"50 MB", big, "more than 4 MiB"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := write(t, "bad.json", tt.text)
			_, err := persisted.Read([]string{file})
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), file+": ") || len(err.Error()) > 500 {
				t.Errorf("Read = %.600v, want %q with the file", err, tt.want)
			}
		})
	}
	_, err := persisted.Read([]string{"nowhere.json"})
	if err == nil || !strings.Contains(err.Error(), "nowhere.json") {
		t.Errorf("Read(nowhere.json) = %v", err)
	}
	if _, err := persisted.Read([]string{t.TempDir()}); err == nil {
		t.Error("a folder is read")
	}
	one, other := write(t, "one.json", `{"a": "{ viewer { id } }"}`), write(t, "other.json", `{"a": "{ viewer { name } }"}`)
	if _, err := persisted.Read([]string{one, other}); err == nil || !strings.Contains(err.Error(), other) || !strings.Contains(err.Error(), `"a"`) {
		t.Errorf("two files with different texts: %v", err)
	}
}

// TestManifests finds documents by their ids and by their hashes, whatever the manifest's ids are.
func TestManifests(t *testing.T) {
	hash := persisted.Hash(list)
	files := []string{
		write(t, "relay.json", fmt.Sprintf(`{%q: %q, "own": "{ viewer { id } }"}`, md5, list)),
		write(t, "apollo.json", fmt.Sprintf(`{"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{"id": %q, "name": "", "type": "query", "body": %q}]}`, hash, list)),
	}
	m, err := persisted.Read(append(files, files[0]))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(m.Documents()); n != 3 {
		t.Errorf("%d documents, want 3", n)
	}
	for id, want := range map[string]string{
		md5: list, hash: list, "sha256:" + hash: list, "own": "{ viewer { id } }", persisted.Hash("{ viewer { id } }"): "{ viewer { id } }",
		"": "", "Own": "", "sha256:own": "", "sha256:": "",
	} {
		if got, found := m.Text(id); got != want || found != (want != "") {
			t.Errorf("Text(%q) = %q, %v, want %q", id, got, found, want)
		}
	}
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
