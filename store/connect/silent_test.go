//go:build unix

package connect

import (
	"errors"
	"net"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestSilent looks at a connection that is idle, that is being read, that has received something, that was closed, and that was reset.
func TestSilent(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		do   func(near syscall.RawConn, far *net.TCPConn) error
		want bool
	}{
		"idle": {func(syscall.RawConn, *net.TCPConn) error { return nil }, true},
		"read": {func(near syscall.RawConn, _ *net.TCPConn) error {
			reads := make(chan struct{})
			go func() {
				_ = near.Read(func(uintptr) bool { // as long as it runs, others who read wait
					close(reads)
					<-t.Context().Done()
					return true
				})
			}()
			<-reads
			return nil
		}, true},
		"spoken": {func(near syscall.RawConn, far *net.TCPConn) error {
			if _, err := far.Write([]byte("x")); err != nil {
				return err
			}
			return arrived(near)
		}, false},
		"closed": {func(near syscall.RawConn, far *net.TCPConn) error {
			_ = far.Close()
			return arrived(near)
		}, false},
		"reset": {func(near syscall.RawConn, far *net.TCPConn) error {
			_ = far.SetLinger(0)
			_ = far.Close()
			return arrived(near)
		}, false},
	} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = listener.Close() })
		near, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = near.Close() }) // the context of the test has ended then, and with it the read
		far, err := listener.Accept()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = far.Close() })
		raw, err := near.(syscall.Conn).SyscallConn()
		if err != nil {
			t.Fatal(err)
		}
		if err := tt.do(raw, far.(*net.TCPConn)); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		answered := make(chan bool, 1)
		go func() { answered <- silent(near) }()
		select {
		case got := <-answered:
			if got != tt.want {
				t.Errorf("%s: silent = %v", name, got)
			}
		case <-time.After(30 * time.Second):
			t.Errorf("%s: silent waits", name)
		}
	}
}

// arrived waits until something has arrived at a connection, which may be its end.
func arrived(near syscall.RawConn) (err error) {
	controlled := near.Control(func(fd uintptr) {
		_, err = unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 60_000)
	})
	return errors.Join(controlled, err)
}
