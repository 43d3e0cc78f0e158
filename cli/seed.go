package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	urfave "github.com/urfave/cli/v3"

	"taskql/auth"
	"taskql/config"
	"taskql/models"
	"taskql/samples"
	"taskql/store"
	"taskql/tasks"
)

func (p *program) seedCommand() *urfave.Command {
	return &urfave.Command{
		Name: "seed", Usage: "create sample tasks for a user", Action: p.seed,
		Description: "The tasks were created in the last two months and are due around today: on days, at instants and at\n" +
			"local times. Some are completed, and a few are in the trash. The user's other tasks stay as they are.",
		Flags: []urfave.Flag{
			userFlag(),
			&urfave.IntFlag{Name: "tasks", Usage: "`NUMBER` of tasks", Value: 200},
			&urfave.Uint64Flag{Name: "seed", Usage: "seed of the random tasks: another `NUMBER` creates other tasks", Value: 1},
		},
	}
}

func (p *program) seed(ctx context.Context, cmd *urfave.Command) error {
	n := cmd.Int("tasks")
	user, err := userID(cmd)
	switch {
	case err != nil:
		return err
	case cmd.Args().Len() > 0:
		return unexpectedArgument(cmd, "see taskql help seed")
	case n < 1:
		return fmt.Errorf("--tasks must be 1 or more, not %d", n)
	}
	progress := newProgress(p.stderr, "tasks")
	return p.withMigratedStore(ctx, func(c config.Config, db *store.Store) error {
		s := &sampler{Service: tasks.Service{Store: db, MaxTasks: c.MaxTasks}}
		s.Now = func() time.Time { return s.clock }
		ctx := auth.NewContext(ctx, &auth.User{ID: user})
		created := 0
		for sample := range samples.Tasks(cmd.Uint64("seed"), n, time.Now()) {
			if err := s.write(ctx, sample); err != nil {
				progress.end()
				return fmt.Errorf("%s created, then: %w", count(created, "task"), err)
			}
			created++
			progress.report("creating sample tasks", int64(created), int64(n), "")
		}
		progress.end()
		fmt.Fprintf(p.stdout, "created %s for the user %s\n", count(created, "task"), user)
		return nil
	})
}

// sampler writes sample tasks through the service. Its clock shows the time at which each write would have happened.
type sampler struct {
	tasks.Service
	clock time.Time
}

func (s *sampler) write(ctx context.Context, sample samples.Task) error {
	s.clock = sample.CreatedAt
	write, err := s.Create(ctx, sample.CreateTaskInput, nil, nil)
	if err != nil {
		return s.plain(err)
	}
	id := strconv.FormatInt(write.Task.ID, 10)
	if sample.DoneAt != nil {
		s.clock = *sample.DoneAt
		if _, err := s.Complete(ctx, id, nil, nil); err != nil {
			return s.plain(err)
		}
	}
	if sample.TrashedAt != nil {
		s.clock = *sample.TrashedAt
		if _, err := s.Delete(ctx, id, nil); err != nil {
			return s.plain(err)
		}
	}
	return nil
}

// plain returns which quota a write would exceed, or the cause of another error. The samples break no other rule.
func (s *sampler) plain(err error) error {
	var refused models.UserErrors
	if errors.As(err, &refused) {
		return errors.New(overQuota(refused, s.MaxTasks))
	}
	return store.Cause(err)
}
