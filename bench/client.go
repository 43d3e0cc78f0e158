package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// client is one HTTP connection. It writes requests by hand, because the driver shares the processors with what it
// measures and net/http's client takes more of them than some of the servers.
type client struct {
	address string
	conn    net.Conn
	reader  *bufio.Reader
	out     []byte
	in      bytes.Buffer

	// compressed asks for compressed answers. With unread, bodies are not kept and only the status is checked: unpacking an answer takes
	// the driver as long as the server takes to pack it.
	compressed, unread bool
}

func dial(address string) (*client, error) {
	conn, err := net.DialTimeout("tcp", address, 10*time.Second)
	if err != nil {
		return nil, err
	}
	return &client{address: address, conn: conn, reader: bufio.NewReaderSize(conn, 16<<10)}, nil
}

func (c *client) close() { _ = c.conn.Close() }

var errorsMember = []byte(`"errors"`)

// post sends a GraphQL request and returns the answer's body, which is valid until the next call. An answer with
// another status than 200 or with errors is an error.
func (c *client) post(token string, body []byte) ([]byte, error) {
	c.out = append(c.out[:0], "POST /graphql HTTP/1.1\r\nHost: "...)
	c.out = append(c.out, c.address...)
	c.out = append(c.out, "\r\nContent-Type: application/json\r\nAccept: application/json\r\nAuthorization: Bearer "...)
	c.out = append(c.out, token...)
	c.out = append(c.out, "\r\nContent-Length: "...)
	c.out = strconv.AppendInt(c.out, int64(len(body)), 10)
	if c.compressed {
		c.out = append(c.out, "\r\nAccept-Encoding: gzip"...)
	}
	c.out = append(c.out, "\r\n\r\n"...)
	c.out = append(c.out, body...)
	if err := c.conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		return nil, err
	}
	if _, err := c.conn.Write(c.out); err != nil {
		return nil, err
	}
	response, err := http.ReadResponse(c.reader, nil)
	if err != nil {
		return nil, err
	}
	c.in.Reset()
	answer := io.Reader(response.Body)
	switch {
	case c.unread && response.StatusCode == http.StatusOK:
		_, err := io.Copy(io.Discard, answer)
		return nil, err
	case response.Header.Get("Content-Encoding") == "gzip":
		if answer, err = gzip.NewReader(answer); err != nil {
			return nil, err
		}
	}
	if _, err := io.Copy(&c.in, answer); err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK || bytes.Contains(c.in.Bytes(), errorsMember) {
		return nil, fmt.Errorf("status %d: %.300s", response.StatusCode, c.in.Bytes())
	}
	return c.in.Bytes(), nil
}
