package adopt

import (
	"slices"
	"strings"
)

// SQLite stores the text of CREATE TABLE and states little else about a table's definition. A rebuilt table gets the
// definitions of unknown columns unchanged from that text.

// definition is a column or a constraint of CREATE TABLE, as tokens.
type definition []token

type token struct {
	text string
	// spaced is true if white space or a comment precedes it.
	spaced bool
}

// word returns a name or keyword in lower case without quotes, or "" for any other token.
func (t token) word() string {
	switch c := t.text[0]; {
	case c == '"' || c == '`':
		return strings.ToLower(strings.ReplaceAll(t.text[1:len(t.text)-1], strings.Repeat(string(c), 2), string(c)))
	case c == '[':
		return strings.ToLower(t.text[1 : len(t.text)-1])
	case isWord(c):
		return strings.ToLower(t.text)
	default:
		return ""
	}
}

func isWord(c byte) bool {
	return c == '_' || c == '$' || c >= 0x80 || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

// readDefinitions splits CREATE TABLE into the definitions between its parentheses and the tokens after them. The text is well
// formed, because SQLite has accepted it.
func readDefinitions(text string) (definitions []definition, options []token) {
	depth := 0
	var current definition
	for _, t := range tokens(text) {
		switch t.text {
		case "(":
			if depth++; depth == 1 {
				continue
			}
		case ")":
			if depth--; depth == 0 {
				definitions = append(definitions, current)
				continue
			}
		case ",":
			if depth == 1 {
				definitions, current = append(definitions, current), nil
				continue
			}
		}
		if depth > 0 {
			current = append(current, t)
		} else if definitions != nil {
			options = append(options, t)
		}
	}
	return definitions, options
}

func tokens(text string) (all []token) {
	spaced := false
	for text != "" {
		n := 1
		switch c := text[0]; {
		case strings.IndexByte(" \t\r\n\f", c) >= 0:
			text, spaced = text[1:], true
			continue
		case strings.HasPrefix(text, "--"):
			_, text, _ = strings.Cut(text, "\n")
			spaced = true
			continue
		case strings.HasPrefix(text, "/*"):
			_, text, _ = strings.Cut(text[2:], "*/")
			spaced = true
			continue
		case c == '[':
			n = strings.IndexByte(text, ']') + 1
		case c == '"' || c == '`' || c == '\'':
			// A doubled quote is part of the text. It reads here as the end of one token and the start of the next.
			for n = 0; n < len(text) && text[n] == c; {
				n += 2 + strings.IndexByte(text[n+1:], c)
			}
		case isWord(c):
			for n < len(text) && isWord(text[n]) {
				n++
			}
		}
		all = append(all, token{text[:n], spaced})
		text, spaced = text[n:], false
	}
	return all
}

// String returns the definition as it was written, without comments.
func (d definition) String() string {
	var text strings.Builder
	for i, t := range d {
		if t.spaced && i > 0 {
			text.WriteByte(' ')
		}
		text.WriteString(t.text)
	}
	return text.String()
}

// constraint is the kind of a table constraint: "primary", "unique", "check" or "foreign"; "" for a column.
func (d definition) constraint() string {
	at := 0
	if d[0].word() == "constraint" && d[0].text[0] != '"' {
		at = 2
	}
	if kind := d[at].word(); isWord(d[at].text[0]) && slices.Contains([]string{"primary", "unique", "check", "foreign"}, kind) {
		return kind
	}
	return ""
}

// has reports whether the definition contains one of the words.
func (d definition) has(words ...string) bool {
	return slices.ContainsFunc(d, func(t token) bool { return slices.Contains(words, t.word()) })
}

// list returns the names in the first parentheses.
func (d definition) list() (names []string) {
	for i := slices.IndexFunc(d, func(t token) bool { return t.text == "(" }); i >= 0 && d[i].text != ")"; i++ {
		if word := d[i].word(); word != "" {
			names = append(names, word)
		}
	}
	return names
}

// renamed returns the definition with other names of columns after its first parenthesis. names maps those in lower case.
func (d definition) renamed(names map[string]string) definition {
	d = slices.Clone(d)
	inside := false
	for i, t := range d {
		if name := names[t.word()]; inside && name != "" {
			d[i].text = quoteName(name)
		}
		inside = inside || t.text == "("
	}
	return d
}

// refersTo reports whether the definition has a foreign key to a table.
func (d definition) refersTo(table string) bool {
	for i, t := range d[:len(d)-1] {
		if t.word() == "references" && strings.EqualFold(d[i+1].word(), table) {
			return true
		}
	}
	return false
}

// optional returns the definition of a column without its NOT NULL, and whether it had one and no default.
func (d definition) optional() (definition, bool) {
	depth := 0
	for i, t := range d {
		switch t.text {
		case "(":
			depth++
		case ")":
			depth--
		}
		if depth == 0 && i+1 < len(d) && t.word() == "not" && d[i+1].word() == "null" && !d.has("default", "generated", "as") {
			end := i + 2
			if end+2 < len(d) && d[end].word() == "on" && d[end+1].word() == "conflict" {
				end += 3
			}
			from := i
			if i >= 2 && d[i-2].word() == "constraint" {
				from = i - 2
			}
			return slices.Concat(d[:from], d[end:]), true
		}
	}
	return d, false
}
