package app_test

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/jackc/pgx/v5"

	"taskql/app"
	"taskql/auth"
	"taskql/config"
	"taskql/events"
	"taskql/store"
	"taskql/store/storetest"
)

// TestStopCancelsWhatDoesNotEnd stops a server while a write waits for another program's lock: when the time to drain is
// over, the write's query ends too, so that the database can be closed.
func TestStopCancelsWhatDoesNotEnd(t *testing.T) {
	for name, send := range map[string]func(t *testing.T, address, token string){"REST": createByREST, "WebSocket": createBySocket} {
		t.Run(name, func(t *testing.T) { stopDuring(t, send) })
	}
}

// createByREST sends a write and waits for whatever comes back.
func createByREST(t *testing.T, address, token string) {
	request, err := http.NewRequest("POST", "http://"+address+"/api/u/tasks", strings.NewReader(`{"title":"x"}`))
	if err != nil {
		t.Error(err)
		return
	}
	request.Header.Set("Authorization", "Bearer "+token)
	if response, err := http.DefaultClient.Do(request); err == nil {
		_ = response.Body.Close()
	}
}

// createBySocket is createByREST over a WebSocket.
func createBySocket(t *testing.T, address, token string) {
	conn, _, err := websocket.Dial(t.Context(), "ws://"+address+"/graphql", &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
	if err != nil {
		t.Error(err)
		return
	}
	defer conn.CloseNow()
	for _, message := range []string{
		`{"type":"connection_init","payload":{"Authorization":"Bearer ` + token + `"}}`,
		`{"type":"subscribe","id":"1","payload":{"query":"mutation { createTask(input: {title: \"x\"}) { task { id } } }"}}`,
	} {
		if err := conn.Write(t.Context(), websocket.MessageText, []byte(message)); err != nil {
			t.Error(err)
			return
		}
	}
	for err == nil {
		_, _, err = conn.Read(t.Context())
	}
}

func stopDuring(t *testing.T, send func(t *testing.T, address, token string)) {
	name := "drain_" + rand.Text()[:8]
	databaseURL := storetest.Postgres(t)
	c, err := config.Load(map[string]string{
		"DATABASE_URL": databaseURL + "&application_name=" + name, "BETTER_AUTH_SECRET": "a secret for tests, of more than 32 bytes",
		"REQUEST_TIMEOUT": "1h",
	})
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), store.Options{URL: c.DatabaseURL})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	server, err := app.New(t.Context(), app.Parts{Config: c, SignIn: c.Auth, Store: db, Bus: events.NewBus(nil, db.Numbers, log), Log: log})
	if err != nil {
		t.Fatal(err)
	}
	server.DrainTimeout = time.Millisecond
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	served := make(chan error, 1)
	go func() { served <- server.Serve(ctx, listener) }()

	conn, err := pgx.Connect(t.Context(), databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	locked, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := locked.Exec(t.Context(), "LOCK TABLE task_counter IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	token, err := auth.Sign(c.Auth, "u", time.Now(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		send(t, listener.Addr().String(), token)
	}()
	waiting := func() (n int) {
		t.Helper()
		const query = "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'"
		if err := locked.QueryRow(t.Context(), query, name).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for waiting() == 0 {
		time.Sleep(time.Millisecond)
	}
	stop()
	if err := <-served; err != nil && !strings.Contains(err.Error(), "cut off after 1ms") {
		t.Errorf("Serve = %v, want an error that says what was cut off", err)
	}
	<-answered
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	for waiting() > 0 {
		time.Sleep(time.Millisecond)
	}
}
