package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// place is a file and a function in it, as docs/architecture.md writes them: `store/write.go` `Store.Create`.
var place = regexp.MustCompile("`([a-z0-9_/.]+\\.go)`\\s+`([A-Za-z.]+)`")

// TestDocsNames checks that each file and function that the documentation names exists.
func TestDocsNames(t *testing.T) {
	pages, err := filepath.Glob("../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	places := 0
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range place.FindAllStringSubmatch(string(text), -1) {
			places++
			source, err := os.ReadFile(filepath.Join("..", found[1]))
			if err != nil {
				t.Errorf("%s: %v", filepath.Base(page), err)
				continue
			}
			function := `(?m)^func ` + found[2] + `[(\[]`
			if receiver, method, isMethod := strings.Cut(found[2], "."); isMethod {
				function = `(?m)^func \((\w+ )?\*?` + receiver + `\) ` + method + `\(`
			}
			if !regexp.MustCompile(function).Match(source) {
				t.Errorf("%s: %s has no function %s", filepath.Base(page), found[1], found[2])
			}
		}
	}
	if places < 30 {
		t.Errorf("the pages name %d functions with their files, want those of five walks", places)
	}
}
