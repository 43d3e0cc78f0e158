package graph

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
	"github.com/hashicorp/golang-lru/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"taskql/auth"
	"taskql/doclimit"
	"taskql/models"
	"taskql/persisted"
)

// The limits of the cache of parsed documents. The byte limits apply to the texts; a parsed document needs about fifty
// times the memory of its text. A front end has a few dozen documents of a few hundred bytes.
const (
	rememberedDocuments = 1000
	rememberedBytes     = 512 << 10
	rememberedLongest   = 32 << 10
)

// documents is the cache of parsed documents. It is also the gqlgen extension that finds the document that a request names, and
// checks new documents before the validator does.
type documents struct {
	cache *lru.Cache[string, *ast.QueryDocument]
	bytes atomic.Int64
	// trusted is never nil.
	trusted   atomic.Pointer[Trusted]
	automatic *persisted.Automatic
	// kept holds what was made of each document in the cache: *ast.QueryDocument → *kept.
	kept sync.Map
}

var (
	_ graphql.Cache[*ast.QueryDocument] = (*documents)(nil)
	_ graphql.HandlerExtension          = (*documents)(nil)
	_ graphql.OperationParameterMutator = (*documents)(nil)
)

func newDocuments() *documents {
	d := &documents{automatic: persisted.NewAutomatic()}
	d.trusted.Store(new(Trusted))
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
	if document := d.trusted.Load().parsed[text]; document != nil {
		return document, true
	}
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

// MutateOperationParameters finds the text of a document that is named by an id, and checks that of a new document.
func (d *documents) MutateOperationParameters(ctx context.Context, params *graphql.RawParams) *gqlerror.Error {
	trusted := d.trusted.Load()
	if err := d.find(ctx, params, trusted); err != nil {
		shown := printed(err)
		shown.Path = argumentPath(nil, err.Path)
		return shown
	}
	if trusted.parsed[params.Query] != nil || d.cache.Contains(params.Query) {
		return nil
	}
	if err := doclimit.Check(params.Query); err != nil {
		return printed(err)
	}
	return nil
}

// newHash is the key in the graphql.Stats of an operation for the hash with which the client has sent the document.
const newHash = "hash"

// find sets the text of the document that a request names. It refuses a text that is not the one with the id.
func (d *documents) find(ctx context.Context, params *graphql.RawParams, trusted *Trusted) *models.Error {
	id, hashed, err := persisted.Requested(params.Extensions)
	if err != nil {
		return err
	}
	text, found := trusted.manifest.Text(id)
	switch {
	case id == "":
	case params.Query == "":
		if !found {
			text, found = d.automatic.Text(auth.ID(ctx), id)
		}
		if !found {
			return &models.Error{Code: models.CodePersistedNotFound, Message: "PersistedQueryNotFound"}
		}
		params.Query = text
	case found && text != params.Query, !found && hashed && !persisted.Fits(id, params.Query):
		return &models.Error{Code: models.CodeBadUserInput, Message: "The document is not the one with this id or hash."}
	case !found && hashed:
		graphql.GetOperationContext(ctx).Stats.SetExtension(newHash, id)
	}
	if trusted.only && trusted.parsed[params.Query] == nil {
		return &models.Error{Code: models.CodePersistedOnly, Message: "This server runs trusted documents only: send the id of one."}
	}
	return nil
}

// keepNew keeps the document of an operation under its hash, if the client has sent both and the operation is within the limits.
func (d *documents) keepNew(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	operation := graphql.GetOperationContext(ctx)
	if operation.Stats.GetExtension(newHash) != nil {
		d.automatic.Add(auth.ID(ctx), persisted.Hash(operation.RawQuery), operation.RawQuery)
	}
	return next(ctx)
}

// Trusted are the documents of manifests, parsed and validated.
type Trusted struct {
	// only makes the handler refuse all other documents, with models.CodePersistedOnly.
	only     bool
	manifest *persisted.Manifest
	parsed   map[string]*ast.QueryDocument // by text
}

// ReadTrusted reads manifests; see persisted.Read. It fails for a document that is not valid in the schema, with the document's id and
// the position in it. If only is true, a handler refuses all other documents.
func ReadTrusted(files []string, only bool) (*Trusted, error) {
	manifest, err := persisted.Read(files)
	if err != nil {
		return nil, err
	}
	t := &Trusted{only: only, manifest: manifest, parsed: map[string]*ast.QueryDocument{}}
	against := schema()
	for _, d := range manifest.Documents() {
		if t.parsed[d.Text] != nil {
			continue
		}
		document, err := validated(against, d.Text)
		if err != nil {
			return nil, fmt.Errorf("%s: the document %q%w", d.File, d.ID, err)
		}
		t.parsed[d.Text] = document
	}
	return t, nil
}

// Len returns the number of different documents.
func (t *Trusted) Len() int { return len(t.parsed) }

// Difference returns how many documents of t are new in comparison with an earlier state, and how many of that are gone. A document with another id is
// another one.
func (t *Trusted) Difference(earlier *Trusted) (added, removed int) {
	missing := func(of, in *Trusted) (n int) {
		for _, d := range of.manifest.Documents() {
			if text, _ := in.manifest.Text(d.ID); text != d.Text {
				n++
			}
		}
		return n
	}
	return missing(t, earlier), missing(earlier, t)
}

// validated parses and validates a document. Its error begins with the name of the operation and the position.
func validated(schema *ast.Schema, text string) (*ast.QueryDocument, error) {
	if err := doclimit.Check(text); err != nil {
		return nil, errors.New(": " + err.Message)
	}
	document, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: text}, doclimit.MaxTokens)
	if err != nil {
		return nil, at("", err)
	}
	if len(document.Operations) == 0 {
		return nil, errors.New(" has no operation")
	}
	if errs := validator.ValidateWithRules(schema, document, rules.NewDefaultRules()); len(errs) > 0 {
		return nil, at(" ("+operationName(document.Operations[0])+")", errs[0])
	}
	return document, nil
}

// at returns an error with the position of a fault.
func at(operation string, err error) error {
	var fault *gqlerror.Error
	if !errors.As(err, &fault) || len(fault.Locations) == 0 {
		return fmt.Errorf("%s: %w", operation, err)
	}
	return fmt.Errorf("%s, line %d, column %d: %s", operation, fault.Locations[0].Line, fault.Locations[0].Column, fault.Message)
}

// trust replaces the trusted documents and returns the old ones.
func (d *documents) trust(trusted *Trusted) (old *Trusted) {
	for _, document := range trusted.parsed {
		d.kept.Store(document, new(kept))
	}
	old = d.trusted.Swap(trusted)
	for _, document := range old.parsed {
		d.kept.Delete(document)
	}
	return old
}
