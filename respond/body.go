// Package respond sends the bodies of responses: compressed if the client accepts that, and not at all if the client has them already.
package respond

import (
	"bytes"
	"net/http"
	"strconv"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// minSize is the length of the shortest bodies that are compressed, in bytes. A shorter one fits into a packet as it is.
const minSize = 1 << 10

// maxPooled is the greatest capacity of a buffer that is kept for other bodies, in bytes.
const maxPooled = 256 << 10

// The fastest levels make a quarter of a list of tasks. The default levels make it some hundredths shorter, in up to three times the time.
const (
	gzipLevel = gzip.BestSpeed
	zstdLevel = zstd.SpeedFastest
)

// Body is a body that is ready to be sent. Send it once.
type Body struct {
	bytes  []byte
	coding string // "" is none
	// varies is set if the coding depends on the client.
	varies bool
	from   *buffer
}

// buffer is a compressed body and what compresses it with gzip.
type buffer struct {
	bytes.Buffer
	gzip *gzip.Writer
}

var buffers = sync.Pool{New: func() any { return new(buffer) }}

// whole compresses bodies with zstd. Several requests may use it at once.
var whole = sync.OnceValue(func() *zstd.Encoder {
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstdLevel), zstd.WithLowerEncoderMem(true))
	if err != nil {
		panic(err) // the options are constants
	}
	return encoder
})

// Encode compresses a body, if it has 1 KiB or more and the client accepts a coding that makes it shorter. Without that it costs nothing, and the result shares
// the body's memory.
func Encode(r *http.Request, body []byte) Body {
	if len(body) < minSize {
		return Body{bytes: body}
	}
	plain := Body{bytes: body, varies: true}
	coding := accepted(r.Header["Accept-Encoding"])
	if coding == "" {
		return plain
	}
	b := buffers.Get().(*buffer)
	b.Reset()
	switch coding {
	case codingZstd:
		compressed := whole().EncodeAll(body, b.AvailableBuffer())
		b.Buffer = *bytes.NewBuffer(compressed)
	case codingGzip:
		if b.gzip == nil {
			b.gzip, _ = gzip.NewWriterLevel(nil, gzipLevel) // the level is valid
		}
		b.gzip.Reset(b)
		_, _ = b.gzip.Write(body) // writing to a buffer does not fail
		_ = b.gzip.Close()
	}
	if b.Len() >= len(body) {
		b.free()
		return plain
	}
	return Body{bytes: b.Bytes(), coding: coding, varies: true, from: b}
}

func (b *buffer) free() {
	if b.Cap() > maxPooled {
		b.Buffer = bytes.Buffer{}
	}
	buffers.Put(b)
}

// Send sends the body with a status, its length and its coding.
func (b Body) Send(w http.ResponseWriter, status int) {
	header := w.Header()
	if b.varies {
		header.Add("Vary", "Accept-Encoding")
	}
	if b.coding != "" {
		header.Set("Content-Encoding", b.coding)
	}
	header.Set("Content-Length", strconv.Itoa(len(b.bytes)))
	w.WriteHeader(status)
	_, _ = w.Write(b.bytes) // an error means that the client has disconnected
	if b.from != nil {
		b.from.free()
	}
}
