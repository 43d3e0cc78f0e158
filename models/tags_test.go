package models_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"taskql/models"
)

// numbered returns n different tags.
func numbered(n int) []string {
	tags := make([]string, n)
	for i := range tags {
		tags[i] = fmt.Sprint("tag", i)
	}
	return tags
}

func TestTags(t *testing.T) {
	twenty := numbered(20)
	for _, tt := range []struct {
		name     string
		in, want []string
		errs     []string
	}{
		{"none", []string{}, []string{}, nil},
		{"in order", []string{"b", "a", "c"}, []string{"b", "a", "c"}, nil},
		{"trimmed", []string{spaces + "a b" + spaces}, []string{"a b"}, nil},
		{"repeat", []string{"a", "b", "a"}, []string{"a", "b"}, nil},
		{"repeat after trimming", []string{"a", " a "}, []string{"a"}, nil},
		{"the first spelling stays", []string{"Work", "work", "WORK"}, []string{"Work"}, nil},
		{"letter case of Latin", []string{"Ä", "ä", "É", "é"}, []string{"Ä", "É"}, nil},
		{"letter case of Cyrillic", []string{"Дом", "дОМ"}, []string{"Дом"}, nil},
		{"letter case of Greek and Armenian", []string{"Ω", "ω", "Ա", "ա"}, []string{"Ω", "Ա"}, nil},
		{"letter case outside the first plane", []string{"𐐀", "𐐨"}, []string{"𐐀"}, nil},
		{"simple mapping: ß is not ss", []string{"ß", "ss", "SS"}, []string{"ß", "ss"}, nil},
		{"simple mapping: final sigma stays apart", []string{"σ", "ς"}, []string{"σ", "ς"}, nil},
		{"not normalised", []string{"\u00e9", combining}, []string{"\u00e9", combining}, nil},
		{"commas and quotes", []string{`a,b`, `"c"`}, []string{`a,b`, `"c"`}, nil},
		{"twenty", twenty, twenty, nil},
		{"twenty and repeats", append(slices.Clone(twenty), "TAG0", " tag1 ", "Tag2"), twenty, nil},
		{"twenty-one", numbered(21), nil, []string{"TOO_MANY input.tags"}},
		{"empty", []string{"a", ""}, nil, []string{"BLANK input.tags.1"}},
		{"blank", []string{spaces}, nil, []string{"BLANK input.tags.0"}},
		{"two blank", []string{"", "a", " "}, nil, []string{"BLANK input.tags.0", "BLANK input.tags.2"}},
		{"NUL", []string{"a", "\x00"}, nil, []string{"INVALID_FORMAT input.tags.1"}},
		{"invalid UTF-8", []string{"\xff"}, nil, []string{"INVALID_FORMAT input.tags.0"}},
		{"each fault", []string{"", "ok", "\x00", strings.Repeat("x", 51)}, nil,
			[]string{"BLANK input.tags.0", "INVALID_FORMAT input.tags.2", "TOO_LONG input.tags.3"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			given := slices.Clone(tt.in)
			fields{tags: tt.in}.createAndUpdate(t, func(t *testing.T, task *models.Task, errs models.UserErrors) {
				if refused(t, task, errs, tt.errs...); task != nil && !slices.Equal(task.Tags, tt.want) {
					t.Errorf("tags of %q = %q, want %q", tt.in, task.Tags, tt.want)
				}
				if !slices.Equal(tt.in, given) {
					t.Errorf("the input became %q, want it as it was, %q", tt.in, given)
				}
			})
		})
	}
}

func TestTooManyTagsTellTheLimit(t *testing.T) {
	_, errs := fields{tags: numbered(21)}.create()
	if len(errs) != 1 {
		t.Fatalf("errors = %q, want one", summary(errs))
	}
	if limit := models.Detail(errs[0]).Limit; limit == nil || *limit != models.MaxTags {
		t.Errorf("limit = %v, want %d", limit, models.MaxTags)
	}
}

func TestNewTaskHasTags(t *testing.T) {
	if task, _ := (fields{}).create(); task.Tags == nil || len(task.Tags) != 0 {
		t.Errorf("tags = %#v, want an empty list that is not nil", task.Tags)
	}
}

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"Straße": "straße", "ÄÖÜ": "äöü", "ДОМ": "дом", "ΣΑΣ": "σασ", "İ": "i", "I": "i", "K": "k", "字😀": "字😀", "": "",
	} {
		if got := models.Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}
