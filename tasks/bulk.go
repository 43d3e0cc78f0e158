package tasks

import (
	"context"
	"slices"
	"strconv"

	"taskql/auth"
	"taskql/models"
	"taskql/store"
)

const (
	// MaxBulk is the maximum number of tasks in a bulk write.
	MaxBulk = 100
	// MaxRestore is the maximum number of tasks in RestoreAll, and the maximum number of ids in a Removal. A client can
	// therefore undo a Removal of up to MaxRestore tasks with one call.
	MaxRestore = 1000
)

// Writes is the result of a write to several tasks. Either all of them are written or none.
type Writes struct {
	// Tasks are the requested tasks in their current state, in the order of the request.
	Tasks []*models.Task
	// ChangeID identifies the last change, for Token. It is zero if nothing was written.
	ChangeID
}

// Removal is the result of a write that moved tasks to the trash or removed them for good.
type Removal struct {
	// IDs contains the ids of the removed tasks, MaxRestore at most.
	IDs []int64
	// Count is the number of all removed tasks.
	Count int
	// ChangeID identifies the last change, for Token. It is zero if nothing changed.
	ChangeID
}

// bulk runs write in a transaction of the current user. write must use only the service passed to it. In the same
// transaction, bulk purges the user's expired tasks from the trash.
func (s *Service) bulk(ctx context.Context, write func(s *Service, user string) error) error {
	user, err := auth.FromContext(ctx)
	if err != nil {
		return err
	}
	err = s.Store.Transaction(ctx, user.ID, func(db *store.Store) error {
		if err := write(s.on(db), user.ID); err != nil {
			return err
		}
		return db.PurgeExpired(ctx, user.ID, s.now())
	})
	if err == nil {
		s.announce(user.ID)
	}
	return err
}

// onceAll applies once to writes to several tasks.
func (s *Service) onceAll(ctx context.Context, key *string, r request, write func(*Service) (*Writes, error)) (*Writes, error) {
	record := func(w *Writes) *store.Use {
		use := &store.Use{TaskIDs: []int64{}}
		for _, t := range w.Tasks {
			use.TaskIDs = append(use.TaskIDs, t.ID)
		}
		if w.Number > 0 {
			use.Number = &w.Number
		}
		return use
	}
	return once(ctx, s, key, r, write, record, func(use *store.Use) (*Writes, error) {
		tasks, err := s.tasksOf(ctx, use)
		if err != nil {
			return nil, err
		}
		id, err := s.changeOf(ctx, use)
		if err != nil {
			return nil, err
		}
		return &Writes{tasks, id}, nil
	})
}

// CreateAll creates 1 to MaxBulk tasks and puts them on top of the manual order, in the order of inputs. Validation errors
// have paths that begin with "inputs" and the index. It also fails with QUOTA_EXCEEDED.
func (s *Service) CreateAll(ctx context.Context, inputs []*models.CreateTaskInput, key *string) (*Writes, error) {
	user, err := auth.FromContext(ctx)
	if err != nil {
		return nil, err
	}
	errs := models.CheckCount(len(inputs), MaxBulk, "inputs")
	if errs != nil {
		return nil, errs
	}
	tasks := make([]*models.Task, len(inputs))
	for i, input := range inputs {
		task, wrong := input.NewTask(user.ID, s.now())
		tasks[i], errs = task, append(errs, wrong.Below("inputs", i)...)
	}
	if errs = append(errs, models.CheckIdempotencyKey(key)...); errs != nil {
		return nil, errs
	}
	return s.onceAll(ctx, key, request{"createTasks", inputs}, func(s *Service) (*Writes, error) {
		w := &Writes{Tasks: tasks}
		err := s.bulk(ctx, func(s *Service, user string) error {
			if err := s.makeRoom(ctx, user, len(tasks)); err != nil {
				return err
			}
			if err := s.growTexts(ctx, user, nil, tasks); err != nil {
				return err
			}
			if err := s.Store.CreateAll(ctx, user, tasks); err != nil {
				return err
			}
			w.ChangeID = s.Store.LastChange()
			return nil
		})
		if err != nil {
			return nil, err
		}
		return w, nil
	})
}

// UpdateAll makes the same change to 1 to MaxBulk tasks. It fails with NOT_FOUND or IN_TRASH at "ids" and the index, one
// error for each such id, with the validation errors of the fields below "input", or with QUOTA_EXCEEDED.
func (s *Service) UpdateAll(ctx context.Context, ids []string, input models.UpdateTaskInput, key *string) (*Writes, error) {
	errs := models.CheckCount(len(ids), MaxBulk, "ids")
	if errs = append(errs, models.CheckIdempotencyKey(key)...); errs != nil {
		return nil, errs
	}
	return s.onceAll(ctx, key, request{"updateTasks", ids, input}, func(s *Service) (*Writes, error) {
		w := &Writes{}
		err := s.bulk(ctx, func(s *Service, user string) error { return s.updateAll(ctx, user, ids, input, w) })
		if err != nil {
			return nil, err
		}
		return w, nil
	})
}

func (s *Service) updateAll(ctx context.Context, user string, ids []string, input models.UpdateTaskInput, w *Writes) error {
	tasks, err := s.tasksByID(ctx, user, ids, func(t *models.Task) bool { return !t.Trashed() })
	if err != nil {
		return err
	}
	var was, changed []*models.Task
	now, next := s.now(), map[int64]*models.Task{}
	for _, task := range tasks {
		if next[task.ID] == nil { // an id may occur twice; its task is changed once
			after, errs := input.Apply(task, now)
			if errs != nil {
				return errs
			}
			if after.Same(task) {
				after = task
			} else {
				was, changed = append(was, task), append(changed, after)
			}
			next[task.ID] = after
		}
		w.Tasks = append(w.Tasks, next[task.ID])
	}
	if err := s.growTexts(ctx, user, was, changed); err != nil {
		return err
	}
	if err := s.Store.UpdateAll(ctx, user, was, changed); err != nil || len(changed) == 0 {
		return err
	}
	w.ChangeID = s.Store.LastChange()
	return nil
}

// tasksByID returns the user's tasks with the ids, in the order of ids. It fails with NOT_FOUND at "ids" and the index for
// each unknown id, and with IN_TRASH for each task that allowed rejects. A nil allowed accepts all.
func (s *Service) tasksByID(ctx context.Context, user string, ids []string, allowed func(*models.Task) bool) ([]*models.Task, error) {
	numbers := make([]int64, len(ids)) // 0 stands for an invalid id; no task has it
	for i, id := range ids {
		numbers[i], _ = models.ParseID(id)
	}
	found, err := s.Store.Tasks(ctx, user, numbers)
	if err != nil {
		return nil, err
	}
	var errs models.UserErrors
	tasks := make([]*models.Task, len(ids))
	for i, number := range numbers {
		switch tasks[i] = found[number]; {
		case tasks[i] == nil:
			errs = append(errs, models.NotFoundAt(ids[i], "ids", strconv.Itoa(i)))
		case allowed != nil && !allowed(tasks[i]):
			errs = append(errs, models.InTrashAt("ids", strconv.Itoa(i)))
		}
	}
	if errs != nil {
		return nil, errs
	}
	return tasks, nil
}

// idsOf returns the ids in ascending order, without duplicates.
func idsOf(tasks []*models.Task) []int64 {
	var ids []int64
	for _, t := range tasks {
		ids = append(ids, t.ID)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// DeleteAll moves 1 to MaxBulk tasks to the trash. Tasks that are already there do not change and are not in the result.
// It fails with NOT_FOUND at "ids" and the index, one error for each unknown id.
func (s *Service) DeleteAll(ctx context.Context, ids []string) (*Removal, error) {
	if errs := models.CheckCount(len(ids), MaxBulk, "ids"); errs != nil {
		return nil, errs
	}
	return s.remove(ctx, func(s *Service, user string) (removal Removal, err error) {
		tasks, err := s.tasksByID(ctx, user, ids, nil)
		if err != nil {
			return removal, err
		}
		removal.IDs, removal.Count, err = s.Store.ApplyAll(ctx, store.Delete, user, store.WithIDs(idsOf(tasks)), MaxRestore, s.now())
		return removal, err
	})
}

// ClearCompleted moves every completed task to the trash.
func (s *Service) ClearCompleted(ctx context.Context) (*Removal, error) {
	return s.remove(ctx, func(s *Service, user string) (removal Removal, err error) {
		removal.IDs, removal.Count, err = s.Store.ApplyAll(ctx, store.Delete, user, store.Completed(), MaxRestore, s.now())
		return removal, err
	})
}

// remove runs write like bulk and sets the result's ChangeID.
func (s *Service) remove(ctx context.Context, write func(s *Service, user string) (Removal, error)) (*Removal, error) {
	var removal Removal
	err := s.bulk(ctx, func(s *Service, user string) (err error) {
		if removal, err = write(s, user); err != nil || removal.Count == 0 {
			return err
		}
		removal.ChangeID = s.Store.LastChange()
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &removal, nil
}
