package app

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"taskql/auth"
	"taskql/budget"
	"taskql/config"
	"taskql/mcp"
	"taskql/reqlog"
	"taskql/rest"
	"taskql/share"
	"taskql/tasks"
)

// The metadata of a resource with a path have that path behind the well-known one (RFC 9728, section 3.1).
const (
	agentsPath       = config.AgentsPath
	resourceMetadata = "/.well-known/oauth-protected-resource"
)

// mountAgents serves the Model Context Protocol, and the metadata that tell its clients where to get a token.
func (s *Server) mountAgents(mux *http.ServeMux, service *tasks.Service, verifier *auth.Verifier, budgets *budget.Budgets, turns *share.Turns) {
	handler := mcp.NewHandler(mcp.Options{Service: service, Budget: budgets, Turns: turns, Log: s.parts.Log, Version: Version()})
	deny := denying(budgets)
	secured := verifier.AgentMiddleware(handler, func(w http.ResponseWriter, r *http.Request, err error) {
		if challenge := w.Header().Get("WWW-Authenticate"); challenge != "" {
			separator := ", "
			if challenge == "Bearer" {
				separator = " "
			}
			w.Header().Set("WWW-Authenticate", challenge+separator+`resource_metadata="`+s.origin(r)+resourceMetadata+agentsPath+`"`)
		}
		deny(w, r, err)
	})
	mux.HandleFunc(agentsPath, func(w http.ResponseWriter, r *http.Request) {
		reqlog.SetRoute(r.Context(), agentsPath)
		// A page elsewhere could otherwise call a server in the network of its visitor (MCP specification, "Security Warning" of the transports). The
		// origin is not compared with Host: a page whose name leads to this server (DNS rebinding) sends that name in both.
		if from := r.Header.Get("Origin"); from != "" && from != s.parts.Config.PublicURL && !s.present.Load().AllowsOrigin(from) {
			rest.Forbid(w, "Origin not allowed")
			return
		}
		secured.ServeHTTP(w, r)
	})
	metadata := rest.LimitAddress(budgets, http.HandlerFunc(s.describeResource))
	mux.Handle("GET "+resourceMetadata, metadata)
	mux.Handle("GET "+resourceMetadata+agentsPath, metadata)
}

// describeResource writes the metadata of /mcp as a protected resource of OAuth (RFC 9728).
func (s *Server) describeResource(w http.ResponseWriter, r *http.Request) {
	document := struct {
		Resource string   `json:"resource"`
		Servers  []string `json:"authorization_servers,omitempty"`
		Methods  []string `json:"bearer_methods_supported"`
		Name     string   `json:"resource_name"`
	}{s.origin(r) + agentsPath, s.parts.Config.AuthorizationServers, []string{"header"}, "taskql"}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store") // it depends on the request's headers
	if s.parts.Config.PublicURL != "" {
		w.Header().Set("Cache-Control", "max-age=300")
	}
	_ = json.NewEncoder(w).Encode(document) // an error means that the client has disconnected
}

// origin returns the origin that a request was sent to, as its client sees it: the configured one, else what the request says.
func (s *Server) origin(r *http.Request) string {
	if public := s.parts.Config.PublicURL; public != "" {
		return public
	}
	scheme := "http"
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}

// DevelopmentUser returns the user of development mode, who is also that of the playground's token.
func DevelopmentUser() *auth.User {
	return &auth.User{ID: developmentUser, Expires: time.Now().Add(developmentTTL)}
}

// ServeAgent serves the Model Context Protocol on standard input and output for one user, until the client closes it or ctx ends. It logs to stderr. Its
// errors name the setting to correct.
func ServeAgent(ctx context.Context, c config.Config, user *auth.User, stderr io.Writer) error {
	log := NewLogger(stderr)
	db, err := openMigrated(ctx, c, Observers{}, log)
	if err != nil {
		return err
	}
	defer db.Close()
	bus, stopBus, err := StartBus(ctx, c, db, log)
	if err != nil {
		return err
	}
	defer stopBus()
	service, err := newService(ctx, c, db, bus)
	if err != nil {
		return err
	}
	return mcp.Serve(ctx, mcp.Options{Service: service, Log: log, Version: Version()}, user)
}
