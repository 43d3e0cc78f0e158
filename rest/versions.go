package rest

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"taskql/models"
)

// etag names the state of a task (RFC 9110, section 8.8.3).
func etag(t *models.Task) string { return `"` + strconv.FormatInt(t.Version, 10) + `"` }

// entityTags are the tags of a header such as If-Match; any is set for an asterisk, which every task matches.
func entityTags(values []string) (tags []string, any bool) {
	for _, value := range values {
		// A comma can stand in a tag, but in none of ours.
		for tag := range strings.SplitSeq(value, ",") {
			tag = strings.TrimSpace(tag)
			tags, any = append(tags, tag), any || tag == "*"
		}
	}
	return tags, any
}

// notModified reports whether the client has what carries the tag. Tags are compared weakly, as
// If-None-Match wants it (RFC 9110, section 13.1.2).
func notModified(r *http.Request, current string) bool {
	tags, any := entityTags(r.Header.Values("If-None-Match"))
	return any || slices.ContainsFunc(tags, func(tag string) bool { return strings.TrimPrefix(tag, "W/") == current })
}

// neverVersion is the version of no task.
const neverVersion = -1

// expected is the version that If-Match wants the task to have, nil when it wants none. Tags are compared
// strongly (RFC 9110, section 13.1.1); what is no tag of ours matches no task.
func (a *adapter) expected(r *http.Request, id string) (*int, error) {
	tags, any := entityTags(r.Header.Values("If-Match"))
	if len(tags) == 0 || any {
		return nil, nil
	}
	var versions []int
	for _, tag := range tags {
		text, quoted := strings.CutPrefix(strings.TrimSuffix(tag, `"`), `"`)
		if version, err := strconv.Atoi(text); err == nil && quoted && tag == `"`+strconv.Itoa(version)+`"` {
			versions = append(versions, version)
		}
	}
	version := neverVersion
	switch len(versions) {
	case 0:
	case 1:
		version = versions[0]
	default: // the one that the task has, if it is among them
		task, err := a.Service.Get(r.Context(), id)
		if err != nil {
			return nil, err
		}
		if task != nil && slices.Contains(versions, int(task.Version)) {
			version = int(task.Version)
		}
	}
	return &version, nil
}
