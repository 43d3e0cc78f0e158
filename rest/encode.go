package rest

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"

	"taskql/fastapi"
	"taskql/models"
)

// taskJSON is a task as the FastAPI backends write it.
type taskJSON struct {
	ID          int64           `json:"id"`
	UserID      string          `json:"user_id"`
	Title       string          `json:"title"`
	Description *string         `json:"description"`
	Priority    models.Priority `json:"priority"`
	// Tags is a string that holds a JSON array.
	Tags      string  `json:"tags"`
	DueDate   *string `json:"due_date"`
	Completed bool    `json:"completed"`
	CreatedAt string  `json:"created_at"`
	UpdatedAt string  `json:"updated_at"`
}

func newTaskJSON(t *models.Task) taskJSON {
	return taskJSON{
		ID: t.ID, UserID: t.UserID, Title: t.Title, Description: t.Description, Priority: t.Priority,
		Tags: fastapi.TagsText(t.Tags), DueDate: fastapi.DueText(t), Completed: t.Completed,
		CreatedAt: fastapi.TimeText(t.CreatedAt) + "Z", UpdatedAt: fastapi.TimeText(t.UpdatedAt) + "Z",
	}
}

// location is the path of a new task.
func location(r *http.Request, t *models.Task) string {
	return "/api/" + escapeSegment(r.PathValue("user_id")) + "/tasks/" + strconv.FormatInt(t.ID, 10)
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

func words(list ...string) string {
	quoted := make([]string, len(list))
	for i, word := range list {
		quoted[i] = "'" + word + "'"
	}
	last := len(quoted) - 1
	return strings.Join(quoted[:last], ", ") + " or " + quoted[last]
}
