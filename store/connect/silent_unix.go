//go:build unix

package connect

import (
	"crypto/tls"
	"net"
	"syscall"
)

// silent reports whether nothing has arrived at a connection that waits for no response. A server that ends the connection sends
// a message, or at least the end of the stream. A statement would then fail in a way that leaves open whether it was done.
func silent(c net.Conn) bool {
	if encrypted, ok := c.(*tls.Conn); ok {
		c = encrypted.NetConn()
	}
	raw, ok := c.(syscall.Conn)
	if !ok {
		return false
	}
	socket, err := raw.SyscallConn()
	if err != nil {
		return false
	}
	var peeked error
	var one [1]byte
	// Not socket.Read, which waits for pgx's reader: that may be left waiting after a slow write.
	err = socket.Control(func(fd uintptr) {
		_, _, peeked = syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
	})
	return err == nil && (peeked == syscall.EAGAIN || peeked == syscall.EWOULDBLOCK)
}
