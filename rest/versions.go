package rest

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"taskql/models"
	"taskql/respond"
)

// etag returns the entity tag of a task: its version (RFC 9110, section 8.8.3).
func etag(t *models.Task) string { return `"` + strconv.FormatInt(t.Version, 10) + `"` }

// neverVersion is a version that no task has.
const neverVersion = -1

// expected returns the version that If-Match requires, or nil if it requires none. The comparison is strong (RFC 9110,
// section 13.1.1), and another server's tag matches no task.
func (a *adapter) expected(r *http.Request, id string) (*int, error) {
	tags, any := respond.EntityTags(r.Header["If-Match"])
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
	default: // the task's version, if it is among them
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
