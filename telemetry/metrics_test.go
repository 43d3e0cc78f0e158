package telemetry

import (
	"fmt"
	"testing"
)

// TestNames labels the first names with themselves, and more with one label together.
func TestNames(t *testing.T) {
	var n names
	for i := range maxNames {
		if got, want := n.label(fmt.Sprint("N", i)), fmt.Sprint("N", i); got != want {
			t.Fatalf("label = %q, want %q", got, want)
		}
	}
	for name, want := range map[string]string{"": "unnamed", "N7": "N7", "more": "other"} {
		if got := n.label(name); got != want {
			t.Errorf("label(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestVerb(t *testing.T) {
	for text, want := range map[string]string{
		"SELECT 1": "SELECT", " \n(select 1)": "SELECT", "WITH number AS (SELECT 1)": "WITH", "insert into t": "INSERT", "UPDATE": "UPDATE", "DELETE\nFROM t": "DELETE",
		"PRAGMA x": "PRAGMA", "begin": "OTHER", "": "OTHER", "'a private text'": "OTHER",
	} {
		if got := verb(text); got != want {
			t.Errorf("verb(%q) = %q, want %q", text, got, want)
		}
	}
}
