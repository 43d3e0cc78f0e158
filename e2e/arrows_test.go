package e2e

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// arrows are the packages that each package may import. docs/architecture.md draws them.
var arrows = map[string][]string{
	"":         {"cli"},
	"cli":      {"app", "auth", "config", "graph", "models", "samples", "store", "store/backup", "store/copydb", "tasks", "transfer"},
	"app":      {"auth", "budget", "config", "events", "graph", "mcp", "reqlog", "respond", "rest", "share", "store", "store/adopt", "tasks", "telemetry", "web"},
	"graph":    {"tasks", "auth", "budget", "doclimit", "jsonlimit", "models", "persisted", "reqlog", "respond", "share"},
	"rest":     {"fastapi", "tasks", "auth", "budget", "transfer", "jsonlimit", "models", "reqlog", "respond", "rest/openapi", "share"},
	"tasks":    {"auth", "events", "store", "words", "models"},
	"auth":     {"models", "reqlog"},
	"store":    {"store/adopt", "store/connect", "words", "models"},
	"config":   {"auth", "fastapi"},
	"events":   {},
	"transfer": {"fastapi", "models"},
	"fastapi":  {"models"},
	"samples":  {"models"},
	"models":   {},
	"words":    {},
	"reqlog":   {},

	"telemetry": {"reqlog"},
	"mcp":       {"auth", "budget", "fastapi", "jsonlimit", "models", "reqlog", "respond", "share", "tasks"},

	"budget":    {"models"},
	"doclimit":  {"models"},
	"jsonlimit": {},
	"persisted": {"models"},
	"respond":   {},
	"share":     {"models"},

	"rest/openapi": {"models"},
	"web":          {"respond"},

	"store/adopt":     {"fastapi", "models"},
	"store/backup":    {"store/connect"},
	"store/connect":   {"models", "share"},
	"store/copydb":    {"store", "models"},
	"store/storetest": {},

	"store/storetest/opened": {"models", "store"},

	"scripts/gotest":  {},
	"scripts/release": {},
	"e2e":             {},

	"bench":          {},
	"bench/limit":    {},
	"bench/profiled": {"cli"},
	"e2e/harness":    {"app", "auth", "cli", "config", "events", "store", "store/storetest"},
	"e2e/agents":     {},
	"e2e/browser":    {},
	"e2e/contract":   {},
	"e2e/delivery":   {},
	"e2e/durability": {},
	"e2e/graphql":    {},
	"e2e/hostile":    {},
	"e2e/live":       {},
	"e2e/operations": {},
	"e2e/rest":       {},
	"e2e/rules":      {},
	"e2e/signin":     {},
	"e2e/transfer":   {},
}

// TestArrows checks the imports of each package: none goes up or sideways, and only the store imports bun. It also wants a package comment.
func TestArrows(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,Doc,GoFiles", "taskql/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	packages := 0
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; packages++ {
		var p struct {
			ImportPath, Doc  string
			Imports, GoFiles []string
		}
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, "taskql"), "/")
		allowed, known := arrows[name]
		if !known {
			t.Errorf("the package %q is missing from arrows", name)
		}
		for _, other := range allowed {
			if !slices.Contains(p.Imports, "taskql/"+other) {
				t.Errorf("%s does not import %s: remove it from arrows", p.ImportPath, other)
			}
		}
		if len(p.GoFiles) > 0 && p.Doc == "" {
			t.Errorf("%s has no package comment, which says in a sentence what the package owns", p.ImportPath)
		}
		for _, imported := range p.Imports {
			if other, ours := strings.CutPrefix(imported, "taskql/"); ours && !slices.Contains(allowed, other) {
				t.Errorf("%s imports %s, which arrows does not allow", p.ImportPath, imported)
			}
			if strings.HasPrefix(imported, "github.com/uptrace/bun") && !slices.Contains([]string{"store", "store/adopt", "store/copydb", "models"}, name) {
				t.Errorf("%s imports %s, which only the store knows (and models, for the row's tags)", p.ImportPath, imported)
			}
		}
	}
	if packages < len(arrows) {
		t.Errorf("go list found %d packages, arrows has %d: remove those that are gone", packages, len(arrows))
	}
}
