package tasks

import (
	"context"

	"taskql/auth"
	"taskql/models"
)

// Importer makes the tasks of files, and none of them twice.
type Importer struct {
	Service *Service
	// AtBottom puts the tasks below all others, the first on top; else each is put on top of all others.
	AtBottom bool
	// DryRun writes nothing.
	DryRun bool
	// Made is how many tasks were made, Known how many were left out because the user has imported them before, in
	// whatever file and whatever became of them, or has them: by their id and the time they were made.
	Made, Known int

	// planned are the sources of earlier batches of a dry run.
	planned map[string]bool
}

// Import makes up to MaxBulk tasks of the user in one transaction, which keeps that it has done so. It returns what
// is wrong with each input; those at fault are left out. When the user may not have so many tasks it fails with
// QUOTA_EXCEEDED; then, and with any other error, nothing was made.
func (i *Importer) Import(ctx context.Context, inputs []*models.ImportTaskInput) ([]models.UserErrors, error) {
	user, err := auth.FromContext(ctx)
	if err != nil {
		return nil, err
	}
	refused := make([]models.UserErrors, len(inputs))
	batch := importing{sources: make([]string, 0, len(inputs))}
	for n, in := range inputs {
		var task *models.Task
		if task, refused[n] = in.NewTask(user.ID, i.Service.now()); task != nil {
			batch.add(in.Source, in.ID, task)
		}
	}
	known := 0
	write := func(s *Service) (err error) {
		if known, err = batch.leaveOutKnown(ctx, s, user.ID, i.planned); err != nil || i.DryRun {
			return err
		}
		return batch.write(ctx, s, user.ID, i.AtBottom)
	}
	if i.DryRun {
		if err = write(i.Service); err == nil {
			err = i.Service.checkQuota(ctx, user.ID, i.Made+len(batch.tasks))
		}
	} else {
		err = i.Service.bulk(ctx, func(s *Service, _ string) error { return write(s) })
	}
	if err != nil {
		return nil, err
	}
	i.Made, i.Known = i.Made+len(batch.tasks), i.Known+known
	if i.DryRun {
		if i.planned == nil {
			i.planned = map[string]bool{}
		}
		for _, source := range batch.sources {
			i.planned[source] = true
		}
	}
	return refused, nil
}

// importing are tasks to be made, with what they were where they come from.
type importing struct {
	sources []string
	ids     []int64
	tasks   []*models.Task
}

func (b *importing) add(source string, id int64, task *models.Task) {
	b.sources, b.ids, b.tasks = append(b.sources, source), append(b.ids, id), append(b.tasks, task)
}

// leaveOutKnown drops the tasks that exist, were imported or have a planned source, and returns how many it dropped.
func (b *importing) leaveOutKnown(ctx context.Context, s *Service, user string, planned map[string]bool) (int, error) {
	imported, err := s.Store.Imported(ctx, user, b.sources)
	if err != nil {
		return 0, err
	}
	own, err := s.Store.Tasks(ctx, user, b.ids)
	if err != nil {
		return 0, err
	}
	all := *b
	*b = importing{}
	for n, task := range all.tasks {
		same := own[all.ids[n]]
		if imported[all.sources[n]] || planned[all.sources[n]] || same != nil && same.CreatedAt.Equal(task.CreatedAt) {
			continue
		}
		imported[all.sources[n]] = true // the batch may have it again
		b.add(all.sources[n], all.ids[n], task)
	}
	return len(all.tasks) - len(b.tasks), nil
}

// write creates the tasks. Call it inside a transaction only.
func (b *importing) write(ctx context.Context, s *Service, user string, atBottom bool) error {
	if len(b.tasks) == 0 {
		return nil
	}
	if err := s.checkQuota(ctx, user, len(b.tasks)); err != nil {
		return err
	}
	last, err := s.Store.Number(ctx, user)
	if err != nil {
		return err
	}
	for n, task := range b.tasks {
		if number := last + int64(n) + 1; atBottom {
			task.Position = models.BottomPosition(number)
		} else {
			task.Position = models.TopPosition(number)
		}
	}
	if err := s.Store.CreateAll(ctx, user, b.tasks); err != nil {
		return err
	}
	ids := make([]int64, len(b.tasks))
	for n, task := range b.tasks {
		ids[n] = task.ID
	}
	return s.Store.KeepImported(ctx, user, b.sources, ids)
}
