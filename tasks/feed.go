package tasks

import (
	"context"
	"fmt"
	"math"
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
	page, at := &ChangePage{}, feedStart
	if since != nil {
		if at, err = s.parseToken(user.ID, *since); err != nil {
			return nil, err
		}
	}
	var part feedPart
	err = s.Store.Read(ctx, user.ID, func(ctx context.Context, db *store.Store) (err error) {
		part, err = s.read(ctx, db, user.ID, at, first)
		if page.Reset = err == nil && part.expired; page.Reset {
			part, err = s.read(ctx, db, user.ID, feedStart, first)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	page.Changes, page.NextToken, page.HasMore = part.changes, s.token(user.ID, part.next), part.more
	return page, nil
}

// feedStart is the position of a client that begins a snapshot, which its first read chooses.
var feedStart = feedPosition{snapshot: math.MaxInt64}

// feedPart is a part of the feed after a position.
type feedPart struct {
	// expired is set if the changes since the position are not known. Either the feed no longer contains all
	// removals since then, or the position is not in the feed's history, because the database was put back to an earlier copy.
	// Then the part is empty.
	expired bool
	changes []*Change
	// last is the number of the last change of the feed.
	last int64
	// next is the position after the changes. more is set if others follow.
	next feedPosition
	more bool
}

// read returns at most first changes after a position.
func (s *Service) read(ctx context.Context, db *store.Store, user string, at feedPosition, first int) (feedPart, error) {
	feed, list, err := db.Changes(ctx, user, at.number, at.snapshot, first+1)
	if err != nil {
		return feedPart{}, err
	}
	if at == feedStart {
		at.snapshot = feed.Number
		at.era, _ = feed.Era(feed.Number)
	} else if last := max(at.number, at.snapshot); last < feed.Forgotten || !feed.Has(ChangeID{Number: last, Era: at.era}) {
		return feedPart{expired: true}, nil
	}
	part := feedPart{last: feed.Number, changes: make([]*Change, min(first, len(list))), more: len(list) > first}
	for i := range part.changes {
		c := list[i]
		at.number = c.Number
		if at.number >= at.snapshot {
			at.era, _ = feed.Era(at.number)
		}
		kind := models.TaskChangeKindSaved
		if c.Task == nil {
			kind = models.TaskChangeKindPurged
		} else if c.Task.Trashed() {
			kind = models.TaskChangeKindTrashed
		}
		part.changes[i] = &Change{Kind: kind, Task: c.Task, taskID: c.TaskID, token: s.token(user, at)}
	}
	part.next = at
	return part, nil
}

// SyncToken returns the sync token of the position after the last change.
func (s *Service) SyncToken(ctx context.Context) (string, error) {
	user, err := auth.FromContext(ctx)
	if err != nil {
		return "", err
	}
	at, err := s.feedEnd(ctx, user.ID)
	if err != nil {
		return "", err
	}
	return s.token(user.ID, at), nil
}

// Token returns the sync token of the position just after the change. It returns nil for the zero ChangeID, that of
// a write that changed nothing.
func (s *Service) Token(ctx context.Context, id ChangeID) (*string, error) {
	user, err := auth.FromContext(ctx)
	if err != nil || id == (ChangeID{}) {
		return nil, err
	}
	token := s.token(user.ID, feedPosition{number: id.Number, era: id.Era})
	return &token, nil
}
