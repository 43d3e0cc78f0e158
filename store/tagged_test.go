package store

import (
	"encoding/json"
	"slices"
	"testing"
)

// TestAppendTags reads arrays as taskql and others write them.
func TestAppendTags(t *testing.T) {
	for _, array := range []string{
		`[]`, `["a"]`, `["a","b"]`, `["a", "b"]`, `[ "a","b" ]`, `["a\"b","c"]`, `["\u00e4","ä"]`, `["a\",\"b"]`, `["",""]`, `["a\\","b"]`, `[""]`, `["a" ,"b","c"]`,
	} {
		var want []string
		if err := json.Unmarshal([]byte(array), &want); err != nil {
			t.Fatal(err)
		}
		if got, err := appendTags(nil, array); err != nil || !slices.Equal(got, want) {
			t.Errorf("appendTags(%s) = %q, %v, want %q", array, got, err, want)
		}
	}
	for _, array := range []string{``, `["`, `"]`, `["a"`, `x`} {
		if got, err := appendTags(nil, array); err == nil {
			t.Errorf("appendTags(%s) = %q, want an error", array, got)
		}
	}
}
