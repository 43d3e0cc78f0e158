package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
	_ "time/tzdata" // zones by name, also on machines without the files

	"github.com/rs/cors"
	"golang.org/x/term"

	"taskql/auth"
	"taskql/config"
	"taskql/events"
	"taskql/graph"
	"taskql/reqlog"
	"taskql/rest"
	"taskql/store"
	"taskql/tasks"
	"taskql/web/playground"
)

const (
	// shutdownTime is how long requests under way may take after the signal to stop.
	shutdownTime = 10 * time.Second
	// The development user and how long the printed token is good.
	developmentUser = "dev"
	developmentTTL  = 24 * time.Hour
)

// Serve runs the server until ctx ends. In development mode it prints to stdout where it is and a
// token that works.
func Serve(ctx context.Context, c config.Config, stdout, stderr io.Writer) error {
	log := NewLogger(stderr)
	db, err := OpenStore(ctx, c, store.Options{Progress: func(p store.Progress) {
		log.Info("migrating", "doing", p.Doing, "done", p.Done, "of", p.Total)
	}})
	if err != nil {
		return err
	}
	defer db.Close()
	steps, err := db.Migrate(ctx)
	if err != nil {
		return MigrationError(err)
	}
	for _, step := range steps {
		log.Info("migrated", "step", step)
	}
	signIn, err := NewSignIn(c, log)
	if err != nil {
		return err
	}
	bus, closeBus, err := newBus(ctx, c, db, log)
	if err != nil {
		return err
	}
	defer closeBus()
	handler, stopSockets, err := NewHandler(ctx, c, signIn, db, bus, log)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", c.Address())
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%s: another program listens on %s already: stop it, or set %s to another number", config.Port, c.Address(), config.Port)
	} else if err != nil {
		return fmt.Errorf("HOST or %s: the server cannot listen on %s: %w", config.Port, c.Address(), err)
	}
	log.Info("listening", "address", listener.Addr().String(), "database", db.Kind(), "version", Version())
	background, stopBackground := context.WithCancel(context.WithoutCancel(ctx))
	defer stopBackground()
	if signIn.Keys != nil {
		go signIn.Keys.Run(background)
	}
	var busDone sync.WaitGroup
	busDone.Go(func() { bus.Run(background) })
	defer func() {
		stopBackground()
		busDone.Wait()
	}()
	if c.Development {
		if err := welcome(stdout, c, signIn, listener.Addr()); err != nil {
			return err
		}
	}
	return ServeUntil(ctx, listener, NewServer(c, handler, log), stopSockets, log)
}

func NewServer(c config.Config, handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		// A client that does not read its answer holds it in memory. Sockets have limits of their own.
		WriteTimeout:   c.RequestTimeout + 30*time.Second,
		IdleTimeout:    2 * time.Minute,
		MaxHeaderBytes: 64 << 10,
		ErrorLog:       slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

// ServeUntil serves until ctx ends, then lets what is under way finish, and ends the sockets.
func ServeUntil(ctx context.Context, listener net.Listener, server *http.Server, stopSockets func(context.Context), log *slog.Logger) error {
	// Requests outlive the signal to stop.
	server.BaseContext = func(net.Listener) context.Context { return context.WithoutCancel(ctx) }
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("the server stopped: %w", err)
	case <-ctx.Done():
	}
	log.Info("stopping")
	deadline, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	var sockets sync.WaitGroup
	sockets.Go(func() { stopSockets(deadline) })
	err := server.Shutdown(deadline)
	sockets.Wait()
	if err != nil {
		return errors.Join(fmt.Errorf("requests were cut off after %s", shutdownTime), server.Close())
	}
	log.Info("stopped")
	return nil
}

// NewHandler wires the rooms together: every route of the server stands here. The second result ends
// the sockets, which http.Server does not know.
func NewHandler(ctx context.Context, c config.Config, signIn auth.Config, db *store.Store, bus *events.Bus, log *slog.Logger) (http.Handler, func(context.Context), error) {
	verifier, err := auth.NewVerifier(signIn, time.Now)
	if err != nil {
		return nil, nil, fmt.Errorf("sign-in: %w", err)
	}
	db.TrashFor = c.TrashFor
	id, err := db.ID(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", config.DatabaseURL, err)
	}
	service := &tasks.Service{
		Store: db, Now: time.Now, MaxTasks: c.MaxTasks, MaxFollowed: c.MaxFollowed, DatabaseID: id, Events: bus,
	}

	api, graphQL := http.NewServeMux(), graph.NewHandler(service, verifier, c.RequestTimeout, log)
	api.Handle("/graphql", graphQL)
	api.Handle("/", rest.NewHandler(rest.Options{
		Service:      service,
		Authenticate: func(next http.Handler) http.Handler { return verifier.Middleware(next, rest.Deny) },
		Dialect:      rest.Dialect(c.RESTDialect),
		Timeout:      c.RequestTimeout,
		Log:          log,
		Version:      Version(),
		Ping:         db.Ping,
		Ready:        func() bool { return signIn.Keys == nil || signIn.Keys.Ready() },
	}))
	handler := crossOrigin(c).Handler(exactPaths(withTimeout(c.RequestTimeout, api)))
	if c.Playground {
		options := playground.Options{Endpoint: "/graphql"}
		if c.Development {
			options.Token = func() string {
				token, _ := auth.Sign(signIn, developmentUser, time.Now(), developmentTTL) // it worked at start
				return token
			}
		}
		handler = withPlayground(playground.New(options), handler)
	}
	return reqlog.Handler(log, handler), graphQL.Shutdown, nil
}

// withPlayground serves the page's own paths outside of what other origins may read: the page may
// hold a token.
func withPlayground(page, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" || strings.HasPrefix(r.URL.Path, "/playground/") {
			page.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// exactPaths answers paths with empty steps or dots as unknown. ServeMux would redirect to the path
// without them, and a redirected preflight fails.
func exactPaths(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		steps := strings.Split(r.URL.Path, "/")
		if strings.Contains(r.URL.Path, "//") || slices.Contains(steps, ".") || slices.Contains(steps, "..") {
			rest.NotFound(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// crossOrigin lets the front end's origin call the API, credentials included, and answers its preflights.
func crossOrigin(c config.Config) *cors.Cors {
	return cors.New(cors.Options{
		AllowedOrigins:   c.CORSOrigins,
		AllowedMethods:   []string{"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"},
		AllowedHeaders:   []string{"*"}, // as the browser asks for
		ExposedHeaders:   []string{"X-Total-Count", "ETag", "Link"},
		AllowCredentials: true,
		MaxAge:           600,
	})
}

// withTimeout bounds how long a request may work. A WebSocket or a stream of events lasts as long as its token; its
// operations are bounded one by one, and so are the batches of an export.
func withTimeout(timeout time.Duration, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/graphql" && (graph.IsSocket(r) || graph.IsStream(r)) || rest.IsExport(r) {
			next.ServeHTTP(w, r)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), timeout)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// NewSignIn is the configured sign-in with its keys, not read yet, or in development mode one with a
// secret of its own.
func NewSignIn(c config.Config, log *slog.Logger) (auth.Config, error) {
	signIn := c.Auth
	switch {
	case c.Development:
		secret, err := config.DevelopmentSecret(".")
		if err != nil {
			return signIn, err
		}
		signIn.Secret = secret
	case c.KeysFile != "":
		signIn.Keys = auth.KeysIn(c.KeysFile, log)
	case c.KeysURL != "":
		signIn.Keys = auth.KeysAt(c.KeysURL, log)
	}
	return signIn, nil
}

// NewLogger writes text for people on a terminal and JSON for programs elsewhere.
func NewLogger(w io.Writer) *slog.Logger {
	if file, ok := w.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		return slog.New(slog.NewTextHandler(w, nil))
	}
	return slog.New(slog.NewJSONHandler(w, nil))
}

// welcome tells a developer how to go on.
func welcome(w io.Writer, c config.Config, signIn auth.Config, address net.Addr) error {
	token, err := auth.Sign(signIn, developmentUser, time.Now(), developmentTTL)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "\ntaskql runs in development mode: no sign-in is configured, so it listens on this machine only.\n\n")
	fmt.Fprintf(w, "  GraphQL     http://%s/graphql\n", address)
	fmt.Fprintf(w, "  REST        http://%s/api/%s/tasks\n", address, developmentUser)
	fmt.Fprintf(w, "  Reference   http://%s/docs\n", address)
	if c.Playground {
		fmt.Fprintf(w, "  Playground  http://%s/\n", address)
	}
	_, err = fmt.Fprintf(w, "\nA token for the user %q, good for a day (%s):\n\n%s\n\n", developmentUser, "taskql token --user ID makes others", token)
	return err
}
