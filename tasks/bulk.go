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
	// MaxRestore is the maximum for RestoreAll: as many ids as ClearCompleted and EmptyTrash return.
	MaxRestore = 1000
)

// Writes is the result of a write to several tasks: all of them are written, or none.
type Writes struct {
	// Tasks are those that the caller named, as they now are, in that order.
	Tasks []*models.Task
	// Number is that of the last change; 0 when nothing was written.
	Number int64
}

// Left is the result of a write that took tasks out of the lists: how many, and the ids of the first MaxRestore of them.
type Left struct {
	IDs   []int64
	Count int
	// Number is that of the last change; 0 when there was nothing to change.
	Number int64
}

// bulk runs write in a transaction of the user's, on the service that it hands to it.
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

// onceAll is once for writes to several tasks.
func (s *Service) onceAll(ctx context.Context, key *string, r request, write func(*Service) (*Writes, error)) (*Writes, error) {
	keep := func(w *Writes) *store.Use {
		use := &store.Use{TaskIDs: []int64{}}
		for _, t := range w.Tasks {
			use.TaskIDs = append(use.TaskIDs, t.ID)
		}
		if w.Number > 0 {
			use.Number = &w.Number
		}
		return use
	}
	return once(ctx, s, key, r, write, keep, func(use *store.Use) (*Writes, error) {
		tasks, err := s.again(ctx, use)
		if err != nil {
			return nil, err
		}
		return &Writes{Tasks: tasks, Number: firstNumber(use)}, nil
	})
}

// CreateAll makes 1 to MaxBulk tasks and puts them on top, in the order given. Its UserErrors have paths that
// begin with "inputs" and the index.
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
		err := s.bulk(ctx, func(s *Service, user string) error {
			if err := s.checkQuota(ctx, user, len(tasks)); err != nil {
				return err
			}
			return s.Store.CreateAll(ctx, user, tasks)
		})
		if err != nil {
			return nil, err
		}
		return &Writes{tasks, tasks[len(tasks)-1].Version}, nil
	})
}

// UpdateAll makes the same change to 1 to MaxBulk tasks. It fails with NOT_FOUND and IN_TRASH at "ids"
// and the index for every such id, or every faulty field below "input".
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
	tasks, err := s.named(ctx, user, ids, func(t *models.Task) bool { return !t.Trashed() })
	if err != nil {
		return err
	}
	now, changed, next := s.now(), []*models.Task{}, map[int64]*models.Task{}
	for _, task := range tasks {
		if next[task.ID] == nil { // named twice it is changed once
			after, errs := input.Apply(task, now)
			if errs != nil {
				return errs
			}
			if after.Same(task) {
				after = task
			} else {
				changed = append(changed, after)
			}
			next[task.ID] = after
		}
		w.Tasks = append(w.Tasks, next[task.ID])
	}
	texts := input.Title.IsSet() || input.Description.IsSet() || input.Tags.IsSet() || input.AddTags.IsSet() || input.RemoveTags.IsSet()
	if err := s.Store.UpdateAll(ctx, user, changed, texts); err != nil || len(changed) == 0 {
		return err
	}
	w.Number = changed[len(changed)-1].Version
	return nil
}

// named returns the user's tasks with the ids, in their order. Ids of no task are NOT_FOUND, and those of
// tasks that are not allowed IN_TRASH; nil allows all.
func (s *Service) named(ctx context.Context, user string, ids []string, allowed func(*models.Task) bool) ([]*models.Task, error) {
	numbers := make([]int64, len(ids)) // 0 is no task's
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

func idsOf(tasks []*models.Task) []int64 {
	var ids []int64
	for _, t := range tasks {
		ids = append(ids, t.ID)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// DeleteAll moves 1 to MaxBulk tasks to the trash; those already there stay as they are and have not
// left. It fails with NOT_FOUND at "ids" and the index for every id of no task.
func (s *Service) DeleteAll(ctx context.Context, ids []string) (*Left, error) {
	if errs := models.CheckCount(len(ids), MaxBulk, "ids"); errs != nil {
		return nil, errs
	}
	return s.leave(ctx, func(s *Service, user string) (left Left, err error) {
		tasks, err := s.named(ctx, user, ids, nil)
		if err != nil {
			return left, err
		}
		left.IDs, left.Count, err = s.Store.ApplyAll(ctx, store.Delete, user, store.WithIDs(idsOf(tasks)), MaxRestore, s.now())
		return left, err
	})
}

// ClearCompleted moves every completed task to the trash.
func (s *Service) ClearCompleted(ctx context.Context) (*Left, error) {
	return s.leave(ctx, func(s *Service, user string) (left Left, err error) {
		left.IDs, left.Count, err = s.Store.ApplyAll(ctx, store.Delete, user, store.Completed(), MaxRestore, s.now())
		return left, err
	})
}

func (s *Service) leave(ctx context.Context, write func(s *Service, user string) (Left, error)) (*Left, error) {
	var left Left
	err := s.bulk(ctx, func(s *Service, user string) (err error) {
		if left, err = write(s, user); err != nil || left.Count == 0 {
			return err
		}
		left.Number, err = s.Store.Number(ctx, user)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &left, nil
}
