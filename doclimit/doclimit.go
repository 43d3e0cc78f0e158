// Package doclimit bounds the GraphQL documents that clients send, before the validator reads them.
package doclimit

import (
	"fmt"
	"regexp"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/lexer"
	"github.com/vektah/gqlparser/v2/parser"

	"taskql/models"
)

// MaxTokens is how many tokens a document has at most.
const MaxTokens = 10_000

// The other limits of documents. The validator compares each pair of fields with the same name and each pair of fragments
// that are spread together, so its time grows with the square of their numbers.
const (
	maxRepeats   = 200
	maxFragments = 300
	maxBrackets  = 64  // within each other; a filter of five levels in a selection of sixteen has 45
	maxName      = 256 // bytes; the validator's errors repeat names
)

// Check returns an error for a document that the parser or the validator would handle at great cost, with
// models.CodeComplexityLimit, and for one that the parser would change, with models.CodeParseFailed. It does not report
// what the parser and the validator do.
func Check(text string) *models.Error {
	if err := checkTokens(text); err != nil {
		return err
	}
	document, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: text}, MaxTokens)
	if err != nil {
		return nil // the executor reports the error with its location
	}
	repeats := 0
	for _, operation := range document.Operations {
		repeats += repeated(operation.SelectionSet)
	}
	for _, fragment := range document.Fragments {
		repeats += repeated(fragment.SelectionSet)
	}
	if repeats > maxRepeats || len(document.Fragments) > maxFragments {
		return &models.Error{Code: models.CodeComplexityLimit, Message: fmt.Sprintf(
			"The document repeats fields more than %d times, or has more than %d fragments.", maxRepeats, maxFragments)}
	}
	return nil
}

// repeated counts the fields whose response name occurs before in the same selection set, at any depth. It does not
// follow fragment spreads.
func repeated(selections ast.SelectionSet) (repeats int) {
	names := map[string]bool{}
	var count func(ast.SelectionSet)
	count = func(selections ast.SelectionSet) {
		for _, selection := range selections {
			switch selection := selection.(type) {
			case *ast.Field:
				if names[selection.Alias] {
					repeats++
				}
				names[selection.Alias] = true
				if len(selection.SelectionSet) > 0 {
					repeats += repeated(selection.SelectionSet)
				}
			case *ast.InlineFragment:
				count(selection.SelectionSet)
			}
		}
	}
	count(selections)
	return repeats
}

var (
	surrogate = regexp.MustCompile(`\\u[dD][89a-fA-F]`)
	// escapes matches one escape sequence. A complete surrogate pair is one match.
	escapes = regexp.MustCompile(`\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.`)
)

// checkTokens refuses what the parser or the validator would handle at great cost, and what the parser would change.
func checkTokens(text string) *models.Error {
	tooMuch := func(format string, args ...any) *models.Error {
		return &models.Error{Code: models.CodeComplexityLimit, Message: fmt.Sprintf(format, args...)}
	}
	tokens, brackets := lexer.New(&ast.Source{Input: text}), 0
	spreads, afterSpread := map[string]bool{}, false
	var runes []rune // positions of tokens are in characters
	if surrogate.MatchString(text) {
		runes = []rune(text)
	}
	for range MaxTokens {
		token, err := tokens.ReadToken()
		if err != nil || token.Kind == lexer.EOF {
			return nil // the executor reports the error with its location
		}
		switch token.Kind {
		case lexer.BraceL, lexer.BracketL, lexer.ParenL:
			if brackets++; brackets > maxBrackets {
				return tooMuch("The document has more than %d brackets within each other.", maxBrackets)
			}
		case lexer.BraceR, lexer.BracketR, lexer.ParenR:
			brackets--
		case lexer.Name:
			if len(token.Value) > maxName {
				return tooMuch("The document has a name of more than %d characters.", maxName)
			}
			if afterSpread { // or the word "on", which does not matter
				spreads[token.Value] = true
			}
			if len(spreads) > maxFragments { // they may have no definition
				return tooMuch("The document has more than %d fragments.", maxFragments)
			}
		case lexer.String:
			if runes != nil && lonelySurrogate(string(runes[token.Pos.Start:token.Pos.End])) {
				return &models.Error{Code: models.CodeParseFailed, Message: "A string has half of a surrogate pair, which is no character."}
			}
		}
		afterSpread = token.Kind == lexer.Spread
	}
	return nil
}

// lonelySurrogate reports whether a string literal contains an escape of half a surrogate pair. The specification forbids
// it (section 2.9.4), but the parser replaces it with another character.
func lonelySurrogate(literal string) bool {
	for _, escape := range escapes.FindAllString(literal, -1) {
		if len(escape) == len(`\ud800`) && surrogate.MatchString(escape) {
			return true
		}
	}
	return false
}
