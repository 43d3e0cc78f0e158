package tasks

import (
	"context"
	"fmt"
	"strconv"

	"taskql/auth"
	"taskql/models"
	"taskql/store"
)

// MaxChanges is the maximum number of changes on a page.
const MaxChanges = 500

// Change is the latest change of a task. GraphQL: TaskChange.
type Change struct {
	Kind models.TaskChangeKind
	// Task is the task in its current state; nil if it was permanently removed.
	Task   *models.Task
	taskID int64
	token  string
}

// TaskID returns the id of the task, also of a removed one.
func (c *Change) TaskID() string { return strconv.FormatInt(c.taskID, 10) }

// Token returns the sync token of the position just after the change.
func (c *Change) Token() string { return c.token }

// ChangePage is a page of the change feed. GraphQL: TaskChangePage.
type ChangePage struct {
	// Changes are in the order of their numbers, the oldest first. A task occurs once, with its latest change.
	Changes []*Change
	// NextToken is the sync token to continue with.
	NextToken string
	// HasMore reports whether the feed already has further changes.
	HasMore bool
	// Reset is set if the changes since the token are no longer known. The page is then the first of a new snapshot, and
	// the client must discard its copy.
	Reset bool
}

// Changes returns the first changes after the sync token since. Without a token it starts a snapshot of all tasks. It fails
// with models.CodeBadSyncToken for an invalid token, or with CodeBadPageSize unless first is 1 to MaxChanges.
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
	page, at := &ChangePage{}, feedPosition{snapshot: feed.Number}
	if since != nil {
		if at, err = s.parseToken(user.ID, *since); err != nil {
			return nil, err
		}
		if page.Reset = at.expired(feed); page.Reset {
			at = feedPosition{snapshot: feed.Number}
		}
	}
	changes, at, more, err := s.changes(ctx, user.ID, at, first)
	if err != nil {
		return nil, err
	}
	page.Changes, page.NextToken, page.HasMore = changes, s.token(user.ID, at), more
	return page, nil
}

// expired reports whether the changes since the position are no longer known. Either the feed no longer contains all
// removals since then, or the position is ahead of the feed, because the database was restored from a backup.
func (p feedPosition) expired(feed store.Feed) bool {
	last := max(p.number, p.snapshot)
	return last < feed.Forgotten || last > feed.Number
}

// changes returns at most first changes after a position, the position after them, and whether there are more.
func (s *Service) changes(ctx context.Context, user string, at feedPosition, first int) ([]*Change, feedPosition, bool, error) {
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

// Token returns the sync token of the position just after the change with the number. It returns nil for 0, the number of
// a write that changed nothing.
func (s *Service) Token(ctx context.Context, number int64) (*string, error) {
	user, err := auth.FromContext(ctx)
	if err != nil || number == 0 {
		return nil, err
	}
	token := s.token(user.ID, feedPosition{number: number})
	return &token, nil
}
