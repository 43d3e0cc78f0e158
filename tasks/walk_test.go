package tasks_test

import (
	"context"
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"taskql/models"
	"taskql/tasks"
)

// world is a user's tasks in a database and in a plain list, which must agree.
type world struct {
	*source
	t       *testing.T
	ctx     context.Context
	service *tasks.Service
	clock   *time.Time
	all     list
	// untouched are the ids of the tasks that were not written to for a while.
	untouched map[int64]bool
}

// rounds is how often a random test is repeated: often enough to find most mistakes, or as often as
// the environment variable ROUNDS says.
func rounds(t *testing.T, usual int) int {
	t.Helper()
	given := os.Getenv("ROUNDS")
	if given == "" {
		return usual
	}
	n, err := strconv.Atoi(given)
	if err != nil {
		t.Fatalf("ROUNDS: %v", err)
	}
	return n
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

// tick moves the clock to one of few moments, so that many tasks share each.
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

// TestListsAgreeWithAPlainList asks for lists with random filters, orders, scopes and zones, walks them to the end
// in both directions while tasks are made, changed and deleted, and compares each page and each of
// its facts with a plain list: every task that nobody wrote to is met exactly once.
func TestListsAgreeWithAPlainList(t *testing.T) {
	eachDB(t, func(t *testing.T, s *tasks.Service, clock *time.Time) {
		w := newWorld(t, s, clock, 250)
		for range rounds(t, 150) {
			v := w.view(t, *clock)
			w.walk(v, w.chance(2))
			w.between(v)
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
	var at *models.Task // where the walk stands, as the task was then
	var cursor *string
	for {
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
			at, cursor = page.Nodes[0], info.StartCursor
		} else {
			at, cursor = page.Nodes[len(page.Nodes)-1], info.EndCursor
		}
		w.disturb(at)
	}
	for id := range w.untouched {
		if met[id] != 1 {
			w.t.Errorf("task %d was met %d times, want once: %s", id, met[id], describe(v))
		}
	}
}

// between asks for a page between two tasks, which need not be of the list.
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

// plainPage is the page that a plain list has.
type plainPage struct {
	tasks          list
	next, previous bool
	total          int
}

// page is the page of a plain list that lies between two tasks, either of which may be nil.
func (v view) page(plain list, after, before *models.Task, size int, fromEnd bool) plainPage {
	p := plainPage{total: len(plain)}
	for _, task := range plain {
		switch {
		case after != nil && v.compare(task, after) <= 0:
			p.previous = true
			if before != nil && v.compare(task, before) >= 0 {
				p.next = true
			}
		case before != nil && v.compare(task, before) >= 0:
			p.next = true
		default:
			p.tasks = append(p.tasks, task)
		}
	}
	if extra := len(p.tasks) - size; extra > 0 && fromEnd {
		p.tasks, p.previous = p.tasks[extra:], true
	} else if extra > 0 {
		p.tasks, p.next = p.tasks[:size], true
	}
	return p
}

func (p plainPage) compare(t *testing.T, v view, page *tasks.Page) {
	t.Helper()
	info := page.PageInfo()
	if !slices.Equal(ids(page.Nodes), ids(p.tasks)) || page.TotalCount != p.total || info.HasNextPage != p.next || info.HasPreviousPage != p.previous {
		t.Errorf("page %v of %d, next %v, previous %v\nwant %v of %d, next %v, previous %v\n%s", ids(page.Nodes), page.TotalCount,
			info.HasNextPage, info.HasPreviousPage, ids(p.tasks), p.total, p.next, p.previous, describe(v))
	}
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

// disturb writes between two pages: it makes tasks, changes some, and moves some into the trash or
// out of it, the one that the cursor stands on among them.
func (w *world) disturb(at *models.Task) {
	w.t.Helper()
	if w.chance(3) {
		w.create()
	}
	i := w.IntN(len(w.all))
	if w.chance(4) {
		i = slices.IndexFunc(w.all, func(t *models.Task) bool { return t.ID == at.ID })
	}
	switch {
	case w.all[i].Trashed():
		w.write(i, func(ctx context.Context, id string, _ *int) (*tasks.Write, error) { return w.service.Restore(ctx, id) })
	case w.chance(3):
		w.write(i, w.service.Delete)
	case w.chance(2):
		w.write(i, func(ctx context.Context, id string, _ *int) (*tasks.Write, error) {
			return w.service.Toggle(ctx, id, nil, nil)
		})
	default:
		w.write(i, func(ctx context.Context, id string, _ *int) (*tasks.Write, error) {
			return w.service.Update(ctx, id, w.update(), nil, nil)
		})
	}
}
