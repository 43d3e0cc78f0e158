package tasks_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"taskql/models"
	"taskql/store/storetest"
	"taskql/tasks"
)

// TestQuota reaches the quota with each operation that adds tasks.
func TestQuota(t *testing.T) {
	eachBench(t, func(t *testing.T, b *bench) {
		b.MaxTasks = 3
		ctx := as(t.Context(), "u")
		create := func(to *models.PlacementInput, key *string) error {
			write, err := b.Create(ctx, *numbered(1, "x")[0], to, key)
			if (write == nil) == (err == nil) {
				t.Errorf("Create = %v beside %v", write, err)
			}
			return err
		}
		all := func(n int) error { _, err := b.CreateAll(ctx, numbered(n, "x"), nil); return err }
		check := func(name string, err error, want string) {
			t.Helper()
			if got := outcome(t, err); got != want {
				t.Errorf("%s = %s, want %s", name, got, want)
			}
		}
		const full = "QUOTA_EXCEEDED"
		check("four at once", all(4), full)
		check("two of three", all(2), "ok")
		check("two more", all(2), full)
		check("the last", create(nil, nil), "ok")
		made := b.mine(t, "u")
		before := text(made)
		check("one more", create(nil, nil), full)
		check("one more with a key", create(nil, ptr("a key of 16 or more")), full)
		check("one more at a place", create(&last, nil), full)
		check("one more of many", all(1), full)
		if text(b.mine(t, "u")) != before {
			t.Error("a refused write has written something")
		}
		check("another user's", func() error { _, err := b.CreateAll(as(ctx, "another user"), numbered(3, "x"), nil); return err }(), "ok")

		// Tasks in the trash do not count until they are restored.
		b.mustDelete(ctx, t, made[0], made[1])
		check("with the same key after making room", create(nil, ptr("a key of 16 or more")), "ok")
		check("in the place of the other", create(&first, nil), "ok")
		restore := func(tasks ...*models.Task) error { _, err := b.RestoreAll(ctx, idsOf(tasks)); return err }
		before = text(b.mine(t, "u"))
		check("a restore over it", func() error { _, err := b.Restore(ctx, idOf(made[0])); return err }(), full)
		check("restores over it", restore(made[0], made[1]), full)
		check("a restore of what is there", func() error { _, err := b.Restore(ctx, idOf(made[2])); return err }(), "ok")
		check("restores of what is there", restore(made[2], made[2]), "ok")
		if text(b.mine(t, "u")) != before {
			t.Error("a refused restore has written something")
		}
		b.mustDelete(ctx, t, made[2])
		check("two where one has room", restore(made[0], made[1]), full)
		check("one, named twice", restore(made[0], made[0]), "ok")
		if _, err := b.EmptyTrash(ctx); err != nil {
			t.Fatal(err)
		}
		check("one more after emptying the trash", create(nil, nil), full)
		b.checkOrder(t, "u")
	})
}

// TestQuotaOfTrash creates tasks with each operation while the trash is full. The oldest in it make room.
func TestQuotaOfTrash(t *testing.T) {
	eachBench(t, func(t *testing.T, b *bench) {
		b.MaxTasks = 3
		ctx := as(t.Context(), "u")
		for range 2 {
			for _, task := range b.mustCreateAll(ctx, t, numbered(3, "x")...) {
				*b.clock = b.clock.Add(time.Minute)
				b.mustDelete(ctx, t, task)
			}
		}
		for _, create := range []struct {
			name  string
			count int
			run   func() error
		}{
			{"Create", 1, func() error { _, err := b.Create(ctx, *numbered(1, "x")[0], nil, nil); return err }},
			{"Create last", 1, func() error { _, err := b.Create(ctx, *numbered(1, "x")[0], &last, nil); return err }},
			{"CreateAll", 2, func() error { _, err := b.CreateAll(ctx, numbered(2, "x"), nil); return err }},
			{"Import", 3, func() error {
				_, err := (&tasks.Importer{Service: b.Service}).Import(ctx, []*models.ImportTaskInput{fromFile("a"), fromFile("b"), fromFile("c")})
				return err
			}},
		} {
			trash := latestTrash(t, b)
			if err := create.run(); err != nil {
				t.Errorf("%s with a full trash = %v", create.name, err)
			}
			left := latestTrash(t, b)
			if want := trash[:len(trash)-create.count]; text(idsOf(left)) != text(idsOf(want)) {
				t.Errorf("%s with a full trash leaves %v in it, want %v", create.name, idsOf(left), idsOf(want))
			}
			for _, task := range b.list(t, "u", models.TrashScopeExclude) {
				*b.clock = b.clock.Add(time.Minute)
				b.mustDelete(ctx, t, task)
			}
		}
		b.mustCreateAll(ctx, t, numbered(3, "x")...)
		trash := text(b.list(t, "u", models.TrashScopeOnly))
		if _, err := b.Create(ctx, *numbered(1, "x")[0], nil, nil); outcome(t, err) != "QUOTA_EXCEEDED" {
			t.Errorf("a task too many = %v", err)
		}
		if text(b.list(t, "u", models.TrashScopeOnly)) != trash {
			t.Error("a refused create has purged a task")
		}
	})
}

// latestTrash returns the user's tasks in the trash, the last deleted first.
func latestTrash(t *testing.T, b *bench) []*models.Task {
	t.Helper()
	trash := b.list(t, "u", models.TrashScopeOnly)
	slices.SortFunc(trash, func(a, b *models.Task) int { return b.DeletedAt.Compare(*a.DeletedAt) })
	return trash
}

// TestQuotaOfTexts reaches the quota of long descriptions with each operation that writes some.
func TestQuotaOfTexts(t *testing.T) {
	eachBench(t, func(t *testing.T, b *bench) {
		b.MaxLongTexts, b.Store.TrashFor = 8000, 30*24*time.Hour
		ctx := as(t.Context(), "u")
		input := func(length int) models.CreateTaskInput {
			return models.CreateTaskInput{Title: "x", Priority: models.PriorityLow, Description: ptr(strings.Repeat("ä", length/2))}
		}
		create := func(length int) error { _, err := b.Create(ctx, input(length), nil, nil); return err }
		all := func(lengths ...int) error {
			var inputs []*models.CreateTaskInput
			for _, length := range lengths {
				inputs = append(inputs, ptr(input(length)))
			}
			_, err := b.CreateAll(ctx, inputs, nil)
			return err
		}
		describe := func(length int) models.UpdateTaskInput {
			return models.UpdateTaskInput{Description: graphql.OmittableOf(input(length).Description)}
		}
		check := func(name string, err error, want string) {
			t.Helper()
			if got := outcome(t, err); got != want {
				t.Errorf("%s = %s, want %s", name, got, want)
			}
		}
		const full = "QUOTA_EXCEEDED"
		check("short ones", all(1000, 1000, 1000), "ok")
		check("more than all", create(8002), full)
		check("two of half", all(4000, 4000), "ok")
		check("a long one more", create(1002), full)
		check("a long one more of two", all(2, 1002), full)
		check("a short one more", create(1000), "ok")
		made := b.mine(t, "u")
		short, long := idOf(made[len(made)-1]), idOf(made[1])
		before := text(made)
		update := func(id string, length int) error { _, err := b.Update(ctx, id, describe(length), nil, nil); return err }
		check("a short one becomes long", update(short, 1002), full)
		check("all become long", func() error { _, err := b.UpdateAll(ctx, []string{short, long}, describe(4002), nil); return err }(), full)
		if text(b.mine(t, "u")) != before {
			t.Error("a refused write has written something")
		}
		check("a long one becomes shorter", update(long, 2000), "ok")
		check("and the short one long", update(short, 2000), "ok")
		check("again none is left", create(1002), full)
		importer := &tasks.Importer{Service: b.Service}
		imported := func(source string, length int) error {
			row := fromFile(source)
			row.Description = input(length).Description
			_, err := importer.Import(ctx, []*models.ImportTaskInput{row})
			return err
		}
		check("an imported one", imported("a", 1002), full)
		made = b.mine(t, "u")
		b.mustDelete(ctx, t, made[1])
		check("a deleted one still counts", create(1002), full)
		if _, err := b.EmptyTrash(ctx); err != nil {
			t.Fatal(err)
		}
		check("after emptying the trash", create(2000), "ok")
		b.mustDelete(ctx, t, b.list(t, "u", models.TrashScopeExclude)...)
		if _, err := b.EmptyTrash(ctx); err != nil {
			t.Fatal(err)
		}
		check("long ones again", all(4000, 2000), "ok")
		*importer = tasks.Importer{Service: b.Service, DryRun: true}
		check("a trial import", imported("b", 1002), "ok")
		check("the next one of the same import", imported("c", 1002), full)
		*importer = tasks.Importer{Service: b.Service}
		check("an imported one", imported("d", 2000), "ok")
		made = b.mine(t, "u")
		b.mustDelete(ctx, t, made[0])
		*b.clock = b.clock.Add(b.Store.TrashFor + time.Hour)
		check("with an expired one in the trash", create(2000), "ok")
		check("another user", func() error { _, err := b.Create(as(ctx, "v"), input(8000), nil, nil); return err }(), "ok")
	})
}

// TestQuotaAtOnce creates more tasks than the quota allows, concurrently on two servers and with each operation.
func TestQuotaAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		servers := []*bench{newBench(t, url), newBench(t, url)}
		for round, busy := range []int{0, 10} {
			user := fmt.Sprint("user ", round)
			ctx := as(t.Context(), user)
			for _, s := range servers {
				s.MaxTasks = 10
			}
			for range busy { // this adds change numbers but no tasks
				task := mustCreate(ctx, t, servers[0].Service, "x")
				servers[0].mustDelete(ctx, t, task)
			}
			var made atomic.Int32
			var wg sync.WaitGroup
			for i := range 20 {
				wg.Go(func() {
					s, err := servers[i%2], error(nil)
					switch i % 3 {
					case 0:
						_, err = s.CreateAll(ctx, numbered(1, "x"), nil)
					case 1:
						_, err = s.Create(ctx, *numbered(1, "x")[0], &last, nil)
					default:
						_, err = s.Create(ctx, *numbered(1, "x")[0], nil, nil)
					}
					if got := outcome(t, err); got == "ok" {
						made.Add(1)
					} else if got != "QUOTA_EXCEEDED" {
						t.Error(got)
					}
				})
			}
			wg.Wait()
			if there := len(servers[0].list(t, user, models.TrashScopeExclude)); there != 10 || made.Load() != 10 {
				t.Errorf("%d tasks after %d creates, want 10", there, made.Load())
			}
			servers[0].checkOrder(t, user)
		}
	})
}
