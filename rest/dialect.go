package rest

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"taskql/fastapi"
	"taskql/models"
)

// Dialect is the spelling in which tasks are written.
type Dialect string

// The dialects. What is read is the same, but that Web reads categories and more words for priorities.
const (
	// Seed is what the FastAPI backends write: priorities in capitals, tags as a string that holds an array.
	Seed Dialect = "seed"
	// Web writes priorities in lower case, tags as an array, and some fields under a second name as well. It has fields that are
	// kept in tags; see kept.
	Web Dialect = "web"
)

// priority reads a priority in any letter case. Only Web accepts other words than the three.
func (d Dialect) priority(word string) (models.Priority, bool) {
	priority, ok := fastapi.ParsePriority(word)
	return priority, ok && (d == Web || strings.EqualFold(word, string(priority)))
}

// writer writes tasks.
type writer struct {
	dialect Dialect
	// openStatus is the word of Web for the status of an open task.
	openStatus string
}

// webJSON is a task in the dialect Web.
type webJSON struct {
	ID          int64          `json:"id"`
	UserID      string         `json:"user_id"`
	Title       string         `json:"title"`
	Description *string        `json:"description"`
	Priority    string         `json:"priority"`
	Tags        jsontext.Value `json:"tags"`
	DueDate     *string        `json:"due_date"`
	Completed   bool           `json:"completed"`
	CreatedAt   string         `json:"created_at"`
	UpdatedAt   string         `json:"updated_at"`
	// The second names.
	IsCompleted bool    `json:"is_completed"`
	Status      string  `json:"status"`
	UserID2     string  `json:"userId"`
	DueDate2    *string `json:"dueDate"`
	CreatedAt2  string  `json:"createdAt"`
	UpdatedAt2  string  `json:"updatedAt"`
	// Category is absent if the task has none.
	Category string `json:"category,omitzero"`
}

// task is a task as it is written.
func (w writer) task(t *models.Task) any {
	if w.dialect == Web {
		return w.webJSON(t)
	}
	return fastapi.NewTask(t)
}

// list is a list of tasks as it is written.
func (w writer) list(tasks []*models.Task) any {
	if w.dialect == Web {
		return eachTask(tasks, w.webJSON)
	}
	return eachTask(tasks, fastapi.NewTask)
}

func eachTask[T any](tasks []*models.Task, write func(*models.Task) T) []T {
	all := make([]T, len(tasks))
	for i, t := range tasks {
		all[i] = write(t)
	}
	return all
}

func (w writer) webJSON(t *models.Task) webJSON {
	kept := keptIn(t)
	if len(kept.tags) < len(t.Tags) {
		listed := *t
		listed.Tags = kept.tags
		t = &listed
	}
	seed := fastapi.NewTask(t)
	priority, status := strings.ToLower(string(seed.Priority)), w.openStatus
	if kept.priority != "" {
		priority = kept.priority
	}
	if t.Completed {
		status = "completed"
	}
	return webJSON{
		ID: seed.ID, UserID: seed.UserID, Title: seed.Title, Description: seed.Description,
		Priority: priority, Tags: jsontext.Value(seed.Tags), DueDate: seed.DueDate,
		Completed: seed.Completed, CreatedAt: seed.CreatedAt, UpdatedAt: seed.UpdatedAt,
		IsCompleted: seed.Completed, Status: status, UserID2: seed.UserID, DueDate2: seed.DueDate,
		CreatedAt2: seed.CreatedAt, UpdatedAt2: seed.UpdatedAt, Category: kept.category,
	}
}
