package doclimit

import "testing"

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
		if got := Check(text) != nil; got != want {
			t.Errorf("Check(%s) refuses: %v, want %v", text, got, want)
		}
	}
}
