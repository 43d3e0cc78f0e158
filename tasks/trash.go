package tasks

import (
	"context"

	"taskql/models"
	"taskql/store"
)

// Restore moves the task out of the trash. A task that is not in the trash does not change. It fails with NOT_FOUND or
// QUOTA_EXCEEDED.
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
			if err := s.checkRoom(ctx, user, 1); err != nil {
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

// RestoreAll moves 1 to MaxRestore tasks out of the trash. Tasks that are not in the trash do not change. It fails with
// NOT_FOUND at "ids" and the index, one error for each unknown id, or with QUOTA_EXCEEDED.
func (s *Service) RestoreAll(ctx context.Context, ids []string) (*Writes, error) {
	if errs := models.CheckCount(len(ids), MaxRestore, "ids"); errs != nil {
		return nil, errs
	}
	w := &Writes{}
	err := s.bulk(ctx, func(s *Service, user string) error {
		tasks, err := s.tasksByID(ctx, user, ids, nil)
		if err != nil {
			return err
		}
		trashed := map[int64]bool{}
		for _, t := range tasks {
			if t.Trashed() {
				trashed[t.ID] = true
			}
		}
		if err := s.checkRoom(ctx, user, len(trashed)); err != nil {
			return err
		}
		_, count, err := s.Store.ApplyAll(ctx, store.Restore, user, store.WithIDs(idsOf(tasks)), 1, s.now())
		if err != nil {
			return err
		}
		if w.Tasks, err = s.tasksByID(ctx, user, ids, nil); err != nil || count == 0 {
			return err
		}
		w.ChangeID = s.Store.LastChange()
		return nil
	})
	if err != nil {
		return nil, err
	}
	return w, nil
}

// Purge permanently removes a task that is in the trash. It fails with NOT_FOUND or NOT_IN_TRASH.
func (s *Service) Purge(ctx context.Context, id string) (*Removal, error) {
	return s.remove(ctx, func(s *Service, user string) (removal Removal, err error) {
		task, err := s.Get(ctx, id)
		switch {
		case err != nil:
			return removal, err
		case task == nil:
			return removal, models.NotFound(id)
		case !task.Trashed():
			return removal, models.NotInTrash()
		}
		removal.IDs, removal.Count, err = s.Store.Purge(ctx, user, store.WithIDs([]int64{task.ID}), 1, s.now())
		return removal, err
	})
}

// EmptyTrash permanently removes all tasks in the user's trash.
func (s *Service) EmptyTrash(ctx context.Context) (*Removal, error) {
	return s.remove(ctx, func(s *Service, user string) (removal Removal, err error) {
		removal.IDs, removal.Count, err = s.Store.Purge(ctx, user, store.Trashed(), MaxRestore, s.now())
		return removal, err
	})
}
