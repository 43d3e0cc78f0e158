package tasks_test

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"testing"
	"time"

	"taskql/models"
	"taskql/store/storetest"
	"taskql/tasks"
)

// world contains a user's tasks in a database and in a plain list. Both must agree.
type world struct {
	*source
	t       *testing.T
	ctx     context.Context
	service *tasks.Service
	clock   *time.Time
	all     list
	// untouched contains the ids of the tasks that have not been written since the walk began.
	untouched map[int64]bool
}

func newWorld(t *testing.T, s *tasks.Service, clock *time.Time, size int) *world {
	w := &world{source: newSource(t, *clock), t: t, ctx: as(t.Context(), "walker"), service: s, clock: clock}
	for i := range size {
		w.create()
		if i%10 == 0 {
			w.tick()
			mustCreate(as(t.Context(), "other"), t, s, "not mine")
		}
	}
	for i := range w.all {
		if w.chance(5) {
			w.write(i, w.service.Delete)
		}
	}
	return w
}

// tick moves the clock to one of a few instants, so that many tasks share one.
func (w *world) tick() {
	*w.clock = w.now.Add(time.Duration(w.IntN(10)) * time.Second)
	if w.chance(3) {
		*w.clock = w.clock.Add(time.Duration(w.IntN(3)) * time.Microsecond)
	}
}

func (w *world) create() {
	w.t.Helper()
	w.tick()
	write, err := w.service.Create(w.ctx, w.newTask(), nil, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	w.all = append(slices.Clone(w.all), write.Task)
	w.known = w.all
}

func (w *world) write(i int, change func(context.Context, string, *int) (*tasks.Write, error)) {
	w.t.Helper()
	w.tick()
	write, err := change(w.ctx, strconv.FormatInt(w.all[i].ID, 10), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	delete(w.untouched, write.Task.ID)
	w.all = slices.Clone(w.all)
	w.all[i] = write.Task
	w.known = w.all
}

func (w *world) args(v view) tasks.ListArgs {
	*w.clock = v.now
	return tasks.ListArgs{
		Order: v.order, Filter: v.filter, Trash: v.trash, Zone: v.zone, Total: true, HasNext: true, HasPrevious: true,
	}
}

// TestListsAgreeWithAPlainList reads lists with random filters, orders, scopes and zones to the end, in both directions and
// while tasks are created, changed and deleted. It compares each page with a plain list. Every task that was not written
// meanwhile must occur exactly once.
func TestListsAgreeWithAPlainList(t *testing.T) {
	eachDB(t, func(t *testing.T, s *tasks.Service, clock *time.Time) {
		w := newWorld(t, s, clock, storetest.Scale(150, 250))
		for range rounds(t, storetest.Scale(25, 100)) {
			v := w.view(t, *clock)
			w.walk(v, w.chance(2))
			w.between(v)
			for range 5 {
				w.first(v)
				v.filter = w.smallFilter()
			}
			w.compareStats(v)
			if t.Failed() {
				return
			}
		}
	})
}

func (w *world) walk(v view, backward bool) {
	w.untouched = map[int64]bool{}
	for _, task := range v.of(w.all) {
		w.untouched[task.ID] = true
	}
	met := map[int64]int{}
	most := 1 + w.IntN(100)
	var at *models.Task // the task of the cursor, in its state at that time
	var cursor *string
	for step := 0; ; step++ {
		size := 1 + w.IntN(most)
		args := w.args(v)
		if backward {
			args.Last, args.Before = &size, cursor
		} else {
			args.First, args.After = &size, cursor
		}
		page, err := w.service.List(w.ctx, args)
		if err != nil {
			w.t.Fatalf("%s: %v", describe(v), err)
		}
		plain := v.of(w.all)
		want := v.page(plain, at, nil, size, false)
		if backward {
			want = v.page(plain, nil, at, size, true)
		}
		want.compare(w.t, v, page)
		for _, task := range page.Nodes {
			met[task.ID]++
		}
		info := page.PageInfo()
		if w.t.Failed() || len(page.Nodes) == 0 || backward && !info.HasPreviousPage || !backward && !info.HasNextPage {
			break
		}
		if backward {
			at, cursor = page.Nodes[0], info.StartCursor()
		} else {
			at, cursor = page.Nodes[len(page.Nodes)-1], info.EndCursor()
		}
		if step < 20 { // a task that is written again and again could stay ahead of the walk forever
			w.disturb(at)
		}
	}
	for id := range w.untouched {
		if met[id] != 1 {
			w.t.Errorf("task %d was met %d times, want once: %s", id, met[id], describe(v))
		}
	}
}

// first compares the first page only.
func (w *world) first(v view) {
	args := w.args(v)
	args.First = ptr(tasks.MaxPage)
	page, err := w.service.List(w.ctx, args)
	if err != nil {
		w.t.Fatalf("%s: %v", describe(v), err)
	}
	v.page(v.of(w.all), nil, nil, tasks.MaxPage, false).compare(w.t, v, page)
}

// between compares a page between two tasks, which need not be in the list.
func (w *world) between(v view) {
	edges := []*models.Task{pick(w.source, w.all), pick(w.source, w.all)}
	var cursors [2]string
	for i, task := range edges {
		edge, err := w.service.Edge(w.ctx, task, v.order)
		if err != nil {
			w.t.Fatal(err)
		}
		cursors[i] = edge.Cursor()
	}
	size, fromEnd := 1+w.IntN(100), w.chance(2)
	args := w.args(v)
	args.After, args.Before, args.First = &cursors[0], &cursors[1], &size
	if fromEnd {
		args.First, args.Last = nil, &size
	}
	page, err := w.service.List(w.ctx, args)
	if err != nil {
		w.t.Fatalf("%s: %v", describe(v), err)
	}
	v.page(v.of(w.all), edges[0], edges[1], size, fromEnd).compare(w.t, v, page)
}

func ids(l list) (all []int64) {
	for _, t := range l {
		all = append(all, t.ID)
	}
	return all
}

func describe(v view) string {
	text, _ := json.Marshal(map[string]any{"filter": v.filter, "order": v.order, "trash": v.trash, "zone": v.zone.String(), "now": v.now})
	return string(text)
}

// disturb writes between two pages. It may create a task, and it changes, moves, trashes, restores or purges one. That is
// sometimes the task of the cursor.
func (w *world) disturb(at *models.Task) {
	w.t.Helper()
	if w.chance(3) {
		w.create()
	}
	i := w.IntN(len(w.all))
	if place := slices.IndexFunc(w.all, func(t *models.Task) bool { return t.ID == at.ID }); place >= 0 && w.chance(4) {
		i = place
	}
	changes := []func(context.Context, string, *int) (*tasks.Write, error){
		w.service.Delete,
		func(ctx context.Context, id string, _ *int) (*tasks.Write, error) {
			return w.service.Toggle(ctx, id, nil, nil)
		},
		func(ctx context.Context, id string, _ *int) (*tasks.Write, error) {
			return w.service.Update(ctx, id, w.update(), nil, nil)
		},
		func(ctx context.Context, id string, _ *int) (*tasks.Write, error) {
			return w.service.Move(ctx, id, models.PlacementInput{End: ptr(pick(w.source, models.AllListEnd))})
		},
	}
	switch {
	case w.all[i].Trashed() && w.chance(2):
		if _, err := w.service.Purge(w.ctx, strconv.FormatInt(w.all[i].ID, 10)); err != nil {
			w.t.Fatal(err)
		}
		delete(w.untouched, w.all[i].ID)
		w.all = slices.Delete(slices.Clone(w.all), i, i+1)
		w.known = w.all
	case w.all[i].Trashed():
		w.write(i, func(ctx context.Context, id string, _ *int) (*tasks.Write, error) { return w.service.Restore(ctx, id) })
	default:
		w.write(i, pick(w.source, changes))
	}
}
