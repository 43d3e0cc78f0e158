package tasks_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"taskql/models"
	"taskql/store/storetest"
	"taskql/tasks"
)

// TestZones filters and counts by due windows and days around clock changes and other special instants of time zones. The
// databases must agree with Task.Overdue and Task.DueOn.
func TestZones(t *testing.T) {
	moments := []struct{ zone, around string }{
		{"UTC", "2026-03-01T00:00:00Z"},
		{"Pacific/Auckland", "2026-03-01T10:30:00Z"},    // 23:30 local time
		{"America/Los_Angeles", "2026-03-02T07:30:00Z"}, // 23:30 local time
		{"Pacific/Kiritimati", "2026-03-01T10:00:00Z"},
		{"Etc/GMT+12", "2026-03-01T12:00:00Z"},
		{"Pacific/Auckland", "2026-04-04T14:00:00Z"}, // the two clock changes of the year: this row and the next
		{"Pacific/Auckland", "2026-09-26T14:00:00Z"},
		{"America/Los_Angeles", "2026-03-08T10:00:00Z"},
		{"America/Los_Angeles", "2026-11-01T09:00:00Z"},
		{"America/Sao_Paulo", "2018-02-18T02:00:00Z"}, // back across midnight
		{"America/Sao_Paulo", "2018-11-04T03:00:00Z"}, // midnight is skipped
		{"America/Nuuk", "2026-10-25T01:00:00Z"},      // back across midnight
		{"Asia/Amman", "2021-10-28T22:00:00Z"},        // back to midnight
		{"Pacific/Apia", "2011-12-30T10:00:00Z"},      // a day is skipped
	}
	eachDB(t, func(t *testing.T, s *tasks.Service, clock *time.Time) {
		for i, m := range moments {
			zone := zoneOf(t, m.zone)
			around, err := time.Parse(time.RFC3339, m.around)
			if err != nil {
				t.Fatal(err)
			}
			t.Run(m.zone+" "+m.around, func(t *testing.T) {
				w := &world{t: t, ctx: as(t.Context(), fmt.Sprint("user ", i)), service: s, clock: clock}
				w.fillAround(around, zone)
				for n, now := range edges(around, zone) {
					w.compareWindows(now, zone, i+n)
				}
				w.compareDays(around, zone)
			})
		}
	})
}

// edges returns the instant, an hour before and after, the midnights of the days around it, and for each of these the
// microsecond before and after.
func edges(around time.Time, zone *time.Location) (all []time.Time) {
	at := []time.Time{around, around.Add(-time.Hour), around.Add(time.Hour)}
	year, month, day := around.In(zone).Date()
	for days := -1; days <= 2; days++ {
		at = append(at, time.Date(year, month, day+days, 0, 0, 0, 0, zone))
	}
	for _, at := range at {
		all = append(all, at.Add(-time.Microsecond).UTC(), at.UTC(), at.Add(time.Microsecond).UTC())
	}
	return all
}

// fillAround creates tasks that are due or were completed at the edges: as days, as instants, and as wall-clock times.
func (w *world) fillAround(around time.Time, zone *time.Location) {
	w.t.Helper()
	create := func(due *models.DueInput, done time.Time) {
		*w.clock = done
		write, err := w.service.Create(w.ctx, models.CreateTaskInput{Title: "x", Priority: models.PriorityLow, Due: due, Completed: !done.IsZero()}, nil, nil)
		if err != nil {
			w.t.Fatal(err)
		}
		w.all = append(w.all, write.Task)
	}
	var never time.Time
	create(nil, never)
	for days := -4; days <= 9; days++ {
		day := models.NewDate(around.Year(), around.Month(), around.Day()+days)
		create(&models.DueInput{Date: &day}, never)
	}
	for _, at := range edges(around, zone) {
		_, offset := at.In(zone).Zone()
		create(&models.DueInput{At: &at}, never)
		create(&models.DueInput{Local: ptr(at.Add(time.Duration(offset) * time.Second))}, never)
		create(&models.DueInput{At: &at}, at)
		create(nil, at)
	}
}

// compareWindows compares due windows and statistics at an instant with the plain list. In a short run it lists one window,
// which depends on the turn; the statistics count all of them.
func (w *world) compareWindows(now time.Time, zone *time.Location, turn int) {
	w.t.Helper()
	windows := models.AllDueWindow
	if turn %= len(windows); storetest.Scale(1, len(windows)) == 1 {
		windows = windows[turn : turn+1]
	}
	for _, window := range windows {
		w.compareList(view{zone: zone, now: now, filter: &models.TaskFilter{Due: []models.DueWindow{window}}})
	}
	w.compareStats(view{zone: zone, now: now})
}

// compareDays compares the operators for due days with the plain list.
func (w *world) compareDays(now time.Time, zone *time.Location) {
	w.t.Helper()
	for days := -1; days <= 1; days++ {
		day := &models.Date{Time: models.Today(now, zone).AddDate(0, 0, days)}
		for _, test := range []models.DateFilter{{Eq: day}, {Neq: day}, {Lt: day}, {Lte: day}, {Gt: day}, {Gte: day}, {In: []*models.Date{day}}} {
			w.compareList(view{zone: zone, now: now, filter: &models.TaskFilter{DueDate: &test}})
		}
	}
}

// compareList compares the tasks that a filter selects with the plain list.
func (w *world) compareList(v view) {
	w.t.Helper()
	*w.clock = v.now
	page, err := w.service.List(w.ctx, tasks.ListArgs{Filter: v.filter, Zone: v.zone, First: ptr(tasks.MaxPage)})
	if err != nil {
		w.t.Fatal(err)
	}
	got := map[int64]bool{}
	for _, task := range page.Nodes {
		got[task.ID] = true
	}
	for _, task := range w.all {
		if want := v.keeps(v.filter, task); got[task.ID] != want {
			w.t.Fatalf("due %v %v, done %v: in the list = %v, want %v\n%s", task.Due, due(task), task.CompletedAt, got[task.ID], want, describe(v))
		}
	}
}

func due(t *models.Task) string {
	if t.DueKind == nil {
		return "never"
	}
	return string(*t.DueKind)
}

// compareStats compares each count, and the number of tasks completed on each of the last days, with the plain list.
func (w *world) compareStats(v view) {
	w.t.Helper()
	*w.clock, v.trash = v.now, models.TrashScopeExclude
	days := 5
	if w.source != nil && w.chance(2) {
		days = tasks.MaxStatDays
	}
	stats, err := w.service.Stats(w.ctx, tasks.StatsArgs{Zone: v.zone, Filter: v.filter, Days: days, Counts: []tasks.Count{
		tasks.CountTotal, tasks.CountOpen, tasks.CountCompleted, tasks.CountOverdue, tasks.CountToday, tasks.CountNext7Days,
		tasks.CountNoDueDate, tasks.CountHigh, tasks.CountMedium, tasks.CountLow,
	}})
	if err != nil {
		w.t.Fatal(err)
	}
	kept := v.of(w.all)
	count := func(met func(*models.Task) bool) string {
		return strconv.Itoa(len(slices.DeleteFunc(slices.Clone(kept), func(t *models.Task) bool { return !met(t) })))
	}
	open := func(met func(*models.Task) bool) string {
		return count(func(t *models.Task) bool { return !t.Completed && met(t) })
	}
	all := func(*models.Task) bool { return true }
	in := func(window models.DueWindow) func(*models.Task) bool {
		return func(t *models.Task) bool { return v.inWindow(window, t) }
	}
	want := []string{count(all), open(all), count(func(t *models.Task) bool { return t.Completed }),
		open(in(models.DueWindowOverdue)), open(in(models.DueWindowToday)), open(in(models.DueWindowNext7Days)), open(in(models.DueWindowNoDueDate))}
	got := []string{}
	for _, n := range []int{stats.Total(), stats.Open(), stats.Completed(), stats.Overdue(), stats.DueToday(), stats.DueNext7Days(), stats.NoDueDate()} {
		got = append(got, strconv.Itoa(n))
	}
	for i, p := range stats.OpenByPriority() {
		got = append(got, fmt.Sprint(p.Priority, " ", p.Count))
		priority := []models.Priority{models.PriorityHigh, models.PriorityMedium, models.PriorityLow}[i]
		want = append(want, string(priority)+" "+open(func(t *models.Task) bool { return t.Priority == priority }))
	}
	perDay, err := stats.CompletedPerDay(days)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, day := range perDay {
		got = append(got, fmt.Sprint(day.Date, " ", day.Count))
	}
	year, month, today := v.now.In(v.zone).Date()
	for back := days - 1; back >= 0; back-- {
		day := models.NewDate(year, month, today-back).String()
		want = append(want, day+" "+count(func(t *models.Task) bool {
			return t.CompletedAt != nil && t.CompletedAt.In(v.zone).Format(time.DateOnly) == day
		}))
	}
	if !slices.Equal(got, want) {
		w.t.Errorf("stats %s\n want %s\n%s", strings.Join(got, ", "), strings.Join(want, ", "), describe(v))
	}
}

// TestEndsOfTime stores instants on days outside the range of dates. Like in Task.DueOn, they count as due on the last or the
// first day of the range.
func TestEndsOfTime(t *testing.T) {
	eachDB(t, func(t *testing.T, s *tasks.Service, clock *time.Time) {
		w := &world{t: t, ctx: as(t.Context(), "u"), service: s, clock: clock}
		for _, at := range []time.Time{
			time.Date(1, 1, 1, 0, 30, 0, 0, time.UTC), time.Date(1, 1, 2, 12, 0, 0, 0, time.UTC),
			time.Date(9999, 12, 30, 1, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 30, 0, 0, time.UTC),
		} {
			for _, due := range []models.DueInput{{At: &at}, {Local: &at}, {Date: &models.Date{Time: at.Truncate(24 * time.Hour)}}} {
				write, err := s.Create(w.ctx, models.CreateTaskInput{Title: "x", Priority: models.PriorityLow, Due: &due}, nil, nil)
				if err != nil {
					t.Fatal(err)
				}
				w.all = append(w.all, write.Task)
			}
		}
		for _, zone := range []string{"UTC", "Pacific/Auckland", "America/Los_Angeles"} {
			for _, day := range []models.Date{models.NewDate(1, 1, 1), models.NewDate(1, 1, 2), models.NewDate(9999, 12, 30), models.NewDate(9999, 12, 31)} {
				for _, test := range []models.DateFilter{{Eq: &day}, {Lt: &day}, {Lte: &day}, {Gt: &day}, {Gte: &day}} {
					w.compareList(view{zone: zoneOf(t, zone), now: *clock, filter: &models.TaskFilter{DueDate: &test}})
				}
			}
		}
	})
}
