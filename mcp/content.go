package mcp

import (
	"slices"
	"time"

	"taskql/models"
	"taskql/tasks"
)

// task is a task as the tools write it.
type task struct {
	ID          int64           `json:"id"`
	Title       string          `json:"title"`
	Description *string         `json:"description"`
	Priority    models.Priority `json:"priority"`
	Tags        []string        `json:"tags"`
	Due         *string         `json:"due"`
	Completed   bool            `json:"completed"`
	CompletedAt *time.Time      `json:"completed_at"`
	CreatedAt   time.Time       `json:"created_at"`
	UpdatedAt   time.Time       `json:"updated_at"`
	DeletedAt   *time.Time      `json:"deleted_at"`
	Version     int64           `json:"version"`
}

type taskContent struct {
	Task task `json:"task"`
}

type taskPage struct {
	Tasks      []task  `json:"tasks"`
	NextCursor *string `json:"next_cursor"`
}

type stats struct {
	Total        int `json:"total"`
	Open         int `json:"open"`
	Completed    int `json:"completed"`
	Overdue      int `json:"overdue"`
	DueToday     int `json:"due_today"`
	DueNext7Days int `json:"due_next_7_days"`
	NoDueDate    int `json:"no_due_date"`
}

func newTask(t *models.Task) task {
	return task{
		t.ID, t.Title, t.Notes(), t.Priority, t.Tags, dueText(t), t.Completed, t.CompletedAt, t.CreatedAt, t.UpdatedAt, t.DeletedAt, t.Version,
	}
}

// dueText writes when a task is due, in a form that arguments read back.
func dueText(t *models.Task) *string {
	if t.Due == nil {
		return nil
	}
	layout := time.RFC3339Nano
	switch *t.DueKind {
	case models.DueDay:
		layout = time.DateOnly
	case models.DueLocal:
		layout = "2006-01-02T15:04:05"
	}
	text := t.Due.Format(layout)
	return &text
}

func newTaskPage(page *tasks.Page) taskPage {
	result := taskPage{Tasks: make([]task, len(page.Nodes))}
	for i, t := range page.Nodes {
		result.Tasks[i] = newTask(t)
	}
	if info := page.PageInfo(); info.HasNextPage {
		result.NextCursor = info.EndCursor()
	}
	return result
}

func newStats(s *tasks.Stats) stats {
	return stats{s.Total(), s.Open(), s.Completed(), s.Overdue(), s.DueToday(), s.DueNext7Days(), s.NoDueDate()}
}

// sorted returns texts in order.
func sorted(texts []string) []string {
	slices.Sort(texts)
	return texts
}
