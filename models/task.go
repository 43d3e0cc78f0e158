// Package models defines tasks: their fields, the rules for them, and the errors that clients receive.
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
	// maxTagsGiven is the maximum length of a list of tags in an input, duplicates included.
	maxTagsGiven = 10 * MaxTags
)

// Task is a task of a user. The same type is the row in the database, the value that the rules check, and the GraphQL
// object. Times are in UTC and truncated to microseconds.
type Task struct {
	bun.BaseModel `bun:"table:task,alias:t"`

	ID     int64  `bun:"id,pk,autoincrement"`
	UserID string `bun:"user_id"`
	// Title is trimmed and has 1 to MaxTitle characters.
	Title string `bun:"title"`
	// Description is nil if there is none. REST can store an empty string; see Notes.
	Description *string  `bun:"description"`
	Priority    Priority `bun:"priority"`
	// Tags are trimmed and unique, where letter case is ignored. They are stored as a JSON array. Never nil.
	Tags []string `bun:"tags,type:text"`
	// Due is nil if there is no due date. DueKind states how it is to be read.
	Due       *time.Time `bun:"due_date"`
	DueKind   *DueKind   `bun:"due_kind"`
	Completed bool       `bun:"completed"`
	// CompletedAt is set exactly when Completed is true.
	CompletedAt *time.Time `bun:"completed_at"`
	// DeletedAt is set while the task is in the trash.
	DeletedAt *time.Time `bun:"deleted_at"`
	CreatedAt time.Time  `bun:"created_at"`
	UpdatedAt time.Time  `bun:"updated_at"`
	// Position is the sort key of the manual order, compared byte by byte.
	Position string `bun:"position"`
	// Version is the number of the last write to the task, from the user's counter of writes.
	Version int64 `bun:"version"`
}

// IsNode marks Task as a GraphQL Node.
func (*Task) IsNode() {}

// Notes returns the description, or nil if it is missing or blank.
func (t *Task) Notes() *string {
	if t.Description == nil || strings.TrimSpace(*t.Description) == "" {
		return nil
	}
	return t.Description
}

// Trashed reports whether the task is in the trash.
func (t *Task) Trashed() bool { return t.DeletedAt != nil }

// ParseID reads a task id: a positive decimal integer without sign, spaces or leading zeros. ok is false for anything
// else.
func ParseID(s string) (id int64, ok bool) {
	id, err := strconv.ParseInt(s, 10, 64)
	if err != nil || id <= 0 || strconv.FormatInt(id, 10) != s {
		return 0, false
	}
	return id, true
}

// Timestamp returns t in UTC, truncated to microseconds: the precision of stored times.
func Timestamp(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
