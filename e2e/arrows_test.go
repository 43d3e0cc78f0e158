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

// arrows says which rooms of taskql a room may import. README.md draws the map.
var arrows = map[string][]string{
	"":         {"cli"},
	"cli":      {"app", "auth", "config", "events", "graph", "models", "samples", "store", "store/copydb", "tasks", "transfer"},
	"app":      {"auth", "config", "events", "graph", "reqlog", "rest", "store", "store/adopt", "tasks", "web"},
	"graph":    {"tasks", "auth", "models", "reqlog"},
	"rest":     {"fastapi", "tasks", "auth", "transfer", "models", "reqlog", "rest/openapi"},
	"tasks":    {"auth", "events", "store", "words", "models"},
	"auth":     {"models", "reqlog"},
	"store":    {"store/adopt", "words", "models"},
	"config":   {"auth"},
	"events":   {},
	"transfer": {"fastapi", "models"},
	"fastapi":  {"models"},
	"samples":  {"models"},
	"models":   {},
	"words":    {},
	"reqlog":   {},

	"rest/openapi": {"models"},
	"web":          {},

	"store/adopt":     {"models"},
	"store/copydb":    {"store", "models"},
	"store/storetest": {},
	"scripts/gotest":  {},
	"e2e":             {},

	"bench":          {},
	"bench/limit":    {},
	"bench/profiled": {"cli"},
	"e2e/harness":    {"app", "auth", "cli", "config", "events", "store", "store/storetest"},
	"e2e/browser":    {},
	"e2e/durability": {},
	"e2e/graphql":    {},
	"e2e/live":       {},
	"e2e/operations": {},
	"e2e/rest":       {},
	"e2e/rules":      {},
	"e2e/signin":     {},
	"e2e/transfer":   {},
}

// TestArrows keeps the rooms apart: no import goes up or sideways, and only the store knows bun's queries.
func TestArrows(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "taskql/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	rooms := 0
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; rooms++ {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		room := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, "taskql"), "/")
		allowed, known := arrows[room]
		if !known {
			t.Errorf("the room %q is not on the map: say in arrows what it may import", room)
		}
		for _, imported := range p.Imports {
			if other, ours := strings.CutPrefix(imported, "taskql/"); ours && !slices.Contains(allowed, other) {
				t.Errorf("%s imports %s, against the arrows", p.ImportPath, imported)
			}
			if strings.HasPrefix(imported, "github.com/uptrace/bun") && !slices.Contains([]string{"store", "store/adopt", "store/copydb", "models"}, room) {
				t.Errorf("%s imports %s, which only the store knows (and models, for the row's tags)", p.ImportPath, imported)
			}
		}
	}
	if rooms < len(arrows) {
		t.Errorf("go list found %d rooms, the map has %d: take out the one that is gone", rooms, len(arrows))
	}
}
