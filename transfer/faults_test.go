package transfer

import (
	"io"
	"strings"
	"testing"
)

func TestFilesThatAreNotUnderstood(t *testing.T) {
	for text, want := range map[string]string{
		"":                           "is empty",
		" \n\t":                      "is empty",
		"\uFEFF":                     "is empty",
		"\xFF\xFE":                   "is empty",
		"\xFF\xFE" + wide("id,t", 0): ImportFormats,
		wide("title\nx\n", 0):        "UTF-16",
		`{"tasks":[]}`:               "must be an array",
		"due,done\nx,1\n":            ImportFormats,
		"hello\ntitle\n":             ImportFormats,
		"hello\n":                    ImportFormats,
		"PK\x03\x04rest of a zip":    ImportFormats,
		"BEGIN:VCALENDAR\nEND:VCA":   ImportFormats,
		`"unfinished`:                ImportFormats,
	} {
		if _, err := Open(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Open(%q) = %v, want an error with %q", text, err, want)
		}
	}
	if _, err := Open(io.MultiReader(failing{})); err == nil || !strings.Contains(err.Error(), "cannot be read") {
		t.Errorf("Open of a file that fails = %v", err)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrClosedPipe }

// TestBadRows has a good row after each bad one, which must be found.
func TestBadRows(t *testing.T) {
	for row, want := range map[string]string{
		`{"title":5}`:                                           `title: "5" is a value of the wrong kind`,
		`{"title":{"a":1}}`:                                     `title: "{\"a\":1}" is a value of the wrong kind`,
		`{"title":"x","description":["a"]}`:                     `description: "[\"a\"]" is a value of the wrong kind`,
		`{"title":"x","priority":5}`:                            `priority: "5" is none of HIGH, MEDIUM and LOW, and no number from 1 to 4`,
		`{"title":"x","tags":"[\"home\""}`:                      `tags: "[\"home\"" is no list such as home, garden or ["home", "garden"]`,
		`{"title":"x","tags":[1]}`:                              `tags: "[1]" is no list such as home, garden or ["home", "garden"]`,
		`{"title":"x","completed":"maybe"}`:                     `completed: "maybe" is neither true nor false, nor a status such as done or open`,
		`{"title":"x","due_date":"soon"}`:                       `due_date: "soon" is no date such as`,
		`{"title":"x","due_date":"2026-02-30"}`:                 `due_date: "2026-02-30" is no date of the calendar`,
		`{"title":"x","due_date":"2026-02-03","due_kind":"AT"}`: `due_kind: "AT" is none of DATE, LOCAL and INSTANT`,
		`{"title":"x","created_at":"yesterday"}`:                `created_at: "yesterday" is no date such as`,
		`{"title":"x","updated_at":"0000-01-01T00:00:00Z"}`:     `updated_at: "0000-01-01T00:00:00Z" is no date of the calendar`,
		`{"title":"x","Prio":"x","is-done":"q"}`:                `Prio: "x" is none of HIGH, MEDIUM and LOW, and no number from 1 to 4; is-done: "q" is neither true nor false, nor a status such as done or open`,
		`{"title":"x","title":"y"}`:                             `a key is there twice`,
		"{\"title\":\"\xff\"}":                                  `the text is not valid UTF-8`,
		`"text"`:                                                `it is no JSON object`,
		`[]`:                                                    `it is no JSON object`,
		`null`:                                                  `it is no JSON object`,
	} {
		text := "[\n" + row + ",\n{\"title\":\n\"good\"}\n]"
		_, rows, bad := readAll(t, text)
		if len(rows) != 1 || rows[0].Task.Title != "good" || rows[0].Line != 3 || len(bad) != 1 || !strings.HasPrefix(bad[0], "line 2: "+want) {
			t.Errorf("%s = %d rows, bad %q, want line 2: %s", row, len(rows), bad, want)
		}
	}
	for row, want := range map[string]string{
		"1,a \"b\" c,LOW":     "line 2: its quotation marks",
		"1,\"a\"b,LOW":        "line 2: its quotation marks",
		"1,a\"b,LOW":          "line 2: its quotation marks",
		"1,a,b,LOW":           "line 2: it has 4 cells, and the header names 3 columns",
		"1,\"a\r\nb\",LOUD":   `line 2: priority: "LOUD" is none of`,
		"\r\n\r\n1,\"a\",L":   `line 4: priority: "L" is none of`,
		",,,\r\n1,\"\"\"\",x": `line 3: priority: "x" is none of`,
	} {
		text := "id,Title, priority \r\n" + row + "\r\n7,\"good\r\none\",\"low\"\r\n"
		line := strings.Count(row, "\n") + 3
		_, rows, bad := readAll(t, text)
		if len(rows) != 1 || rows[0].Task.Title != "good\r\none" || rows[0].Task.Priority != "LOW" || rows[0].Line != line || len(bad) != 1 || !strings.HasPrefix(bad[0], want) {
			t.Errorf("%q = %+v, bad %q, want %s", row, rows, bad, want)
		}
	}
}

// TestBrokenFiles wants what stands before the damage, and where it is.
func TestBrokenFiles(t *testing.T) {
	for text, want := range map[string]string{
		"[\n{\"title\":\"good\"}":                    "END line 2: the file ends in the middle",
		"[\n{\"title\":\"good\"},\n{\"title\":":      "END line 3: the file ends in the middle",
		"[\n{\"title\":\"good\"},\n":                 "END line 3: the file ends in the middle",
		"[\n{\"title\":\"good\"},\n\n{title}]":       "END line 4: from here on it is no JSON",
		"[\n{\"title\":\"good\"}\n{\"title\":\"\"}]": "END line 3: from here on it is no JSON",
		"[\n{\"title\":\"good\"}\n]\n[]":             "END line 4: there is something behind the end",
		"title\ngood\n\"bad":                         "line 3: its quotation marks",
	} {
		_, rows, bad := readAll(t, text)
		if len(rows) != 1 || rows[0].Task.Title != "good" || len(bad) != 1 || !strings.HasPrefix(bad[0], want) {
			t.Errorf("%q = %d rows, bad %q, want %s", text, len(rows), bad, want)
		}
	}
}

// TestOtherSpellings has what REST lists in its other dialect, and what spreadsheets make of CSV.
func TestOtherSpellings(t *testing.T) {
	for text, want := range map[string]string{
		`[{"id":3,"title":"x","priority":"low","tags":["a","b"],"due_date":"2026-02-01T00:00:00","completed":true,"isOverdue":false,"created_at":"2026-01-01T10:00:00Z"}]`: `x LOW ["a","b"] 2026-02-01T00:00:00 DATE true 2026-01-01T10:00:00Z`,
		`[{"title":"x","priority":null,"tags":null,"due_date":"2026-02-01 10:30","completed":1,"created_at":"2026-01-01T10:00:00"}]`:                                       `x MEDIUM [] 2026-02-01T10:30:00 LOCAL true 2026-01-01T10:00:00Z`,
		"title;completed;due_date;created_at\r\nx;TRUE;2026-02-01T10:30:00Z;2026-01-01 10:00\r\n":                                                                          `x MEDIUM [] 2026-02-01T10:30:00Z INSTANT true 2026-01-01T10:00:00Z`,
		"\"title\",\"completed\",due_date,created_at\nx,T,2026-02-01,2026-01-01T12:00:00+02:00":                                                                            `x MEDIUM [] 2026-02-01T00:00:00 DATE true 2026-01-01T10:00:00Z`,
	} {
		_, rows, bad := readAll(t, text)
		if len(rows) != 1 || bad != nil {
			t.Fatalf("%s = %d rows, bad %q", text, len(rows), bad)
		}
		r := newRecord(imported(t, rows[0], "u"))
		got := strings.Join([]string{r.Title, string(r.Priority), r.Tags, orEmpty(r.DueDate), string(orEmpty(r.DueKind)), r.cells()[7], r.CreatedAt}, " ")
		if got != want {
			t.Errorf("%s =\n%s\nwant\n%s", text, got, want)
		}
	}
	// Without ids, rows that are alike are told apart by their order.
	_, rows, _ := readAll(t, "title\nx\nx\ny\n")
	_, again, _ := readAll(t, "title\ny\nx\nx\nx\n")
	if rows[0].Task.Source == rows[1].Task.Source || rows[0].Task.Source != again[1].Task.Source || rows[1].Task.Source != again[2].Task.Source || rows[2].Task.Source != again[0].Task.Source {
		t.Error("the sources of rows without ids depend on more than the rows")
	}
	// Ids of other applications may repeat, or be no numbers.
	seen := map[string]bool{}
	_, rows, bad := readAll(t, "id,title,created_at\n1,x,\n1,y,\n8f3c-1,x,\n8f3c-1,x,\n1,x,2026-01-01\n1,y,2026-01-01\n0,x,\n")
	for _, row := range rows {
		seen[row.Task.Source] = true
	}
	if len(rows) != 7 || len(seen) != 6 || bad != nil || rows[4].Task.ID != 1 || rows[2].Task.ID != 0 {
		t.Errorf("%d rows with %d sources, bad %q, want 7 with 6", len(rows), len(seen), bad)
	}
}
