package store

import (
	"encoding/json"
	"slices"
	"testing"

	"taskql/store/storetest"
)

// TestEmptyTags reads the tags of tasks that have empty ones, as adopted tasks may.
func TestEmptyTags(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s := mustMigrated(t, url)
		mustStore(t, s, "u", "milk", "", "Shop", "")
		mustStore(t, s, "u", "bread", "", "", "Shop")
		var tags, lower []string
		err := s.EachTagged(t.Context(), "u", "sh", func(found Tagged) {
			tags, lower = append(tags, found.Tags...), append(lower, found.Lower...)
		})
		slices.Sort(tags)
		slices.Sort(lower)
		if want := []string{"Shop", "Shop"}; err != nil || !slices.Equal(tags, want) {
			t.Errorf("the tags are %q, %v, want %q", tags, err, want)
		}
		if want := []string{"shop", "shop"}; !slices.Equal(lower, want) {
			t.Errorf("in lower case they are %q, want %q", lower, want)
		}
	})
}

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
