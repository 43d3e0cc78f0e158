package app_test

import (
	"log/slog"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"taskql/app"
	"taskql/config"
	"taskql/events"
	"taskql/store"
	"taskql/store/storetest"
)

// TestHealthProvesWrites has databases that can be read but not written: /health and /ready report it.
func TestHealthProvesWrites(t *testing.T) {
	file := storetest.SQLite(t)
	for _, tt := range []struct {
		name, databaseURL string
		readOnly          string // appended to the address once the tables are there
		removed           string // a file to remove while the server runs
		want              int
	}{
		{"SQLite", storetest.SQLite(t), "", "", 200},
		{"PostgreSQL", storetest.Postgres(t), "", "", 200},
		{"SQLite without its file", file, "", strings.TrimPrefix(file, "sqlite:"), 503},
		{"PostgreSQL that accepts no writes", storetest.Postgres(t), "&default_transaction_read_only=on", "", 503},
	} {
		t.Run(tt.name, func(t *testing.T) {
			handler := handlerOn(t, tt.databaseURL, tt.readOnly)
			if tt.removed != "" {
				if err := os.Remove(tt.removed); err != nil {
					t.Fatal(err)
				}
			}
			for _, path := range []string{"/health", "/ready"} {
				w := httptest.NewRecorder()
				handler.Handler.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
				if w.Code != tt.want {
					t.Errorf("GET %s = %d %s, want %d", path, w.Code, w.Body, tt.want)
				}
			}
		})
	}
}

// handlerOn returns a server on a migrated database, whose address gets a suffix after the migration.
func handlerOn(t *testing.T, databaseURL, suffix string) *app.Server {
	t.Helper()
	var db *store.Store
	for _, address := range []string{databaseURL, databaseURL + suffix} {
		opened, err := store.Open(t.Context(), store.Options{URL: address})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = opened.Close() })
		if _, err := opened.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		db = opened
	}
	c, err := config.Load(map[string]string{"DATABASE_URL": databaseURL, "BETTER_AUTH_SECRET": "a secret for tests, of more than 32 bytes"})
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	server, err := app.New(t.Context(), app.Parts{Config: c, SignIn: c.Auth, Store: db, Bus: events.NewBus(nil, db.Numbers, log), Log: log})
	if err != nil {
		t.Fatal(err)
	}
	return server
}
