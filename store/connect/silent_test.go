//go:build unix

package connect

import (
	"net"
	"testing"
)

// TestSilent looks at a connection that is idle, that is being read, that has received something, and that was closed.
func TestSilent(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		do   func(near, far net.Conn)
		want bool
	}{
		"idle":   {func(near, far net.Conn) {}, true},
		"read":   {func(near, far net.Conn) { go func() { _, _ = near.Read(make([]byte, 1)) }() }, true},
		"spoken": {func(near, far net.Conn) { _, _ = far.Write([]byte("x")) }, false},
		"closed": {func(near, far net.Conn) { _ = far.Close() }, false},
	} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		near, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer near.Close()
		far, err := listener.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer far.Close()
		tt.do(near, far)
		got := silent(near)
		for range 1_000_000 { // until it arrives
			if got == tt.want {
				break
			}
			got = silent(near)
		}
		if got != tt.want {
			t.Errorf("%s: silent = %v", name, got)
		}
	}
}
