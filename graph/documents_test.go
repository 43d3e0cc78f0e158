package graph

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
)

// TestRememberedDocuments has the cache stay within its bounds, whatever it is given, and count right.
func TestRememberedDocuments(t *testing.T) {
	d := newDocuments()
	ctx := context.Background()
	d.Add(ctx, strings.Repeat("x", rememberedLongest+1), &ast.QueryDocument{})
	if n := d.cache.Len(); n != 0 {
		t.Errorf("%d documents after one that is too long", n)
	}
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 400 {
				text := fmt.Sprintf("%d %d %s", w%4, i, strings.Repeat("x", 1000+37*i))
				d.Add(ctx, text, &ast.QueryDocument{})
				d.Get(ctx, text)
			}
		})
	}
	wg.Wait()
	total := 0
	for _, text := range d.cache.Keys() {
		total += len(text)
	}
	if int64(total) != d.bytes.Load() || total > rememberedBytes || total < rememberedBytes/2 {
		t.Errorf("%d bytes are remembered, %d are counted, at most %d may be", total, d.bytes.Load(), rememberedBytes)
	}
}

func TestLonelySurrogate(t *testing.T) {
	for text, want := range map[string]bool{
		`{ a(x: "\ud83d\ude00") }`:           false,
		`{ a(x: "\uD83D\uDE00\n") }`:         false,
		`{ a(x: "\ud83d") }`:                 true,
		`{ a(x: "\ude00\ud83d") }`:           true,
		`{ a(x: "\ud83dx\ude00") }`:          true,
		`{ a(x: "\\ud83d") }`:                false,
		`{ a(x: "\\\ud83d") }`:               true,
		`{ a(x: """\ud83d""") }`:             false, // no escapes in a block string
		`{ a } # \ud83d`:                     false,
		`{ a(x: "\u00e9") }`:                 false,
		`{ a(x: "\u{1F600}", y: "\udbff") }`: true,
		`{ a(x: "éé") b(x: "\ud83d") }`:      true,
		`{ a(x: "\ud83d`:                     false, // the parser refuses it
	} {
		if got := checkTokens(text) != nil; got != want {
			t.Errorf("checkTokens(%s) refuses: %v, want %v", text, got, want)
		}
	}
}
