package tasks

import (
	"context"

	"taskql/models"
	"taskql/store"
)

// Restore takes the task out of the trash; one outside stays as it is. It fails with NOT_FOUND or QUOTA_EXCEEDED.
func (s *Service) Restore(ctx context.Context, id string) (*Write, error) {
	var w *Write
	err := s.bulk(ctx, func(s *Service, user string) error {
		task, err := s.Get(ctx, id)
		if err != nil {
			return err
		}
		if task == nil {
			return models.NotFound(id)
		}
		if task.Trashed() {
			if err := s.checkQuota(ctx, user, 1); err != nil {
				return err
			}
		}
		w, err = s.apply(ctx, store.Restore, id, nil)
		return err
	})
	if err != nil {
		return nil, err
	}
	return w, nil
}

// RestoreAll takes 1 to MaxRestore tasks out of the trash; those outside stay as they are. It fails with
// NOT_FOUND at "ids" and the index for every id of no task, or QUOTA_EXCEEDED.
func (s *Service) RestoreAll(ctx context.Context, ids []string) (*Writes, error) {
	if errs := models.CheckCount(len(ids), MaxRestore, "ids"); errs != nil {
		return nil, errs
	}
	w := &Writes{}
	err := s.bulk(ctx, func(s *Service, user string) error {
		tasks, err := s.named(ctx, user, ids, nil)
		if err != nil {
			return err
		}
		trashed := map[int64]bool{}
		for _, t := range tasks {
			if t.Trashed() {
				trashed[t.ID] = true
			}
		}
		if err := s.checkQuota(ctx, user, len(trashed)); err != nil {
			return err
		}
		_, count, err := s.Store.ApplyAll(ctx, store.Restore, user, store.WithIDs(idsOf(tasks)), 1, s.now())
		if err != nil {
			return err
		}
		if w.Tasks, err = s.named(ctx, user, ids, nil); err != nil || count == 0 {
			return err
		}
		w.Number, err = s.Store.Number(ctx, user)
		return err
	})
	if err != nil {
		return nil, err
	}
	return w, nil
}

// Purge removes a task that is in the trash for good. It fails with NOT_FOUND or NOT_IN_TRASH.
func (s *Service) Purge(ctx context.Context, id string) (*Left, error) {
	return s.leave(ctx, func(s *Service, user string) (left Left, err error) {
		task, err := s.Get(ctx, id)
		switch {
		case err != nil:
			return left, err
		case task == nil:
			return left, models.NotFound(id)
		case !task.Trashed():
			return left, models.NotInTrash()
		}
		left.IDs, left.Count, err = s.Store.Purge(ctx, user, store.WithIDs([]int64{task.ID}), 1, s.now())
		return left, err
	})
}

// EmptyTrash removes everything in the trash for good.
func (s *Service) EmptyTrash(ctx context.Context) (*Left, error) {
	return s.leave(ctx, func(s *Service, user string) (left Left, err error) {
		left.IDs, left.Count, err = s.Store.Purge(ctx, user, store.Trashed(), MaxRestore, s.now())
		return left, err
	})
}

// checkQuota fails with QUOTA_EXCEEDED when the user may not have so many tasks more outside the
// trash. It is for transactions.
func (s *Service) checkQuota(ctx context.Context, user string, more int) error {
	// Each task has taken a number: who has taken few need not be counted.
	n, err := s.Store.Number(ctx, user)
	if err != nil || n+int64(more) <= int64(s.MaxTasks) {
		return err
	}
	count, err := s.Store.Count(ctx, user, s.MaxTasks)
	if err != nil {
		return err
	}
	if count+more > s.MaxTasks {
		return models.QuotaExceeded(s.MaxTasks)
	}
	return nil
}
