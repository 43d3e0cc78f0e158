// Package models says what a task is: its fields, its rules and the errors a caller may see.
package models

import (
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"
)

// Limits of a task's fields, counted in characters (code points).
const (
	MaxTitle       = 200
	MaxDescription = 10_000
	MaxTags        = 20
	MaxTag         = 50
	// maxTagsGiven is how many tags an input may have, repeats among them.
	maxTagsGiven = 10 * MaxTags
)

// Task is one thing to do: the row in the database, the value the rules work on and the GraphQL
// object. Times are in UTC with microseconds.
type Task struct {
	bun.BaseModel `bun:"table:task,alias:t"`

	ID     int64  `bun:"id,pk,autoincrement"`
	UserID string `bun:"user_id"`
	// Title is trimmed and has 1 to MaxTitle characters.
	Title string `bun:"title"`
	// Description is nil when there is none. REST keeps an empty one as sent; see Notes.
	Description *string  `bun:"description"`
	Priority    Priority `bun:"priority"`
	// Tags are trimmed and unique in any letter case; stored as a JSON array. Never nil.
	Tags []string `bun:"tags,type:text"`
	// Due is nil when there is no due date; what it means depends on DueKind.
	Due       *time.Time `bun:"due_date"`
	DueKind   *DueKind   `bun:"due_kind"`
	Completed bool       `bun:"completed"`
	// CompletedAt is set exactly when Completed is true.
	CompletedAt *time.Time `bun:"completed_at"`
	// DeletedAt is set while the task lies in the trash.
	DeletedAt *time.Time `bun:"deleted_at"`
	CreatedAt time.Time  `bun:"created_at"`
	UpdatedAt time.Time  `bun:"updated_at"`
	// Position is the rank key of the manual order, compared byte by byte.
	Position string `bun:"position"`
	// Version is the number of the user's change that last wrote the task.
	Version int64 `bun:"version"`
}

// IsNode marks Task as a GraphQL Node.
func (*Task) IsNode() {}

// Notes returns the description, or nil when it is missing or blank.
func (t *Task) Notes() *string {
	if t.Description == nil || strings.TrimSpace(*t.Description) == "" {
		return nil
	}
	return t.Description
}

// Trashed reports whether the task lies in the trash.
func (t *Task) Trashed() bool { return t.DeletedAt != nil }

// ParseID reads a task id as the API writes it: a positive decimal integer without sign, spaces or
// leading zeros. Anything else names no task, and ok is false.
func ParseID(s string) (id int64, ok bool) {
	id, err := strconv.ParseInt(s, 10, 64)
	if err != nil || id <= 0 || strconv.FormatInt(id, 10) != s {
		return 0, false
	}
	return id, true
}

// Timestamp brings a time into the form tasks keep: UTC, whole microseconds.
func Timestamp(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
