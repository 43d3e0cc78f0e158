package connect

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"taskql/models"
	"taskql/store/storetest"
)

// TestFullServer uses a server that accepts fewer connections than the pool has.
func TestFullServer(t *testing.T) {
	t.Parallel()
	url := storetest.As(t, storetest.Postgres(t), "CONNECTION LIMIT 2")
	p := mustOpen(t, url, Options{Conns: 8})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { mustExec(t, p.Writer, "SELECT pg_sleep(0.05)") })
	}
	all.Wait()
}

// TestFullToTheEnd uses a server that accepts no connection until the time of the request is over.
func TestFullToTheEnd(t *testing.T) {
	t.Parallel()
	p := mustOpen(t, storetest.As(t, storetest.Postgres(t), "CONNECTION LIMIT 0"), Options{Conns: 2})
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	_, err := p.Writer.ExecContext(ctx, "SELECT 1")
	wantWaited(t, "a statement", err)
}

// TestCutWhileConnecting has the first connections end before the server has answered, as while a pooler or a server restarts.
func TestCutWhileConnecting(t *testing.T) {
	t.Parallel()
	direct, err := url.Parse(storetest.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	server := direct.Host
	go func() {
		for cut := 2; ; cut-- {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			if cut > 0 {
				_ = near.Close()
				continue
			}
			far, err := net.Dial("tcp", server)
			if err != nil {
				t.Error(err)
				return
			}
			go func() { _, _ = io.Copy(far, near) }()
			go func() { _, _ = io.Copy(near, far) }()
		}
	}()
	query := direct.Query()
	query.Set("sslmode", "disable") // so that each attempt is one connection
	direct.Host, direct.RawQuery = listener.Addr().String(), query.Encode()
	mustExec(t, mustOpen(t, direct.String(), Options{Conns: 2}).Writer, "CREATE TABLE x (n int)")
}

// TestFullPooler uses a pooler that accepts fewer connections than the pool has, and one whose server has none left for it until others leave.
func TestFullPooler(t *testing.T) {
	t.Parallel()
	p := mustOpen(t, storetest.PgBouncer(t, storetest.Postgres(t), "max_client_conn = 3"), Options{Conns: 8})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { mustExec(t, p.Writer, "SELECT pg_sleep(0.05)") })
	}
	all.Wait()

	server := storetest.As(t, storetest.Postgres(t), "CONNECTION LIMIT 1")
	p = mustOpen(t, storetest.PgBouncer(t, server, "server_login_retry = 1", "server_idle_timeout = 1", "query_wait_timeout = 1"), Options{Conns: 2})
	mustExec(t, p.Writer, "CREATE TABLE x (n int)")
	var other *pgx.Conn // which takes the place of the pooler's when that has left
	for deadline := time.Now().Add(time.Minute); other == nil; {
		var err error
		if other, err = pgx.Connect(t.Context(), server); err != nil && time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
	made := p.pool.Stat().NewConnsCount()
	all.Go(func() { mustExec(t, p.Writer, "INSERT INTO x VALUES (1)") })
	all.Go(func() { mustExec(t, p.Reader, "SELECT 1") })
	for deadline := time.Now().Add(time.Minute); p.pool.Stat().NewConnsCount() < made+4; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the statements are not tried again")
		}
	}
	_ = other.Close(t.Context())
	all.Wait()
}

// TestSilentServer uses a server that accepts connections and says nothing, as behind a firewall that drops packets.
func TestSilentServer(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	accepted := make(chan net.Conn, 10)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			accepted <- conn
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		for len(accepted) > 0 {
			_ = (<-accepted).Close()
		}
	})
	silent := "postgres://postgres@" + listener.Addr().String() + "/x?sslmode=disable"
	for name, tt := range map[string]struct {
		address string
		within  time.Duration
		late    bool
	}{
		"until no connection is made": {silent + "&connect_timeout=1", time.Minute, false},
		"until the request is late":   {silent, time.Second, true},
	} {
		p := mustOpen(t, tt.address, Options{Conns: 2})
		before := len(accepted)
		ctx, cancel := context.WithTimeout(t.Context(), tt.within)
		defer cancel()
		_, err := p.Writer.ExecContext(ctx, "SELECT 1")
		if !errors.Is(err, models.ErrUnavailable) || tt.late && errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v, want ErrUnavailable", name, err)
		}
		if err != nil && !strings.Contains(err.Error(), context.DeadlineExceeded.Error()) {
			t.Errorf("%s: %v, want the cause", name, err)
		}
		if made := len(accepted) - before; made > 1 {
			t.Errorf("%s: %d connections were made, want one", name, made)
		}
	}
}

// TestLateAgain has a statement that must be run again wait for a connection that others have.
func TestLateAgain(t *testing.T) {
	t.Parallel()
	p := mustOpen(t, storetest.Postgres(t), Options{Conns: 1})
	c, err := p.reader.take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	err = c.again(ctx, true, func() error {
		c.lent.Release()
		other, err := p.pool.Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(other.Release)
		return driver.ErrBadConn
	})
	wantWaited(t, "again", err)
}

// wantWaited checks that a call has waited for a connection until its time was over.
func wantWaited(t *testing.T, name string, err error) {
	t.Helper()
	if late := (*models.Error)(nil); !errors.As(err, &late) || late.Code != models.CodeTimeout || late.RetryAfter == 0 {
		t.Errorf("%s = %v, want TIMEOUT with a time to try again", name, err)
	}
}
