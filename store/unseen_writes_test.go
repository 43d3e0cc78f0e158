package store

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"taskql/models"
)

// TestUnseenUserWrites is TestUnseenUser for writes. Those of one task touch a few rows, those of many tasks touch these a few times.
func TestUnseenUserWrites(t *testing.T) {
	u := newUnseen(t)
	ctx, touches, now := t.Context(), u.touches, models.Timestamp(time.Now())
	list, err := u.plain.List(ctx, Query{User: newUser, Trash: models.TrashScopeExclude, Order: []Key{by(models.TaskOrderFieldCreatedAt, false)}, Limit: 100, Now: now, Zone: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	ids := make([]int64, len(list.Tasks))
	for i, task := range list.Tasks {
		ids[i] = task.ID
	}
	const single, many = 150, 1500
	first, last := list.Tasks[0], list.Tasks[99]
	write := func(name string, do func(*Store) (ChangeID, error)) {
		t.Helper()
		touches(name, single, func(s *Store) error {
			id, err := do(s)
			if err == nil && id == (ChangeID{}) {
				return fmt.Errorf("nothing was written")
			}
			return err
		})
	}
	create := func(s *Store) (ChangeID, error) {
		return s.Create(ctx, &models.Task{UserID: newUser, Title: "milk task", Priority: models.PriorityLow, CreatedAt: now, UpdatedAt: now}, 10*u.n)
	}
	write("create", create)
	write("update", func(s *Store) (ChangeID, error) {
		changed := *first
		changed.Title = "other"
		return s.Update(ctx, first, &changed)
	})
	for name, change := range map[string]Transition{"complete": Complete, "reopen": Reopen, "toggle": Toggle, "delete": Delete} {
		write(name, func(s *Store) (ChangeID, error) {
			before := Reopen
			if change == Reopen {
				before = Complete
			}
			if _, _, err := s.Apply(ctx, before, newUser, first.ID, nil, now); err != nil { // it may change nothing
				return ChangeID{}, err
			}
			_, id, err := s.Apply(ctx, change, newUser, first.ID, nil, now)
			return id, err
		})
	}
	touches("create with a key", single, func(s *Store) error {
		for range 2 {
			_, err := s.Once(ctx, newUser, "a key", now, func(s *Store) (*Use, error) {
				id, err := create(s)
				return &Use{TaskIDs: []int64{first.ID}, Number: &id.Number}, err
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	move := func(s *Store, low, high string) error {
		moved := *first
		return s.Move(ctx, &moved, low, high, true, now)
	}
	touches("move to the top", single, func(s *Store) error { return move(s, "", last.Position) })
	touches("move between two", single, func(s *Store) error {
		below, err := s.Neighbour(ctx, newUser, last.Position, false)
		if err != nil {
			return err
		}
		return move(s, last.Position, below.Position)
	})
	touches("spread positions", many, func(s *Store) error {
		below, err := s.Neighbour(ctx, newUser, last.Position, false)
		if err == nil {
			_, _, err = s.spread(ctx, newUser, last.Position, below.Position)
		}
		return err
	})

	touches("tasks by id", many, func(s *Store) error { _, err := s.Tasks(ctx, newUser, ids); return err })
	touches("create 100", many, func(s *Store) error {
		copies := make([]*models.Task, len(list.Tasks))
		for i, task := range list.Tasks {
			copied := *task
			copied.Position = ""
			copies[i] = &copied
		}
		return s.CreateAll(ctx, newUser, copies)
	})
	for name, change := range map[string]Transition{"complete 100": Complete, "delete 100": Delete} {
		// The statistics know no open task, so that PostgreSQL may read all of them.
		touches(name, many+u.n, func(s *Store) error {
			_, _, err := s.ApplyAll(ctx, change, newUser, WithIDs(ids), len(ids), now)
			return err
		})
	}
	touches("update 100", many, func(s *Store) error {
		return s.UpdateAll(ctx, newUser, slices.Repeat([]*models.Task{{}}, len(list.Tasks)), list.Tasks)
	})
	purge := func(some Selection, limit int) func(*Store) error {
		return func(s *Store) error { _, _, err := s.Purge(ctx, newUser, some, limit, now); return err }
	}
	touches("purge one", single, purge(WithIDs(ids[:1]), 1))
	touches("purge 100", many, purge(WithIDs(ids), len(ids)))
	touches("look for old trash", 5*many, func(s *Store) error {
		s.TrashFor = 24 * time.Hour
		return s.PurgeExpired(ctx, newUser, now)
	})
	sources := make([]string, len(ids))
	for i := range sources {
		sources[i] = fmt.Sprint("source ", i)
	}
	touches("import", many, func(s *Store) error {
		if err := s.KeepImported(ctx, newUser, sources, ids); err != nil {
			return err
		}
		_, err := s.Imported(ctx, newUser, sources)
		return err
	})
}
