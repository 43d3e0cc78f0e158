package words

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func TestNewText(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"", ""},
		{" -- !? ", ""},
		{"Water the PLANTS", "water the plants"},
		{"foo-bar_baz/qux.txt", "foo bar baz qux txt"},
		{"don't ´n", "don t n"},
		{norm.NFD.String("Überraschung"), "überraschung"},
		{"Σίσυφος ΣΊΣΥΦΟΣ", "σίσυφοσ σίσυφοσ"},
		{"ﬁne m² ½", "fine m2 1 2"},
		{"买牛奶 and 水", "买牛 牛奶 奶 and 水"},
		{"コーヒー", "コー ーヒ ヒー ー"},
		{"นม", "นม ม"},
		{"👩\u200d💻 👍🏽 ❤\ufe0f", "👩 💻 👍 ❤"},
		{"soft\u00adhyphen zero\u200bwidth", "softhyphen zero width"},
		{"C++ & $5 a\x00b", "c 5 a b"},
		{strings.Repeat("ä", 600), strings.Repeat("ä", 511)},
	} {
		if got := strings.Join(NewText(tt.text, nil, nil)[0], " "); got != tt.want {
			t.Errorf("NewText(%q) = %q, want %q", tt.text, got, tt.want)
		}
	}
	notes := "c"
	if got, want := NewText("a", []string{"b b", "", "ü"}, &notes), (Text{{"a"}, {"b", "b", "", "", "ü", ""}, {"c"}}); !reflect.DeepEqual(got, want) {
		t.Errorf("NewText = %q, want %q", got, want)
	}
}

// TestLimits indexes texts that are larger than the databases accept.
func TestLimits(t *testing.T) {
	many := strings.Repeat("a b ", 50_000)
	long := strings.Repeat(strings.Repeat("x", maxWord)+" ", 50_000)
	tags := strings.Fields(many)
	for _, notes := range []string{many, long} {
		text := NewText(notes, tags, &notes)
		counts, bytes, positions := map[string]int{}, 0, 0
		for _, field := range text {
			positions += len(field) + 1
			for _, term := range field {
				counts[term]++
				bytes += len(term)
			}
		}
		if positions >= 16_383 || bytes+5*positions >= 1<<20 {
			t.Errorf("%d positions with %d bytes: PostgreSQL does not accept them", positions, bytes)
		}
		for term, n := range counts {
			if term != "" && n >= 256 {
				t.Errorf("%.10q has %d positions", term, n)
			}
		}
	}
	if got := len(NewText("", nil, &many)[2]); got != maxNotes {
		t.Errorf("%d of the terms are indexed, want %d", got, maxNotes)
	}
}

func TestParse(t *testing.T) {
	word := func(terms ...string) Phrase { return Phrase{Terms: terms} }
	begun := func(terms ...string) Phrase { return Phrase{terms, true, true} }
	letter := func(terms ...string) Phrase { return Phrase{terms, true, false} }
	for _, tt := range []struct {
		text string
		want []Phrase
	}{
		{"Foo BAR", []Phrase{word("foo"), begun("bar")}},
		{"foo ", []Phrase{begun("foo")}},
		{"a b a b c", []Phrase{word("a"), word("b"), begun("c")}},
		{"a a", []Phrase{word("a"), begun("a")}},
		{"foo-bar x", []Phrase{word("foo", "bar"), begun("x")}},
		{`"foo bar"`, []Phrase{word("foo", "bar")}},
		{`"foo bar" baz`, []Phrase{word("foo", "bar"), begun("baz")}},
		{`foo "bar baz"`, []Phrase{word("foo"), word("bar", "baz")}},
		{`foo "bar ba`, []Phrase{word("foo"), begun("bar", "ba")}},
		{`foo"bar"baz`, []Phrase{word("foo"), word("bar"), begun("baz")}},
		{"“foo bar”", []Phrase{word("foo", "bar")}},
		{`foo - "" *`, []Phrase{begun("foo")}},
		{"牛", []Phrase{letter("牛")}},
		{"牛奶", []Phrase{word("牛奶")}},
		{"牛奶 bread", []Phrase{word("牛奶"), begun("bread")}},
		{`"a 牛"`, []Phrase{letter("a", "牛")}},
		{`"牛奶 a"`, []Phrase{word("牛奶", "奶", "a")}},
		{"🎂", []Phrase{begun("🎂")}},
		{"-", []Phrase{}},
		{`"`, []Phrase{}},
	} {
		if got := Parse(tt.text); got == nil || !reflect.DeepEqual(got.Phrases, tt.want) {
			t.Errorf("Parse(%q) = %v, want %v", tt.text, got, tt.want)
		}
	}
	for _, blank := range []string{"", " \t\n", "\u3000\u00a0"} {
		if got := Parse(blank); got != nil {
			t.Errorf("Parse(%q) = %v, want nil", blank, got)
		}
	}
	var many strings.Builder
	for i := range 1_000 {
		fmt.Fprintf(&many, "w%d ", i)
	}
	got := Parse(many.String())
	if len(got.Phrases) != maxSearch || got.Phrases[maxSearch-1].Prefix {
		t.Errorf("Parse of 1,000 words has %d, want %d", len(got.Phrases), maxSearch)
	}
	if groups := got.Rated(); len(groups) != maxRated+1 || len(groups[0]) != 1 || !reflect.DeepEqual(slices.Concat(groups...), append(slices.Clone(got.Phrases[:maxRated+maxTogether-1]), got.Phrases[maxSearch-1])) {
		t.Errorf("they are rated as %v", groups)
	}
	unfinished := slices.Concat(Parse("a b c d e f g h i").Rated()...)
	if last := unfinished[len(unfinished)-1]; last.Terms[0] != "i" || !last.Prefix || last.Unfinished {
		t.Errorf("the last of many words is rated as %v", last)
	}
	for text, want := range map[string]int{"a b": 2, "a b c d": maxRated + 1, "a b c d e f g h": maxRated + 1} {
		if p := Parse(text); len(p.Rated()) != want || !reflect.DeepEqual(slices.Concat(p.Rated()...), p.Phrases) {
			t.Errorf("%s is rated as %v", text, p.Rated())
		}
	}
}

// FuzzWords checks that terms contain no character that is syntax in a search query of the databases.
func FuzzWords(f *testing.F) {
	for _, text := range []string{"", "a 'b' \"c\" \\ :* & | !", "\xff\u0301é", "牛奶e\u0301", "👩\u200d💻", "\u1100\u1161\u11a8"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		check := func(term string) {
			if len(term) > maxWord || !utf8.ValidString(term) {
				t.Errorf("%q has the term %q", text, term)
			}
			for _, r := range term {
				if !unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.So) {
					t.Errorf("%q has the term %q", text, term)
				}
			}
		}
		for _, term := range NewText(text, nil, nil)[0] {
			check(term)
		}
		search := Parse(text)
		if search == nil {
			return
		}
		for _, phrase := range search.Phrases {
			if len(phrase.Terms) == 0 {
				t.Errorf("%q has an empty phrase", text)
			}
			for _, term := range phrase.Terms {
				check(term)
			}
		}
	})
}
