package rest

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"

	"taskql/models"
	"taskql/respond"
)

// location is the path of a new task.
func (a *adapter) location(r *http.Request, t *models.Task) string {
	return string(a.base) + "/api/" + escapeSegment(r.PathValue("user_id")) + "/tasks/" + strconv.FormatInt(t.ID, 10)
}

// escapeSegment escapes a text as one segment of a path. The segments . and .. mean something else unless their dots are
// escaped (RFC 3986, section 3.3).
func escapeSegment(text string) string {
	if text == "." || text == ".." {
		return strings.ReplaceAll(text, ".", "%2E")
	}
	return url.PathEscape(text)
}

func writeJSON(w http.ResponseWriter, status int, value any) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client is gone if this fails
	return nil
}

// sendJSON is writeJSON for a body that may be long and has no strong entity tag, which all codings of a body would share. It is compressed for
// clients that accept that.
func sendJSON(w http.ResponseWriter, r *http.Request, status int, value any) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	respond.Encode(r, body).Send(w, status)
	return nil
}

func words(list ...string) string {
	quoted := make([]string, len(list))
	for i, word := range list {
		quoted[i] = "'" + word + "'"
	}
	last := len(quoted) - 1
	return strings.Join(quoted[:last], ", ") + " or " + quoted[last]
}
