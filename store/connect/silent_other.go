//go:build !unix

package connect

import "net"

// silent reports false: it is not known, so that a connection must answer before it is used.
func silent(net.Conn) bool { return false }
