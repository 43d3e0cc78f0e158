package connect

import (
	"database/sql/driver"
	"strings"
	"sync"

	lru "github.com/hashicorp/golang-lru/v2"
	"modernc.org/sqlite"
)

// SQL functions of SQLite: whether a text contains a part, and whether it ends with one. SQLite's instr compares the part at each place of the
// text, which takes as long as their lengths multiplied if both repeat themselves, and substr counts all characters. These take at most as long as
// the sum of the lengths, and a fourth of the time for a long text.
const (
	Contains = "text_contains"
	HasEnd   = "text_has_end"
)

// SQL functions of SQLite: whether a text has one of the lines of another, or all of them. Both texts have a line feed before and after each line.
// To take the text apart in SQL takes ten times as long.
const (
	HasAnyLine  = "text_has_any_line"
	HasAllLines = "text_has_all_lines"
)

// registered registers the functions for all connections that are opened afterwards.
var registered = sync.OnceValue(func() error {
	for name, test := range map[string]func(text, part string) bool{
		Contains: strings.Contains, HasEnd: strings.HasSuffix, HasAnyLine: hasAnyLine, HasAllLines: hasAllLines,
	} {
		err := sqlite.RegisterFunction(name, &sqlite.FunctionImpl{
			NArgs: 2, Deterministic: true,
			VolatileArgs: true, // the texts are not copied
			Scalar: func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
				text, isText := args[0].(string)
				part, _ := args[1].(string)
				return isText && test(text, part), nil
			},
		})
		if err != nil {
			return err
		}
	}
	return nil
})

func hasAnyLine(text, lines string) bool {
	wanted := setOf(lines)
	for rest := strings.TrimPrefix(text, "\n"); rest != ""; {
		line, after, _ := strings.Cut(rest, "\n")
		if _, found := wanted[line]; found {
			return true
		}
		rest = after
	}
	return false
}

func hasAllLines(text, lines string) bool {
	for start := 0; start < len(lines)-1; {
		length := strings.IndexByte(lines[start+1:], '\n')
		if length < 0 || !strings.Contains(text, lines[start:start+length+2]) { // the line with both line feeds
			return false
		}
		start += length + 1
	}
	return true
}

// lineSets are the last results of setOf. A statement asks for the same ones with each row: one for each of the at most 50 tests of its filter.
// The texts of a filter have 64 KB at most.
var lineSets, _ = lru.New[string, map[string]struct{}](maxLineSets) // fails for no size only

const maxLineSets = 128

// setOf returns the lines of a text as a set.
func setOf(text string) map[string]struct{} {
	if known, found := lineSets.Get(text); found {
		return known
	}
	text = strings.Clone(text)
	set := map[string]struct{}{}
	for line := range strings.SplitSeq(strings.Trim(text, "\n"), "\n") {
		set[line] = struct{}{}
	}
	lineSets.Add(text, set)
	return set
}
