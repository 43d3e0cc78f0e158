package tasks

import (
	"cmp"
	"context"

	"taskql/models"
)

// The quota bounds what the requests of a user make the database read: the tasks outside the trash, those in the trash as well, and the long
// descriptions, which are read to find a text in them.

const (
	// longText is how many bytes a description may have that does not count as a long one.
	longText = 1000
	// maxLongTexts is how many bytes all long descriptions of a user may have. To look for a text in so many takes the databases about a second.
	maxLongTexts = 100_000_000
)

// makeRoom makes room for so many new tasks. It fails with QUOTA_EXCEEDED if they would be too many outside the trash. Those in the trash do not
// keep a user from creating tasks, but their number is bounded as well: the oldest are purged, so that all together are at most twice the quota. Call it
// inside Transaction only, so that the counts cannot change before the write.
func (s *Service) makeRoom(ctx context.Context, user string, created int) error {
	if err := s.checkRoom(ctx, user, created); err != nil {
		return err
	}
	surplus, err := s.surplus(ctx, user, models.TrashScopeInclude, created, 2*s.MaxTasks)
	if err != nil || surplus <= 0 {
		return err
	}
	return s.Store.PurgeOldest(ctx, user, surplus, s.now())
}

// checkRoom fails with QUOTA_EXCEEDED if so many more tasks outside the trash would exceed the user's quota. Call it inside Transaction only.
func (s *Service) checkRoom(ctx context.Context, user string, more int) error {
	surplus, err := s.surplus(ctx, user, models.TrashScopeExclude, more, s.MaxTasks)
	if err == nil && surplus > 0 {
		err = models.QuotaExceeded(s.MaxTasks)
	}
	return err
}

// surplus returns by how many so many more tasks in a scope would exceed limit, at most their number. It is 0 or less if they would not.
func (s *Service) surplus(ctx context.Context, user string, scope models.TrashScope, more, limit int) (int, error) {
	// Each task was created under a change number of its own. The quantity of numbers is thus an upper limit of the number
	// of tasks, and while it is below the limit no count is needed.
	n, err := s.Store.Written(ctx, user)
	if err != nil || n+int64(more) <= int64(limit) {
		return 0, err
	}
	count, err := s.Store.Count(ctx, user, scope, limit)
	return count + more - limit, err
}

// growTexts fails with QUOTA_EXCEEDED if the user's long descriptions would exceed the quota when tasks become others, was those at the same
// index. A new task was nil. Otherwise it counts them, and the caller stores them.
func (s *Service) growTexts(ctx context.Context, user string, was, tasks []*models.Task) error {
	more := longBytes(tasks) - longBytes(was)
	if more <= 0 {
		return nil
	}
	if err := s.checkTexts(ctx, user, more); err != nil {
		return err
	}
	s.Store.GrowTexts(user, more)
	return nil
}

// checkTexts fails with QUOTA_EXCEEDED if so many more bytes of long descriptions would exceed the user's quota.
func (s *Service) checkTexts(ctx context.Context, user string, more int64) error {
	limit := cmp.Or(s.MaxLongTexts, maxLongTexts)
	fits, err := s.Store.TextsFit(ctx, user, longText, more, limit, s.now())
	if err == nil && !fits {
		err = models.DescriptionsExceeded(longText, limit)
	}
	return err
}

// longBytes returns how many bytes the long descriptions of tasks have.
func longBytes(tasks []*models.Task) (bytes int64) {
	for _, task := range tasks {
		if task.Description != nil && len(*task.Description) > longText {
			bytes += int64(len(*task.Description))
		}
	}
	return bytes
}
