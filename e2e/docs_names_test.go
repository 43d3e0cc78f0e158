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

// existing is a file or a folder of the repository.
var existing = regexp.MustCompile("`((?:[a-z0-9_]+/)*[a-z0-9_]+\\.go|(?:[a-z0-9_]+/)+)`")

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
		for _, found := range existing.FindAllStringSubmatch(string(text), -1) {
			if _, err := os.Stat(filepath.Join("..", found[1])); err != nil {
				t.Errorf("%s: %v", filepath.Base(page), err)
			}
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

// constant is an error code in models, variable a setting in config.
var (
	constant = regexp.MustCompile(`(?m)^\t(?:Code|UserErrorCode)\w+ +(?:Code|UserErrorCode) += "([A-Z_]+)"`)
	variable = regexp.MustCompile(`env:"([A-Z_]+)"`)
)

// TestDocsAreComplete checks that errors.md lists every code of both APIs and configuration.md every setting.
func TestDocsAreComplete(t *testing.T) {
	for _, tt := range []struct {
		page    string
		sources []string
		name    *regexp.Regexp
		least   int
	}{
		{"errors.md", []string{"models/errors.go", "models/models_gen.go"}, constant, 25},
		{"configuration.md", []string{"config/config.go"}, variable, 20},
	} {
		page, err := os.ReadFile("../docs/" + tt.page)
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for _, source := range tt.sources {
			text, err := os.ReadFile("../" + source)
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range tt.name.FindAllStringSubmatch(string(text), -1) {
				found++
				if !strings.Contains(string(page), "`"+name[1]+"`") {
					t.Errorf("%s does not list %s of %s", tt.page, name[1], source)
				}
			}
		}
		if found < tt.least {
			t.Errorf("%v contain %d names, want %d or more", tt.sources, found, tt.least)
		}
	}
}

// TestDocsListPackages checks that architecture.md lists every package but parts of tests, scripts and measurements.
func TestDocsListPackages(t *testing.T) {
	page, err := os.ReadFile("../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	for name := range arrows {
		folder, inside, _ := strings.Cut(name, "/")
		if name == "" || folder == "scripts" || strings.HasPrefix(inside, "storetest") || inside != "" && (folder == "e2e" || folder == "bench") {
			continue
		}
		if !strings.Contains(string(page), "`"+name+"`") {
			t.Errorf("architecture.md does not list the package %s", name)
		}
	}
}
