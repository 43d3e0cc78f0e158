package transfer

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"taskql/models"
)

// TestNamesOfColumns has each name of each field in several spellings, alone beside a title.
func TestNamesOfColumns(t *testing.T) {
	values := map[string]string{
		"title": "x", "description": "text", "priority": "HIGH", "tags": "a", "due_date": "2026-03-01", "completed": "true",
		"created_at": "2026-02-01T10:00:00Z", "updated_at": "2026-02-02T10:00:00Z", "completed_at": "2026-02-03T10:00:00Z",
	}
	words := map[string]string{
		"title": "x|none|MEDIUM|[]|no date|open", "description": "x|text|MEDIUM|[]|no date|open", "priority": "x|none|HIGH|[]|no date|open",
		"tags": `x|none|MEDIUM|["a"]|no date|open`, "due_date": "x|none|MEDIUM|[]|DATE 2026-03-01|open", "completed": "x|none|MEDIUM|[]|no date|done",
		"created_at": "x|none|MEDIUM|[]|no date|open|2026-02-01T10:00:00Z", "updated_at": "x|none|MEDIUM|[]|no date|open||2026-02-02T10:00:00Z",
		"completed_at": "x|none|MEDIUM|[]|no date|done|||2026-02-03T10:00:00Z",
	}
	for field, value := range values {
		names := append([]string{field, strings.ToUpper(field), strings.ReplaceAll(field, "_", " "), " " + strings.ReplaceAll(field, "_", "-") + " "}, fieldNames[field]...)
		for _, name := range append(names, map[string][]string{
			"title": {"Task Name", "NAME"}, "due_date": {"Due Date", "dueDate", "due-date", "DEADLINEDATE", "Planned Date"}, "completed": {"is_completed", "Is Done"},
			"tags": {"Labels"}, "created_at": {"Created Time"}, "updated_at": {"Last Modified"}, "completed_at": {"Completed At"},
		}[field]...) {
			text := fmt.Sprintf("%s,Title\n%s,x\n", name, value)
			if field == "title" {
				text = fmt.Sprintf("%s\n%s\n", name, value)
			}
			file, rows, bad := readAll(t, text)
			if len(rows) != 1 || bad != nil || file.Ignored() != nil || inWords(t, rows[0]) != words[field] {
				t.Errorf("%q is read as %v, bad %q, ignored %q, want %s", text, rows, bad, file.Ignored(), words[field])
			}
		}
	}
}

// TestColumnsOfOneField wants the first column with a value by precedence, and the name of each column that loses one.
func TestColumnsOfOneField(t *testing.T) {
	for text, want := range map[string]string{
		"planned,title,deadline,due\n2026-01-01,x,2026-01-02,2026-01-03\n": `x|none|MEDIUM|[]|DATE 2026-01-03|open "deadline" where "due" has another value, "planned" where "due" has another value`,
		"planned,title,deadline,due\n2026-01-01,x,2026-01-02,\n":           `x|none|MEDIUM|[]|DATE 2026-01-02|open "planned" where "deadline" has another value`,
		"planned,title,deadline,due\n2026-01-01,x,,\n":                     `x|none|MEDIUM|[]|DATE 2026-01-01|open `,
		"due,title,deadline\n2026-01-01,x,2026-01-01\n":                    `x|none|MEDIUM|[]|DATE 2026-01-01|open `,
		"tags,labels,title\na,b,x\n":                                       `x|none|MEDIUM|["a"]|no date|open "labels" where "tags" has another value`,
		"Due Date,title,due_date\n2026-01-01,x,2026-01-02\n":               `x|none|MEDIUM|[]|DATE 2026-01-02|open "Due Date" where "due_date" has another value`,
		"title,title\nx,y\n":                                               `x|none|MEDIUM|[]|no date|open "title" where "title" has another value`,
		"status,done,title\ntodo,yes,x\n":                                  `x|none|MEDIUM|[]|no date|done "status" where "done" has another value`,
		"status,done,title\nDone,yes,x\n":                                  `x|none|MEDIUM|[]|no date|done `,
		"content,title\nabout it,x\n":                                      `x|about it|MEDIUM|[]|no date|open `,
		"content,notes\nx,about it\n":                                      `x|about it|MEDIUM|[]|no date|open `,
		"title,summary,description\nx,in short,at length\n":                `x|at length|MEDIUM|[]|no date|open "summary" where "description" has another value`,
		"title,colour,,Größe\nx,red,,\n":                                   `x|none|MEDIUM|[]|no date|open "colour", "Größe"`,
		"title,\x1b[31m\nx,\n":                                             `x|none|MEDIUM|[]|no date|open "\x1b[31m"`,
		"sep=;\ntitle;colour\nx;red\n":                                     `x|none|MEDIUM|[]|no date|open "colour"`,
		`[{"title":"x","description":"","notes":"text"}]`:                  `x|text|MEDIUM|[]|no date|open `,
	} {
		file, rows, bad := readAll(t, text)
		if len(rows) != 1 || bad != nil {
			t.Errorf("%q = %d rows, bad %q", text, len(rows), bad)
			continue
		}
		if got := inWords(t, rows[0]) + " " + strings.Join(file.Ignored(), ", "); got != want {
			t.Errorf("%q =\n%s\nwant\n%s", text, got, want)
		}
	}
	// A file with many columns does not fill the terminal.
	var many strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&many, ",c%d", i)
	}
	file, _, _ := readAll(t, "title"+many.String()+"\n")
	if ignored := file.Ignored(); len(ignored) != maxIgnored+1 || ignored[maxIgnored] != "and more" {
		t.Errorf("of 2000 unknown columns are named %q", ignored)
	}
}

func TestValues(t *testing.T) {
	for word, want := range map[string]models.Priority{
		"1": "HIGH", "2": "HIGH", "3": "MEDIUM", "4": "LOW", "P1": "HIGH", "p2": "HIGH", "P3": "MEDIUM", "p4": "LOW", "High": "HIGH", "low": "LOW", "MEDIUM": "MEDIUM",
		"urgent": "HIGH", "Critical": "HIGH", "normal": "MEDIUM", "None": "MEDIUM", " high ": "HIGH", "Important": "HIGH",
		"0": "", "5": "", "P5": "", "P": "", "11": "", "high!": "", "hi": "",
	} {
		if got, ok := parsePriority(word); got != want || ok != (want != "") {
			t.Errorf("parsePriority(%q) = %s, %v, want %s", word, got, ok, want)
		}
	}
	for _, tt := range []struct {
		want, ok bool
		words    []string
	}{
		{true, true, []string{"true", "TRUE", "yes", "Y", "on", "t", "1", "x", "X", "✓", "✔", "completed", "Complete", "done", "closed", "2026-03-01", "2026-03-01T10:00:00Z"}},
		{false, true, []string{"false", "No", "n", "off", "0", "pending", "todo", "To do", "to-do", "in_progress", "In progress", "inProgress", "open", "Not Started", "notStarted", "needsAction"}},
		{false, false, []string{"maybe", "2", "-", "yes!", "03/04/2026", "done?"}},
	} {
		for _, word := range tt.words {
			if done, _, ok := parseDone(word); ok != tt.ok || ok && done != tt.want {
				t.Errorf("parseDone(%q) = %v, %v, want %v, %v", word, done, ok, tt.want, tt.ok)
			}
		}
	}
	for text, want := range map[string][]string{
		"": {}, "home": {"home"}, "home, garden": {"home", " garden"}, "a;b": {"a", "b"}, "a; b,c": {"a", " b", "c"}, ",a,,b,": {"a", "b"}, `["a,b","c;d"]`: {"a,b", "c;d"},
		` ["a"] `: {"a"}, "[]": {}, "null": {}, `["a",1]`: nil, `["a"`: nil, `{"a":1}`: nil, `["a",null]`: nil, "two words": {"two words"},
	} {
		f := &fields{texts: map[string]string{"tags": text}, names: map[string]string{"tags": "Labels"}}
		if got := f.tags(); !slices.Equal(got, want) || (f.problems == nil) != (want != nil) {
			t.Errorf("tags of %q = %q, %q, want %q", text, got, f.problems, want)
		}
	}
}

// TestErrorsNameColumns wants the name that the file has.
func TestErrorsNameColumns(t *testing.T) {
	for text, want := range map[string]string{
		"Task Name,Importance\nx,7\n":                      `line 2: Importance: "7" is none of HIGH, MEDIUM and LOW, and no number from 1 to 4`,
		"Name,Due Date\nx,03/04/2026\n":                    `line 2: Due Date: "03/04/2026" could be 3 April or March 4: write 2026-04-03 or 2026-03-04`,
		"Name,Is Done\nx,perhaps\n":                        `line 2: Is Done: "perhaps" is neither true nor false, nor a status such as done or open`,
		"Name,State\nx,Blocked\n":                          `line 2: State: "Blocked" is neither true nor false, nor a status such as done or open`,
		"Name,Date Created,Completed At\nx,soon,never\n":   `line 2: Date Created: "soon" is no date such as 2030-03-01, 1 Mar 2030, 2030-03-01T17:00:00 or 2030-03-01T17:00:00Z; Completed At: "never" is no date such as 2030-03-01, 1 Mar 2030, 2030-03-01T17:00:00 or 2030-03-01T17:00:00Z`,
		"Name,Labels\nx,\"[\"\"a\"\"\"\n":                  `line 2: Labels: "[\"a\"" is no list such as home, garden or ["home", "garden"]`,
		"N\u202eame,Due\n\"\",1\n":                         `line 2: Due: "1" is no date such as 2030-03-01, 1 Mar 2030, 2030-03-01T17:00:00 or 2030-03-01T17:00:00Z`,
		"[{\"name\":\"x\",\n\"Due-Date\":[\"2026\"]}]":     `line 1: Due-Date: "[\"2026\"]" is a value of the wrong kind`,
		"Name;Due Date\nx;31.12.26\n":                      `line 2: Due Date: "31.12.26" has a year of two digits: write it as 2030-03-01`,
		"Preamble\n\"two\nlines\"\nName,Due,Done\nx,1,1\n": `line 5: Due: "1" is no date such as 2030-03-01, 1 Mar 2030, 2030-03-01T17:00:00 or 2030-03-01T17:00:00Z`,
	} {
		_, rows, bad := readAll(t, text)
		if len(rows) != 0 || len(bad) != 1 || bad[0] != want {
			t.Errorf("%q = %d rows, bad %q\nwant %q", text, len(rows), bad, want)
		}
	}
	_, rows, _ := readAll(t, "Task Name,Date Completed\nx,2026-03-01\n")
	for field, want := range map[string]string{"title": "Task Name", "completedAt": "Date Completed", "tags": "tags"} {
		if got := rows[0].Column(field); got != want {
			t.Errorf("Column(%q) = %q, want %q", field, got, want)
		}
	}
}

// TestNamesAreDocumented compares the table of the documentation with the names that are read.
func TestNamesAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../docs/import-export.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "| field | other names |")
	table, _, _ := strings.Cut(section, "\n\n")
	documented := map[string][]string{}
	for line := range strings.Lines(table) {
		if cells := strings.Split(line, "|"); len(cells) == 4 && strings.Contains(line, "`") {
			field := strings.Trim(cells[1], " `")
			documented[field] = []string{plain(field)}
			for name := range strings.SplitSeq(cells[2], ",") {
				documented[field] = append(documented[field], plain(name))
			}
		}
	}
	for field, names := range fieldNames {
		if len(names) > 1 && !slices.Equal(documented[field], names) {
			t.Errorf("%s may be named %q, and the documentation has %q", field, names, documented[field])
		}
	}
}
