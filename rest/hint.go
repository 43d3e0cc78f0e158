package rest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"

	"taskql/reqlog"
)

// camelNames are names of fields that only front ends written for the dialect Web send.
var camelNames = []string{"dueDate", "isCompleted", "userId", "createdAt", "updatedAt"}

// webSign returns how a body shows that its front end was written for the dialect Web, or "". It is no proof: both dialects read all of it.
func webSign(body object) string {
	if slices.ContainsFunc(camelNames, func(name string) bool { _, found := body[name]; return found }) {
		return "camel-case names"
	}
	if body["tags"].Kind() == '[' {
		return "tags as a list"
	}
	var priority string
	if value := body["priority"]; value.Kind() == '"' && json.Unmarshal(value, &priority) == nil && priority != "" && priority == strings.ToLower(priority) {
		return "lower-case priorities"
	}
	return ""
}

// webQuerySign is webSign for the parameters of a list. A front end that shows a white page for a list sends no body.
func webQuerySign(query url.Values) string {
	priority := query.Get("priority")
	switch {
	case slices.Contains(camelNames, query.Get("sort_by")), slices.Contains(camelNames, query.Get("sort")):
		return "camel-case names"
	case priority != "" && priority != "all" && priority == strings.ToLower(priority):
		return "lower-case priorities"
	}
	return ""
}

// hint logs once that a front end may need the dialect Web. Otherwise its developer sees a white page, and nothing in the log.
type hint struct{ once sync.Once }

// note looks at a request with a sign. At a base that names its dialect, the choice was made on purpose.
func (a *adapter) note(r *http.Request, sign string) {
	if sign == "" || a.base != root || a.Dialect == Web {
		return
	}
	a.hint.once.Do(func() {
		a.Log.WarnContext(r.Context(), "a front end seems to expect the REST dialect web, but is answered in seed: use a base URL that ends with /web, or /seed if all is well; see docs/rest.md",
			"id", reqlog.ID(r.Context()), "sent", sign, "base_url", r.Host+string(webBase))
	})
}
