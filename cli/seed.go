package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"taskql/app"
	"taskql/auth"
	"taskql/models"
	"taskql/samples"
	"taskql/store"
	"taskql/tasks"
)

func (p *program) seedCommand() *cli.Command {
	return &cli.Command{
		Name: "seed", Usage: "make sample tasks for a user, to try taskql with", Action: p.seed,
		Description: "The tasks are of the last two months and due around today, on days, at instants and at wall-clock\n" +
			"times; some are done, and a few lie in the trash. Those that the user has already stay as they are.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "user", Usage: "the `ID` of the user, as in the tokens", Required: true},
			&cli.IntFlag{Name: "tasks", Usage: "`N`umber of tasks", Value: 200},
			&cli.Uint64Flag{Name: "seed", Usage: "another `N`umber makes other tasks", Value: 1},
		},
	}
}

func (p *program) seed(ctx context.Context, cmd *cli.Command) error {
	user, n := cmd.String("user"), cmd.Int("tasks")
	switch {
	case cmd.Args().Len() > 0:
		return fmt.Errorf("%q is one word too many: see taskql help seed", cmd.Args().First())
	case strings.TrimSpace(user) == "" || strings.ToValidUTF8(user, "") != user || strings.ContainsRune(user, 0):
		return errors.New("--user must be the ID of a user")
	case n < 1:
		return fmt.Errorf("--tasks must be 1 or more, not %d", n)
	}
	c, err := p.config()
	if err != nil {
		return err
	}
	return p.withStore(ctx, store.Options{Progress: p.progress}, func(db *store.Store) error {
		if _, err := db.Migrate(ctx); err != nil {
			return app.MigrationError(err)
		}
		db.TrashFor = c.TrashFor
		s := &sampler{Service: tasks.Service{Store: db, MaxTasks: c.MaxTasks}}
		s.Now = func() time.Time { return s.clock }
		ctx := auth.NewContext(ctx, &auth.User{ID: user})
		made, last := 0, time.Now()
		for sample := range samples.Tasks(cmd.Uint64("seed"), n, time.Now()) {
			if err := s.write(ctx, sample); err != nil {
				return fmt.Errorf("%s made, then: %w", count(made, "task"), err)
			}
			if made++; time.Since(last) >= progressPause {
				last = time.Now()
				fmt.Fprintf(p.stderr, "made %d of %d tasks\n", made, n)
			}
		}
		fmt.Fprintf(p.stdout, "made %s for the user %s\n", count(made, "task"), user)
		return nil
	})
}

// sampler makes sample tasks by the rules, at the times when they would have been made.
type sampler struct {
	tasks.Service
	clock time.Time
}

func (s *sampler) write(ctx context.Context, sample samples.Task) error {
	s.clock = sample.CreatedAt
	write, err := s.Create(ctx, sample.CreateTaskInput, nil, nil)
	if err != nil {
		return plain(err)
	}
	id := strconv.FormatInt(write.Task.ID, 10)
	if sample.DoneAt != nil {
		s.clock = *sample.DoneAt
		if _, err := s.Complete(ctx, id, nil, nil); err != nil {
			return plain(err)
		}
	}
	if sample.TrashedAt != nil {
		s.clock = *sample.TrashedAt
		if _, err := s.Delete(ctx, id, nil); err != nil {
			return plain(err)
		}
	}
	return nil
}

// plain is the message of an error that the rules have for people.
func plain(err error) error {
	var refused models.UserErrors
	if errors.As(err, &refused) {
		return errors.New(models.Detail(refused[0]).Message)
	}
	return err
}
