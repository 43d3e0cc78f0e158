package tasks_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"taskql/models"
	"taskql/tasks"
)

// list is what the test knows of a user's tasks: the plain list that the database must agree with.
type list []*models.Task

func (l list) sorted(order []*models.TaskOrder) list {
	sorted := slices.Clone(l)
	slices.SortFunc(sorted, func(a, b *models.Task) int { return compare(order, a, b) })
	return sorted
}

func compare(order []*models.TaskOrder, a, b *models.Task) int {
	desc := true
	for _, key := range order {
		desc = key.Direction == models.OrderDirectionDesc
		c := a.CreatedAt.Compare(b.CreatedAt)
		if key.Field == models.TaskOrderFieldUpdatedAt {
			c = a.UpdatedAt.Compare(b.UpdatedAt)
		}
		if c != 0 && desc {
			return -c
		} else if c != 0 {
			return c
		}
	}
	if desc {
		return -cmp.Compare(a.ID, b.ID)
	}
	return cmp.Compare(a.ID, b.ID)
}

func titles(l list) (all []string) {
	for _, t := range l {
		all = append(all, t.Title)
	}
	return all
}

// TestPaging walks lists of tasks with equal timestamps to the end, in both directions, while tasks
// are written and deleted, and compares each page and each of its facts with the plain list.
func TestPaging(t *testing.T) {
	created := func(d models.OrderDirection) *models.TaskOrder {
		return &models.TaskOrder{Field: models.TaskOrderFieldCreatedAt, Direction: d}
	}
	updated := func(d models.OrderDirection) *models.TaskOrder {
		return &models.TaskOrder{Field: models.TaskOrderFieldUpdatedAt, Direction: d}
	}
	orders := [][]*models.TaskOrder{
		nil,
		{created(models.OrderDirectionAsc)},
		{updated(models.OrderDirectionDesc)},
		{updated(models.OrderDirectionAsc), created(models.OrderDirectionDesc)},
		{created(models.OrderDirectionDesc), updated(models.OrderDirectionAsc), created(models.OrderDirectionAsc)},
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	eachDB(t, func(t *testing.T, s *tasks.Service, clock *time.Time) {
		random := rand.New(rand.NewPCG(seed, 1))
		start := *clock
		// Of 1,000 tasks a hundred share each moment, and another user has tasks between them.
		tick := func() { *clock = start.Add(time.Duration(random.IntN(10)) * time.Second) }
		var all list
		ctx := as(t.Context(), "pager")
		for i := range 1000 {
			tick()
			all = append(all, mustCreate(ctx, t, s, strconv.Itoa(i)))
			if i%10 == 0 {
				mustCreate(as(t.Context(), "other"), t, s, "not mine")
			}
		}
		for i, order := range orders {
			for _, backward := range []bool{false, true} {
				t.Run(fmt.Sprint("order ", i, " backward ", backward), func(t *testing.T) {
					walk(ctx, t, s, &all, order, backward, random, tick)
				})
			}
		}
	})
}

func walk(ctx context.Context, t *testing.T, s *tasks.Service, all *list, order []*models.TaskOrder, backward bool, random *rand.Rand, tick func()) {
	by := order
	if by == nil {
		by = []*models.TaskOrder{{Field: models.TaskOrderFieldCreatedAt, Direction: models.OrderDirectionDesc}}
	}
	untouched := map[int64]bool{}
	for _, task := range *all {
		untouched[task.ID] = true
	}
	met := map[int64]int{}
	var at *models.Task // where the walk stands, as the task was then
	var cursor *string
	for step := 0; ; step++ {
		size := 1 + random.IntN(100)
		args := tasks.ListArgs{Order: order, Total: true, HasNext: true, HasPrevious: true}
		if backward {
			args.Last, args.Before = &size, cursor
		} else {
			args.First, args.After = &size, cursor
		}
		page, err := s.List(ctx, args)
		if err != nil {
			t.Fatal(err)
		}
		plain := all.sorted(by)
		want, wantNext, wantPrevious := expected(plain, by, at, size, backward)
		info := page.PageInfo()
		if !slices.Equal(titles(page.Nodes), titles(want)) || page.TotalCount != len(plain) ||
			info.HasNextPage != wantNext || info.HasPreviousPage != wantPrevious {
			t.Fatalf("step %d, size %d: page %v of %d, next %v, previous %v\nwant %v of %d, next %v, previous %v", step, size,
				titles(page.Nodes), page.TotalCount, info.HasNextPage, info.HasPreviousPage, titles(want), len(plain), wantNext, wantPrevious)
		}
		for _, task := range page.Nodes {
			met[task.ID]++
		}
		if len(page.Nodes) == 0 || backward && !info.HasPreviousPage || !backward && !info.HasNextPage {
			break
		}
		if backward {
			at, cursor = page.Nodes[0], info.StartCursor
		} else {
			at, cursor = page.Nodes[len(page.Nodes)-1], info.EndCursor
		}
		disturb(ctx, t, s, all, untouched, at, random, tick)
	}
	for id := range untouched {
		if met[id] != 1 {
			t.Errorf("task %d was met %d times", id, met[id])
		}
	}
}

// expected is the page that a plain list has beyond at, and whether the list goes on around it.
func expected(plain list, by []*models.TaskOrder, at *models.Task, size int, backward bool) (page list, next, previous bool) {
	if backward {
		end := len(plain)
		if at != nil {
			end = slices.IndexFunc(plain, func(t *models.Task) bool { return compare(by, t, at) >= 0 })
			if end < 0 {
				end = len(plain)
			}
		}
		from := max(0, end-size)
		return plain[from:end], end < len(plain), from > 0
	}
	from := 0
	if at != nil {
		from = slices.IndexFunc(plain, func(t *models.Task) bool { return compare(by, t, at) > 0 })
		if from < 0 {
			from = len(plain)
		}
	}
	end := min(len(plain), from+size)
	return plain[from:end], end < len(plain), from > 0
}

// disturb writes between two pages: it adds tasks, changes some, and deletes some, the one the
// cursor stands on among them.
func disturb(ctx context.Context, t *testing.T, s *tasks.Service, all *list, untouched map[int64]bool, at *models.Task, random *rand.Rand, tick func()) {
	t.Helper()
	for range random.IntN(3) {
		tick()
		*all = append(*all, mustCreate(ctx, t, s, "new"))
	}
	remove := func(i int) {
		task := (*all)[i]
		if _, err := s.Delete(ctx, strconv.FormatInt(task.ID, 10), nil); err != nil {
			t.Fatal(err)
		}
		delete(untouched, task.ID)
		*all = slices.Delete(slices.Clone(*all), i, i+1)
	}
	for range random.IntN(2) {
		remove(random.IntN(len(*all)))
	}
	if i := slices.IndexFunc(*all, func(task *models.Task) bool { return task.ID == at.ID }); i >= 0 && random.IntN(4) == 0 {
		remove(i)
	}
	for range random.IntN(2) {
		tick()
		i := random.IntN(len(*all))
		write, err := s.Toggle(ctx, strconv.FormatInt((*all)[i].ID, 10), nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		delete(untouched, write.Task.ID) // it may have moved across the cursor
		*all = slices.Clone(*all)
		(*all)[i] = write.Task
	}
}

func TestBoundsOfAPage(t *testing.T) {
	eachDB(t, func(t *testing.T, s *tasks.Service, _ *time.Time) {
		ctx := as(t.Context(), "u")
		for i := range 5 {
			mustCreate(ctx, t, s, strconv.Itoa(i))
		}
		whole, err := s.List(ctx, tasks.ListArgs{})
		if err != nil {
			t.Fatal(err)
		}
		cursors := map[string]*string{}
		for _, edge := range whole.Edges() {
			cursors[edge.Node.Title] = ptr(edge.Cursor())
		}
		// The list is 4 3 2 1 0.
		cases := []struct {
			name           string
			args           tasks.ListArgs
			want           []string
			next, previous bool
		}{
			{"all", tasks.ListArgs{}, []string{"4", "3", "2", "1", "0"}, false, false},
			{"as many as there are", tasks.ListArgs{First: ptr(5)}, []string{"4", "3", "2", "1", "0"}, false, false},
			{"between", tasks.ListArgs{After: cursors["4"], Before: cursors["0"]}, []string{"3", "2", "1"}, true, true},
			{"first between", tasks.ListArgs{First: ptr(2), After: cursors["4"], Before: cursors["0"]}, []string{"3", "2"}, true, true},
			{"last between", tasks.ListArgs{Last: ptr(2), After: cursors["4"], Before: cursors["0"]}, []string{"2", "1"}, true, true},
			{"first before", tasks.ListArgs{First: ptr(9), Before: cursors["3"]}, []string{"4"}, true, false},
			{"last after", tasks.ListArgs{Last: ptr(9), After: cursors["1"]}, []string{"0"}, false, true},
			{"after the last", tasks.ListArgs{First: ptr(1), After: cursors["0"]}, nil, false, true},
			{"before the first", tasks.ListArgs{Last: ptr(1), Before: cursors["4"]}, nil, true, false},
			{"between neighbours", tasks.ListArgs{After: cursors["3"], Before: cursors["2"]}, nil, true, true},
		}
		for _, c := range cases {
			c.args.Total, c.args.HasNext, c.args.HasPrevious = true, true, true
			page, err := s.List(ctx, c.args)
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
				continue
			}
			info := page.PageInfo()
			if !slices.Equal(titles(page.Nodes), c.want) || info.HasNextPage != c.next || info.HasPreviousPage != c.previous || page.TotalCount != 5 {
				t.Errorf("%s: List = %v of %d, next %v, previous %v, want %v, %v, %v", c.name,
					titles(page.Nodes), page.TotalCount, info.HasNextPage, info.HasPreviousPage, c.want, c.next, c.previous)
			}
			if (info.StartCursor == nil) != (len(c.want) == 0) || (info.EndCursor == nil) != (len(c.want) == 0) {
				t.Errorf("%s: cursors %v and %v of %d tasks", c.name, info.StartCursor, info.EndCursor, len(c.want))
			}
		}
	})
}

func TestTrashScope(t *testing.T) {
	eachDB(t, func(t *testing.T, s *tasks.Service, _ *time.Time) {
		ctx := as(t.Context(), "u")
		mustCreate(ctx, t, s, "kept")
		gone := mustCreate(ctx, t, s, "gone")
		if _, err := s.Delete(ctx, strconv.FormatInt(gone.ID, 10), nil); err != nil {
			t.Fatal(err)
		}
		for scope, want := range map[models.TrashScope][]string{
			"": {"kept"}, models.TrashScopeExclude: {"kept"}, models.TrashScopeOnly: {"gone"}, models.TrashScopeInclude: {"gone", "kept"},
		} {
			page, err := s.List(ctx, tasks.ListArgs{Trash: scope, Total: true})
			if err != nil || !slices.Equal(titles(page.Nodes), want) || page.TotalCount != len(want) {
				t.Errorf("List(%q) = %v, %v, want %v", scope, page, err, want)
			}
		}
	})
}

func TestRefusedLists(t *testing.T) {
	eachDB(t, func(t *testing.T, s *tasks.Service, _ *time.Time) {
		ctx := as(t.Context(), "u")
		mustCreate(ctx, t, s, "x")
		page, err := s.List(ctx, tasks.ListArgs{})
		if err != nil {
			t.Fatal(err)
		}
		cursor := page.PageInfo().StartCursor
		broken := "A" + (*cursor)[1:]
		if broken == *cursor {
			broken = "B" + (*cursor)[1:]
		}
		asc := []*models.TaskOrder{{Field: models.TaskOrderFieldCreatedAt, Direction: models.OrderDirectionAsc}}
		cases := []struct {
			name string
			user string
			args tasks.ListArgs
			code models.Code
		}{
			{"first and last", "u", tasks.ListArgs{First: ptr(1), Last: ptr(1)}, models.CodeBadPageSize},
			{"first 0", "u", tasks.ListArgs{First: ptr(0)}, models.CodeBadPageSize},
			{"first 101", "u", tasks.ListArgs{First: ptr(101)}, models.CodeBadPageSize},
			{"last -1", "u", tasks.ListArgs{Last: ptr(-1)}, models.CodeBadPageSize},
			{"empty cursor", "u", tasks.ListArgs{After: ptr("")}, models.CodeBadCursor},
			{"no cursor", "u", tasks.ListArgs{After: ptr("nonsense!")}, models.CodeBadCursor},
			{"changed cursor", "u", tasks.ListArgs{Before: &broken}, models.CodeBadCursor},
			{"cut cursor", "u", tasks.ListArgs{Before: ptr((*cursor)[:12])}, models.CodeBadCursor},
			{"longer cursor", "u", tasks.ListArgs{Before: ptr(*cursor + "AA")}, models.CodeBadCursor},
			{"cursor of another order", "u", tasks.ListArgs{After: cursor, Order: asc}, models.CodeBadCursor},
			{"cursor of another user", "v", tasks.ListArgs{After: cursor}, models.CodeBadCursor},
			{"five keys", "u", tasks.ListArgs{Order: slices.Repeat(asc, 5)}, models.CodeBadUserInput},
		}
		for _, c := range cases {
			_, err := s.List(as(t.Context(), c.user), c.args)
			var coded *models.Error
			if !errors.As(err, &coded) || coded.Code != c.code {
				t.Errorf("%s: List = %v, want %s", c.name, err, c.code)
			}
		}
	})
}

func TestNoUser(t *testing.T) {
	eachDB(t, func(t *testing.T, s *tasks.Service, _ *time.Time) {
		ctx := t.Context()
		calls := map[string]func() error{
			"Create":   func() error { _, err := s.Create(ctx, models.CreateTaskInput{Title: "x"}, nil); return err },
			"Get":      func() error { _, err := s.Get(ctx, "1"); return err },
			"Update":   func() error { _, err := s.Update(ctx, "1", models.UpdateTaskInput{}, nil, nil); return err },
			"Complete": func() error { _, err := s.Complete(ctx, "1", nil, nil); return err },
			"Reopen":   func() error { _, err := s.Reopen(ctx, "1", nil, nil); return err },
			"Toggle":   func() error { _, err := s.Toggle(ctx, "1", nil, nil); return err },
			"Delete":   func() error { _, err := s.Delete(ctx, "1", nil); return err },
			"Restore":  func() error { _, err := s.Restore(ctx, "1"); return err },
			"List":     func() error { _, err := s.List(ctx, tasks.ListArgs{}); return err },
			"Slice":    func() error { _, err := s.Slice(ctx, tasks.SliceArgs{}); return err },
			"Stats":    func() error { _, err := s.Stats(ctx, tasks.StatsArgs{}); return err },
			"Tags":     func() error { _, err := s.Tags(ctx, "", 1); return err },
			"Edge":     func() error { _, err := s.Edge(ctx, &models.Task{}, nil); return err },
		}
		for name, call := range calls {
			var coded *models.Error
			if err := call(); !errors.As(err, &coded) || coded.Code != models.CodeUnauthenticated {
				t.Errorf("%s without a user = %v, want %s", name, err, models.CodeUnauthenticated)
			}
		}
	})
}
