package adopt

import (
	"slices"
	"strings"
	"testing"
)

func TestUniqueTags(t *testing.T) {
	for _, tt := range []struct {
		text, want string // with bars between
		same       bool
	}{
		{"", "", false}, {"  ", "", false}, {"null", "", false}, {"[]", "", true},
		{`["a", "b"]`, "a|b", true}, {` ["a"] `, "a", true}, {`["b","a"]`, "b|a", true},
		{`["a","A"]`, "a", false}, {`["Ä","ä","Д","д"]`, "Ä|Д", false}, {`[" a ",""," "]`, "a", false},
		{"a,b", "a|b", false}, {" a , ,A,b,", "a|b", false}, {"a", "a", false}, {"5", "5", false}, {"true", "true", false},
		{`["a,b"]`, "a,b", true}, {`["\u00e9"]`, "é", true}, {`["\ud83d"]`, "\ufffd", true}, {`[" a"]`, "a", false},
	} {
		got, same, ok := uniqueTags(tt.text)
		if !ok || same != tt.same || strings.Join(got, "|") != tt.want || got == nil {
			t.Errorf("uniqueTags(%q) = %q, %v, %v, want %s, %v", tt.text, got, same, ok, tt.want, tt.same)
		}
	}
	for _, text := range []string{`{}`, `["a",null]`, `["\u0000"]`, "a\x00b", "\xff"} {
		if got, _, ok := uniqueTags(text); ok {
			t.Errorf("uniqueTags(%q) = %q, want it refused", text, got)
		}
	}
}

func TestReadDefinitions(t *testing.T) {
	text := "CREATE TABLE \"ta sk\" ( -- what (there) is,\n\tid INTEGER NOT NULL, \"a,\"\"b\" VARCHAR(10) DEFAULT 'x, (y)''' NOT NULL /* , */,\n" +
		"`c` NUMERIC(10, 2) CHECK (`c` > 0), [d e] TEXT CONSTRAINT n NOT NULL ON CONFLICT FAIL COLLATE NOCASE, \"check\" INT,\n" +
		"PRIMARY KEY (id), CONSTRAINT \"q\" UNIQUE (\"a,\"\"b\", c), FOREIGN KEY(c) REFERENCES other (id) ON DELETE CASCADE, CHECK (c <> '(')) STRICT"
	definitions, options := readDefinitions(text)
	want := []string{
		"id INTEGER NOT NULL", `"a,""b" VARCHAR(10) DEFAULT 'x, (y)''' NOT NULL`, "`c` NUMERIC(10, 2) CHECK (`c` > 0)",
		"[d e] TEXT CONSTRAINT n NOT NULL ON CONFLICT FAIL COLLATE NOCASE", `"check" INT`, "PRIMARY KEY (id)",
		`CONSTRAINT "q" UNIQUE ("a,""b", c)`, "FOREIGN KEY(c) REFERENCES other (id) ON DELETE CASCADE", "CHECK (c <> '(')",
	}
	var got, kinds []string
	for _, d := range definitions {
		got, kinds = append(got, d.String()), append(kinds, d.constraint())
	}
	if !slices.Equal(got, want) {
		t.Errorf("readDefinitions =\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if want := []string{"", "", "", "", "", "primary", "unique", "foreign", "check"}; !slices.Equal(kinds, want) {
		t.Errorf("the constraints are %q, want %q", kinds, want)
	}
	if !definition(options).has("strict") || definitions[1][0].word() != `a,"b` {
		t.Errorf("options = %v, the second column is %q", options, definitions[1][0].word())
	}
	if got := definitions[7].list(); !slices.Equal(got, []string{"c"}) {
		t.Errorf("the columns of %s = %q", definitions[7], got)
	}
	for i, want := range map[int]string{0: "id INTEGER", 1: want[1], 2: want[2], 3: "[d e] TEXT COLLATE NOCASE"} {
		if got, was := definitions[i].optional(); got.String() != want || was != (want != definitions[i].String()) {
			t.Errorf("optional of %s = %s, %v, want %s", definitions[i], got, was, want)
		}
	}
}
