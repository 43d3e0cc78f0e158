package tasks_test

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"taskql/models"
	"taskql/store/storetest"
	"taskql/tasks"
)

// plain is the expected state of a user's tasks: a list in the manual order, and the highest change number.
type plain struct {
	list   []*models.Task
	number int64 // the highest change number seen
	gone   map[int64]bool
}

func (p *plain) find(id string) *models.Task {
	for _, task := range p.list {
		if idOf(task) == id {
			return task
		}
	}
	return nil
}

func (p *plain) count() (outside int) {
	for _, task := range p.list {
		if !task.Trashed() {
			outside++
		}
	}
	return outside
}

// remove permanently removes tasks.
func (p *plain) remove(which func(*models.Task) bool) {
	p.list = slices.DeleteFunc(p.list, func(task *models.Task) bool {
		if which(task) {
			p.gone[task.ID] = true
			return true
		}
		return false
	})
}

// index returns the index for a task that is inserted at the placement, after without was removed from the list; or the
// expected error.
func (p *plain) index(to *models.PlacementInput, without *models.Task) (at int, wrong string) {
	list := slices.DeleteFunc(slices.Clone(p.list), func(task *models.Task) bool { return task == without })
	if to == nil || to.End != nil && *to.End == models.ListEndFirst {
		return 0, ""
	}
	if to.End != nil {
		return len(list), ""
	}
	id, field, behind := to.Before, "before", 0
	if to.After != nil {
		id, field, behind = to.After, "after", 1
	}
	switch anchor := p.find(*id); {
	case anchor == nil:
		return 0, "NOT_FOUND placement." + field
	case anchor.Trashed():
		return 0, "IN_TRASH placement." + field
	case anchor == without:
		return slices.Index(p.list, anchor), ""
	default:
		return slices.Index(list, anchor) + behind, ""
	}
}

// step is a random operation, done by the service and in the model.
type step struct {
	*bench
	*source
	t     *testing.T
	ctx   context.Context
	p     *plain
	names []string // ids of tasks of all users
	quota int
}

func (s *step) id() string {
	if len(s.p.list) > 0 && !s.chance(12) {
		return idOf(pick(s.source, s.p.list))
	}
	return pick(s.source, append([]string{"x", "999999"}, s.names...))
}

func (s *step) ids() []string { return append(some(4, s.source, s.id), s.id()) }

func (s *step) version(id string) *int {
	if task := s.p.find(id); task != nil && s.chance(4) {
		version := int(task.Version)
		if s.chance(2) {
			version--
		}
		return &version
	}
	return nil
}

func (s *step) change() models.UpdateTaskInput {
	all, input := s.source.update(), models.UpdateTaskInput{}
	if s.chance(3) {
		input.Title = all.Title
	}
	if s.chance(3) {
		input.Description = all.Description
	}
	if s.chance(3) {
		input.Priority = all.Priority
	}
	if s.chance(3) {
		input.Due = all.Due
	}
	if s.chance(3) {
		input.Completed = all.Completed
	}
	switch s.IntN(4) {
	case 0:
		input.Tags = all.Tags
	case 1:
		input.AddTags = all.Tags
	case 2:
		input.RemoveTags = all.Tags
	}
	if s.chance(15) {
		input.Title = graphql.OmittableOf(ptr(" "))
	}
	return input
}

func (s *step) placement() *models.PlacementInput {
	switch s.IntN(5) {
	case 0:
		return &first
	case 1:
		return &last
	case 2:
		return &models.PlacementInput{Before: ptr(s.id())}
	case 3:
		return &models.PlacementInput{After: ptr(s.id())}
	}
	return nil
}

// writable returns the task, and the expected outcome of the checks before a write.
func (s *step) writable(id string, version *int) (*models.Task, string) {
	task := s.p.find(id)
	switch {
	case task == nil:
		return nil, "NOT_FOUND id"
	case task.Trashed():
		return nil, "IN_TRASH id"
	case version != nil && int64(*version) != task.Version:
		return nil, "VERSION_CONFLICT expectedVersion"
	}
	return task, "ok"
}

// tasksByID returns the tasks of a bulk write without repetitions, and the expected outcome of the checks of ids.
func (s *step) tasksByID(ids []string, trashToo bool) (list []*models.Task, verdict string) {
	var wrong []string
	for i, id := range ids {
		switch task := s.p.find(id); {
		case task == nil:
			wrong = append(wrong, "NOT_FOUND ids."+strconv.Itoa(i))
		case task.Trashed() && !trashToo:
			wrong = append(wrong, "IN_TRASH ids."+strconv.Itoa(i))
		case !slices.Contains(list, task):
			list = append(list, task)
		}
	}
	if wrong != nil {
		return nil, strings.Join(wrong, ", ")
	}
	return list, "ok"
}

func (s *step) applied(input models.UpdateTaskInput, list ...*models.Task) (changed map[*models.Task]*models.Task, verdict string) {
	changed = map[*models.Task]*models.Task{}
	for _, task := range list {
		next, errs := input.Apply(task, *s.clock)
		if errs != nil {
			return nil, outcome(s.t, errs)
		}
		if !next.Same(task) {
			changed[task] = next
		}
	}
	return changed, "ok"
}

func (s *step) insert(at int, task *models.Task) { s.p.list = slices.Insert(s.p.list, at, task) }

// do runs a random operation. It returns the operation's name, the expected outcome, the tasks of the model that it writes,
// and the error of the service.
func (s *step) do() (name, want string, wrote []*models.Task, got error) {
	now := *s.clock
	trash := func(list ...*models.Task) {
		for _, task := range list {
			if !task.Trashed() {
				task.DeletedAt, task.UpdatedAt = &now, now
				wrote = append(wrote, task)
			}
		}
	}
	bring := func(list ...*models.Task) string {
		lying := 0
		for _, task := range list {
			if task.Trashed() {
				lying++
			}
		}
		if lying > 0 && s.p.count()+lying > s.quota {
			return "QUOTA_EXCEEDED"
		}
		for _, task := range list {
			if task.Trashed() {
				task.DeletedAt, task.UpdatedAt = nil, now
				wrote = append(wrote, task)
			}
		}
		return "ok"
	}
	put := func(changed map[*models.Task]*models.Task) {
		for task, next := range changed {
			*task = *next
			wrote = append(wrote, task)
		}
	}
	id, ids := s.id(), s.ids()
	version := s.version(id)
	var key *string
	if s.chance(5) {
		key = ptr("a key that is new " + strconv.FormatUint(s.Uint64(), 36))
	}
	switch s.IntN(15) {
	case 0, 1:
		input, to := s.newTask(), s.placement()
		write, err := s.Create(s.ctx, input, to, key)
		name, want, got = "create", "ok", err
		at, wrong := s.p.index(to, nil)
		if s.p.count() >= s.quota {
			want = "QUOTA_EXCEEDED"
		} else if wrong != "" {
			want = wrong
		} else if err == nil {
			task, errs := input.NewTask(write.Task.UserID, now)
			if errs != nil {
				s.t.Fatal(errs)
			}
			task.ID = write.Task.ID
			s.insert(at, task)
			wrote = append(wrote, task)
		}
	case 2:
		inputs := some(3, s.source, func() *models.CreateTaskInput { return ptr(s.newTask()) })
		writes, err := s.CreateAll(s.ctx, inputs, key)
		name, want, got = "create all", "ok", err
		if len(inputs) == 0 {
			want = "EMPTY_LIST inputs"
		} else if s.p.count()+len(inputs) > s.quota {
			want = "QUOTA_EXCEEDED"
		} else if err == nil {
			for i, input := range inputs {
				task, _ := input.NewTask(writes.Tasks[i].UserID, now)
				task.ID = writes.Tasks[i].ID
				s.insert(i, task)
				wrote = append(wrote, task)
			}
		}
	case 3, 4:
		input := s.change()
		name = "update"
		_, got = s.Update(s.ctx, id, input, version, key)
		var task *models.Task
		if task, want = s.writable(id, version); want == "ok" {
			changed, verdict := s.applied(input, task)
			want = verdict
			put(changed)
		}
	case 5:
		input := s.change()
		name = "update all"
		_, got = s.UpdateAll(s.ctx, ids, input, key)
		var list []*models.Task
		if list, want = s.tasksByID(ids, false); want == "ok" {
			changed, verdict := s.applied(input, list...)
			want = verdict
			put(changed)
		}
	case 6, 7:
		name = pick(s.source, []string{"complete", "reopen", "toggle"})
		call := map[string]func(context.Context, string, *int, *string) (*tasks.Write, error){"complete": s.Complete, "reopen": s.Reopen, "toggle": s.Toggle}[name]
		_, got = call(s.ctx, id, version, key)
		var task *models.Task
		if task, want = s.writable(id, version); want == "ok" && (name == "toggle" || task.Completed == (name == "reopen")) {
			task.Completed, task.CompletedAt, task.UpdatedAt = !task.Completed, nil, now
			if task.Completed {
				task.CompletedAt = &now
			}
			wrote = append(wrote, task)
		}
	case 8:
		name, want = "delete", "ok"
		_, got = s.Delete(s.ctx, id, version)
		if task := s.p.find(id); task == nil {
			want = "NOT_FOUND id"
		} else if version != nil && int64(*version) != task.Version {
			want = "VERSION_CONFLICT expectedVersion"
		} else {
			trash(task)
		}
	case 9:
		name = "delete all"
		_, got = s.DeleteAll(s.ctx, ids)
		var list []*models.Task
		list, want = s.tasksByID(ids, true)
		trash(list...)
	case 10:
		name, want = "restore", "NOT_FOUND id"
		_, got = s.Restore(s.ctx, id)
		if task := s.p.find(id); task != nil {
			want = bring(task)
		}
	case 11:
		name = "restore all"
		_, got = s.RestoreAll(s.ctx, ids)
		var list []*models.Task
		if list, want = s.tasksByID(ids, true); want == "ok" {
			want = bring(list...)
		}
	case 12:
		name, want = "purge", "ok"
		_, got = s.Purge(s.ctx, id)
		if task := s.p.find(id); task == nil {
			want = "NOT_FOUND id"
		} else if !task.Trashed() {
			want = "NOT_IN_TRASH id"
		} else {
			s.p.remove(func(other *models.Task) bool { return other == task })
		}
	case 13:
		name, want = "move", "ok"
		to := s.placement()
		if to == nil {
			to = &first
		}
		write, err := s.Move(s.ctx, id, *to)
		got = err
		var task *models.Task
		if task, want = s.writable(id, nil); want == "ok" {
			at, wrong := s.p.index(to, task)
			if wrong != "" {
				want = wrong
			} else if was := slices.Index(s.p.list, task); err == nil && write.Written != (was != at) {
				s.t.Errorf("move from %d to %d: written %v", was, at, write.Written)
			} else if was != at {
				s.p.list = slices.Insert(slices.Delete(s.p.list, was, was+1), at, task)
				task.UpdatedAt = now
				wrote = append(wrote, task)
			}
		}
	default:
		want = "ok"
		if s.chance(3) {
			name = "empty"
			_, got = s.EmptyTrash(s.ctx)
			s.p.remove((*models.Task).Trashed)
			break
		}
		name = "clear"
		_, got = s.ClearCompleted(s.ctx)
		for _, task := range s.p.list {
			if task.Completed {
				trash(task)
			}
		}
	}
	return name, want, wrote, got
}

// forget removes tasks from the model that have expired in the trash and are not stored any more. With mustGo, all
// tasks that have been expired for an hour must have been purged.
func (s *step) forget(there []*models.Task, mustGo bool) {
	kept := map[int64]bool{}
	for _, task := range there {
		kept[task.ID] = true
	}
	s.p.remove(func(task *models.Task) bool {
		expired := s.clock.Add(-s.Store.TrashFor)
		old := task.Trashed() && task.DeletedAt.Before(expired)
		if old && mustGo && kept[task.ID] && !task.DeletedAt.After(expired.Add(-time.Hour)) {
			s.t.Errorf("the task %d is too old for the trash", task.ID)
		}
		return old && !kept[task.ID]
	})
}

// compare checks that the stored tasks equal the model. The store chooses versions and positions: those of written tasks must
// be new, those of the others unchanged, unless their positions were spread.
func (s *step) compare(name string, wrote []*models.Task, there []*models.Task) {
	if len(there) != len(s.p.list) {
		s.t.Fatalf("%s: there are %d tasks, want %d", name, len(there), len(s.p.list))
	}
	highest := s.p.number
	for i, want := range s.p.list {
		got := there[i]
		if slices.Contains(wrote, want) {
			if got.Version <= s.p.number {
				s.t.Errorf("%s: the number %d after %d", name, got.Version, s.p.number)
			}
		} else if got.Version != want.Version && got.Version <= s.p.number {
			s.t.Errorf("%s: another task's number became %d", name, got.Version)
		} else if got.Version != want.Version && got.Position == want.Position {
			s.t.Errorf("%s has written another task", name)
		}
		if i > 0 && got.Position <= there[i-1].Position {
			s.t.Errorf("%s: the positions %q and %q follow each other", name, there[i-1].Position, got.Position)
		}
		highest = max(highest, got.Version)
		want.Version, want.Position = got.Version, got.Position
		if !equal(got, want) {
			s.t.Fatalf("%s: task %d is\n%s\nwant\n%s", name, i, text(got), text(want))
		}
	}
	s.p.number = highest
}

// equal reports whether all fields of two tasks are equal.
func equal(a, b *models.Task) bool {
	at := func(x, y *time.Time) bool { return (x == nil) == (y == nil) && (x == nil || x.Equal(*y)) }
	return a.Same(b) && a.ID == b.ID && a.UserID == b.UserID && a.Position == b.Position && a.Version == b.Version &&
		at(&a.CreatedAt, &b.CreatedAt) && at(&a.UpdatedAt, &b.UpdatedAt) && at(a.CompletedAt, b.CompletedAt) && at(a.DeletedAt, b.DeletedAt)
}

// TestWritesAgreeWithAModel compares the results of random writes of three users with a model in memory.
func TestWritesAgreeWithAModel(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		b := newBench(t, url)
		steps := storetest.Scale(1000, 5000)
		if strings.HasPrefix(url, "postgres") {
			steps = storetest.Scale(300, 1000)
		}
		const quota = 12
		b.MaxTasks, b.Store.TrashFor = quota, 24*time.Hour
		r := newSource(t, *b.clock)
		users := map[string]*plain{}
		for _, user := range []string{"u", "v", "w"} {
			users[user] = &plain{gone: map[int64]bool{}}
		}
		verdicts := map[string]int{}
		for n := range steps {
			user := pick(r, slices.Sorted(maps.Keys(users)))
			p := users[user]
			s := &step{b, r, t, as(t.Context(), user), p, nil, quota}
			for _, other := range users {
				for _, task := range other.list[:min(2, len(other.list))] {
					s.names = append(s.names, idOf(task))
				}
			}
			slices.Sort(s.names)
			s.known = append(list{{CreatedAt: *b.clock}}, p.list...)
			*b.clock = b.clock.Add(time.Duration(r.IntN(40)) * time.Minute)
			name, want, wrote, err := s.do()
			if got := outcome(t, err); got != want {
				t.Fatalf("step %d: %s of %s = %s, want %s", n, name, user, got, want)
			}
			verdicts[name+": "+strings.Split(want, " ")[0]]++
			there := b.mine(t, user)
			s.forget(there, len(wrote) > 0)
			s.compare(name, wrote, there)
			if n%100 == 0 || n == steps-1 {
				for user, p := range users {
					compareRest(t, b, user, p)
				}
			}
			if t.Failed() {
				t.Fatalf("step %d: %s of %s", n, name, user)
			}
		}
		t.Log(verdicts)
	})
}

// compareRest compares tombstones, statistics and single reads with the model.
func compareRest(t *testing.T, b *bench, user string, p *plain) {
	t.Helper()
	ctx := as(t.Context(), user)
	checkTombstones(t, b, user, slices.Sorted(maps.Keys(p.gone)))
	b.checkOrder(t, user)
	if len(p.list) != len(b.mine(t, user)) {
		t.Errorf("%s has %d tasks, want %d", user, len(b.mine(t, user)), len(p.list))
	}
	stats, err := b.Stats(ctx, tasks.StatsArgs{Counts: []tasks.Count{tasks.CountTotal}})
	if err != nil {
		t.Fatal(err)
	}
	if stats.Total() != p.count() {
		t.Errorf("%s has %d tasks outside the trash by the statistics, want %d", user, stats.Total(), p.count())
	}
	for _, task := range p.list {
		if kept := b.task(ctx, t, idOf(task)); text(kept) != text(task) {
			t.Errorf("alone the task is %s, want %s", text(kept), text(task))
		}
	}
	for id := range p.gone {
		if b.task(ctx, t, strconv.FormatInt(id, 10)) != nil {
			t.Errorf("the task %d is back", id)
		}
		break
	}
}
