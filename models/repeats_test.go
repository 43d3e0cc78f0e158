package models

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestRepeats(t *testing.T) {
	for text, want := range map[string]float64{
		"": 0, "a": 1, "aaaa": 4, "ab": 1.5, "abab": 1 + 3*0.5, "baaa": 3 + 1./4,
		strings.Repeat("a", 1000): 1000, strings.Repeat("ab", 500): 500.5,
	} {
		if got := Repeats(text); math.Abs(got-want) > 1e-9 {
			t.Errorf("Repeats(%.20q) = %v, want %v", text, got, want)
		}
	}
	for _, text := range []string{"report", "the plan for the week after the next", strings.Repeat("lorem ipsum dolor sit amet, ", 2)} {
		if got := Repeats(text); got > 8 {
			t.Errorf("Repeats(%q) = %v", text, got)
		}
	}
}

// TestRepeatsBoundsComparisons counts the bytes that are compared if a text is looked for at each place of another one from its end.
func TestRepeatsBoundsComparisons(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.StringMatching(`[ab]{1,12}`).Draw(t, "part")
		text := rapid.StringMatching(`[ab]{12,200}`).Draw(t, "text")
		compared := 0
		for end := len(part); end <= len(text); end++ {
			for i := 1; i <= len(part); i++ {
				compared++
				if text[end-i] != part[len(part)-i] {
					break
				}
			}
		}
		if most := float64(len(text)) * (1 + Repeats(part)); float64(compared) > most {
			t.Fatalf("%d bytes are compared, want at most %v", compared, most)
		}
	})
}
