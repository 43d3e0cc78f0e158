package respond

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
)

var (
	noStore    = []string{"private, no-store"}
	revalidate = []string{"private, no-cache"}
)

// NoStore sets a Cache-Control for answers that nobody may keep. It is that of all answers that do not say otherwise.
func NoStore(header http.Header) { header["Cache-Control"] = noStore }

// Revalidate sets a Cache-Control for answers that the client may keep, but must ask about each time.
func Revalidate(header http.Header) { header["Cache-Control"] = revalidate }

// Tag returns a weak entity tag of a body. It is the same for all codings of the body.
func Tag(body []byte) string {
	sum := sha256.Sum256(body)
	return `W/"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
}

// NotModified reports whether If-None-Match has a tag, by weak comparison (RFC 9110, section 13.1.2).
func NotModified(r *http.Request, tag string) bool {
	tags, any := EntityTags(r.Header["If-None-Match"])
	opaque := strings.TrimPrefix(tag, "W/")
	return any || slices.ContainsFunc(tags, func(tag string) bool { return strings.TrimPrefix(tag, "W/") == opaque })
}

// EntityTags returns the tags of headers such as If-Match. any is true for an asterisk, which everything matches.
func EntityTags(headers []string) (tags []string, any bool) {
	for _, header := range headers {
		// Other servers' tags may contain a comma. Ours never do.
		for tag := range strings.SplitSeq(header, ",") {
			tag = strings.TrimSpace(tag)
			tags, any = append(tags, tag), any || tag == "*"
		}
	}
	return tags, any
}
