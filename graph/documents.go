package graph

import (
	"context"
	"fmt"
	"regexp"
	"sync"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
	"github.com/hashicorp/golang-lru/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/lexer"
	"github.com/vektah/gqlparser/v2/parser"

	"taskql/models"
)

// The limits of the cache of parsed documents. The byte limits apply to the texts; a parsed document needs about fifty
// times the memory of its text. A front end has a few dozen documents of a few hundred bytes.
const (
	rememberedDocuments = 1000
	rememberedBytes     = 512 << 10
	rememberedLongest   = 32 << 10
)

// The limits of new documents. The validator compares each pair of fields with the same name and each pair of fragments
// that are spread together, so its time grows with the square of their numbers.
const (
	maxRepeats   = 200
	maxFragments = 300
	maxBrackets  = 64  // within each other; a filter of five levels in a selection of sixteen has 45
	maxName      = 256 // bytes; the validator's errors repeat names
)

// documents is the cache of parsed documents. It is also the gqlgen extension that checks new documents before the
// validator does.
type documents struct {
	cache *lru.Cache[string, *ast.QueryDocument]
	bytes atomic.Int64
	// kept holds what was made of each document in the cache: *ast.QueryDocument → *kept.
	kept sync.Map
}

var (
	_ graphql.Cache[*ast.QueryDocument] = (*documents)(nil)
	_ graphql.HandlerExtension          = (*documents)(nil)
	_ graphql.OperationParameterMutator = (*documents)(nil)
)

func newDocuments() *documents {
	d := &documents{}
	cache, err := lru.NewWithEvict(rememberedDocuments, func(text string, document *ast.QueryDocument) {
		d.bytes.Add(-int64(len(text)))
		d.kept.Delete(document)
	})
	if err != nil {
		panic(err) // the size is positive
	}
	d.cache = cache
	return d
}

// Get returns a document that was parsed and validated before.
func (d *documents) Get(_ context.Context, text string) (*ast.QueryDocument, bool) {
	return d.cache.Get(text)
}

// Add adds a document to the cache and evicts the oldest ones if the cache exceeds its limits. It ignores a document
// whose text is longer than rememberedLongest.
func (d *documents) Add(_ context.Context, text string, document *ast.QueryDocument) {
	if len(text) > rememberedLongest {
		return
	}
	d.kept.Store(document, new(kept)) // before the document can be evicted
	if known, _ := d.cache.ContainsOrAdd(text, document); known {
		d.kept.Delete(document)
		return
	}
	for d.bytes.Add(int64(len(text))) > rememberedBytes {
		d.cache.RemoveOldest()
		d.bytes.Add(-int64(len(text))) // the condition adds it again
	}
}

// kept is what was made of a document in the cache.
type kept struct {
	// plans are the plans of its fields: *ast.Field → plan. steps is how many fields they write.
	plans sync.Map
	steps atomic.Int64
	// sizes are the last sizes of its operations: *ast.OperationDefinition → *measured.
	sizes sync.Map
	// facts are what its lists select: *ast.Field → *listFacts.
	facts sync.Map
}

// maxSteps is how many fields the kept plans of a document write. A fragment that many fields spread makes a plan much longer than the
// document.
const maxSteps = 500

// keptOf returns what was made of a document, or nil if the document is not in the cache.
func (d *documents) keptOf(document *ast.QueryDocument) *kept {
	if d == nil { // a test without a cache
		return nil
	}
	found, _ := d.kept.Load(document)
	known, _ := found.(*kept)
	return known
}

func (d *documents) ExtensionName() string { return "Documents" }

func (d *documents) Validate(graphql.ExecutableSchema) error { return nil }

func (d *documents) MutateOperationParameters(_ context.Context, params *graphql.RawParams) *gqlerror.Error {
	if d.cache.Contains(params.Query) {
		return nil
	}
	if err := checkTokens(params.Query); err != nil {
		return printed(err)
	}
	document, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: params.Query}, maxTokens)
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
		return printed(&models.Error{Code: models.CodeComplexityLimit, Message: fmt.Sprintf(
			"The document repeats fields more than %d times, or has more than %d fragments.", maxRepeats, maxFragments)})
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
	for range maxTokens {
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
