package adopt

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestParseTime(t *testing.T) {
	for _, tt := range []struct {
		text, want string
		zoned      bool
	}{
		{"2026-02-01", "2026-02-01T00:00:00Z", false},
		{"2026-02-01 10:30:15.123456", "2026-02-01T10:30:15.123456Z", false},
		{"2026-02-01T10:30:15.12", "2026-02-01T10:30:15.12Z", false},
		{" 2026-02-01 10:30:15 ", "2026-02-01T10:30:15Z", false},
		{"2026-02-01T10:30", "2026-02-01T10:30:00Z", false},
		{"2026-02-01T10:30Z", "2026-02-01T10:30:00Z", true},
		{"2026-02-01T10:30:15.123456789Z", "2026-02-01T10:30:15.123456Z", true},
		{"2026-02-01 10:30:15+00", "2026-02-01T10:30:15Z", true},
		{"2026-02-01 10:30:15.5+05:30", "2026-02-01T05:00:15.5Z", true},
		{"2026-02-01 10:30:15-0800", "2026-02-01T18:30:15Z", true},
		{"2026-02-01 10:30:15 +00:00", "2026-02-01T10:30:15Z", true},
		{"0001-01-01 00:00:00", "0001-01-01T00:00:00Z", false},
		{"9999-12-31 23:59:59.999999", "9999-12-31T23:59:59.999999Z", false},
	} {
		at, zoned, ok := parseTime(tt.text)
		if got := at.Format(time.RFC3339Nano); !ok || zoned != tt.zoned || got != tt.want || at.Location() != time.UTC {
			t.Errorf("parseTime(%q) = %s, %v, %v, want %s, %v", tt.text, got, zoned, ok, tt.want, tt.zoned)
		}
	}
	for _, text := range []string{
		"", "x", "infinity", "2026", "2026-2-1", "2026-02-30", "2026-02-01 25:00", "2026-02-01 10:30:15 BC", "0044-03-15 00:00:00 BC", "10000-01-01",
		"0000-01-01", "0001-01-01 00:00:00+01:00", "9999-12-31 23:59:59-01:00", "2026-02-01 10:30:15+0", "2026-02-01x10:30", "1767225600", "2026-02-01 10:3", "2026-02-01Z",
	} {
		if at, _, ok := parseTime(text); ok {
			t.Errorf("parseTime(%q) = %s, want none", text, at)
		}
	}
}

func TestParseTags(t *testing.T) {
	for _, tt := range []struct {
		text, want string // with bars between
		same       bool
	}{
		{"", "", false}, {"  ", "", false}, {"null", "", false}, {"[]", "", true},
		{`["a", "b"]`, "a|b", true}, {` ["a"] `, "a", true}, {`["b","a"]`, "b|a", true},
		{`["a","A"]`, "a", false}, {`["Ä","ä","Д","д"]`, "Ä|Д", false}, {`[" a ",""," "]`, "a", false},
		{"a,b", "a|b", false}, {" a , ,A,b,", "a|b", false}, {"a", "a", false}, {"5", "5", false}, {"true", "true", false},
		{`["a,b"]`, "a,b", true}, {`["\u00e9"]`, "é", true},
	} {
		got, same, ok := parseTags(tt.text)
		if !ok || same != tt.same || strings.Join(got, "|") != tt.want || got == nil {
			t.Errorf("parseTags(%q) = %q, %v, %v, want %s, %v", tt.text, got, same, ok, tt.want, tt.same)
		}
	}
	for _, text := range []string{`{}`, `{"a":1}`, `[1]`, `["a",null]`, `[["a"]]`, `"a"`, `["a"`, `['a']`, `{a,b}`, `["a"] x`, `["\u0000"]`} {
		if got, _, ok := parseTags(text); ok {
			t.Errorf("parseTags(%s) = %q, want it not understood", text, got)
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
