package respond

import (
	"strconv"
	"strings"
)

// The content codings that bodies are sent in.
const (
	codingGzip = "gzip"
	codingZstd = "zstd"
)

// accepted returns the coding that Accept-Encoding headers give the greatest weight, or "" for none. Among equal weights it is zstd, which
// takes less time.
func accepted(headers []string) (coding string) {
	switch gzip, zstd := weights(headers); {
	case zstd > 0 && zstd >= gzip:
		return codingZstd
	case gzip > 0:
		return codingGzip
	}
	return ""
}

// AcceptsGzip reports whether Accept-Encoding headers accept gzip.
func AcceptsGzip(headers []string) bool {
	gzip, _ := weights(headers)
	return gzip > 0
}

// weights returns the weights of the codings in Accept-Encoding headers. An asterisk stands for gzip (RFC 9110, section 12.5.3).
func weights(headers []string) (gzip, zstd float64) {
	gzip, any := -1.0, -1.0
	for _, header := range headers {
		for part := range strings.SplitSeq(header, ",") {
			name, parameter, _ := strings.Cut(part, ";")
			switch name = strings.TrimSpace(name); {
			case strings.EqualFold(name, codingGzip):
				gzip = weight(parameter)
			case strings.EqualFold(name, codingZstd):
				zstd = weight(parameter)
			case name == "*":
				any = weight(parameter)
			}
		}
	}
	if gzip < 0 {
		gzip = any
	}
	return gzip, zstd
}

// weight returns the weight of a coding by its parameter. It is 0 for a parameter that is no weight.
func weight(parameter string) float64 {
	if parameter = strings.TrimSpace(parameter); parameter == "" {
		return 1
	}
	text, found := strings.CutPrefix(strings.ToLower(parameter), "q=")
	q, err := strconv.ParseFloat(text, 64)
	if !found || err != nil || q < 0 || q > 1 {
		return 0
	}
	return q
}
