package graph

import (
	"context"
	"log/slog"
	"maps"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/vektah/gqlparser/v2/ast"

	"taskql/auth"
	"taskql/models"
	"taskql/reqlog"
	"taskql/tasks"
)

// NewHandler serves the GraphQL API to users whose tokens the verifier accepts.
func NewHandler(service *tasks.Service, verifier *auth.Verifier, log *slog.Logger) http.Handler {
	schema := NewExecutableSchema(Config{Schema: schema(), Resolvers: &Resolver{Service: service}, Complexity: costs()})
	server := handler.New(schema)
	documents := newDocuments()
	server.AddTransport(overSocket(verifier))
	server.AddTransport(overHTTP{})
	server.SetQueryCache(documents)
	server.SetParserTokenLimit(maxTokens)
	server.SetErrorPresenter(presenter(log))
	server.SetRecoverFunc(recoverer)
	server.Use(extension.Introspection{})
	server.Use(documents)
	server.Use(&inputs{})
	server.Use(&limits{})
	server.AroundOperations(logOperation)
	secured := verifier.Middleware(server, deny)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if IsSocket(r) {
			server.ServeHTTP(w, withEnd(r)) // its token comes with its first message
			return
		}
		secured.ServeHTTP(w, r)
	})
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
	reply{w, r.Context(), accepted(r.Header.Values("Accept"))}.fail(models.Status(public.Code), printed(public))
}

// logOperation names the operation in the request's line, by its root fields when it has no name.
func logOperation(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	operation := graphql.GetOperationContext(ctx).Operation
	name := operation.Name
	if name == "" {
		name = string(operation.Operation)
		for _, selection := range operation.SelectionSet {
			if field, ok := selection.(*ast.Field); ok {
				name += " " + field.Name
			}
		}
	}
	if len(name) > 100 {
		name = name[:100]
	}
	reqlog.Add(ctx, slog.String("operation", name))
	return next(ctx)
}
