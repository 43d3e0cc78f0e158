package tasks

import (
	"context"

	"taskql/auth"
	"taskql/models"
)

// Importer creates tasks from the rows of import files. It creates no task twice.
type Importer struct {
	Service *Service
	// AtBottom appends the tasks to the bottom of the manual order. Otherwise each task is put on top.
	AtBottom bool
	// DryRun makes Import count and validate only. Nothing is written.
	DryRun bool
	// Made is the number of created tasks. Known is the number of skipped ones: the user has imported the same source
	// before, from any file and even if the task was removed since, or has a task with the same id and creation time.
	Made, Known int

	// planned contains the sources of earlier batches of a dry run, and plannedTexts the bytes of their long descriptions.
	planned      map[string]bool
	plannedTexts int64
}

// Import creates the tasks of up to MaxBulk inputs for the user. The tasks and the record of their sources are stored in one
// transaction. It returns the validation errors of each input; an invalid input is skipped, the others are imported. It
// fails with QUOTA_EXCEEDED if the quota does not suffice. If it fails, nothing is stored.
func (i *Importer) Import(ctx context.Context, inputs []*models.ImportTaskInput) ([]models.UserErrors, error) {
	user, err := auth.FromContext(ctx)
	if err != nil {
		return nil, err
	}
	invalid := make([]models.UserErrors, len(inputs))
	batch := importBatch{sources: make([]string, 0, len(inputs))}
	for n, in := range inputs {
		var task *models.Task
		if task, invalid[n] = in.NewTask(user.ID, i.Service.now()); task != nil {
			batch.add(in.Source, in.ID, task)
		}
	}
	known := 0
	write := func(s *Service) (err error) {
		if known, err = batch.dropKnown(ctx, s, user.ID, i.planned); err != nil || i.DryRun {
			return err
		}
		return batch.write(ctx, s, user.ID, i.AtBottom)
	}
	if i.DryRun {
		if err = write(i.Service); err == nil {
			err = i.Service.checkRoom(ctx, user.ID, i.Made+len(batch.tasks))
		}
		if i.plannedTexts += longBytes(batch.tasks); err == nil {
			err = i.Service.checkTexts(ctx, user.ID, i.plannedTexts)
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
	return invalid, nil
}

// importBatch contains the tasks to create. sources and ids are their sources and their ids in the file, by the same index.
type importBatch struct {
	sources []string
	ids     []int64
	tasks   []*models.Task
}

func (b *importBatch) add(source string, id int64, task *models.Task) {
	b.sources, b.ids, b.tasks = append(b.sources, source), append(b.ids, id), append(b.tasks, task)
}

// dropKnown drops the tasks that the user has, has imported before or has planned, and returns how many it dropped.
func (b *importBatch) dropKnown(ctx context.Context, s *Service, user string, planned map[string]bool) (int, error) {
	imported, err := s.Store.Imported(ctx, user, b.sources)
	if err != nil {
		return 0, err
	}
	own, err := s.Store.Tasks(ctx, user, b.ids)
	if err != nil {
		return 0, err
	}
	all := *b
	*b = importBatch{}
	for n, task := range all.tasks {
		same := own[all.ids[n]]
		if imported[all.sources[n]] || planned[all.sources[n]] || same != nil && same.CreatedAt.Equal(task.CreatedAt) {
			continue
		}
		imported[all.sources[n]] = true // so that a repetition in this batch is dropped too
		b.add(all.sources[n], all.ids[n], task)
	}
	return len(all.tasks) - len(b.tasks), nil
}

// write creates the tasks and records their sources. Call it inside Transaction only.
func (b *importBatch) write(ctx context.Context, s *Service, user string, atBottom bool) error {
	if len(b.tasks) == 0 {
		return nil
	}
	if err := s.makeRoom(ctx, user, len(b.tasks)); err != nil {
		return err
	}
	if err := s.growTexts(ctx, user, nil, b.tasks); err != nil {
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
