package jsonlimit

import (
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	nested := func(open, inner, close string, n int) string {
		return strings.Repeat(open, n) + inner + strings.Repeat(close, n)
	}
	for _, tt := range []struct{ name, text, want, path string }{
		{"deepest object", nested(`{"a":`, "1", "}", maxDepth), "", ""},
		{"object too deep", nested(`{"a":`, "1", "}", maxDepth+1), "more than 32 levels", strings.Repeat("/a", maxDepth)},
		{"deepest list", nested("[", "", "]", maxDepth), "", ""},
		{"list too deep", `{"v":` + nested("[", "", "]", maxDepth), "more than 32 levels", "/v" + strings.Repeat("/0", maxDepth-1)},
		{"levels one after the other", "[" + strings.Repeat("[[]],", 1000) + "[]]", "", ""},
		{"most numbers", "[" + strings.Repeat("0,", maxValues-2) + "0]", "", ""},
		{"too many numbers", "[" + strings.Repeat("0,", maxValues-1) + "0]", "more than 50000 values", "/49999"},
		{"most texts", `{"v":[` + strings.Repeat(`"",`, maxValues-3) + `""]}`, "", ""},
		{"too many texts", `{"v":[` + strings.Repeat(`"",`, maxValues-2) + `""]}`, "more than 50000 values", "/v/49998"},
		{"too many members", "{" + strings.Repeat(`"a":"b",`, maxValues) + `"c":1}`, "more than 50000 values", "/a"},
		{"most objects", "[" + strings.Repeat("{},", maxObjects-1) + "{}]", "", ""},
		{"too many objects", "[" + strings.Repeat("{},", maxObjects) + "{}]", "more than 5000 objects", "/5000"},
		{"brackets in texts", `["` + strings.Repeat("[", 100_000) + `"]`, "", ""},
		{"malformed", `[[}`, "", ""},
		{"nothing", ``, "", ""},
	} {
		got, path := "", ""
		if err := Check([]byte(tt.text)); err != nil {
			got, path = err.Error(), "/"+strings.Join(err.Path, "/")
		}
		if got != tt.want || path != tt.path {
			t.Errorf("%s: Check = %q at %q, want %q at %q", tt.name, got, path, tt.want, tt.path)
		}
	}
}

// TestCheckAllocates checks that the check of the largest bodies copies nothing.
func TestCheckAllocates(t *testing.T) {
	for name, text := range map[string]string{
		"deep":    strings.Repeat(`{"a":`, 200_000),
		"numbers": "[" + strings.Repeat("0,", 500_000),
		"one":     `["` + strings.Repeat("é", 500_000) + `"]`,
	} {
		body := []byte(text)
		if n := testing.AllocsPerRun(1, func() { Check(body) }); n > 100 {
			t.Errorf("%s: Check allocates %v times, want a few dozen at most", name, n)
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	body := []byte(`{"v":[` + strings.Repeat(`"tag",`, maxValues-3) + `""]}`)
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if Check(body) != nil {
			b.Fatal("refused")
		}
	}
}
