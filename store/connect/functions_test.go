package connect

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
)

// TestLineFunctions looks for lines in texts, for several lists at once.
func TestLineFunctions(t *testing.T) {
	t.Parallel()
	_, reader, _ := mustOpenFile(t)
	lists := [][]string{{"a"}, {"a", "b"}, {"b", "a b"}, {`a\nb`, "ä"}, {"a", "b", "a b", "ä", "日本"}, {"aa"}, {"b", "aa"}}
	text := func(lines []string) string { return "\n" + strings.Join(lines, "\n") + "\n" }
	var all sync.WaitGroup
	for _, wanted := range lists {
		all.Go(func() {
			for _, lines := range append(lists, nil) {
				has := func(line string) bool { return slices.Contains(lines, line) }
				wantAny, wantAll := slices.ContainsFunc(wanted, has), !slices.ContainsFunc(wanted, func(line string) bool { return !has(line) })
				stored := ""
				if len(lines) > 0 {
					stored = text(lines)
				}
				var hasAny, hasAll bool
				err := reader.QueryRowContext(t.Context(), "SELECT "+HasAnyLine+"(?1, ?2), "+HasAllLines+"(?1, ?2)", stored, text(wanted)).Scan(&hasAny, &hasAll)
				if err != nil || hasAny != wantAny || hasAll != wantAll {
					t.Errorf("%q in %q: any %v, all %v, %v, want %v and %v", wanted, stored, hasAny, hasAll, err, wantAny, wantAll)
				}
			}
		})
	}
	all.Wait()
}

// TestLinesOfManyLists looks for the lines of as many lists as a filter may have, of two requests at once. Only the first row of a statement may take
// the lists apart.
func TestLinesOfManyLists(t *testing.T) {
	var lists []string
	for i := range 100 {
		lists = append(lists, fmt.Sprintf("\na%d\nb\n", i))
	}
	row := func() {
		for _, lines := range lists {
			hasAnyLine("\na\nc\n", lines)
			hasAllLines("\na\nb\n", lines)
		}
	}
	if n := testing.AllocsPerRun(10, row); n > 0 {
		t.Errorf("a row needs %v allocations", n)
	}
}
