// Package words splits task texts and searches into words. Both databases index its result, so that they find the same
// tasks.
package words

import (
	"iter"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxWord is how many bytes of a word are used; the rest is ignored. PostgreSQL rejects lexemes of 2 kB.
const maxWord = 1024

// all yields the words of an NFKC-normalised text in lower case. A word is a run of letters, marks and digits, or a single
// symbol such as an emoji. In scripts without spaces each letter is a word, because only a dictionary could find the word
// boundaries. All other characters separate words, except invisible ones, which are skipped.
func all(normalised string) iter.Seq[string] {
	return func(yield func(string) bool) {
		var run []byte
		// flush yields the run, if there is one, and reports whether the caller wants more words.
		flush := func() bool {
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
					if !flush() || !yield(string(r)) {
						return
					}
				case unicode.Is(unicode.Variation_Selector, r), unicode.IsMark(r) && len(run) == 0:
					// A mark without a letter is not a word. NFKC turns ´, which people type as an apostrophe, into a space and a mark.
				case len(run)+utf8.UTFMax <= maxWord:
					run = utf8.AppendRune(run, fold(r))
				}
			case unicode.Is(unicode.So, r):
				if !flush() || !yield(string(r)) {
					return
				}
			case skinTone(r), unicode.Is(unicode.Cf, r) && r != zeroWidthSpace:
				// Skipped: it changes only how its neighbours look, so texts with and without it have the same words.
			default:
				if !flush() {
					return
				}
			}
		}
		flush()
	}
}

// zeroWidthSpace is the only invisible format character that separates words.
const zeroWidthSpace = '\u200b'

func skinTone(r rune) bool { return '\U0001f3fb' <= r && r <= '\U0001f3ff' }

// fold returns the lower-case letter as models.Fold does. It also maps the Greek final sigma to the ordinary one.
func fold(r rune) rune {
	if r == 'ς' {
		return 'σ'
	}
	return unicode.ToLower(r)
}

// unspaced reports whether a letter or mark belongs to a script without spaces between words.
func unspaced(r rune) bool {
	return r >= '\u0e00' && (r == 'ー' || unicode.In(r, unicode.Thai, unicode.Lao, unicode.Myanmar, unicode.Khmer,
		unicode.Hiragana, unicode.Katakana, unicode.Han))
}

// startsUnspaced reports whether a word is a letter of a script without spaces.
func startsUnspaced(word string) bool {
	r, _ := utf8.DecodeRuneInString(word)
	return unspaced(r)
}

// paired reports whether word is indexed together with the next one, as it is when both are letters of a script without
// spaces. Single letters are too frequent to narrow a search down, and would exceed maxPositions.
func paired(word, next string) bool { return startsUnspaced(word) && startsUnspaced(next) }

// The limits of the index, in terms. A task that the API accepts is indexed completely; a task from an adopted table may
// have megabytes of text. A tsvector of PostgreSQL holds positions up to 16,383, 256 positions for each term, and 1 MiB.
const (
	maxTitle     = 1_000
	maxTags      = 2_000
	maxNotes     = 12_000
	maxPositions = 250 // of each term
	meanBytes    = 60  // limits the bytes of a field: its limit in terms times meanBytes
)

// Text has the terms that a task is found by, in the order of the text: those of its title, of its tags and of its
// description. "" stands at a position without a term.
type Text [3][]string

// NewText returns the terms of a task with that title, tags and description (notes, may be nil), within the limits of the
// index. Each tag is followed by an empty position, so that a phrase does not match across two tags.
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
	t.limitPositions()
	return t
}

// terms returns the first terms of a text, at most limit.
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

// limitPositions clears all but the first maxPositions occurrences of each term.
func (t Text) limitPositions() {
	if len(t[0])+len(t[1])+len(t[2]) <= maxPositions {
		return
	}
	counts := map[string]int{}
	for _, field := range t {
		for i, term := range field {
			if counts[term]++; counts[term] > maxPositions {
				field[i] = ""
			}
		}
	}
}

// Search is a parsed search. A task matches if each phrase occurs within one of its fields. Without phrases no task
// matches. No phrase is there twice.
type Search struct{ Phrases []Phrase }

// Phrase is a word, or several consecutive words, as the terms that they are indexed by.
type Phrase struct {
	Terms []string
	// Prefix is set if the last term matches every term that begins with it.
	Prefix bool
	// Unfinished is set if the user may still be typing the last word. A text with exactly this word is a better match than
	// one with a longer word.
	Unfinished bool
}

// maxSearch is how many words of a search are used; the rest is ignored.
const maxSearch = 32

// quotes are the double quotes that people type, including the curly ones of phones.
const quotes = `"“”„‟`

// Parse parses a search as a user types it. It returns nil for blank text, which means no search. For text without a word
// it returns a Search without phrases, which finds nothing. Words that are joined without a space, such as foo-bar, are a
// phrase, and so are words within double quotes. The last word is unfinished unless it is within closed quotes.
func Parse(text string) *Search {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	var phrases [][]string
	left, unfinished := maxSearch, false // unfinished describes the last phrase
	// add appends the words of text as one phrase. open means that the last word may be unfinished.
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
	s := &Search{Phrases: []Phrase{}}
	for i, words := range phrases {
		phrase := newPhrase(words, unfinished && i == len(phrases)-1)
		if !slices.ContainsFunc(s.Phrases, phrase.equal) {
			s.Phrases = append(s.Phrases, phrase)
		}
	}
	return s
}

const (
	// maxRated is how many phrases of a search are rated one by one. Rating takes the databases longer than finding.
	maxRated = 3
	// maxTogether is how many of the others are rated together. To look for 29 words in titles takes SQLite as long as the search itself.
	maxTogether = 5
)

// Rated returns the groups of phrases by which a match is rated: each of the first phrases alone, and those after them together. Of many phrases the last is
// rated, but not those before it, and its beginning counts as much as the whole: to tell them apart would take SQLite twice as long.
func (s *Search) Rated() [][]Phrase {
	var groups [][]Phrase
	for phrase := range slices.Chunk(s.Phrases[:min(len(s.Phrases), maxRated)], 1) {
		groups = append(groups, phrase)
	}
	if len(s.Phrases) > maxRated {
		together := s.Phrases[maxRated:]
		if last := len(together) - 1; last >= maxTogether {
			together = append(slices.Clone(together[:maxTogether-1]), together[last])
			together[maxTogether-1].Unfinished = false
		}
		groups = append(groups, together)
	}
	return groups
}

func (p Phrase) equal(other Phrase) bool {
	return slices.Equal(p.Terms, other.Terms) && p.Prefix == other.Prefix && p.Unfinished == other.Unfinished
}

// newPhrase returns the phrase for consecutive words. Pairs of letters become one term, see paired.
func newPhrase(words []string, unfinished bool) Phrase {
	var p Phrase
	last := len(words) - 1
	for i, word := range words {
		switch {
		case i < last && paired(word, words[i+1]):
			p.Terms = append(p.Terms, word+words[i+1])
		case i == last && i > 0 && paired(words[i-1], word): // part of the previous pair
		default:
			p.Terms = append(p.Terms, word)
			p.Unfinished = i == last && unfinished && !startsUnspaced(word)
			p.Prefix = i == last && (unfinished || startsUnspaced(word))
		}
	}
	return p
}
