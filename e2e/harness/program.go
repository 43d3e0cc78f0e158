package harness

import (
	"log/slog"
	"net/http/httptest"
	"testing"

	"taskql/app"
	"taskql/config"
	"taskql/events"
	"taskql/store"
)

// Program is a server that does not listen, with those of its parts that tests use.
type Program struct {
	*app.Server
	Store *store.Store
	Log   *Output
	bus   *events.Bus
}

// NewProgram opens and migrates the database of an environment and builds a server on it. Its bus does not run, so
// subscriptions are not notified. The relay may be nil. The database is closed when the test ends.
func NewProgram(t testing.TB, env map[string]string, relay *events.Relay) *Program {
	t.Helper()
	c, err := config.Load(env)
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), store.Options{URL: c.DatabaseURL, ReplicaURL: c.DatabaseReplicaURL})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() }) // the test may have closed it
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	p := &Program{Store: db, Log: NewOutput()}
	log := slog.New(slog.NewJSONHandler(p.Log, nil))
	p.bus = events.NewBus(relay, db.Numbers, log)
	p.Server, err = app.New(t.Context(), app.Parts{Config: c, SignIn: c.Auth, Store: db, Bus: p.bus, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Listen serves at a free port until the test ends.
func (p *Program) Listen(t testing.TB) *Server {
	t.Helper()
	web := httptest.NewServer(p.Handler)
	t.Cleanup(web.Close)
	return At(t, web.URL)
}
