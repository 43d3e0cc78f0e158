package rest

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"taskql/e2e/harness"
)

// TestOpenAPIClients generates TypeScript clients from the document and compiles them, together with uses of them that
// depend on the types of requests and responses.
func TestOpenAPIClients(t *testing.T) {
	t.Parallel()
	harness.InstallClients(t, "clients/openapi")
	clients := harness.File("clients/openapi")
	for _, dialect := range []string{"seed", "web"} {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			env := harness.Env("sqlite:" + filepath.Join(t.TempDir(), "taskql.db"))
			env["REST_DIALECT"] = dialect
			generated := t.TempDir()
			document := filepath.Join(generated, "openapi.json")
			write(t, document, harness.Start(t, env).Anonymous().Send("GET", "/openapi.json", "").Body)
			run(t, clients, "node", "generate.mjs", document, generated)
			config, err := json.Marshal(map[string]any{
				"extends": filepath.Join(clients, "tsconfig.json"),
				"compilerOptions": map[string]any{"paths": map[string][]string{
					"generated/*": {"./*"}, "dialect": {filepath.Join(clients, "dialects", dialect)},
				}},
				"include": []string{".", filepath.Join(clients, "uses")},
			})
			if err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(generated, "tsconfig.json"), string(config))
			run(t, clients, filepath.Join(clients, "node_modules/.bin/tsc"), "-p", generated)
		})
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, dir, program string, args ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), program, args...)
	command.Dir = dir
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", command, err, out)
	}
}
