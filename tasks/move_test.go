package tasks_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"taskql/models"
	"taskql/store/storetest"
)

var (
	first = models.PlacementInput{End: ptr(models.ListEndFirst)}
	last  = models.PlacementInput{End: ptr(models.ListEndLast)}
)

func before(task *models.Task) models.PlacementInput {
	return models.PlacementInput{Before: ptr(idOf(task))}
}
func after(task *models.Task) models.PlacementInput {
	return models.PlacementInput{After: ptr(idOf(task))}
}

func TestMove(t *testing.T) {
	eachBench(t, func(t *testing.T, b *bench) {
		ctx := as(t.Context(), "u")
		made := b.mustMake(ctx, t, "a b c d e")
		a, c, d, e := made[0], made[2], made[3], made[4]
		b.mustMake(as(ctx, "another user"), t, "theirs")
		for i, step := range []struct {
			task    *models.Task
			to      models.PlacementInput
			want    string
			nothing bool
		}{
			{a, before(a), "a b c d e", true},
			{a, after(a), "a b c d e", true},
			{a, first, "a b c d e", true},
			{e, last, "a b c d e", true},
			{c, after(made[1]), "a b c d e", true},
			{c, before(d), "a b c d e", true},
			{a, after(c), "b c a d e", false},
			{a, after(c), "b c a d e", true},
			{e, before(a), "b c e a d", false},
			{a, before(made[1]), "a b c e d", false},
			{c, first, "c a b e d", false},
			{c, last, "a b e d c", false},
			{d, after(c), "a b e c d", false},
			{d, last, "a b e c d", true},
			{d, first, "d a b e c", false},
			{e, before(c), "d a b e c", true},
		} {
			was := b.task(ctx, t, idOf(step.task))
			others := text(slices.DeleteFunc(b.mine(t, "u"), func(other *models.Task) bool { return other.ID == was.ID }))
			write, err := b.Move(ctx, idOf(step.task), step.to)
			if err != nil {
				t.Fatal(i, err)
			}
			now := b.mine(t, "u")
			if got := titlesOf(now); got != step.want || write.Written == step.nothing {
				t.Errorf("step %d: %s, written %v, want %s", i, got, write.Written, step.want)
			}
			if kept := b.task(ctx, t, idOf(step.task)); text(kept) != text(write.Task) || step.nothing && text(kept) != text(was) || !step.nothing && kept.Version <= was.Version {
				t.Errorf("step %d: returned %+v, kept %+v, it was %+v", i, write.Task, kept, was)
			}
			if text(slices.DeleteFunc(now, func(other *models.Task) bool { return other.ID == was.ID })) != others {
				t.Errorf("step %d has written another task", i)
			}
		}
		b.checkOrder(t, "u")
	})
}

// TestMoveNextToTheTrash checks that tasks in the trash keep their positions.
func TestMoveNextToTheTrash(t *testing.T) {
	eachBench(t, func(t *testing.T, b *bench) {
		ctx := as(t.Context(), "u")
		made := b.mustMake(ctx, t, "a b c d")
		b.mustDelete(ctx, t, made[1])
		for _, to := range []models.PlacementInput{after(made[0]), before(made[2])} {
			if _, err := b.Move(ctx, idOf(made[3]), to); err != nil {
				t.Fatal(err)
			}
			if got := titlesOf(b.list(t, "u", models.TrashScopeExclude)); got != "a d c" {
				t.Errorf("the order is %s", got)
			}
		}
		if _, err := b.Restore(ctx, idOf(made[1])); err != nil {
			t.Fatal(err)
		}
		if got := titlesOf(b.mine(t, "u")); got != "a b d c" {
			t.Errorf("after the restore the order is %s", got)
		}
	})
}

// TestRefusedPlacements checks the errors of Move and Create for invalid placements.
func TestRefusedPlacements(t *testing.T) {
	eachBench(t, func(t *testing.T, b *bench) {
		ctx := as(t.Context(), "u")
		made := b.mustMake(ctx, t, "a b trashed")
		trashed := made[2]
		b.mustDelete(ctx, t, trashed)
		theirs := b.mustMake(as(ctx, "another user"), t, "theirs")[0]
		nowhere := func(id string) models.PlacementInput { return models.PlacementInput{After: &id} }
		for _, c := range []struct {
			id         string
			to         models.PlacementInput
			move, make string
		}{
			{"x", first, "NOT_FOUND id", ""},
			{idOf(theirs), first, "NOT_FOUND id", ""},
			{idOf(trashed), first, "IN_TRASH id", ""},
			{idOf(trashed), before(trashed), "IN_TRASH id", ""},
			{idOf(made[0]), before(trashed), "IN_TRASH placement.before", "IN_TRASH placement.before"},
			{idOf(made[0]), after(trashed), "IN_TRASH placement.after", "IN_TRASH placement.after"},
			{idOf(made[0]), before(theirs), "NOT_FOUND placement.before", "NOT_FOUND placement.before"},
			{idOf(made[0]), nowhere("999999"), "NOT_FOUND placement.after", "NOT_FOUND placement.after"},
			{idOf(made[0]), nowhere(""), "NOT_FOUND placement.after", "NOT_FOUND placement.after"},
		} {
			was := text(b.mine(t, "u"))
			write, err := b.Move(ctx, c.id, c.to)
			if got := outcome(t, err); got != c.move || write != nil {
				t.Errorf("Move of %s = %v, %s, want %s", c.id, write, got, c.move)
			}
			if c.make != "" {
				write, err := b.Create(ctx, *numbered(1, "x")[0], &c.to, nil)
				if got := outcome(t, err); got != c.make || write != nil {
					t.Errorf("Create = %v, %s, want %s", write, got, c.make)
				}
			}
			if text(b.mine(t, "u")) != was {
				t.Errorf("%+v has written something", c)
			}
		}
	})
}

func TestCreateAtAPlace(t *testing.T) {
	eachBench(t, func(t *testing.T, b *bench) {
		ctx := as(t.Context(), "u")
		create := func(title string, to models.PlacementInput, want string) *models.Task {
			t.Helper()
			write, err := b.Create(ctx, models.CreateTaskInput{Title: title, Priority: models.PriorityLow}, &to, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := titlesOf(b.mine(t, "u")); got != want || text(write.Task) != text(b.task(ctx, t, idOf(write.Task))) {
				t.Errorf("after %s the order is %s, want %s", title, got, want)
			}
			return write.Task
		}
		a := create("a", last, "a")
		c := create("c", last, "a c")
		create("b", before(c), "a b c")
		create("d", after(c), "a b c d")
		create("e", first, "e a b c d")
		create("f", before(a), "e f a b c d")
		mustCreate(ctx, t, b.Service, "g")
		create("h", last, "g e f a b c d h")
		b.checkOrder(t, "u")
	})
}

// TestManyMoves moves tasks next to one task, behind each other and at random, and compares the order with a plain list. A
// move must write one row, and only rarely the rows around it.
func TestManyMoves(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		moves := storetest.Scale(150, 1000)
		if strings.HasPrefix(url, "postgres") {
			moves = storetest.Scale(30, 100)
		}
		b := newBench(t, url)
		random := newSource(t, *b.clock).Rand
		for name, next := range map[string]func(n int, plain []string) (from, to int, after bool){
			"behind one task": func(_ int, plain []string) (int, int, bool) { return len(plain) - 1, 3, true },
			"before one task": func(_ int, plain []string) (int, int, bool) { return 0, len(plain) - 4, false },
			// Each task is put behind the one that was moved before.
			"behind each other": func(n int, plain []string) (int, int, bool) { return n % 3, len(plain) / 2, true },
			"at random": func(_ int, plain []string) (int, int, bool) {
				return random.IntN(len(plain)), random.IntN(len(plain)), random.IntN(2) == 0
			},
		} {
			ctx := as(t.Context(), name)
			b.mustCreateAll(ctx, t, numbered(80, "x")...)
			plain := idsOf(b.mine(t, name))
			for n := range moves {
				from, to, behind := next(n, plain)
				moved, anchor := plain[from], plain[to]
				place := models.PlacementInput{Before: &anchor}
				if behind {
					place = models.PlacementInput{After: &anchor}
				}
				if _, err := b.Move(ctx, moved, place); err != nil {
					t.Fatal(name, n, err)
				}
				if moved != anchor {
					plain = slices.Delete(plain, from, from+1)
					at := slices.Index(plain, anchor)
					if behind {
						at++
					}
					plain = slices.Insert(plain, at, moved)
				}
				if n%max(1, moves/8) == 0 || n == moves-1 {
					if got := idsOf(b.mine(t, name)); !slices.Equal(got, plain) {
						t.Fatalf("%s: after move %d the order is %v, want %v", name, n, got, plain)
					}
				}
			}
			b.checkOrder(t, name)
			written, err := b.Store.Number(ctx, name)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%s: %d rows written by %d moves", name, int(written)-len(plain), moves)
			most := moves + moves/10
			if name == "behind each other" { // each move uses up most of the gap between two positions
				most = 4 * moves
			}
			if int(written)-len(plain) > most {
				t.Errorf("%s: %d rows written by %d moves", name, int(written)-len(plain), moves)
			}
		}
	})
}

// TestMoveWhereAllStandClose moves into a long run of positions without gaps. The positions must be spread, so that
// further moves do not spread them again.
func TestMoveWhereAllStandClose(t *testing.T) {
	eachBench(t, func(t *testing.T, b *bench) {
		ctx := as(t.Context(), "u")
		b.mustCreateAll(ctx, t, numbered(300, "x")...)
		plain := idsOf(b.mine(t, "u"))
		for i, id := range plain[20:280] {
			position := fmt.Sprintf("h%s%03d1", strings.Repeat("9", 45), i)
			if _, err := b.db.ExecContext(ctx, fmt.Sprintf("UPDATE task SET position = '%s' WHERE id = %s", position, id)); err != nil {
				t.Fatal(err)
			}
		}
		plain = idsOf(b.mine(t, "u"))
		moved, anchor := plain[100], plain[150]
		if _, err := b.Move(ctx, moved, models.PlacementInput{After: &anchor}); err != nil {
			t.Fatal(err)
		}
		want := slices.Insert(slices.Delete(slices.Clone(plain), 100, 101), 150, moved)
		if got := idsOf(b.mine(t, "u")); !slices.Equal(got, want) {
			t.Errorf("the order is %v, want %v", got, want)
		}
		after, close := b.mine(t, "u"), 0
		for _, task := range after[100:200] {
			close = max(close, len(task.Position))
		}
		if close > models.MaxPosition/2 {
			t.Errorf("around the place positions have %d characters", close)
		}
	})
}

// TestMovesAtOnce moves and creates tasks at the same few positions concurrently, on two servers.
func TestMovesAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		servers := []*bench{newBench(t, url), newBench(t, url)}
		b, ctx := servers[0], as(t.Context(), "u")
		made := b.mustCreateAll(ctx, t, numbered(20, "x")...)
		var wg sync.WaitGroup
		for w := range 16 {
			wg.Go(func() {
				random, s := rand.New(rand.NewPCG(uint64(w), 1)), servers[w%2]
				for range 10 {
					place := []models.PlacementInput{first, last, before(made[9]), after(made[9]), after(made[8])}[random.IntN(5)]
					var err error
					if random.IntN(4) == 0 {
						_, err = s.Create(ctx, *numbered(1, fmt.Sprint(w))[0], &place, nil)
					} else {
						_, err = s.Move(ctx, idOf(made[random.IntN(len(made))]), place)
					}
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		b.checkOrder(t, "u")
	})
}
