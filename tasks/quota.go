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

// checkQuota fails with QUOTA_EXCEEDED if so many new tasks would exceed the user's quota, or twice the quota with those in the trash. Call it
// inside Transaction only, so that the counts cannot change before the write.
func (s *Service) checkQuota(ctx context.Context, user string, created int) error {
	if err := s.checkRoom(ctx, user, created); err != nil {
		return err
	}
	// Otherwise the trash could grow without limit. It is new tasks that are refused, not those that go to the trash.
	return s.checkCount(ctx, user, models.TrashScopeInclude, created, 2*s.MaxTasks, models.TrashFull)
}

// checkRoom fails with QUOTA_EXCEEDED if more tasks outside the trash would exceed the user's quota. Call it like checkQuota.
func (s *Service) checkRoom(ctx context.Context, user string, more int) error {
	return s.checkCount(ctx, user, models.TrashScopeExclude, more, s.MaxTasks, models.QuotaExceeded)
}

// checkCount fails if more tasks in a scope would be more than limit.
func (s *Service) checkCount(ctx context.Context, user string, scope models.TrashScope, more, limit int, exceeded func(limit int, path ...string) models.UserErrors) error {
	// Each task was created under a change number of its own. The quantity of numbers is thus an upper limit of the number
	// of tasks, and while it is below the quota no count is needed.
	n, err := s.Store.Written(ctx, user)
	if err != nil || n+int64(more) <= int64(limit) {
		return err
	}
	count, err := s.Store.Count(ctx, user, scope, limit)
	if err != nil {
		return err
	}
	if count+more > limit {
		return exceeded(limit)
	}
	return nil
}

// checkTexts fails with QUOTA_EXCEEDED if the user's long descriptions would exceed the quota when tasks become others, was those at the same
// index. A new task was nil.
func (s *Service) checkTexts(ctx context.Context, user string, was, tasks []*models.Task) error {
	var more int64
	for i, task := range tasks {
		more += longBytes(task)
		if was != nil {
			more -= longBytes(was[i])
		}
	}
	if more <= 0 {
		return nil
	}
	limit := cmp.Or(s.MaxLongTexts, maxLongTexts)
	fits, err := s.Store.GrowTexts(ctx, user, longText, more, limit)
	if err == nil && !fits {
		err = models.TextsExceeded(longText, limit)
	}
	return err
}

// longBytes returns the bytes of a description, or 0 if it is not a long one.
func longBytes(t *models.Task) int64 {
	if t.Description == nil || len(*t.Description) <= longText {
		return 0
	}
	return int64(len(*t.Description))
}
