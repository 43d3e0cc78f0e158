package transfer

import (
	"strings"
	"testing"

	"taskql/models"
)

// TestFormulasAreGuarded has formulas wherever a cell may begin for a program that splits at a comma, ; | or a tab.
func TestFormulasAreGuarded(t *testing.T) {
	for text, want := range map[string]string{
		"":                    "'",
		"plain; text | a\tb":  "plain; text | a\tb",
		"=1":                  "'=1",
		"x;=1+1;y":            "x;'=1+1;y",
		"x|@SUM(A1)":          "x|'@SUM(A1)",
		"x\t-1\t+2":           "x\t'-1\t'+2",
		"x\n=1\r\n=2":         "x\n'=1\r\n'=2",
		"x; =1":               "x;' =1",
		"x;'=1":               "x;''=1",
		"x;\"=1\"":            "x;'\"=1\"",
		"\ufeff=1":            "'\ufeff=1",
		"\u200b\u200d=1":      "'\u200b\u200d=1",
		"x;\u2060\u00a0＝1":    "x;'\u2060\u00a0＝1",
		"\t=1":                "'\t'=1",
		"a=b, c-d; e+f | g@h": "a=b, c-d; e+f | g@h",
	} {
		got := guarded(&text)
		if got != want || unguarded(got) != text {
			t.Errorf("guarded(%q) = %q, and again %q, want %q", text, got, unguarded(got), want)
		}
	}
}

// TestTextsAreQuoted looks at the bytes of a file: a text cannot end its cell.
func TestTextsAreQuoted(t *testing.T) {
	var file strings.Builder
	w := NewWriter(&file, CSV)
	if err := w.Write(&models.Task{ID: 1, UserID: "u", Title: `say "x"`, Tags: []string{"a;=1"}, Priority: models.PriorityLow}); err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Split(file.String(), "\r\n")[1], `1,"u","say ""x""",,LOW,"[""a;'=1""]",`; !strings.HasPrefix(got, want) {
		t.Errorf("the row is %s, want it to begin with %s", got, want)
	}
}
