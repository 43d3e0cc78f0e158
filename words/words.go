// Package words splits texts and searches into words, so that both databases find the same.
package words

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxWord is how many bytes of a word count. Postgres takes no lexeme of 2 kB.
const maxWord = 1024

// all yields the words of a normalised text in lower case: runs of letters, marks and digits, and
// each symbol, such as an emoji, by itself. So is each letter of a script that writes no spaces, in which only
// a dictionary could tell the words. Everything else separates.
func all(normalised string) iter.Seq[string] {
	return func(yield func(string) bool) {
		var run []byte
		ended := func() bool {
			if len(run) == 0 {
				return true
			}
			word := string(run)
			run = run[:0]
			return yield(word)
		}
		for _, r := range normalised {
			switch {
			case unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r):
				switch {
				case unspaced(r):
					if !ended() || !yield(string(r)) {
						return
					}
				case unicode.Is(unicode.Variation_Selector, r), unicode.IsMark(r) && len(run) == 0:
					// A mark on nothing is no word: ´ is a space with one, and many a user's apostrophe.
				case len(run)+utf8.UTFMax <= maxWord:
					run = utf8.AppendRune(run, fold(r))
				}
			case unicode.Is(unicode.So, r):
				if !ended() || !yield(string(r)) {
					return
				}
			case skinTone(r), unicode.Is(unicode.Cf, r) && r != zeroWidthSpace:
				// Seen only in what is around it, so that texts with and without it look the same.
			default:
				if !ended() {
					return
				}
			}
		}
		ended()
	}
}

// zeroWidthSpace is the one of the invisible characters that separates words.
const zeroWidthSpace = '\u200b'

func skinTone(r rune) bool { return '\U0001f3fb' <= r && r <= '\U0001f3ff' }

// fold takes the letter case away as models.Fold does, and from the Greek sigma its form at the end of a word.
func fold(r rune) rune {
	if r == 'ς' {
		return 'σ'
	}
	return unicode.ToLower(r)
}

// unspaced reports whether a letter or mark is of a script that writes no spaces between words.
func unspaced(r rune) bool {
	return r >= '\u0e00' && (r == 'ー' || unicode.In(r, unicode.Thai, unicode.Lao, unicode.Myanmar, unicode.Khmer,
		unicode.Hiragana, unicode.Katakana, unicode.Han))
}

// startsUnspaced is unspaced of a word, which then has one letter.
func startsUnspaced(word string) bool {
	r, _ := utf8.DecodeRuneInString(word)
	return unspaced(r)
}

// A letter of an unspaced script is indexed together with the next one: there are too few letters for
// them to narrow a search down, and the databases count only so many places of a term.
func paired(word, next string) bool { return startsUnspaced(word) && startsUnspaced(next) }

// The limits of what is indexed of a text. A task within the limits of its fields is indexed whole;
// an adopted one may have megabytes. Postgres counts 16,383 places in a task, 256 for each term, and takes 1 MiB of them.
const (
	maxTitle  = 1_000
	maxTags   = 2_000
	maxNotes  = 12_000
	maxPlaces = 250
	meanBytes = 60 // of a term, at most
)

// Text is what a task is found by: the term at each place of its title, of its tags and of its
// description, "" where there is none.
type Text [3][]string

// NewText returns the terms of a task with that title, tags and description, which may be nil. A place
// without a term lies behind each tag, for no phrase to reach into the next one.
func NewText(title string, tags []string, notes *string) Text {
	var inTags, inNotes []string
	for _, tag := range tags {
		if len(inTags) < maxTags {
			inTags = append(append(inTags, terms(tag, maxTags-len(inTags))...), "")
		}
	}
	if notes != nil {
		inNotes = terms(*notes, maxNotes)
	}
	t := Text{terms(title, maxTitle), inTags, inNotes}
	t.limitPlaces()
	return t
}

// terms returns the terms of a text, at most as many as limit.
func terms(text string, limit int) []string {
	var found []string
	bytes := 0
	for word := range all(norm.NFKC.String(text)) {
		if last := len(found) - 1; last >= 0 && paired(found[last], word) {
			found[last] += word
		}
		if bytes += len(word); len(found) == limit || bytes > limit*meanBytes {
			break
		}
		found = append(found, word)
	}
	return found
}

// limitPlaces clears the places of terms that have had enough of them.
func (t Text) limitPlaces() {
	if len(t[0])+len(t[1])+len(t[2]) <= maxPlaces {
		return
	}
	places := map[string]int{}
	for _, field := range t {
		for i, term := range field {
			if places[term]++; places[term] > maxPlaces {
				field[i] = ""
			}
		}
	}
}

// Search is what a user looks for: tasks in which each of the phrases stands in one of the fields.
type Search struct{ Phrases []Phrase }

// Phrase is a word, or several in a row, as the terms they are indexed by.
type Phrase struct {
	Terms []string
	// Prefix is set when the last term is the beginning of one.
	Prefix bool
	// Unfinished is set when the last word may go on: a text in which it does not is a better match.
	Unfinished bool
}

// maxSearch is how many words of a search count.
const maxSearch = 256

// quotes are the double quotes that people type, phones' curly ones among them.
const quotes = `"“”„‟`

// Parse reads a search as a user types it. It returns nil for blank text, which is no search, and
// one without phrases, which finds nothing, for text without a word. Words that are joined by something else
// than a space, such as foo-bar, and those within double quotes are a phrase. The last word may
// be unfinished unless it stands in quotes that are closed.
func Parse(text string) *Search {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	var phrases [][]string
	left, unfinished := maxSearch, false // the last of them
	add := func(text string, open bool) {
		var phrase []string
		for word := range all(text) {
			if left == 0 {
				open, unfinished = false, false
				break
			}
			phrase = append(phrase, word)
			left--
		}
		if len(phrase) > 0 {
			phrases, unfinished = append(phrases, phrase), open
		}
	}
	rest := norm.NFKC.String(text)
	for quoted, more := false, true; more; quoted = !quoted {
		part := rest
		at := strings.IndexAny(rest, quotes)
		if more = at >= 0; more {
			_, size := utf8.DecodeRuneInString(rest[at:])
			part, rest = rest[:at], rest[at+size:]
		}
		if quoted {
			add(part, !more)
			continue
		}
		for word := range strings.FieldsSeq(part) {
			add(word, true)
		}
	}
	s := &Search{Phrases: make([]Phrase, len(phrases))}
	for i, phrase := range phrases {
		s.Phrases[i] = newPhrase(phrase, unfinished && i == len(phrases)-1)
	}
	return s
}

func newPhrase(words []string, unfinished bool) Phrase {
	var p Phrase
	last := len(words) - 1
	for i, word := range words {
		switch {
		case i < last && paired(word, words[i+1]):
			p.Terms = append(p.Terms, word+words[i+1])
		case i == last && i > 0 && paired(words[i-1], word): // already in the pair before
		default:
			p.Terms = append(p.Terms, word)
			p.Unfinished = i == last && unfinished && !startsUnspaced(word)
			p.Prefix = i == last && (unfinished || startsUnspaced(word))
		}
	}
	return p
}
