package respond

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/klauspost/compress/zstd"
)

func request(accepted ...string) *http.Request {
	r := httptest.NewRequest("GET", "/", nil)
	r.Header["Accept-Encoding"] = accepted
	return r
}

// decoded reads a body in a coding. zstd's only other reader in Go is that of the library that writes it; clients in the tests of the
// whole program have others.
func decoded(t *testing.T, coding string, body io.Reader) (string, error) {
	t.Helper()
	switch coding {
	case codingGzip:
		reader, err := gzip.NewReader(body)
		if err != nil {
			return "", err
		}
		text, err := io.ReadAll(reader)
		return string(text), err
	case codingZstd:
		reader, err := zstd.NewReader(body)
		if err != nil {
			t.Fatal(err)
		}
		defer reader.Close()
		text, err := io.ReadAll(reader)
		return string(text), err
	}
	text, err := io.ReadAll(body)
	return string(text), err
}

func TestAccepted(t *testing.T) {
	for _, tt := range []struct {
		headers []string
		want    string
	}{
		{nil, ""}, {[]string{""}, ""}, {[]string{"gzip"}, codingGzip}, {[]string{"zstd"}, codingZstd},
		{[]string{"gzip, deflate, br, zstd"}, codingZstd}, {[]string{"gzip, deflate"}, codingGzip}, {[]string{"br", "GZIP"}, codingGzip},
		{[]string{"gzip;q=1.0, zstd;q=0.5"}, codingGzip}, {[]string{"gzip;q=0.5, zstd;q=0.5"}, codingZstd}, {[]string{"gzip; q=0.5 , zstd ; Q=0.8"}, codingZstd},
		{[]string{"gzip;q=0, zstd;q=0"}, ""}, {[]string{"*"}, codingGzip}, {[]string{"*, gzip;q=0"}, ""}, {[]string{"*;q=0"}, ""}, {[]string{"identity"}, ""},
		{[]string{"zstd;q=0, *"}, codingGzip}, {[]string{"br;q=1, identity;q=0.5, *;q=0"}, ""},
		{[]string{"gzip;q=x"}, ""}, {[]string{"gzip;q=-1"}, ""}, {[]string{"gzip;level=1"}, ""}, {[]string{"x-gzip"}, ""}, {[]string{"gzipped"}, ""}, {[]string{",;,="}, ""},
	} {
		if got := accepted(tt.headers); got != tt.want {
			t.Errorf("accepted(%q) = %q, want %q", tt.headers, got, tt.want)
		}
	}
}

func TestEncode(t *testing.T) {
	tasks := strings.Repeat(`{"id":"1","title":"Water the plants"},`, 50)
	noise := make([]byte, 2000)
	for i := range noise {
		noise[i] = byte(rand.Uint32())
	}
	for _, tt := range []struct {
		name, body, accepted string
		coding, vary         string
	}{
		{"short", tasks[:minSize-1], "gzip, zstd", "", ""},
		{"empty", "", "gzip", "", ""},
		{"long enough", tasks[:minSize], "gzip", codingGzip, "Accept-Encoding"},
		{"zstd", tasks, "gzip, zstd", codingZstd, "Accept-Encoding"},
		{"not accepted", tasks, "br", "", "Accept-Encoding"},
		{"noise by gzip", string(noise), "gzip", "", "Accept-Encoding"},
		{"noise by zstd", string(noise), "zstd", "", "Accept-Encoding"},
		{"larger than a buffer that is kept", strings.Repeat(tasks, 1000), "gzip", codingGzip, "Accept-Encoding"},
	} {
		w := httptest.NewRecorder()
		Encode(request(tt.accepted), []byte(tt.body)).Send(w, 201)
		length := w.Body.Len()
		text, err := decoded(t, tt.coding, w.Body)
		if err != nil || text != tt.body || w.Code != 201 {
			t.Errorf("%s: %d, %v, %d bytes of %d", tt.name, w.Code, err, len(text), len(tt.body))
		}
		header := w.Header()
		if header.Get("Content-Encoding") != tt.coding || header.Get("Vary") != tt.vary || header.Get("Content-Length") != strconv.Itoa(length) {
			t.Errorf("%s: %d bytes with %v", tt.name, length, header)
		}
		if tt.coding != "" && length > len(tt.body)/2 {
			t.Errorf("%s: %d bytes of %d", tt.name, length, len(tt.body))
		}
	}
}

// TestShortBodiesAreFree counts what the encoding of a short body allocates.
func TestShortBodiesAreFree(t *testing.T) {
	r, body := request("gzip, zstd"), []byte(`{"data":{"task":null}}`)
	if n := testing.AllocsPerRun(100, func() { _ = Encode(r, body) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestAtOnce encodes different bodies at once, which share encoders and buffers.
func TestAtOnce(t *testing.T) {
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := range 50 {
				body := strings.Repeat(fmt.Sprintf("%d of %d, ", j, i), 200)
				coding := []string{codingGzip, codingZstd}[(i+j)%2]
				w := httptest.NewRecorder()
				Encode(request(coding), []byte(body)).Send(w, 200)
				if text, err := decoded(t, coding, w.Body); err != nil || text != body {
					t.Errorf("%s: %v, %.40q", coding, err, text)
				}
			}
		})
	}
	all.Wait()
}

// TestStream sends a body in parts. Each part can be read before the next one is written.
func TestStream(t *testing.T) {
	for _, coding := range []string{"", codingGzip, codingZstd} {
		for range 2 { // the second time with an encoder that was used before
			reader, writer := io.Pipe()
			w := httptest.NewRecorder()
			s := Begin(w, request(coding))
			s.w = &piped{w, writer}
			if got := w.Header().Get("Content-Encoding"); got != coding || w.Header().Get("Vary") != "Accept-Encoding" || w.Header().Get("Content-Length") != "" {
				t.Errorf("%q: headers %v", coding, w.Header())
			}
			read := make(chan string)
			go func() {
				defer close(read)
				var body io.Reader = reader
				switch coding {
				case codingGzip:
					body, _ = gzip.NewReader(reader)
				case codingZstd:
					body, _ = zstd.NewReader(reader, zstd.WithDecoderConcurrency(1))
				}
				part := make([]byte, 6)
				for {
					if _, err := io.ReadFull(body, part); err != nil {
						read <- err.Error()
						return
					}
					read <- string(part)
				}
			}()
			for i := range 3 {
				part := fmt.Sprintf("part %d", i)
				written := make(chan error)
				go func() {
					_, err := s.Write([]byte(part))
					written <- errors.Join(err, s.Flush())
				}() // a pipe waits for its reader
				if got := <-read; got != part {
					t.Errorf("%q: read %q, want %q", coding, got, part)
				}
				if err := <-written; err != nil {
					t.Error(err)
				}
			}
			go func() {
				_ = s.Close()
				_ = writer.Close()
			}()
			if got := <-read; got != io.EOF.Error() {
				t.Errorf("%q: the end is %q", coding, got)
			}
			<-read
			s.Abort()
		}
	}
}

// piped writes into a pipe.
type piped struct {
	http.ResponseWriter
	pipe *io.PipeWriter
}

func (p *piped) Write(b []byte) (int, error) { return p.pipe.Write(b) }

func (p *piped) Flush() {}

// TestAbortedStream sends a part only, which a client must not take for the whole.
func TestAbortedStream(t *testing.T) {
	for _, coding := range []string{codingGzip, codingZstd} {
		w := httptest.NewRecorder()
		s := Begin(w, request(coding))
		if _, err := s.Write([]byte("[1,2,")); err != nil {
			t.Fatal(err)
		}
		if err := s.Flush(); err != nil {
			t.Fatal(err)
		}
		s.Abort()
		if text, err := decoded(t, coding, bytes.NewReader(w.Body.Bytes())); text != "[1,2," || !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: %q, %v, want an unexpected end", coding, text, err)
		}
		s = Begin(httptest.NewRecorder(), request(coding)) // with the same encoder
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestNotModified(t *testing.T) {
	tag := Tag([]byte("body"))
	strong := strings.TrimPrefix(tag, "W/")
	if tag == Tag([]byte("another")) || !strings.HasPrefix(tag, `W/"`) {
		t.Errorf("Tag = %s", tag)
	}
	for _, tt := range []struct {
		headers []string
		want    bool
	}{
		{nil, false}, {[]string{""}, false}, {[]string{tag}, true}, {[]string{strong}, true}, {[]string{`"x", ` + tag}, true}, {[]string{`"x"`, tag}, true},
		{[]string{"*"}, true}, {[]string{`W/"x"`}, false}, {[]string{strings.Trim(strong, `"`)}, false},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header["If-None-Match"] = tt.headers
		if got := NotModified(r, tag); got != tt.want {
			t.Errorf("NotModified(%q) = %t, want %t", tt.headers, got, tt.want)
		}
	}
}
