// Package app is the server as a whole: it connects the other packages, mounts every route, listens and drains.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"taskql/auth"
	"taskql/budget"
	"taskql/config"
	"taskql/events"
	"taskql/graph"
	"taskql/share"
	"taskql/store"
	"taskql/tasks"
)

// Parts are what a server is built from. All of them but Trusted are required, and the caller closes them after Serve has returned.
type Parts struct {
	Config config.Config
	// SignIn says which tokens are accepted; see NewSignIn.
	SignIn auth.Config
	// Store is open and migrated.
	Store *store.Store
	// Bus is running, or will be: without it, subscriptions are not notified.
	Bus *events.Bus
	// Trusted are the configured TrustedDocuments, or nil.
	Trusted *graph.Trusted
	Log     *slog.Logger
	// Observers may be the zero value. The store has its own part of them; see Observers.statement.
	Observers Observers
}

// Server is the HTTP server with everything behind it.
type Server struct {
	// Handler serves every route.
	Handler http.Handler
	// DrainTimeout is how long requests in progress may take after Serve's context has ended. New sets 10 seconds.
	DrainTimeout time.Duration

	parts    Parts
	graphQL  *graph.Handler
	verifier *auth.Verifier
	// present is the configuration with what Reload has changed.
	present atomic.Pointer[config.Config]
}

// minTurns is how many requests of a user are executed at once on a machine with few processors. The database has stricter shares.
const minTurns = 4

// New builds a server. Its errors name the setting to correct.
func New(ctx context.Context, p Parts) (*Server, error) {
	verifier, err := auth.NewVerifier(p.SignIn, time.Now)
	if err != nil {
		return nil, fmt.Errorf("sign-in: %w", err)
	}
	service, err := newService(ctx, p.Config, p.Store, p.Bus)
	if err != nil {
		return nil, err
	}
	service.FeedLag = p.Observers.feedLag()
	budgets := budget.New(p.Config.RateLimit, p.Config.RateWindow, p.Config.TrustedProxies)
	turns := share.NewTurns(auth.ID, max(minTurns, runtime.GOMAXPROCS(0)), p.Config.RequestTimeout)
	graphQL := graph.NewHandler(graph.Options{
		Service:           service,
		Verifier:          verifier,
		Timeout:           p.Config.RequestTimeout,
		MaxStreams:        p.Config.MaxStreams,
		MaxStreamsPerUser: p.Config.MaxStreamsPerUser,
		NoIntrospection:   !p.Config.Introspection,
		Trusted:           p.Trusted,
		Budget:            budgets,
		Turns:             turns,
		Log:               p.Log,
		Observer:          p.Observers.graphQL(),
	})
	s := &Server{DrainTimeout: 10 * time.Second, parts: p, verifier: verifier, graphQL: graphQL}
	s.present.Store(&p.Config)
	p.Observers.gauges(p.Store, p.Bus, verifier, graphQL)
	s.Handler = s.routes(service, verifier, budgets, turns)
	return s, nil
}

// newService returns the operations on a database that is migrated. It begins an era: the database may have been put back to an earlier
// state since the last program stopped.
func newService(ctx context.Context, c config.Config, db *store.Store, bus *events.Bus) (*tasks.Service, error) {
	id, err := db.ID(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", config.DatabaseURL, err)
	}
	if err := db.BeginEra(ctx); err != nil {
		return nil, fmt.Errorf("%s: %w", config.DatabaseURL, err)
	}
	db.TrashFor = c.TrashFor
	return &tasks.Service{Store: db, Now: time.Now, Events: bus, DatabaseID: id, MaxTasks: c.MaxTasks, MaxFollowed: c.MaxSubscriptions}, nil
}

// Serve accepts connections until ctx ends. Then it accepts no more, ends the streams, lets the requests in
// progress finish, and returns. When DrainTimeout has passed it cancels the requests that are left, which is an error.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	log := s.parts.Log
	server := s.httpServer()
	// Requests in progress must outlive the signal to stop.
	requests, cancelRequests := context.WithCancel(context.WithoutCancel(ctx))
	defer cancelRequests()
	server.BaseContext = func(net.Listener) context.Context { return requests }
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("the server stopped: %w", err)
	case <-ctx.Done():
	}
	log.Info("stopping")
	deadline, cancel := context.WithTimeout(requests, s.DrainTimeout)
	defer cancel()
	// http.Server does not track connections that became WebSockets.
	var streams sync.WaitGroup
	streams.Go(func() { s.graphQL.Shutdown(deadline) })
	err := server.Shutdown(deadline)
	streams.Wait()
	if err != nil {
		// A query that goes on would keep the database from closing, and so the program from ending.
		cancelRequests()
		return errors.Join(fmt.Errorf("requests were cut off after %s", s.DrainTimeout), server.Close())
	}
	log.Info("stopped")
	return nil
}

func (s *Server) httpServer() *http.Server {
	return &http.Server{
		Handler:           s.Handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		// A client that does not read its response holds it in memory. WebSockets have deadlines of their own.
		WriteTimeout:   s.parts.Config.RequestTimeout + 30*time.Second,
		IdleTimeout:    2 * time.Minute,
		MaxHeaderBytes: 2 * maxHead, // withHeadLimit refuses shorter ones; it is the memory that a connection takes before its token is known
		ErrorLog:       slog.NewLogLogger(s.parts.Log.Handler(), slog.LevelWarn),
	}
}
