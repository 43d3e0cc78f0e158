package persisted

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestAutomatic has one user send many documents. Those that others use stay, and so do those of another user.
func TestAutomatic(t *testing.T) {
	a := NewAutomatic()
	add := func(user, text string) (hash string) {
		a.Add(user, Hash(text), text)
		return Hash(text)
	}
	common, alices := add("eve", "query Common { viewer { id } }"), add("alice", "query Alices { viewer { id } }")
	if _, found := a.Text("alice", common); !found {
		t.Fatal("a document that another user has sent is not found")
	}
	var own string
	for i := range 1000 {
		own = add("eve", fmt.Sprintf("query Q%d { viewer { id } } # %s", i, strings.Repeat("x", 20_000)))
	}
	for name, hash := range map[string]string{"common": common, "alice's": alices, "the last": own} {
		if _, found := a.Text("bob", "sha256:"+hash); !found {
			t.Errorf("the document %s is gone", name)
		}
	}
	if a.own.bytes > maxUserOwn {
		t.Errorf("one user has %d bytes, more than %d", a.own.bytes, maxUserOwn)
	}
	if long := add("alice", strings.Repeat("x", maxText+1)); a.entries[long] != nil {
		t.Error("a text that is too long is kept")
	}
}

// TestAutomaticSizes checks the counters and the limits while many users send and name documents at random.
func TestAutomaticSizes(t *testing.T) {
	texts, hashes := make([]string, 1600), make([]string, 1600)
	for n := range texts {
		texts[n] = fmt.Sprintf("%d %s", n, strings.Repeat("x", n%7*5_000))
		hashes[n] = Hash(texts[n])
	}
	a, random := NewAutomatic(), rand.New(rand.NewPCG(1, 2))
	most := map[string]int{}
	for range 300 {
		number := random.IntN(40)
		user := fmt.Sprint("user ", number)
		for range 80 {
			n := (40*number + random.IntN(60)) % len(texts) // a third are those of the next user, too
			if random.IntN(3) > 0 {
				a.Add(user, hashes[n], texts[n])
			} else if got, found := a.Text(user, hashes[n]); found && got != texts[n] {
				t.Fatalf("the text of %d is another one", n)
			}
		}
		sizes, own := map[string]int{}, 0
		for _, e := range a.entries {
			sizes[e.user] += e.size()
		}
		for user, size := range sizes {
			if user != "" {
				own += size
				if a.users[user].bytes != size || size > maxUserOwn {
					t.Fatalf("%s has %d bytes, %d are counted, %d allowed", user, size, a.users[user].bytes, maxUserOwn)
				}
				most["user"] = max(most["user"], size)
			}
		}
		if a.own.bytes != own || own > maxOwn || a.common.bytes != sizes[""] || sizes[""] > maxCommon {
			t.Fatalf("own %d, counted %d; common %d, counted %d", own, a.own.bytes, sizes[""], a.common.bytes)
		}
		if n := len(a.entries); n != a.own.Len()+a.common.Len() {
			t.Fatalf("%d entries, %d in the pools", n, a.own.Len()+a.common.Len())
		}
		most["own"], most["common"] = max(most["own"], own), max(most["common"], sizes[""])
	}
	if most["own"] < maxOwn-maxText || most["common"] < maxCommon-maxText || most["user"] < maxUserOwn-maxText {
		t.Errorf("the limits were not reached: %v", most)
	}
}
