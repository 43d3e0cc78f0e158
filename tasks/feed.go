package tasks

import (
	"context"
	"fmt"
	"strconv"

	"taskql/auth"
	"taskql/models"
	"taskql/store"
)

// MaxChanges is how many changes a page has at most.
const MaxChanges = 500

// Change is what happened to a task last. GraphQL: TaskChange.
type Change struct {
	Kind models.TaskChangeKind
	// Task is the task as it now is, nil once it was removed for good.
	Task   *models.Task
	taskID int64
	token  string
}

// TaskID names the task.
func (c *Change) TaskID() string { return strconv.FormatInt(c.taskID, 10) }

// Token is the bookmark just after the change.
func (c *Change) Token() string { return c.token }

// ChangePage is a stretch of the change feed. GraphQL: TaskChangePage.
type ChangePage struct {
	// Changes are the oldest first, at most one for each task: its latest.
	Changes []*Change
	// NextToken is the bookmark after the last of them.
	NextToken string
	// HasMore is whether more are waiting already.
	HasMore bool
	// Reset is set when it is not known what has changed since: this is the start of a snapshot.
	Reset bool
}

// Changes returns what has changed since a bookmark, or without one a snapshot of every task. It
// fails with models.CodeBadSyncToken, or CodeBadPageSize unless first is 1 to MaxChanges.
func (s *Service) Changes(ctx context.Context, since *string, first int) (*ChangePage, error) {
	user, err := auth.FromContext(ctx)
	if err != nil {
		return nil, err
	}
	if first < 1 || first > MaxChanges {
		return nil, &models.Error{Code: models.CodeBadPageSize, Message: fmt.Sprintf("first must be 1 to %d, not %d.", MaxChanges, first)}
	}
	feed, err := s.Store.Feed(ctx, user.ID)
	if err != nil {
		return nil, err
	}
	page, at := &ChangePage{}, bookmark{snapshot: feed.Number}
	if since != nil {
		if at, err = s.bookmark(user.ID, *since); err != nil {
			return nil, err
		}
		if page.Reset = at.lost(feed); page.Reset {
			at = bookmark{snapshot: feed.Number}
		}
	}
	changes, at, more, err := s.changes(ctx, user.ID, at, first)
	if err != nil {
		return nil, err
	}
	page.Changes, page.NextToken, page.HasMore = changes, s.token(user.ID, at), more
	return page, nil
}

// lost reports whether it is not known what has changed since the bookmark: tasks may have been removed and forgotten,
// or the bookmark is ahead of the feed, because the database was put back to an earlier state.
func (b bookmark) lost(feed store.Feed) bool {
	last := max(b.number, b.snapshot)
	return last < feed.Forgotten || last > feed.Number
}

// changes returns at most first changes after a bookmark, the bookmark after them, and whether there are more.
func (s *Service) changes(ctx context.Context, user string, at bookmark, first int) ([]*Change, bookmark, bool, error) {
	list, err := s.Store.Changes(ctx, user, at.number, at.snapshot, first+1)
	if err != nil {
		return nil, at, false, err
	}
	more := len(list) > first
	changes := make([]*Change, min(first, len(list)))
	for i := range changes {
		c := list[i]
		at.number = c.Number
		kind := models.TaskChangeKindSaved
		if c.Task == nil {
			kind = models.TaskChangeKindPurged
		} else if c.Task.Trashed() {
			kind = models.TaskChangeKindTrashed
		}
		changes[i] = &Change{Kind: kind, Task: c.Task, taskID: c.TaskID, token: s.token(user, at)}
	}
	return changes, at, more, nil
}

// Token returns the bookmark just after the change with that number; nil for 0, which is none.
func (s *Service) Token(ctx context.Context, number int64) (*string, error) {
	user, err := auth.FromContext(ctx)
	if err != nil || number == 0 {
		return nil, err
	}
	token := s.token(user.ID, bookmark{number: number})
	return &token, nil
}
