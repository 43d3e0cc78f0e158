package tasks_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"taskql/models"
	"taskql/tasks"
)

// TestTrashAndBack deletes and restores tasks with single and bulk writes. Restored tasks must have their old positions.
func TestTrashAndBack(t *testing.T) {
	eachBench(t, func(t *testing.T, b *bench) {
		ctx, start := as(t.Context(), "u"), *b.clock
		made := b.mustMake(ctx, t, "a b c d e")
		*b.clock = start.Add(time.Hour)
		if _, err := b.Delete(ctx, idOf(made[1]), nil); err != nil {
			t.Fatal(err)
		}
		*b.clock = start.Add(2 * time.Hour)
		left, err := b.DeleteAll(ctx, idsOf([]*models.Task{made[3], made[1], made[2], made[3]}))
		if err != nil || left.Count != 2 || !slices.Equal(left.IDs, []int64{made[2].ID, made[3].ID}) {
			t.Errorf("DeleteAll = %+v, %v, want those two that were not there", left, err)
		}
		trash := b.list(t, "u", models.TrashScopeOnly)
		if titlesOf(trash) != "b c d" || titlesOf(b.list(t, "u", models.TrashScopeExclude)) != "a e" || titlesOf(b.mine(t, "u")) != "a b c d e" {
			t.Errorf("in the trash lie %s", titlesOf(trash))
		}
		for i, task := range trash {
			hours := []time.Duration{1, 2, 2}[i]
			if !task.DeletedAt.Equal(start.Add(hours*time.Hour)) || !task.UpdatedAt.Equal(*task.DeletedAt) || task.Version <= made[i+1].Version || task.Position != made[i+1].Position {
				t.Errorf("the task lies in the trash as %+v", task)
			}
		}
		*b.clock = start.Add(3 * time.Hour)
		if write, err := b.Restore(ctx, idOf(made[2])); err != nil || !write.Written || write.Task.Trashed() || write.Task.Position != made[2].Position {
			t.Errorf("Restore = %+v, %v", write, err)
		}
		writes, err := b.RestoreAll(ctx, idsOf([]*models.Task{made[3], made[0], made[1], made[3]}))
		if err != nil || titlesOf(writes.Tasks) != "d a b d" || writes.Number != 11 || writes.Tasks[2].Version != 10 || writes.Tasks[0].Version != 11 || writes.Tasks[1].Version != made[0].Version {
			t.Errorf("RestoreAll = %+v, %v", writes, err)
		}
		for i, task := range b.list(t, "u", models.TrashScopeExclude) {
			if task.ID != made[i].ID || task.Position != made[i].Position || task.Trashed() || task.UpdatedAt.Equal(*b.clock) != (i > 0 && i < 4) {
				t.Errorf("back is %+v, it was %+v", task, made[i])
			}
		}
		before := text(b.mine(t, "u"))
		if writes, err := b.RestoreAll(ctx, idsOf(made)); err != nil || writes.Number != 0 || len(writes.Tasks) != 5 || text(b.mine(t, "u")) != before {
			t.Errorf("RestoreAll again = %+v, %v", writes, err)
		}
		if left, err := b.ClearCompleted(ctx); err != nil || left.Count != 0 || left.IDs != nil || text(b.mine(t, "u")) != before {
			t.Errorf("ClearCompleted without one = %+v, %v", left, err)
		}
		b.checkOrder(t, "u")
	})
}

func TestPurge(t *testing.T) {
	eachBench(t, func(t *testing.T, b *bench) {
		ctx := as(t.Context(), "u")
		theirs := b.mustMake(as(ctx, "another user"), t, "theirs")
		b.mustDelete(as(ctx, "another user"), t, theirs...)
		made := b.mustMake(ctx, t, "kept gone")
		kept, gone := idOf(made[0]), idOf(made[1])
		b.mustDelete(ctx, t, made[1])
		before := text(b.mine(t, "u"))
		for id, want := range map[string]string{kept: "NOT_IN_TRASH id", "x": "NOT_FOUND id", "999999": "NOT_FOUND id", idOf(theirs[0]): "NOT_FOUND id"} {
			if _, err := b.Purge(ctx, id); outcome(t, err) != want || text(b.mine(t, "u")) != before {
				t.Errorf("Purge of %s = %s, want %s", id, outcome(t, err), want)
			}
		}
		if left, err := b.Purge(ctx, gone); err != nil || left.Count != 1 || !slices.Equal(left.IDs, []int64{made[1].ID}) {
			t.Errorf("Purge = %+v, %v", left, err)
		}
		if _, err := b.Purge(ctx, gone); outcome(t, err) != "NOT_FOUND id" {
			t.Errorf("Purge again = %v", err)
		}
		if _, err := b.Restore(ctx, gone); outcome(t, err) != "NOT_FOUND id" || b.task(ctx, t, gone) != nil {
			t.Errorf("Restore of what was removed = %v", err)
		}
		if task := mustCreate(ctx, t, b.Service, "new"); task.ID <= made[1].ID || task.Version != 5 {
			t.Errorf("the next task is %+v after the removed %d", task, made[1].ID)
		}
		checkTombstones(t, b, "u", []int64{made[1].ID})
		checkTombstones(t, b, "another user", nil)
		if left, err := b.EmptyTrash(ctx); err != nil || left.Count != 0 || len(b.mine(t, "another user")) != 1 {
			t.Errorf("EmptyTrash of an empty one = %+v, %v", left, err)
		}
		b.checkOrder(t, "u")
	})
}

// checkTombstones checks that the removed tasks ids each have a tombstone and no rows in the search table.
func checkTombstones(t *testing.T, b *bench, user string, ids []int64) {
	t.Helper()
	if got := b.numbers(t, "SELECT task_id FROM task_tombstone WHERE user_id = '"+user+"' ORDER BY task_id"); !slices.Equal(got, ids) {
		t.Errorf("%d tombstones of %s, want %d", len(got), user, len(ids))
	}
	id := "task_id"
	if b.Store.Kind() == "SQLite" {
		id = "rowid"
	}
	if got := b.numbers(t, "SELECT "+id+" FROM task_search WHERE "+id+" NOT IN (SELECT id FROM task)"); len(got) > 0 {
		t.Errorf("the terms of %d tasks are left after them", len(got))
	}
}

// TestMoreThanAThousand clears, restores, removes and purges more tasks than a result contains ids.
func TestMoreThanAThousand(t *testing.T) {
	eachBench(t, func(t *testing.T, b *bench) {
		ctx, other, start := as(t.Context(), "u"), as(t.Context(), "another user"), *b.clock
		const all = tasks.MaxRestore + 5
		inputs := numbered(all, "task")
		for _, input := range inputs {
			input.Completed = true
		}
		made := b.mustCreateAll(ctx, t, inputs...)
		mustCreate(ctx, t, b.Service, "open")
		b.mustCreateAll(other, t, inputs[0])

		left, err := b.ClearCompleted(ctx)
		if err != nil || left.Count != all || len(left.IDs) != tasks.MaxRestore || !slices.IsSorted(left.IDs) {
			t.Fatalf("ClearCompleted = %d of %d, %v", len(left.IDs), left.Count, err)
		}
		var names []string
		for _, id := range left.IDs {
			names = append(names, fmt.Sprint(id))
		}
		if writes, err := b.RestoreAll(ctx, names); err != nil || !slices.Equal(idsOf(writes.Tasks), names) || writes.Number != int64(all+1+all+tasks.MaxRestore) {
			t.Fatal("RestoreAll of those:", err)
		}
		if trash := b.list(t, "u", models.TrashScopeOnly); len(trash) != 5 {
			t.Errorf("%d are left in the trash", len(trash))
		}
		if left, err = b.ClearCompleted(ctx); err != nil || left.Count != tasks.MaxRestore {
			t.Fatal(left, err)
		}
		b.checkOrder(t, "u")

		// A write purges a thousand expired tasks at most. The next write purges the others.
		b.Store.TrashFor = 24 * time.Hour
		*b.clock = start.Add(24*time.Hour + time.Microsecond)
		for i, leaves := range []int{5, 0, 0} {
			mustCreate(ctx, t, b.Service, "by the way")
			if trash := b.list(t, "u", models.TrashScopeOnly); len(trash) != leaves {
				t.Errorf("write %d leaves %d in the trash, want %d", i, len(trash), leaves)
			}
		}
		var removed []int64
		for _, task := range made {
			removed = append(removed, task.ID)
		}
		checkTombstones(t, b, "u", removed)
		b.checkOrder(t, "u")

		b.Store.TrashFor = 0
		made = b.mustCreateAll(ctx, t, inputs...)
		if _, err = b.ClearCompleted(ctx); err != nil {
			t.Fatal(err)
		}
		if left, err = b.EmptyTrash(ctx); err != nil || left.Count != all || len(left.IDs) != tasks.MaxRestore || len(b.mine(t, "u")) != 4 {
			t.Errorf("EmptyTrash = %d of %d, %v", len(left.IDs), left.Count, err)
		}
		for _, task := range made {
			removed = append(removed, task.ID)
		}
		checkTombstones(t, b, "u", removed)
		b.checkOrder(t, "u")
		if len(b.mine(t, "another user")) != 1 {
			t.Error("another user's task is gone")
		}
	})
}

// TestTrashIsForgotten checks that each kind of write purges exactly the expired tasks in its user's trash.
func TestTrashIsForgotten(t *testing.T) {
	type call func(ctx context.Context, b *bench, open, done, trashed string) error
	writes := map[string]call{
		"create": func(ctx context.Context, b *bench, _, _, _ string) error {
			_, err := b.Create(ctx, *numbered(1, "x")[0], nil, nil)
			return err
		},
		"create with a key": func(ctx context.Context, b *bench, _, _, _ string) error {
			_, err := b.Create(ctx, *numbered(1, "x")[0], nil, ptr("a key of 16 or more"))
			return err
		},
		"create at a place": func(ctx context.Context, b *bench, open, _, _ string) error {
			_, err := b.Create(ctx, *numbered(1, "x")[0], &models.PlacementInput{After: &open}, nil)
			return err
		},
		"create all": func(ctx context.Context, b *bench, _, _, _ string) error {
			_, err := b.CreateAll(ctx, numbered(2, "x"), nil)
			return err
		},
		"update": func(ctx context.Context, b *bench, open, _, _ string) error {
			_, err := b.Update(ctx, open, models.UpdateTaskInput{Title: graphql.OmittableOf(ptr("x"))}, nil, nil)
			return err
		},
		"update all": func(ctx context.Context, b *bench, open, done, _ string) error {
			_, err := b.UpdateAll(ctx, []string{open, done}, models.UpdateTaskInput{Title: graphql.OmittableOf(ptr("x"))}, nil)
			return err
		},
		"complete": func(ctx context.Context, b *bench, open, _, _ string) error {
			_, err := b.Complete(ctx, open, nil, nil)
			return err
		},
		"reopen": func(ctx context.Context, b *bench, _, done, _ string) error {
			_, err := b.Reopen(ctx, done, nil, nil)
			return err
		},
		"toggle": func(ctx context.Context, b *bench, open, _, _ string) error {
			_, err := b.Toggle(ctx, open, nil, nil)
			return err
		},
		"move": func(ctx context.Context, b *bench, open, _, _ string) error {
			_, err := b.Move(ctx, open, models.PlacementInput{End: ptr(models.ListEndLast)})
			return err
		},
		"delete": func(ctx context.Context, b *bench, open, _, _ string) error {
			_, err := b.Delete(ctx, open, nil)
			return err
		},
		"delete all": func(ctx context.Context, b *bench, open, _, _ string) error {
			_, err := b.DeleteAll(ctx, []string{open})
			return err
		},
		"clear": func(ctx context.Context, b *bench, _, _, _ string) error { _, err := b.ClearCompleted(ctx); return err },
		"restore": func(ctx context.Context, b *bench, _, _, trashed string) error {
			_, err := b.Restore(ctx, trashed)
			return err
		},
		"restore all": func(ctx context.Context, b *bench, _, _, trashed string) error {
			_, err := b.RestoreAll(ctx, []string{trashed})
			return err
		},
		"purge": func(ctx context.Context, b *bench, _, _, trashed string) error {
			_, err := b.Purge(ctx, trashed)
			return err
		},
		"empty": func(ctx context.Context, b *bench, _, _, _ string) error { _, err := b.EmptyTrash(ctx); return err },
	}
	eachBench(t, func(t *testing.T, b *bench) {
		const days = 30 * 24 * time.Hour
		b.Store.TrashFor = days
		start := *b.clock
		another := as(t.Context(), "another user")
		b.mustDelete(another, t, b.mustMake(another, t, "theirs")...)
		for name, write := range writes {
			ctx := as(t.Context(), name)
			*b.clock = start
			made := b.mustMake(ctx, t, "old young open done")
			old, done := made[0], idOf(made[3])
			if _, err := b.Complete(ctx, done, nil, nil); err != nil {
				t.Fatal(err)
			}
			b.mustDelete(ctx, t, old)
			*b.clock = start.Add(time.Hour + time.Microsecond)
			b.mustDelete(ctx, t, made[1])
			*b.clock = start.Add(days)
			if _, err := b.Toggle(ctx, done, nil, nil); err != nil { // the last instant before the task expires
				t.Fatal(err)
			}
			if _, err := b.Toggle(ctx, done, nil, nil); err != nil {
				t.Fatal(err)
			}
			*b.clock = start.Add(days + time.Hour) // a write does not look again before
			if b.task(ctx, t, idOf(old)) == nil {
				t.Errorf("before %s, a read has removed the task", name)
			}
			if err := write(ctx, b, idOf(made[2]), done, idOf(made[1])); err != nil {
				t.Errorf("%s = %v", name, err)
			}
			if b.task(ctx, t, idOf(old)) != nil {
				t.Errorf("after %s the old task is still there", name)
			}
			if there := b.task(ctx, t, idOf(made[1])) != nil; there == slices.Contains([]string{"purge", "empty"}, name) {
				t.Errorf("after %s the young task is there: %v", name, there)
			}
			b.checkOrder(t, name)
		}
		if there := b.mine(t, "another user"); len(there) != 1 {
			t.Error("writes of users have emptied another's trash")
		}
		// An expired task can be restored as long as no write has purged it.
		*b.clock = b.clock.Add(days)
		if left := b.mine(t, "another user"); len(left) == 1 {
			if write, err := b.Restore(another, idOf(left[0])); err != nil || write.Task.Trashed() || len(b.mine(t, "another user")) != 1 {
				t.Errorf("Restore of an old one = %+v, %v", write, err)
			}
		}
		if strings.Contains(text(b.numbers(t, "SELECT count(*) FROM task_tombstone WHERE user_id = 'another user'")), "1") {
			t.Error("the restored task has a tombstone")
		}
	})
}
