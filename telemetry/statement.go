package telemetry

import "strings"

// verbs are the first words of statements that have metrics of their own.
var verbs = map[string]string{
	"SELECT": "SELECT", "INSERT": "INSERT", "UPDATE": "UPDATE", "DELETE": "DELETE", "WITH": "WITH", "PRAGMA": "PRAGMA", "NOTIFY": "NOTIFY",
}

// verb returns the first word of a statement in capitals, or OTHER. The rest of the text may contain what users have written.
func verb(text string) string {
	text = strings.TrimLeft(text, " \t\n(")
	word := text[:min(len(text), len("SELECT"))]
	if i := strings.IndexAny(word, " \t\n("); i >= 0 {
		word = word[:i]
	}
	if known, found := verbs[word]; found {
		return known
	}
	if known, found := verbs[strings.ToUpper(word)]; found {
		return known
	}
	return "OTHER"
}
