package store_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"taskql/store"
	"taskql/store/storetest"
)

// withoutReplica returns a store that has begun to try a replica, at whose address no server answers, and its notices.
func withoutReplica(t *testing.T, url, host string) (*store.Store, <-chan string) {
	t.Helper()
	notices := make(chan string, 10)
	s, err := store.Open(t.Context(), store.Options{URL: url, ReplicaURL: "postgres://" + host + "/x?sslmode=disable", Notice: func(text string) { notices <- text }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	found(t, s, "u")
	return s, notices
}

// TestReplicaAddress wants wrong addresses to be reported, and one where nothing answers to do no harm.
func TestReplicaAddress(t *testing.T) {
	t.Parallel()
	url := storetest.Postgres(t)
	for _, tt := range []struct{ url, replica, want string }{
		{storetest.SQLite(t), url, "PostgreSQL only"},
		{url, "sqlite:x", "a replica of the same PostgreSQL"},
		{url, "mysql://x", "must begin with"},
	} {
		var wrong *store.AddressError
		if _, err := store.Open(t.Context(), store.Options{URL: tt.url, ReplicaURL: tt.replica}); !errors.As(err, &wrong) || !wrong.Replica || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Open with the replica %s = %v, want %q", tt.replica, err, tt.want)
		}
	}
	s, notices := withoutReplica(t, url, "127.0.0.1:1")
	if text := <-notices; !strings.Contains(text, "do not use the replica") {
		t.Errorf("the notice is %q", text)
	}
	found(t, s, "u")
}

// TestReplicaAtTheEnd has a store closed while it tries its replica, of which nothing is told then.
func TestReplicaAtTheEnd(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	if err := listener.(*net.TCPListener).SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	s, notices := withoutReplica(t, storetest.Postgres(t), listener.Addr().String())
	tried, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	_ = tried.Close()
	select {
	case text := <-notices:
		t.Errorf("after the end there is a notice: %q", text)
	default:
	}
}

// TestReadAtTheEnd has reads come while Close waits for a transaction. They cannot be served, which is not the replica's fault.
func TestReadAtTheEnd(t *testing.T) {
	t.Parallel()
	_, url, replica := newReplica(t)
	notices := make(chan string, 10)
	s, err := store.Open(t.Context(), store.Options{URL: url, ReplicaURL: replica, Notice: func(text string) { notices <- text }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	_ = s.Transaction(t.Context(), "u", func(*store.Store) error { // which the end of the store may roll back
		closed := make(chan error, 1)
		go func() { closed <- s.Close() }()
		for deadline := time.Now().Add(time.Minute); s.Ping(t.Context()) == nil; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("the store is not closed")
			}
		}
		for {
			_ = s.Read(t.Context(), "u", func(context.Context, *store.Store) error { return nil })
			select {
			case err := <-closed:
				return err
			case <-time.After(10 * time.Millisecond):
			}
		}
	})
	select {
	case text := <-notices:
		t.Errorf("after the end there is a notice: %q", text)
	default:
	}
}
