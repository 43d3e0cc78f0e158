package connect

import (
	"database/sql/driver"
	"strings"
	"sync"
	"sync/atomic"

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
	wanted := linesOf(lines)
	for rest := strings.TrimPrefix(text, "\n"); rest != ""; {
		line, after, _ := strings.Cut(rest, "\n")
		if _, found := wanted.set[line]; found {
			return true
		}
		rest = after
	}
	return false
}

func hasAllLines(text, lines string) bool {
	for _, line := range linesOf(lines).each {
		if !strings.Contains(text, line) {
			return false
		}
	}
	return true
}

// lineSet are the lines of a text: each with its line feeds, and as a set without them.
type lineSet struct {
	text string
	each []string
	set  map[string]struct{}
}

// lastLines is the last result of linesOf. A statement asks for the same one with each row.
var lastLines atomic.Pointer[lineSet]

func linesOf(text string) *lineSet {
	if last := lastLines.Load(); last != nil && last.text == text {
		return last
	}
	lines := &lineSet{text: strings.Clone(text), set: map[string]struct{}{}}
	for line := range strings.SplitSeq(strings.Trim(lines.text, "\n"), "\n") {
		lines.each, lines.set[line] = append(lines.each, "\n"+line+"\n"), struct{}{}
	}
	lastLines.Store(lines)
	return lines
}
