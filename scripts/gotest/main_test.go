package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRun runs a module of three packages: one that passes, one with failing tests, one that does not compile.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	for path, text := range map[string]string{
		"go.mod":      "module example\n\ngo 1.24\n",
		"a/a_test.go": "package a\n\nimport \"testing\"\n\nfunc TestQuiet(t *testing.T) { t.Log(\"nobody reads this\") }\n",
		"b/b_test.go": `package b

import "testing"

func TestParts(t *testing.T) {
	t.Run("good", func(t *testing.T) { t.Log("nor this") })
	t.Run("bad", func(t *testing.T) { t.Error("one is not two") })
}

func TestPanic(t *testing.T) { panic("out of order") }
`,
		"c/c_test.go": "package c\n\nimport \"testing\"\n\nfunc TestType(t *testing.T) { var n int = \"text\" }\n",
		"d/d.go":      "package d\n",
	} {
		path = filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	for _, tt := range []struct {
		packages string
		code     int
		has, not []string
	}{
		{"./a", 0, []string{"ok  \texample/a\t", "The slowest tests", "s  example/a.TestQuiet\n"}, []string{"nobody", "PASS", "==="}},
		{"./...", 1, []string{"ok  \texample/a\t", "--- FAIL: TestParts/bad", "one is not two", "panic: out of order", "FAIL\texample/b\t",
			"cannot use \"text\"", "FAIL\texample/c [build failed]", "s  example/b.TestParts\n"}, []string{"nor this", "nobody", "example/d", "example/b.TestParts/"}},
	} {
		var out strings.Builder
		code, err := run([]string{tt.packages}, &out)
		if err != nil || code != tt.code {
			t.Errorf("gotest %s = %d, %v, want %d", tt.packages, code, err, tt.code)
		}
		for _, text := range tt.has {
			if !strings.Contains(out.String(), text) {
				t.Errorf("gotest %s does not print %q:\n%s", tt.packages, text, &out)
			}
		}
		for _, text := range tt.not {
			if strings.Contains(out.String(), text) {
				t.Errorf("gotest %s prints %q:\n%s", tt.packages, text, &out)
			}
		}
	}
}
