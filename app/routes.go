package app

import (
	"net/http"
	"strings"
	"time"

	"taskql/auth"
	"taskql/budget"
	"taskql/graph"
	"taskql/reqlog"
	"taskql/rest"
	"taskql/share"
	"taskql/tasks"
	"taskql/web"
)

// routes mounts every route. Requests pass the middleware in this order: request log, trace, CORS, length of the head, exact
// paths, timeout; then the transport authenticates them, and charges them to their users. The playground is outside of CORS, because its page may
// contain a token.
func (s *Server) routes(service *tasks.Service, verifier *auth.Verifier, budgets *budget.Budgets, turns *share.Turns) http.Handler {
	c := s.parts.Config
	api := http.NewServeMux()
	api.HandleFunc("/graphql", func(w http.ResponseWriter, r *http.Request) {
		reqlog.SetRoute(r.Context(), "/graphql")
		s.graphQL.ServeHTTP(w, r)
	})
	if c.Introspection {
		schema := rest.LimitAddress(budgets, graph.NewSchemaHandler())
		api.HandleFunc("/schema.graphql", func(w http.ResponseWriter, r *http.Request) {
			reqlog.SetRoute(r.Context(), "/schema.graphql")
			schema.ServeHTTP(w, r)
		})
	}
	api.Handle("/", rest.NewHandler(rest.Options{ // /api/…, /web/api/…, /health, /openapi.json and so on: see rest.routes
		Service:      service,
		Authenticate: func(next http.Handler) http.Handler { return verifier.Middleware(next, denying(budgets)) },
		Dialect:      rest.Dialect(c.RESTDialect),
		OpenStatus:   c.RESTOpenStatus,
		Timeout:      c.RequestTimeout,
		Budget:       budgets,
		Turns:        turns,
		Log:          s.parts.Log,
		Healthy:      (&health{store: s.parts.Store}).check,
		Ready:        func() bool { return s.parts.SignIn.Keys == nil || s.parts.SignIn.Keys.Ready() },
		Pages: []rest.Page{
			{Path: "/docs", OperationID: "docs", Handler: web.SwaggerUI},
			{Path: "/redoc", OperationID: "redoc", Handler: web.ReDoc},
		},
	}))
	s.mountAgents(api, service, verifier, budgets, turns)
	api.Handle(web.ReferenceAssets, rest.LimitAddress(budgets, http.HandlerFunc(web.ReferenceAsset)))
	handler := withCORS(&s.present, s.parts.Log, withHeadLimit(withExactPaths(withTimeout(c.RequestTimeout, api))))
	if c.Playground {
		handler = s.withPlayground(budgets, handler)
	}
	return s.parts.Observers.requests(s.parts.Log, withNoStore(handler))
}

// maxSignIns is how often the clients of one address may try to sign in with the form of the playground in a minute: to guess passwords here must not
// be easier than at the auth server, which sees the address of this server only. RATE_LIMIT does not change it.
const maxSignIns = 10

// withPlayground serves GraphiQL at / and its files at /playground/.
func (s *Server) withPlayground(budgets *budget.Budgets, next http.Handler) http.Handler {
	signIns := budget.New(maxSignIns, time.Minute, s.parts.Config.TrustedProxies)
	options := web.PlaygroundOptions{Endpoint: "/graphql", AuthURL: s.parts.Config.AuthURL, Admit: func(r *http.Request) int {
		if refused := signIns.ChargeAddress(r); refused != nil {
			return refused.RetryAfter
		}
		return 0
	}}
	if s.parts.Config.Development {
		options.Token = func() string {
			token, _ := auth.Sign(s.parts.SignIn, developmentUser, time.Now(), developmentTTL) // it worked at start
			return token
		}
	}
	page := rest.LimitAddress(budgets, web.NewPlayground(options))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" || strings.HasPrefix(r.URL.Path, "/playground/") {
			page.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}
