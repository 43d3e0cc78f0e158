package store

import (
	"strings"
	"testing"
)

// TestLooksForBytes has PostgreSQL look for a text by the method whose comparisons soon fail.
func TestLooksForBytes(t *testing.T) {
	for text, want := range map[string]bool{
		"milk": false, "........": false,
		"b" + strings.Repeat("a", 60): true, strings.Repeat("a", 60) + "b": false,
		strings.Repeat("😀", 5000) + "b": false, "b" + strings.Repeat("😀", 5000): true,
		strings.Repeat("\n", 5000) + "b": false, // a description may begin so
	} {
		if got := looksForBytes(text); got != want {
			t.Errorf("%.20q…: %t, want %t", text, got, want)
		}
	}
}
