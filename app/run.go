package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"syscall"
	_ "time/tzdata" // time zones by name, also on machines without the zone files

	"taskql/config"
	"taskql/store"
)

// Run opens and migrates the database, listens, and serves until ctx ends. It logs to stderr. In development mode
// it prints the addresses and a token to stdout. In other modes it reads some settings again at the signal SIGHUP. Its errors name the
// setting to correct.
func Run(ctx context.Context, c config.Config, again func() (Present, error), stdout, stderr io.Writer) error {
	log := NewLogger(stderr)
	for _, notice := range c.Notices {
		log.Warn(notice)
	}
	var hangups chan os.Signal
	if !c.Development { // which ends with its terminal
		var stop func()
		hangups, stop = onHangup()
		defer stop()
	}
	trusted, err := TrustedDocuments(c)
	if err != nil {
		return err
	}
	observers, err := newObservers(ctx, c, log)
	if err != nil {
		return err
	}
	defer observers.close(log)
	db, err := openMigrated(ctx, c, observers, log)
	if err != nil {
		return err
	}
	defer db.Close()
	signIn, err := NewSignIn(c, log, false)
	if err != nil {
		return err
	}
	bus, stopBus, err := StartBus(ctx, c, db, log)
	if err != nil {
		return err
	}
	defer stopBus()
	server, err := New(ctx, Parts{Config: c, SignIn: signIn, Store: db, Bus: bus, Trusted: trusted, Log: log, Observers: observers})
	if err != nil {
		return err
	}
	stopMetrics, err := observers.serveMetrics(c, log)
	if err != nil {
		return err
	}
	defer stopMetrics()
	listener, err := listen(c)
	if err != nil {
		return err
	}
	log.Info("listening", "address", listener.Addr().String(), "database", db.Kind(), "version", Version())

	if signIn.Keys != nil {
		// The keys must outlive the signal to stop, because requests in progress need them.
		keys, stopKeys := context.WithCancel(context.WithoutCancel(ctx))
		defer stopKeys()
		go signIn.Keys.Run(keys)
	}
	if c.Development {
		if err := welcome(stdout, c, signIn, listener.Addr()); err != nil {
			return errors.Join(err, listener.Close())
		}
	}
	go server.reloadOn(ctx, hangups, again)
	return server.Serve(ctx, listener)
}

// openMigrated opens the database, and logs the progress of its migrations.
func openMigrated(ctx context.Context, c config.Config, observers Observers, log *slog.Logger) (*store.Store, error) {
	limits := requestLimits(c)
	limits.Observe = observers.statement()
	db, err := OpenStore(ctx, c, store.Options{
		Limits:   limits,
		Progress: func(p store.Progress) { log.Info("migrating", "doing", p.Doing, "done", p.Done, "of", p.Total) },
		Notice:   func(message string) { log.Info(message) },
	})
	if err != nil {
		return nil, err
	}
	applied, err := db.Migrate(ctx)
	if err != nil {
		return nil, errors.Join(MigrationError(err), db.Close())
	}
	for _, name := range applied {
		log.Info("migrated", "migration", name)
	}
	return db, nil
}

func listen(c config.Config) (net.Listener, error) {
	listener, err := net.Listen("tcp", c.Address())
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s: another program listens on %s already: stop it, or set %s to another number", config.Port, c.Address(), config.Port)
	} else if err != nil {
		return nil, fmt.Errorf("HOST or %s: the server cannot listen on %s: %w", config.Port, c.Address(), err)
	}
	return listener, nil
}
