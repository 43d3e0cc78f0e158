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
	"taskql/models"
	"taskql/reqlog"
	"taskql/tasks"
)

// Handler serves the GraphQL API to users whose tokens the verifier accepts, over HTTP and WebSockets.
type Handler struct {
	sockets http.Handler
	secured http.Handler
	open    *overSocket
	// stop ends the streams of events.
	stop context.CancelFunc
}

// NewHandler returns the handler. timeout bounds each operation over a WebSocket; over HTTP the
// request's context does.
func NewHandler(service *tasks.Service, verifier *auth.Verifier, timeout time.Duration, log *slog.Logger) *Handler {
	schema := NewExecutableSchema(Config{Schema: schema(), Resolvers: &Resolver{Service: service, Log: log}, Complexity: costs()})
	server := handler.New(schema)
	sockets, documents := newSockets(verifier, timeout), newDocuments()
	stopping, stop := context.WithCancel(context.Background())
	server.AddTransport(sockets)
	server.AddTransport(overEvents{stopping, log})
	server.AddTransport(overHTTP{})
	server.SetQueryCache(documents)
	server.SetParserTokenLimit(maxTokens)
	server.SetErrorPresenter(presenter(log))
	server.SetRecoverFunc(recoverer)
	server.Use(extension.Introspection{})
	server.Use(documents)
	server.Use(&inputs{})
	server.Use(&limits{})
	server.AroundOperations(sockets.limited)
	server.AroundOperations(logOperation(log))
	return &Handler{sockets: server, secured: verifier.Middleware(server, deny), open: sockets, stop: stop}
}

func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if IsSocket(r) {
		h.sockets.ServeHTTP(w, r) // its token comes with its first message
		return
	}
	h.secured.ServeHTTP(w, r)
}

// Shutdown ends the streams of events and closes the WebSockets, which http.Server forgets: each when its
// queries and mutations under way are done, all at the latest when ctx ends.
func (h *Handler) Shutdown(ctx context.Context) {
	h.stop()
	h.open.shutdown(ctx)
}

// schema is the one of schema.graphqls without @defer, which gqlgen adds to each: no answer here comes
// in parts.
func schema() *ast.Schema {
	whole := *NewExecutableSchema(Config{}).Schema()
	whole.Directives = maps.Clone(whole.Directives)
	delete(whole.Directives, "defer")
	return &whole
}

// deny answers a request that the auth middleware turned away.
func deny(w http.ResponseWriter, r *http.Request, err error) {
	public, _ := models.Public(err)
	reply{w, r.Context(), mediaType(r.Header.Values("Accept"), typeJSON, typeResponse)}.fail(models.Status(public.Code), printed(public))
}

// logOperation names the operation in the request's line, by its root fields when it has no name. An
// operation over a WebSocket, which may have many, gets a line of its own.
func logOperation(log *slog.Logger) graphql.OperationMiddleware {
	return func(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
		name := slog.String("operation", operationName(graphql.GetOperationContext(ctx).Operation))
		if ctx.Value(connKey{}) == nil {
			reqlog.Add(ctx, name)
		} else {
			log.LogAttrs(ctx, slog.LevelInfo, "operation", slog.String("id", reqlog.ID(ctx)), name)
		}
		return next(ctx)
	}
}

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
