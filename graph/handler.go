package graph

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/vektah/gqlparser/v2/ast"

	"taskql/auth"
	"taskql/budget"
	"taskql/doclimit"
	"taskql/models"
	"taskql/reqlog"
	"taskql/respond"
	"taskql/share"
	"taskql/tasks"
)

// Handler serves the GraphQL API to users whose tokens the verifier accepts, over HTTP and WebSockets.
type Handler struct {
	sockets http.Handler
	secured http.Handler
	open    *overSocket
	// stop ends the streams of server-sent events.
	stop      context.CancelFunc
	streams   *streams
	documents *documents
}

// Options configure the GraphQL API. All fields but Budget, Turns, NoIntrospection, Trusted and Observer are required.
type Options struct {
	Service *tasks.Service
	// Verifier decides which tokens are valid.
	Verifier *auth.Verifier
	// Timeout limits each query and mutation over a WebSocket or as server-sent events. Over HTTP, the request's context has
	// the limit.
	Timeout time.Duration
	// MaxStreams is the limit of WebSockets and event streams at once, MaxStreamsPerUser that of each user.
	MaxStreams, MaxStreamsPerUser int
	// Budget limits what each user's requests cost, and how many requests without a token an address sends. nil is no limit.
	Budget *budget.Budgets
	// NoIntrospection refuses questions about the schema, and errors do not tell the names of the schema that may have been meant.
	NoIntrospection bool
	// Turns are taken by operations that are executed; nil is no limit.
	Turns *share.Turns
	// Trusted may be nil: there are no trusted documents then.
	Trusted  *Trusted
	Log      *slog.Logger
	Observer Observer
}

// Observer has functions that are called as operations are executed, for metrics and traces. Each may be nil.
type Observer struct {
	// Operation is called when an operation begins, with query, mutation or subscription, its name or "", and its cost. It returns the
	// context of the operation, and a function that is called at its end with the code of the first error or "".
	Operation func(ctx context.Context, kind, name string, cost int) (context.Context, func(code string))
	// Field is called when a root field is resolved. It returns the context of the resolver and a function that is called when its
	// result has been written.
	Field func(ctx context.Context, object, field string) (context.Context, func())
}

// NewHandler returns a handler for the API.
func NewHandler(o Options) *Handler {
	log, streams, documents := o.Log, newStreams(o.MaxStreams, o.MaxStreamsPerUser), newDocuments()
	schema := NewExecutableSchema(Config{Schema: schema(), Resolvers: &Resolver{Service: o.Service, Log: log, documents: documents}})
	server := handler.New(schema)
	sockets := newSockets(o.Verifier, o.Timeout, streams, o.Turns, o.Budget)
	stopping, stop := context.WithCancel(context.Background())
	server.AddTransport(sockets)
	server.AddTransport(overEvents{stopping, streams, o.Turns, o.Budget, log})
	server.AddTransport(overHTTP{o.Turns, o.Budget})
	server.SetQueryCache(documents)
	server.SetParserTokenLimit(doclimit.MaxTokens)
	server.SetErrorPresenter(presenter(log, o.NoIntrospection))
	server.SetRecoverFunc(recoverer)
	if !o.NoIntrospection {
		server.Use(extension.Introspection{})
	}
	server.Use(spending{o.Budget, o.NoIntrospection})
	server.Use(documents)
	server.Use(&inputs{})
	server.Use(&limits{documents: documents, budget: o.Budget, noIntrospection: o.NoIntrospection})
	server.Use(&results{service: o.Service})
	server.Use(&plans{documents, o.Service})
	server.AroundResponses(refusals(o.Budget))
	server.AroundOperations(documents.keepNew)
	server.AroundOperations(sockets.limited)
	server.AroundOperations((&answers{users: map[string]int64{}}).counted)
	server.AroundOperations(logOperation(log))
	if o.Trusted != nil {
		documents.trust(o.Trusted)
	}
	if o.Observer.Operation != nil {
		server.AroundOperations(observeOperation(o.Observer))
	}
	if o.Observer.Field != nil {
		server.AroundRootFields(observeField(o.Observer))
	}
	return &Handler{sockets: server, secured: o.Verifier.Middleware(server, denying(o.Budget)), open: sockets, stop: stop, streams: streams, documents: documents}
}

// Trust replaces the trusted documents and returns the old ones. Operations that run are not affected.
func (h *Handler) Trust(trusted *Trusted) (old *Trusted) { return h.documents.trust(trusted) }

// ServeHTTP serves one request. A request without a valid access token gets an error, except that a WebSocket sends its
// token later.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if IsSocket(r) {
		h.sockets.ServeHTTP(w, r) // the first message contains the access token
		return
	}
	h.secured.ServeHTTP(w, r)
}

// Streams returns the number of open WebSockets and event streams.
func (h *Handler) Streams() int {
	h.streams.mu.Lock()
	defer h.streams.mu.Unlock()
	return h.streams.open
}

// Documents returns the number of parsed documents in the cache.
func (h *Handler) Documents() int { return h.documents.cache.Len() }

// Shutdown ends the streams of server-sent events and closes the WebSockets. http.Server.Shutdown does not close
// WebSockets. Each one is closed when its running queries and mutations are done, or when ctx ends.
func (h *Handler) Shutdown(ctx context.Context) {
	h.stop()
	h.open.shutdown(ctx)
}

// schema returns the schema without the directive @defer. gqlgen adds @defer to every schema, but this API does not
// support incremental delivery.
func schema() *ast.Schema {
	clone := *NewExecutableSchema(Config{}).Schema()
	clone.Directives = maps.Clone(clone.Directives)
	delete(clone.Directives, "defer")
	return &clone
}

// SchemaText returns the GraphQL schema as SDL: the text of schema.graphqls.
func SchemaText() string { return sources[0].Input }

// NewSchemaHandler returns a handler that answers GET and HEAD with SchemaText, or with 304 if the client has it.
func NewSchemaHandler() http.Handler {
	text := []byte(SchemaText())
	tag := respond.Tag(text)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			header.Set("Allow", "GET, HEAD")
			err := badRequest(http.StatusMethodNotAllowed, "Use GET.")
			replyTo(w, r).fail(err.status, err.printed())
			return
		}
		header.Set("ETag", tag)
		header.Set("Cache-Control", "no-cache") // caches may keep it, and must ask whether it has changed
		if respond.NotModified(r, tag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		header.Set("Content-Type", "text/plain; charset=utf-8") // SDL has no media type of its own
		respond.Encode(r, text).Send(w, http.StatusOK)
	})
}

// denying returns a function that writes the response to a request that the auth middleware rejected.
func denying(b *budget.Budgets) func(http.ResponseWriter, *http.Request, error) {
	return func(w http.ResponseWriter, r *http.Request, err error) {
		public, _ := models.Public(err)
		if refused := b.ChargeAddress(r); refused != nil {
			public = refused
		}
		replyTo(w, r).fail(models.Status(public.Code), printed(public))
	}
}

// logOperation adds the name and the cost of the operation to the request's log line. An operation over a WebSocket gets a log line
// of its own, because one socket may have many operations.
func logOperation(log *slog.Logger) graphql.OperationMiddleware {
	return func(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
		operation := graphql.GetOperationContext(ctx)
		name, cost := slog.String("operation", operationName(operation.Operation)), slog.Any("cost", operation.Stats.GetExtension(costKey))
		if ctx.Value(connKey{}) == nil {
			reqlog.Add(ctx, name, cost)
		} else {
			log.LogAttrs(ctx, slog.LevelInfo, "operation", slog.String("id", reqlog.ID(ctx)), name, cost)
		}
		return next(ctx)
	}
}

// operationName returns the name of the operation. Without a name, it returns the kind and the root fields.
func operationName(operation *ast.OperationDefinition) string {
	name := operation.Name
	if name == "" {
		name = string(operation.Operation)
		for _, selection := range operation.SelectionSet {
			if field, ok := selection.(*ast.Field); ok {
				name += " " + field.Name
			}
		}
	}
	return name[:min(len(name), 100)]
}

// observeOperation calls the observer for each operation. A subscription ends with its stream.
func observeOperation(o Observer) graphql.OperationMiddleware {
	return func(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
		operation := graphql.GetOperationContext(ctx)
		kind := operation.Operation.Operation
		cost, _ := operation.Stats.GetExtension(costKey).(int)
		ctx, end := o.Operation(ctx, string(kind), operation.Operation.Name, cost)
		responses := next(ctx)
		return func(ctx context.Context) *graphql.Response {
			response := responses(ctx)
			if kind != ast.Subscription || response == nil {
				end(codeOf(response))
			}
			return response
		}
	}
}

// observeField calls the observer for each root field.
func observeField(o Observer) graphql.RootFieldMiddleware {
	return func(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
		field := graphql.GetRootFieldContext(ctx).Field
		ctx, end := o.Field(ctx, field.ObjectDefinition.Name, field.Name)
		defer end()
		return next(ctx)
	}
}
