package respond

import (
	"io"
	"net/http"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// streamWindow bounds the memory of a stream in zstd, in bytes.
const streamWindow = 256 << 10

var (
	gzipStreams = sync.Pool{New: func() any {
		writer, _ := gzip.NewWriterLevel(nil, gzipLevel) // the level is valid
		return writer
	}}
	zstdStreams = sync.Pool{New: func() any {
		writer, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstdLevel), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(streamWindow), zstd.WithLowerEncoderMem(true))
		if err != nil {
			panic(err) // the options are constants
		}
		return writer
	}}
)

// compressor is a writer of a content coding.
type compressor interface {
	io.WriteCloser
	Flush() error
	Reset(io.Writer)
}

// Stream is a body that is sent in parts.
type Stream struct {
	w          http.ResponseWriter
	compressor compressor // nil is none
	pool       *sync.Pool
}

// Begin sets the headers of a body that is sent in parts. Send the headers before the first Write.
func Begin(w http.ResponseWriter, r *http.Request) *Stream {
	s := &Stream{w: w}
	header := w.Header()
	header.Add("Vary", "Accept-Encoding")
	coding := accepted(r.Header["Accept-Encoding"])
	switch coding {
	case codingZstd:
		s.pool = &zstdStreams
	case codingGzip:
		s.pool = &gzipStreams
	default:
		return s
	}
	header.Set("Content-Encoding", coding)
	return s
}

// Write adds a part. It may be sent later only.
func (s *Stream) Write(part []byte) (int, error) {
	if s.pool == nil {
		return s.w.Write(part)
	}
	if s.compressor == nil {
		s.compressor = s.pool.Get().(compressor)
		s.compressor.Reset(s.w)
	}
	return s.compressor.Write(part)
}

// Flush sends everything that was written.
func (s *Stream) Flush() error {
	if s.compressor != nil {
		if err := s.compressor.Flush(); err != nil {
			return err
		}
	}
	return http.NewResponseController(s.w).Flush()
}

// Close sends the end. Without it, the client sees that the body is not complete.
func (s *Stream) Close() error {
	if s.pool == nil {
		return nil
	}
	if _, err := s.Write(nil); err != nil {
		return err
	}
	err := s.compressor.Close()
	s.free()
	return err
}

// Abort gives up a stream after an error. It may be called after Close.
func (s *Stream) Abort() { s.free() }

func (s *Stream) free() {
	if s.compressor != nil {
		s.compressor.Reset(nil)
		s.pool.Put(s.compressor)
		s.compressor = nil
	}
}
