package tasks_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/99designs/gqlgen/graphql"

	"taskql/models"
	"taskql/store/storetest"
)

// eachTwoServers runs test with two servers on one database, for each kind of database.
func eachTwoServers(t *testing.T, test func(t *testing.T, servers []*bench)) {
	storetest.Each(t, func(t *testing.T, url string) {
		t.Parallel()
		test(t, []*bench{newBench(t, url), newBench(t, url)})
	})
}

// concurrently runs n writers concurrently, distributed over the servers.
func concurrently(servers []*bench, n int, write func(i int, b *bench)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { write(i, servers[i%len(servers)]) })
	}
	wg.Wait()
}

// TestOneVersionForMany checks that of many writers that expect the same version, one succeeds.
func TestOneVersionForMany(t *testing.T) {
	const writers = 32
	title := func(i int) models.UpdateTaskInput {
		return models.UpdateTaskInput{Title: graphql.OmittableOf(ptr(fmt.Sprint("writer ", i)))}
	}
	for name, write := range map[string]func(ctx context.Context, b *bench, i int, id string, version *int) error{
		"update": func(ctx context.Context, b *bench, i int, id string, version *int) error {
			_, err := b.Update(ctx, id, title(i), version, nil)
			return err
		},
		"update with a key": func(ctx context.Context, b *bench, i int, id string, version *int) error {
			_, err := b.Update(ctx, id, title(i), version, ptr(fmt.Sprint("the key of writer ", i)))
			return err
		},
		"toggle": func(ctx context.Context, b *bench, _ int, id string, version *int) error {
			_, err := b.Toggle(ctx, id, version, nil)
			return err
		},
		"delete": func(ctx context.Context, b *bench, _ int, id string, version *int) error {
			_, err := b.Delete(ctx, id, version)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			eachTwoServers(t, func(t *testing.T, servers []*bench) {
				ctx := as(t.Context(), "u")
				task := mustCreate(ctx, t, servers[0].Service, "x")
				version := int(task.Version)
				var mu sync.Mutex
				verdicts := map[string]int{}
				concurrently(servers, writers, func(i int, b *bench) {
					got := outcome(t, write(ctx, b, i, idOf(task), &version))
					mu.Lock()
					defer mu.Unlock()
					verdicts[got]++
				})
				if verdicts["ok"] != 1 || verdicts["VERSION_CONFLICT expectedVersion"] != writers-1 {
					t.Errorf("the verdicts are %v, want one ok", verdicts)
				}
				servers[0].checkOrder(t, "u")
			})
		})
	}
}

// TestTagsAtOnce checks that no change is lost if each of many writers adds a tag and removes one, with single and bulk
// writes.
func TestTagsAtOnce(t *testing.T) {
	eachTwoServers(t, func(t *testing.T, servers []*bench) {
		ctx, b := as(t.Context(), "u"), servers[0]
		const writers = 16
		var old, want []string
		for i := range writers {
			old, want = append(old, fmt.Sprint("old ", i)), append(want, fmt.Sprint("new ", i))
		}
		made := b.mustCreateAll(ctx, t, &models.CreateTaskInput{Title: "a", Priority: models.PriorityLow, Tags: append(old, "stays")},
			&models.CreateTaskInput{Title: "b", Priority: models.PriorityLow})
		concurrently(servers, writers, func(i int, b *bench) {
			add, remove := graphql.OmittableOf(want[i:i+1]), graphql.OmittableOf([]string{"OLD" + old[i][3:]})
			var err error
			if i%4 == 0 {
				_, err = b.UpdateAll(ctx, idsOf(made), models.UpdateTaskInput{AddTags: add, RemoveTags: remove}, nil)
			} else {
				_, err = b.Update(ctx, idOf(made[0]), models.UpdateTaskInput{AddTags: add, RemoveTags: remove}, nil, nil)
			}
			if err != nil {
				t.Error(err)
			}
		})
		got := b.task(ctx, t, idOf(made[0])).Tags
		if got[0] != "stays" {
			t.Errorf("the tags are %q", got)
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got[:writers], want) || len(got) != writers+1 || len(b.task(ctx, t, idOf(made[1])).Tags) != writers/4 {
			t.Errorf("the tags are %q, want all of %q", got, want)
		}
		b.checkOrder(t, "u")
	})
}

// TestWritesOfAllKindsAtOnce runs bulk writes, single writes, deletions and moves concurrently. There must be no deadlock, and
// each change number must be unique.
func TestWritesOfAllKindsAtOnce(t *testing.T) {
	eachTwoServers(t, func(t *testing.T, servers []*bench) {
		b := servers[0]
		made := b.mustCreateAll(as(t.Context(), "u"), t, numbered(12, "x")...)
		ctx := as(t.Context(), "u")
		mayFail := []string{"ok"}
		for _, code := range []string{"NOT_FOUND", "IN_TRASH", "NOT_IN_TRASH"} {
			for _, at := range []string{"id", "ids.0", "ids.1", "ids.2", "placement.before"} {
				mayFail = append(mayFail, code+" "+at)
			}
		}
		var mu sync.Mutex
		seen := map[int64]string{}
		counted := func(who string, tasks ...*models.Task) {
			mu.Lock()
			defer mu.Unlock()
			for _, task := range tasks {
				if other, repeated := seen[task.Version]; repeated {
					t.Errorf("the number %d was given to %s and to %s", task.Version, other, who)
				}
				seen[task.Version] = who
			}
		}
		concurrently(servers, 12, func(w int, b *bench) {
			random := rand.New(rand.NewPCG(uint64(w), 2))
			id := func() string { return idOf(made[random.IntN(len(made))]) }
			for r := range 12 {
				who := fmt.Sprintf("writer %d, round %d", w, r)
				change := models.UpdateTaskInput{Title: graphql.OmittableOf(&who)}
				some := []string{id(), id(), id()}
				var err error
				switch random.IntN(9) {
				case 0:
					writes, failed := b.CreateAll(ctx, numbered(3, who), nil)
					if err = failed; err == nil {
						counted(who, writes.Tasks...)
					}
				case 1:
					slices.Sort(some)
					writes, failed := b.UpdateAll(ctx, slices.Compact(some), change, nil)
					if err = failed; err == nil {
						counted(who, writes.Tasks...)
					}
				case 2:
					write, failed := b.Update(ctx, some[0], change, nil, nil)
					if err = failed; err == nil {
						counted(who, write.Task)
					}
				case 3:
					write, failed := b.Toggle(ctx, some[0], nil, nil)
					if err = failed; err == nil {
						counted(who, write.Task)
					}
				case 4:
					_, err = b.DeleteAll(ctx, some[:2])
				case 5:
					_, err = b.RestoreAll(ctx, idsOf(made[:4]))
				case 6:
					_, err = b.Move(ctx, some[0], models.PlacementInput{Before: &some[1]})
				case 7:
					_, err = b.ClearCompleted(ctx)
				default:
					_, err = b.Restore(ctx, some[0])
				}
				for _, verdict := range strings.Split(outcome(t, err), ", ") {
					if !slices.Contains(mayFail, verdict) {
						t.Errorf("%s: %s", who, verdict)
					}
				}
			}
		})
		b.checkOrder(t, "u")
	})
}
