package hostile

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"taskql/store/storetest"
)

// drawn draws dear root fields of queries.
type drawn struct{ *rand.Rand }

func pick[T any](d drawn, from ...T) T { return from[d.IntN(len(from))] }

// word returns a word that is in all tasks, in some, or in none.
func (d drawn) word() string {
	return pick(d, "report", "weekly", "task", "e", "lorem", "tag7", "zebra")
}

func (d drawn) text() string { return fmt.Sprintf("%q", d.word()) }

// values draws a list of up to 100 values.
func (d drawn) values(value func() string) string {
	all := make([]string, 1+d.IntN(100))
	for i := range all {
		all[i] = value()
	}
	return "[" + strings.Join(all, ", ") + "]"
}

func (d drawn) filter(depth int) string {
	if depth > 0 && d.IntN(2) == 0 {
		var below []string
		for range 1 + d.IntN(4) {
			below = append(below, d.filter(depth-1))
		}
		return pick(d, "{and: ["+strings.Join(below, ", ")+"]}", "{or: ["+strings.Join(below, ", ")+"]}", "{not: "+below[0]+"}")
	}
	id := func() string { return fmt.Sprintf(`"%d"`, 1+d.IntN(1000)) }
	return pick(d,
		"{title: {contains: "+d.text()+", notIn: "+d.values(d.text)+"}}",
		"{description: {notContains: "+d.text()+"}}",
		"{description: {endsWith: "+d.text()+", isNull: false}}",
		"{tags: {any: "+d.values(d.text)+", none: "+d.values(d.text)+"}}",
		"{tags: {all: "+d.values(d.text)+"}}",
		"{id: {notIn: "+d.values(id)+"}}",
		"{due: [OVERDUE, TODAY, NO_DUE_DATE], priority: {gte: MEDIUM}}",
		"{dueDate: {gte: \"2026-02-01\"}, completed: false}",
	)
}

// field draws a root field with its selection set.
func (d drawn) field() string {
	page := fmt.Sprintf("%s: %d", pick(d, "first", "last"), 1+d.IntN(100))
	if d.IntN(3) > 0 {
		page += ", filter: " + d.filter(3)
	}
	if d.IntN(2) == 0 {
		page += fmt.Sprintf(", search: %q", d.word()+pick(d, "", " "+d.word()))
	}
	page += pick(d, "", "", ", orderBy: [{field: TITLE}, {field: DUE, direction: DESC}]", ", orderBy: {field: POSITION}") + pick(d, "", ", trash: INCLUDE")
	selection := pick(d, "nodes { "+whole+" }", "edges { cursor relevance node { id title } }", "pageInfo { hasNextPage hasPreviousPage }")
	return pick(d,
		"tasks("+page+") { "+selection+" }",
		"tasks("+page+") { totalCount "+selection+" }",
		"taskStats(filter: "+d.filter(3)+") { total open overdue openByPriority { count } completedPerDay(days: 90) { count } }",
		"taskChanges(first: 500) { nextToken changes { kind task { "+whole+" } } }",
		"tags(first: 200) { tag total }",
	)
}

// TestDrawnRequests repeats drawn requests as TestQuietNeighbour does with chosen ones.
func TestDrawnRequests(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, databaseURL string) {
		t.Parallel()
		s := server(t, databaseURL, storetest.Scale(2_000, 100_000))
		hostile, quiet := s.As("hostile"), s.As("quiet")
		seeds, sent := storetest.Scale(3, 300), 0
		for seed := range seeds {
			field := drawn{rand.New(rand.NewPCG(uint64(seed), 1))}.field()
			r, aliases := dearest(t, hostile, field)
			if aliases == 0 {
				continue
			}
			sent++
			beside(t, fmt.Sprintf("seed %d, %s", seed, field[:min(len(field), 80)]), fmt.Sprintf("%d aliases", aliases), start(hostile, r), quiet, s.active)
		}
		if sent < seeds/2 {
			t.Errorf("only %d of %d drawn requests are not refused", sent, seeds)
		}
		if memory := s.peakMemory(t); memory > maxMemory {
			t.Errorf("the server has used %d MiB, want at most %d", memory, maxMemory)
		}
	})
}
